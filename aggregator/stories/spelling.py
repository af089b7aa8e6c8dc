"""One spelling for what headlines spell in many ways: institutions, amounts, figures, ordinals."""

from __future__ import annotations

import re
from functools import lru_cache

_INSTITUTIONS = {
    "FDA": r"(?:U\.?S\.? )?Food (?:and|&) Drug Administration",
    "EMA": r"European Medicines Agency",
    "MHRA": r"Medicines (?:and|&) Healthcare products Regulatory Agency",
    "NHS": r"National Health Service",
    "NIH": r"(?:U\.?S\.? )?National Institutes of Health",
    "NICE": r"National Institute for Health and (?:Care|Clinical) Excellence",
    "CDC": r"Cent(?:er|re)s for Disease Control(?: (?:and|&) Prevention)?",
    "WHO": r"World Health Organi[sz]ation",
    "EU": r"European Union",
    "UK": r"United Kingdom",
    "US": r"United States(?: of America)?",
    "MRI": r"magnetic resonance imaging",
    "Botox": r"(?:ona)?botulinum ?toxin(?: ?(?:type )?A)?",
}
_INSTITUTION = re.compile(
    r"\b(?:" + "|".join(f"(?P<{short}>{long})" for short, long in _INSTITUTIONS.items()) + r")\b", re.I
)
# Every long name contains one of these: looking for them is much cheaper.
_HINTS = ("administration", "medicine", "health", "disease control", "european union", "united ", "resonance", "botulinum")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_AMOUNT = re.compile(r"(?<=\d)[ -]?(billion|bn|million|mn|m|trillion|tn|b)\b", re.I)
_PERCENT = re.compile(r"(?<=\d) ?(?:%|percent\b|per cent\b|pct\b|pc\b)", re.I)
_ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th",
    "eighth": "8th", "ninth": "9th", "tenth": "10th",
}  # fmt: skip
_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b", re.I)


@lru_cache(maxsize=20_000)
def in_one_spelling(text: str) -> str:
    """`text` with the short names of institutions, "2m" for "2 million", "2000" for "2,000", "2nd" for "second"; the case of
    all other words stays."""
    lowered = text.lower()
    if any(hint in lowered for hint in _HINTS):
        text = _INSTITUTION.sub(lambda match: str(match.lastgroup), text)
    if any(map(str.isdigit, text)):
        text = _AMOUNT.sub(lambda match: match[1][0].lower(), _PERCENT.sub("%", _THOUSANDS.sub("", text)))
    return _ORDINAL.sub(lambda match: _ORDINALS[match[0].lower()], text)
