"""What a curator looks through in the morning: what is on the page, what waits, what the filter only just rejected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.jobs.workspace import Workspace
from aggregator.relevance.explain import in_a_sentence
from aggregator.store import acts, decisions, entries, front, stories, triage
from aggregator.store.database import Database, Transaction
from aggregator.values.entries import EVIDENCE_WORDS, FoundEntry, why_not_shown

_MISSED_FOR = timedelta(days=14)
_LEAST_POINTS = 0.5
MOST = 60
_TOLD_FOR = timedelta(days=30)
# A story of thousands of entries is shown bounded.
_MOST_MATES = 20


@dataclass(frozen=True, slots=True)
class TriageEntry:
    """An entry to decide on. `why` is the filter's reason in a sentence, `reasons` has all of them; `shown` says why it is
    or is not on the page; `mates` are the other reports of its story; `reached` are the entries that hiding it takes off."""

    found: FoundEntry
    why: str
    reasons: tuple[str, ...]
    shown: str
    mates: tuple[FoundEntry, ...] = ()
    reached: tuple[FoundEntry, ...] = ()
    reach: int = 0
    more_mates: int = 0

    @property
    def evidence(self) -> str:
        """What sort of item it is, in words."""
        return EVIDENCE_WORDS.get(self.found.verdict.evidence, "")


@dataclass(frozen=True, slots=True)
class Today:
    """The three lists, each at most `MOST` long, with how many wait in all, and the number of the newest act."""

    on_page: tuple[TriageEntry, ...]
    waiting: tuple[TriageEntry, ...]
    missed: tuple[TriageEntry, ...]
    waits: int
    newest_act: int


def today(workspace: Workspace, database: Database, *, now: datetime) -> Today:
    """What there is to look through now."""
    with database.read() as connection:
        waiting = [one.entry for one in decisions.waiting(connection)][::-1]
        missed = triage.just_missed(connection, since=now - _MISSED_FOR, least=_LEAST_POINTS, most=MOST // 2)
        lists = front.leads(connection), waiting[:MOST], missed
        known = _entries(connection, workspace, [number for one in lists for number in one])
        on_page, waits, just_missed = (tuple(known[number] for number in one if number in known) for one in lists)
        return Today(on_page, waits, just_missed, len(waiting), acts.newest(connection))


def one_entry(workspace: Workspace, database: Database, number: int) -> TriageEntry | None:
    """An entry as it is now; None where it is not stored."""
    with database.read() as connection:
        return _entries(connection, workspace, [number]).get(number)


def found_entries(workspace: Workspace, database: Database, numbers: Sequence[int]) -> list[TriageEntry]:
    """These entries, in their order."""
    with database.read() as connection:
        known = _entries(connection, workspace, numbers)
    return [known[number] for number in numbers if number in known]


def several_reports(workspace: Workspace, database: Database, *, now: datetime) -> list[tuple[TriageEntry, ...]]:
    """The stories of the last 30 days that several entries tell, the newest first, each as its entries."""
    with database.read() as connection:
        numbers = triage.told_by_several(connection, since=now - _TOLD_FOR, most=MOST)
        mates = stories.mates(connection, numbers)
        known = _entries(connection, workspace, [number for story in numbers for number in mates[story][:_MOST_MATES]])
    return [tuple(known[number] for number in mates[story] if number in known) for story in numbers]


def _entries(connection: Transaction, workspace: Workspace, numbers: Sequence[int]) -> Mapping[int, TriageEntry]:
    zone = workspace.settings.site.zone
    own = {one.number: one for one in entries.numbered(connection, list(dict.fromkeys(numbers)))}
    mates = stories.mates(connection, [one.story for one in own.values() if one.story is not None])
    reached = triage.reach(connection, list(own))
    reach = {entry: len(many) for entry, many in reached.items()}
    more = {story: max(0, len(many) - _MOST_MATES) for story, many in mates.items()}
    mates = {story: many[:_MOST_MATES] for story, many in mates.items()}
    reached = {entry: many[:_MOST_MATES] for entry, many in reached.items()}
    others = {number for many in (*mates.values(), *reached.values()) for number in many} - own.keys()
    known = own | {one.number: one for one in entries.numbered(connection, sorted(others))}
    return {
        number: TriageEntry(
            found=one,
            why=in_a_sentence(one.verdict),
            reasons=tuple(one.verdict.details()),
            shown=why_not_shown(one, zone),
            mates=tuple(known[mate] for mate in mates.get(one.story or 0, ()) if mate != number and mate in known),
            reached=tuple(known[other] for other in reached[number] if other in known),
            reach=reach[number],
            more_mates=more.get(one.story or 0, 0),
        )
        for number, one in own.items()
    }
