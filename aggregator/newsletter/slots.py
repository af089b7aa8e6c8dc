"""When an issue is drafted and sent: `monday 07:00`, or the day of a month, `1 07:00`, in the site's zone. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from aggregator.values.settings import DAYS


def last_slot(slot: str, zone: tzinfo, now: datetime) -> datetime:
    """The newest instant of a slot that is not after `now`, in UTC. A time of day that a change of clocks leaves out is an
    hour later; of one that comes twice it is the first."""
    day, _, clock = slot.partition(" ")
    at, today = time.fromisoformat(clock), now.astimezone(zone).date()
    for ago in range(33):
        on = today - timedelta(days=ago)
        found = datetime.combine(on, at, zone).astimezone(UTC)
        if _is_on(on, day) and found <= now:
            return found
    raise ValueError(f"“{slot}” is not a slot")


def _is_on(on: date, day: str) -> bool:
    return on.day == int(day) if day.isdigit() else DAYS[on.weekday()] == day
