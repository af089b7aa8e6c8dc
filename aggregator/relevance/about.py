"""Which topics an item is about: the title says it, the opening adds what titles leave out.

How people label (read off 121 labelled items): the condition named in the title; beside it what is special, such as an
age, a treatment, people; the general topic only where no special one says it already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.relevance.phrases import Hit, Phrases

# What an item can be about besides its condition.
_ASPECTS = frozenset({"reanimation", "rehabilitation", "eye-care", "pediatric", "people", "institute"})
# Conditions that are facial paralysis, or have it in their name: the general topic says nothing more beside them.
_SAY_IT_ALREADY = frozenset(
    {"bells-palsy", "ramsay-hunt", "moebius", "hemifacial-spasm", "hemifacial-microsomia", "synkinesis"}
)
_TUMOURS = frozenset({"acoustic-neuroma", "parotid"})
# Where the title names the cause, the palsy is not Bell's, whatever words the authors use for it.
_KNOWN_CAUSE = re.compile(
    r"\b(?:lyme|borreliosis|neuroborreliosis|fractures?|trauma\w*|injur(?:y|ies)|tumou?rs?|otitis|iatrogenic)\b"
)
# Devices and experiments are reported with what they are for; surgery's own words say it already.
_DEVICE = re.compile(r"bionic|facial (?:movement|motion|pac\w+|neuroprosthesis)")
_FIRST_PERSON = re.compile(r"\b(?:i (?:was|am|got|had|have|woke)|my (?:own|face|smile|left|right|story|history)|told me)\b")
_PERSON_IN_TITLE = re.compile(
    r"\b(?:he|she|his|her|hers|him|my|i)\b|\byear old\b|\b(?:runner|teacher|nurse|survivor|girl|boy|woman|man|mother|father) (?:who|whose|left|born)\b|"
    r"^parents of\b|^(?:girl|boy|woman|man|mother|father) (?:\d|six|seven|eight|nine|ten)"
)
_PERSON_IN_OPENING = re.compile(
    r"\b(?:actor|actress|singer|tv (?:show )?host|tv star|reporter|anchor|presenter|comedian|rapper|musician|footballer|quarterback|"
    r"athlete|bride|mum of|mother of|father of|year old (?:man|woman|mother|father|mum|dad)|a (?:man|woman|mother|father) (?:who|whose))\b"
)
_CHILD_IN_OPENING = re.compile(
    r"\b(?:a|the|her|his|our|their) (?:\w+ )?(?:boy|girl|child|baby|newborn|infant|toddler|daughter|son)\b|"
    r"\b(?:[1-9]|1[0-7]) (?:year|month|week|day) old\b|\b(?:children|infants|newborns) (?:with|who)\b"
)
_BELL = re.compile(r"\bbells?\b")
_AS_STRUCTURE = re.compile(r"facial nerves?(?! (?:palsy|palsies|paralys[ei]s|paresis))")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in an item: strong phrases of title, opening and the rest, the title's weak topics."""

    title: str
    opening: str
    titled: Sequence[Hit]
    opened: Sequence[Hit]
    further: Sequence[Hit]
    weak: Sequence[str]
    is_research: bool


def topics_about(reading: Reading) -> list[str]:
    """The topics, the most telling first."""
    titled, opened = topics_of(reading.titled), topics_of(reading.opened)
    topics = titled or opened or topics_of(reading.further)
    if not topics:
        return []
    topics = list(dict.fromkeys([*topics, *_added(reading, set(topics), opened), *_weak(reading, set(topics))]))
    if not _BELL.search(reading.title) and (_KNOWN_CAUSE.search(reading.title) or set(titled) & _TUMOURS):
        topics = ["facial-nerve" if topic == "bells-palsy" else topic for topic in topics]
    return [topic for topic in dict.fromkeys(topics) if _stays(topic, set(topics), reading)]


def topics_of(hits: Iterable[Hit]) -> list[str]:
    """What phrases stand for, in their order."""
    return list(dict.fromkeys(topic for hit in hits for topic in sorted(hit.meaning)))


def _added(reading: Reading, topics: set[str], opened: Sequence[str]) -> list[str]:
    """What the opening adds to the title's topics."""
    if topics & _TUMOURS or (topics <= _ASPECTS and not topics & {"eye-care", "reanimation"}):
        # The title names a treatment or people, or a tumour: of what, or with what effect, the opening tells.
        return list(opened)
    added = [topic for topic in opened if topic in _ASPECTS]
    if "synkinesis" in opened and _FIRST_PERSON.search(reading.opening):
        added.append("synkinesis")
    return added


def _weak(reading: Reading, topics: set[str]) -> list[str]:
    found = [topic for topic in reading.weak if topic != "people" or not reading.is_research]
    if topics & {"hemifacial-spasm", "synkinesis"}:
        # An eye that twitches or closes by itself is the illness, not its care.
        found = [topic for topic in found if topic != "eye-care"]
    if _CHILD_IN_OPENING.search(reading.opening[:150]) and "adult" not in reading.opening:
        found.append("pediatric")
    if reading.is_research:
        return found
    if (
        _FIRST_PERSON.search(f"{reading.title} {reading.opening}")
        or _PERSON_IN_TITLE.search(reading.title)
        or _PERSON_IN_OPENING.search(reading.opening)
    ):
        found.append("people")
    return found


def _stays(topic: str, topics: set[str], reading: Reading) -> bool:
    if topic == "people":
        return not reading.is_research
    if topic == "reanimation" and "institute" in topics:
        return any("reanimation" in hit.meaning for hit in reading.titled)
    if topic != "facial-nerve":
        return True
    if topics & _TUMOURS:
        return True
    if "reanimation" in topics:
        techniques = [hit for hit in reading.titled if hit.meaning == {"reanimation"}]
        return not techniques or any(_DEVICE.search(hit.phrase) for hit in techniques)
    if "institute" in topics:
        return any(
            "facial-nerve" in hit.meaning and "institute" not in hit.meaning for hit in (*reading.titled, *reading.opened)
        )
    if topics & _SAY_IT_ALREADY == {"bells-palsy"}:
        return any(_AS_STRUCTURE.fullmatch(hit.phrase) for hit in reading.titled)
    return not topics & _SAY_IT_ALREADY


def weak_topics(title: str, folded_title: str, weak: Phrases, abbreviations: Abbreviations) -> list[str]:
    """Topics that the title's weak words and abbreviations add."""
    found = topics_of(weak.find(folded_title))
    for match in abbreviations.pattern.finditer(title):
        found += sorted(abbreviations.topics[match[0]])
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Abbreviations:
    """Abbreviations, as written, and their topics."""

    pattern: re.Pattern[str]
    topics: dict[str, frozenset[str]]
