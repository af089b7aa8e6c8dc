"""When a refresh is due. Pure: the runs so far and `now` are handed in, so that sleep, daylight saving and a clock that was
set back can be tested.

A slot is an instant at which the schedule asks for a refresh; a refresh is due if none has begun since the last slot. So a
missed day is made up as soon as the machine is back, and no slot is served twice.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from aggregator.text import moment_of

# If more than half of the feeds failed, they are asked again this long after the last attempt.
RETRIES = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
# Installations are spread over this span, so that they do not all ask PubMed in the same second.
SPREAD = timedelta(minutes=5)
# A run that began further ahead of now than this was recorded by a wrong clock.
_TRUSTED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A refresh that began; `outcome` is None if it never ended."""

    began_at: datetime
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """A refresh to make now, and why. `only_failed` restricts it to the feeds that failed the last time."""

    why: str
    only_failed: bool = False


def jitter(seed: str) -> timedelta:
    """How much later than the schedule an installation refreshes, at most SPREAD; always the same for one `seed`."""
    return timedelta(seconds=random.Random(seed).uniform(0, SPREAD.total_seconds()))  # noqa: S311 - no secret


def slots(clocks: Sequence[str], zone: tzinfo, now: datetime, later: timedelta = timedelta(0)) -> list[datetime]:
    """The slots of today and of two days on either side, in order. A time that daylight saving skips is the one an hour
    later, one that comes twice is the first."""
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=shift) for shift in (-2, -1, 0, 1, 2)]
    local_times = [datetime.combine(day, time.fromisoformat(clock.zfill(5)), zone) for day in days for clock in clocks]
    return sorted(local.astimezone(now.tzinfo) + later for local in local_times)


def next_slot(clocks: Sequence[str], zone: tzinfo, now: datetime, later: timedelta = timedelta(0)) -> datetime:
    """The next instant at which the schedule asks for a refresh."""
    return next(slot for slot in slots(clocks, zone, now, later) if slot > now)


def due(
    attempts: Sequence[Attempt], clocks: Sequence[str], zone: tzinfo, now: datetime, later: timedelta = timedelta(0)
) -> Due | None:
    """The refresh that is due now, or None; `attempts` are given newest first."""
    believed = [attempt for attempt in attempts if attempt.began_at <= now + _TRUSTED]
    slot = [slot for slot in slots(clocks, zone, now, later) if slot <= now][-1]
    if not believed or believed[0].began_at < slot:
        return Due("it is time" if now - slot < timedelta(minutes=5) else f"the one of {moment_of(slot, zone)} was missed")
    last, since = believed[0], [attempt for attempt in believed if attempt.began_at >= slot]
    if last.outcome == "fresh" or len(since) > len(RETRIES):
        return None
    if now - (last.ended_at or last.began_at) < RETRIES[len(since) - 1]:
        return None
    return Due(f"the last one was {last.outcome or 'stopped'}", only_failed=last.outcome in ("degraded", "stale"))
