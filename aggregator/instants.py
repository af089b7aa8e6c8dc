"""Decide which stored instants to believe. A machine whose clock was wrong for one run (no battery, a wrong time server)
stores instants that lie years ahead, and comparisons with the newest of them would fail until then."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

# Tolerance for clocks, which differ by minutes, and for mistaken zones, which differ by less than a day.
AHEAD = timedelta(days=1)


def is_believed(at: datetime, now: datetime) -> bool:
    """Whether a stored instant is plausible: it lies no more than a day after `now`."""
    return at <= now + AHEAD


# How many feeds must have published after the clock's time before it counts as behind, since one may be wrong; and how long
# after their publications the last run may have been.
_WITNESSES = 3
_QUIET = timedelta(days=30)


def today_by(published: Collection[datetime], runs: Collection[datetime], now: datetime) -> datetime:
    """`now`, or a later instant if this machine's clock is behind. `published` is the newest date of each feed: the clock is
    behind if three of them (or all, if there are fewer) lie over a day after `now`, since dates ahead are not stored. The
    result is then the newest of `runs` up to 30 days after the third newest date, or that date."""
    witnessed = sorted(published, reverse=True)[:_WITNESSES]
    if not witnessed or is_believed(witnessed[-1], now):
        return now
    return max(at for at in (witnessed[-1], *runs) if at <= witnessed[-1] + _QUIET)
