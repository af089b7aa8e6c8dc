"""Which topics an item is about: the title says it, the opening adds what titles leave out.

How people label (read off 121 labelled items): the condition named in the title; beside it what is special, such as an
age, a treatment, people; the general topic only where no special one says it already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aggregator.relevance.persons import speaks_in_first_person, tells_of_children, tells_of_persons
from aggregator.relevance.phrases import Hit, Phrases

# What an item can be about besides its condition.
_ASPECTS = frozenset({"reanimation", "rehabilitation", "eye-care", "pediatric", "people", "institute"})
# Conditions that are facial paralysis, or have it in their name: the general topic says nothing more beside them.
_SAY_IT_ALREADY = frozenset(
    {"bells-palsy", "ramsay-hunt", "moebius", "hemifacial-spasm", "hemifacial-microsomia", "synkinesis"}
)
_TUMOURS = frozenset({"acoustic-neuroma", "parotid"})
# What an opening adds to any title. Exercises or drops that it names in passing do not make an item one about them.
_ADDED_BY_OPENING = frozenset({"reanimation", "people", "pediatric", "institute"})
# Where the title names the cause, the palsy is not Bell's, whatever words the authors use for it.
_KNOWN_CAUSE = re.compile(
    r"\b(?:lyme|borreliosis|neuroborreliosis|fractures?|trauma\w*|injur(?:y|ies)|tumou?rs?|otitis|iatrogenic)\b"
)
# Devices and experiments are reported with what they are for; surgery's own words say it already.
_DEVICE = re.compile(
    r"bionic|facial (?:movement|motion|pac\w+|neuroprosthesis)|electrical stimulation|artificial muscles?|implant"
)
_BELL = re.compile(r"\bbells?\b")
_AS_STRUCTURE = re.compile(r"(?<!compression of the )facial nerves?(?! (?:palsy|palsies|paralys[ei]s|paresis))")
# Diagnoses that a text names as causes or examples of facial palsy are not what it is about.
_AS_CAUSE = re.compile(
    r"\b(?:causes?|caused by|cause of|due to|such as|including|include[sd]?|like|may|can|could|common|e g|ursachen?|haufigste|causes|cause|"
    r"cause piu|causas?|oorzaak|oorzaken|wie|comme|come|como|zoals|mostly|often|usually|other)\b"
)


@dataclass(frozen=True, slots=True)
class TopicInput:
    """What was found in an item: strong phrases of title, opening and the rest, the title's weak topics."""

    title: str
    opening: str
    titled: Sequence[Hit]
    opened: Sequence[Hit]
    further: Sequence[Hit]
    weak: Sequence[str]
    is_research: bool
    # Whether its kind is a patient's story.
    is_story: bool = False
    # Title and opening as they are written.
    written: tuple[str, str] = ("", "")

    @property
    def tells_of_persons(self) -> bool:
        """Whether it tells of identifiable persons, as a patient's story does; research never does."""
        return self.is_story or (not self.is_research and tells_of_persons(self.title, self.opening, *self.written))


def topics_about(reading: TopicInput) -> list[str]:
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


def _added(reading: TopicInput, topics: set[str], opened: Sequence[str]) -> list[str]:
    """What the opening adds to the title's topics."""
    if topics & _TUMOURS or (topics <= _ASPECTS and not topics & {"eye-care", "reanimation"}):
        # The title names a treatment or people, or a tumour: of what, or with what effect, the opening tells.
        return list(opened)
    added = [topic for topic in opened if topic in _ADDED_BY_OPENING]
    if not topics & _SAY_IT_ALREADY:
        added += _diagnosed(reading, opened)
    if "synkinesis" in opened and speaks_in_first_person(reading.opening):
        added.append("synkinesis")
    return added


def _diagnosed(reading: TopicInput, opened: Sequence[str]) -> list[str]:
    """The diagnosis that the opening gives where the title speaks of the face or of surgery in general: the only one, and not
    as one cause of several."""
    conditions = [topic for topic in opened if topic in _SAY_IT_ALREADY or topic in _TUMOURS]
    if len(conditions) != 1:
        return []
    hit = next(hit for hit in reading.opened if conditions[0] in hit.meaning)
    before = reading.opening[max(0, hit.start - 60) : hit.start]
    behind = reading.opening[hit.end : hit.end + 50]
    is_one_of_many = _AS_CAUSE.search(before) or re.match(r"\W*(?:is|are) (?:the|a|one|most)\b", behind)
    return conditions if reading.tells_of_persons or not is_one_of_many else []


def _weak(reading: TopicInput, topics: set[str]) -> list[str]:
    is_personal = reading.tells_of_persons
    found = [topic for topic in reading.weak if topic != "people" or not reading.is_research]
    if topics & {"hemifacial-spasm", "synkinesis"} or is_personal:
        # An eye that twitches or closes by itself is the illness, not its care; so is one that a person could not close.
        found = [topic for topic in found if topic != "eye-care"]
    if "reanimation" in topics:
        # Surgeons call theirs a rehabilitation of the face too.
        found = [topic for topic in found if topic != "rehabilitation"]
    if tells_of_children(reading.title, reading.opening, " ".join(reading.written)[:400]):
        found.append("pediatric")
    if is_personal:
        found.append("people")
    return found


def _stays(topic: str, topics: set[str], reading: TopicInput) -> bool:
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
    if topics & _SAY_IT_ALREADY and topics & _SAY_IT_ALREADY <= {"bells-palsy", "hemifacial-spasm"}:
        return bool(_AS_STRUCTURE.search(reading.title)) and any("facial-nerve" in hit.meaning for hit in reading.titled)
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
