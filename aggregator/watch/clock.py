"""When a refresh is due. Pure: the runs so far and `now` are handed in, so that sleep, daylight saving and a clock that was
set back are cases of a test and not of a night.

A slot is an instant at which the schedule asks for a refresh; a refresh is due where none has begun since the last slot. So
a day that was missed is made up whenever the machine is there again, and a slot that is over never comes twice.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

# Where more than half of the feeds failed, they are asked again so long after the last attempt.
RETRIES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
# Installations spread over so long, so that they do not all ask PubMed in the same second.
SPREAD = timedelta(minutes=5)
# A run that began later than this from now was recorded by a clock that was wrong.
_TRUSTED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A refresh that began; `outcome` is None where it never ended."""

    began_at: datetime
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """A refresh that is to be made now. `only_failed`: those feeds only that failed the last time."""

    why: str
    only_failed: bool = False


def spread(seed: str) -> timedelta:
    """How much later than the schedule says an installation refreshes; always the same for it."""
    return timedelta(seconds=random.Random(seed).uniform(0, SPREAD.total_seconds()))  # noqa: S311 - no secret


def slots(clocks: Sequence[str], zone: tzinfo, now: datetime, later: timedelta = timedelta(0)) -> list[datetime]:
    """The slots of yesterday, today and tomorrow, in order. An hour that daylight saving leaves out is the one after it, one
    that comes twice is its first."""
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=shift) for shift in (-2, -1, 0, 1, 2)]
    found = [datetime.combine(day, time.fromisoformat(clock.zfill(5)), zone) for day in days for clock in clocks]
    return sorted(one.astimezone(now.tzinfo) + later for one in found)


def next_slot(clocks: Sequence[str], zone: tzinfo, now: datetime, later: timedelta = timedelta(0)) -> datetime:
    """The next instant at which the schedule asks for a refresh."""
    return next(slot for slot in slots(clocks, zone, now, later) if slot > now)


def due(
    attempts: Sequence[Attempt], clocks: Sequence[str], zone: tzinfo, now: datetime, later: timedelta = timedelta(0)
) -> Due | None:
    """What is to be done now; `attempts` newest first."""
    believed = [one for one in attempts if one.began_at <= now + _TRUSTED]
    slot = [slot for slot in slots(clocks, zone, now, later) if slot <= now][-1]
    if not believed or believed[0].began_at < slot:
        return Due("it is time" if now - slot < timedelta(minutes=5) else f"the one of {slot:%d %B, %H:%M} UTC was missed")
    last, since = believed[0], [one for one in believed if one.began_at >= slot]
    if last.outcome == "fresh" or len(since) > len(RETRIES):
        return None
    if now - (last.ended_at or last.began_at) < RETRIES[len(since) - 1]:
        return None
    return Due(f"the last one was {last.outcome or 'stopped'}", only_failed=last.outcome in ("degraded", "stale"))
