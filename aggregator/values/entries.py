"""One element of a feed, and what the filter decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

# How readers are told. It is a guess from the words, so it is said plainly and never as a grade.
EVIDENCE_WORDS = {
    "trial": "Randomised trial",
    "systematic-review": "Systematic review",
    "observational": "Observational study",
    "case-report": "Case report",
    "lab": "Laboratory or animal study",
    "guideline": "Guideline",
    "review": "Review",
    "preprint": "Preprint, not peer-reviewed",
    "registration": "Registered trial, no results yet",
    "press-release": "Press release",
    "news": "News",
    "patient-story": "Patient story",
    "video": "Video",
    "event": "Event",
    "unlabelled": "",
}


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The names that the literature knows an article by, as the entry gives them for itself."""

    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    nct: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of a feed, as plain text: no markup, no control or invisible characters.

    `published_at` and `updated_at` are the feed's claim, aware UTC, and None where it is missing, unreadable or in the
    future. `summary` is short enough to be shown; `text` is what the filter may read besides, at most 20,000 characters.
    `mentions` are identifiers that stand in running text: they relate, they do not identify.
    `page` is the address as a key for comparing. `is_url_own` is False where entries with other guids of the document share
    the address, or it is a front page.
    """

    guid: str
    url: str
    title: str
    summary: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    source: str = ""
    language: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    identifiers: Identifiers = Identifiers()
    mentions: tuple[str, ...] = ()
    page: str = ""
    is_url_own: bool = True
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the filter decided so: which rule, on which words, where they stand."""

    rule: str
    words: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the filter decided about one entry, and why. `notice` is set for retractions, concerns and corrections; `rules`
    names the rules that decided."""

    admitted: bool
    score: float
    topics: tuple[str, ...] = ()
    evidence: str = "unlabelled"
    reasons: tuple[Reason, ...] = ()
    notice: str | None = None
    rules: str = ""


class Said(NamedTuple):
    """What the filter reads of a stored entry."""

    number: int
    title: str
    body: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored entry on its way to be judged again: with its feed's address, its keys, and the verdict that stands."""

    number: int
    feed: str
    entry: Entry
    keys: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as the store has it: with its number, the verdict as it was given, and what decides whether it is shown.

    `standing` is `hidden`, `waiting` or empty; `dated_at` is None where nobody knows when it was published and the feed
    was new then; `story_reason` says why it stands in its story.
    """

    number: int
    entry: Entry
    verdict: Verdict
    story_reason: str
    standing: str
    dated_at: datetime | None
    shown_at: datetime | None
    is_feed_listed: bool
