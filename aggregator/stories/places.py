"""Which names of a headline are places: two reports from one town need not report one event."""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.stories.terms import terms

_NAME = r"[A-ZÀ-Þ][\w-]+"
# What stands behind a town's name: an institution, or somebody who is known by the town only.
_INSTITUTION = (
    "hospitals?|clinics?|university|college|school|infirmary|medical|health|council|town hall|city hall|court|police|"
    "post|news|times|herald|gazette|echo|courier|marathon|festival|harbour|harbor|park|road|street|square|bridge|beach"
)
_PERSON = (
    "man|woman|boy|girl|mum|mom|mother|dad|father|teen|teenager|toddler|baby|grandmother|grandfather|runner|nurse|teacher|"
    "student|pupil|surgeon|surgeons|doctor|doctors|resident|residents|couple|charity|patients?"
)
_PLACE = re.compile(
    rf"\b(?:(?:in|at|near|across|outside) )?(?:the )?(?:(?:University|City|Hospital) of )(?P<of>{_NAME})|"
    rf"\b(?:in|at|near|across|outside) (?P<in>{_NAME}(?: {_NAME}){{0,2}})(?!['’\w])|"
    rf"\b(?P<before>{_NAME}(?: {_NAME})?) (?i:{_INSTITUTION}|{_PERSON})\b"
)
_NO_NAMES = frozenset(terms(_INSTITUTION.replace("|", " ").replace("?", "")))


@lru_cache(maxsize=20_000)
def places(text: str) -> frozenset[str]:
    """The stemmed words of names that stand as places: "in Velderby", "Velderby hospital", "Velderby boy"."""
    found = " ".join(name for match in _PLACE.finditer(text) for name in match.groups() if name)
    return frozenset(word for word in terms(found) if word not in _NO_NAMES)
