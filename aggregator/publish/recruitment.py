"""Whether a registered trial looks for participants, by what its registry says: never by guess."""

from __future__ import annotations

import re

# The terms of ClinicalTrials.gov (its glossary, “Recruitment status”), as its feeds and others give them in a summary.
_STATES = (
    ("not-yet", re.compile(r"\bnot yet recruiting\b", re.I)),
    ("closed", re.compile(r"\b(?:(?:not|no longer) recruiting|recruitment (?:is )?closed)\b", re.I)),
    ("invited", re.compile(r"\benrolling by invitation\b", re.I)),
    (
        "open",
        re.compile(
            r"\b(?:status:? |is |are |now |currently )recruiting\b|\brecruiting(?= participants| patients|\.|$)", re.I
        ),
    ),
)


def recruitment_of(summary: str) -> str:
    """`open`, `not-yet`, `invited` or `closed` where the summary says so in a registry's terms; else empty."""
    return next((state for state, pattern in _STATES if pattern.search(summary)), "")
