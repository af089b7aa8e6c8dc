"""Who gets the newsletter, as staff see it: counts, in which nobody can be recognised, and messages that wait for a
person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from aggregator.jobs.subscribers import SubscriberDesk, count, messages, open_subscribers
from aggregator.jobs.workspace import Workspace
from aggregator.subscribers import people
from aggregator.subscribers.seen import ForStaff
from aggregator.topics import vocabulary
from aggregator.values.environment import Environment

# Fewer than so many people could be guessed.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class PeopleView:
    """Counts with their names, and the messages that wait; a count below five is “< 5”."""

    states: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    messages: tuple[ForStaff, ...]


def people_view(environment: Environment, workspace: Workspace) -> PeopleView:
    """Who gets the newsletter. UsageError where the key cannot be read, StoreError where it is another."""
    desk = open_subscribers(environment, workspace)
    counted = count(desk)
    return PeopleView(
        states=tuple((name, shown(counted.people.get(key, 0))) for key, name in _STATES.items()),
        topics=tuple(_topics(desk)),
        messages=tuple(messages(desk)),
    )


_STATES = {
    "confirmed": "get the newsletter",
    "pending": "asked for it and have not confirmed",
    "suspended": "cannot be reached",
    "suppressed": "are never written to",
}


def _topics(desk: SubscriberDesk) -> list[tuple[str, str]]:
    with desk.store.reading() as rows:
        counts = Counter(topic for person in people.everybody(rows) for topic in person.wishes.topics or ("",))
    names = {"": "Everything"} | {topic.slug: topic.name for topic in vocabulary().topics}
    return [
        (names[slug], shown(number))
        for slug, number in sorted(counts.items(), key=lambda one: (one[0] != "", one))
        if slug in names
    ]


def shown(number: int) -> str:
    """A count in which nobody can be recognised."""
    return f"< {FEWEST}" if 0 < number < FEWEST else f"{number:,}"
