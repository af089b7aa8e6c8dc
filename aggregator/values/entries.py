"""One element of a feed, and what the filter decided about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import NamedTuple

from aggregator.keys import Identifiers, keys_of
from aggregator.text import day_of
from aggregator.topics import vocabulary
from aggregator.urls import canonical_url

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

    @property
    def body(self) -> str:
        """What the filter reads below the title: the longer of text and summary."""
        return self.text if len(self.text) > len(self.summary) else self.summary

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that identify its article (see `aggregator.keys`), strongest first."""
        address = (self.page or canonical_url(self.url)) if self.url and self.is_url_own else ""
        return keys_of(self.identifiers, address)


_RULES = {
    "never, staff said": "a phrase in filter.never",
    "never from this publisher, staff said": "a publisher in filter.never_from",
}

# The deciding reason of what staff are to look at before it is shown.
PROBABLY_ON_TOPIC = "probably on topic"


# The rule by which all of a batch waits: none of it is on topic, unlike what the feed brought before.
HELD = "held for staff"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the filter decided so: which rule, on which words, where they stand."""

    rule: str
    words: str = ""
    where: str = ""

    @property
    def sentence(self) -> str:
        """The reason as staff read it: the rules' names are what is stored, and stay what they are."""
        points, _, needed = self.words.partition(" of ")
        if self.rule == "scores enough":
            return f"{points} points ({needed} needed)"
        if self.rule == "scores too little":
            return f"not clearly about facial paralysis ({points} points; {needed} needed)"
        where = f" in the {self.where}" if self.where else ""
        return f"{_RULES.get(self.rule, self.rule)}{f': {self.words}' if self.words else ''}{where}"


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

    def details(self) -> Iterator[str]:
        """The topics, the evidence and the reasons, line by line."""
        if self.topics:
            yield f"Topics: {', '.join(vocabulary().name(topic) for topic in self.topics)}"
        yield f"Evidence: {EVIDENCE_WORDS.get(self.evidence) or 'none that title or abstract name'}"
        if self.notice:
            yield f"It is a notice: {self.notice}."
        for reason in self.reasons:
            yield f"- {reason.sentence}"

    @property
    def is_doubtful(self) -> bool:
        """Whether it is admitted only if staff say so."""
        return self.admitted and bool(self.reasons) and self.reasons[0].rule == PROBABLY_ON_TOPIC


class FilterText(NamedTuple):
    """What the filter reads of a stored entry."""

    number: int
    title: str
    body: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A stored entry on its way to be judged again: with its feed's address, its keys, and the verdict that stands."""

    number: int
    feed: str
    entry: Entry
    keys: tuple[str, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry as the store has it: with its number, the verdict as it was given, and what decides whether it is shown.

    `standing` is `hidden`, `waiting` or empty; `dated_at` is None where nobody knows when it was published and the feed
    was new then; `story_reason` says why it stands in its `story`; `staff_topics` are those that staff gave it, None where
    the filter's count; `feed` is the name of the feed that brought it.
    """

    number: int
    entry: Entry
    verdict: Verdict
    story_reason: str
    standing: str
    dated_at: datetime | None
    shown_at: datetime | None
    is_feed_listed: bool
    staff_topics: tuple[str, ...] | None = None
    feed: str = ""
    story: int | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that count: staff's, else the filter's."""
        return self.verdict.topics if self.staff_topics is None else self.staff_topics


def why_not_shown(one: FoundEntry, zone: tzinfo) -> str:
    """Why a stored entry is, or is not, on the front page; days are those of `zone`."""
    if not one.verdict.admitted:
        return "It is not shown: the filter rejected it."
    if one.standing:
        return {"hidden": "It is not shown: staff hid it.", "waiting": "It is not shown yet: it is waiting for review."}[
            one.standing
        ]
    if one.verdict.notice:
        return f"It is not shown: it is a notice ({one.verdict.notice}), which belongs to a paper and is not news."
    if not one.is_feed_listed:
        return "It is not shown: its feed is switched off or gone from feeds.yaml."
    if one.dated_at is None:
        return "It is not shown: it has no date that can be read, and was there when its feed was first read."
    if one.shown_at is not None:
        return f"It has been on the front page since {day_of(one.shown_at, zone)}, until newer stories take its place."
    return (
        "It has not been on the front page yet: newer stories, or another article of its story from the same source, took "
        "its place."
    )
