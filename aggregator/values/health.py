"""How the workspace and its feeds are: facts that the store and the machine give, and that are judged elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

# So many gaps make a usual one, and so many days are looked at.
_LEAST_GAPS = 4
_DAYS = 20


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What the store can say of one listed feed. Counts are of its entries; `recent` are those first seen in the last 90
    days; `held` wait for staff because none of a batch was on topic; `days` says of each of the last 30 days, oldest first,
    whether the feed could be read (`+`), could not (`-`) or was not asked (a blank)."""

    name: str
    url: str
    last_ok_at: datetime | None = None
    last_error: str | None = None
    failures: int = 0
    moved_to: str | None = None
    newest_entry_at: datetime | None = None
    entries: int = 0
    admitted: int = 0
    shown: int = 0
    recent: int = 0
    recent_admitted: int = 0
    recent_shown: int = 0
    usual_gap: timedelta | None = None
    held: int = 0
    days: str = ""


@dataclass(frozen=True, slots=True)
class WorkspaceFacts:
    """What is known of everything but the feeds. `failure` is why the last refresh failed, `free_disk` is in bytes,
    `run_ahead_at` is the time of a run that was recorded later than now."""

    problems: tuple[str, ...] = ()
    store_fault: str = ""
    failure: str = ""
    free_disk: int | None = None
    last_fresh_at: datetime | None = None
    last_admitted_at: datetime | None = None
    run_ahead_at: datetime | None = None


def usual_gap(days: Sequence[date]) -> timedelta | None:
    """The median of the gaps between the last days on which a feed had something new; None where too few are known."""
    newest = sorted(set(days))[-_DAYS:]
    gaps = [(later - earlier).days for earlier, later in pairwise(newest)]
    return timedelta(days=median(gaps)) if len(gaps) >= _LEAST_GAPS else None
