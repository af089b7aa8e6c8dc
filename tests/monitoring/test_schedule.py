"""When a refresh is due: sleep, daylight saving, clocks that are set back, retries inside the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from aggregator.monitoring.schedule import RETRIES, SPREAD, Attempt, Due, due, jitter, next_slot, slots

ZONE = ZoneInfo("America/Los_Angeles")
FIVE = ("05:00",)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE).astimezone(UTC)  # type: ignore[arg-type, misc]


def fresh(at: datetime, outcome: str | None = "fresh") -> Attempt:
    return Attempt(at, at + timedelta(minutes=1) if outcome else None, outcome)


def lived(start: datetime, end: datetime, outcome: Callable[[datetime], str] = lambda _: "fresh") -> list[datetime]:
    """When a scheduler that looks every half minute refreshes between two instants."""
    attempts: list[Attempt] = []
    now = start
    while now < end:
        if due(attempts, FIVE, ZONE, now):
            attempts.insert(0, fresh(now, outcome(now)))
        now += timedelta(seconds=30)
    return [one.began_at for one in reversed(attempts)]


def test_once_a_day_at_its_time() -> None:
    began = lived(local(2026, 11, 24, 4), local(2026, 11, 27, 4))

    assert [f"{one.astimezone(ZONE):%d %H:%M}" for one in began] == ["24 04:00", "24 05:00", "25 05:00", "26 05:00"]


@pytest.mark.parametrize("day", [datetime(2026, 3, 8), datetime(2026, 11, 1)])
@pytest.mark.parametrize("clock", ["01:30", "02:30", "03:00"])
def test_both_days_of_daylight_saving_refresh_once(day: datetime, clock: str) -> None:
    begin = day.replace(tzinfo=ZONE).astimezone(UTC)
    attempts, now = [fresh(begin - timedelta(hours=1))], begin
    while now < begin + timedelta(hours=23):
        if due(attempts, (clock,), ZONE, now):
            attempts.insert(0, fresh(now))
        now += timedelta(minutes=5)

    assert len(attempts) == 2


def test_a_day_that_was_missed_is_made_up_at_once() -> None:
    yesterday = [fresh(local(2026, 11, 23, 5))]

    made_up = due(yesterday, FIVE, ZONE, local(2026, 11, 24, 15, 12))

    assert made_up is not None
    assert "missed" in made_up.why
    assert due([fresh(local(2026, 11, 24, 15, 12)), *yesterday], FIVE, ZONE, local(2026, 11, 24, 15, 13)) is None


def test_a_week_of_sleep_is_made_up_once() -> None:
    attempts = [fresh(local(2026, 11, 10, 5))]

    assert due(attempts, FIVE, ZONE, local(2026, 11, 17, 9))
    assert due([fresh(local(2026, 11, 17, 9)), *attempts], FIVE, ZONE, local(2026, 11, 17, 23)) is None


def test_a_clock_that_is_set_back_repeats_nothing() -> None:
    attempts = [fresh(local(2026, 11, 24, 5))]

    assert due(attempts, FIVE, ZONE, local(2026, 11, 24, 4, 55)) is None
    assert due(attempts, FIVE, ZONE, local(2026, 11, 24, 5, 30)) is None


def test_a_run_of_a_clock_that_was_years_ahead_stops_nothing() -> None:
    assert due([fresh(local(2036, 1, 1, 5)), fresh(local(2026, 11, 23, 5))], FIVE, ZONE, local(2026, 11, 24, 6))


def test_most_feeds_failing_is_tried_again_after_a_quarter_an_hour_and_four_hours() -> None:
    began = lived(local(2026, 11, 24, 5), local(2026, 11, 25, 4), lambda _: "degraded")
    waits = [later - earlier for earlier, later in pairwise(began)]

    assert waits == [wait + timedelta(minutes=1) for wait in RETRIES]


@pytest.mark.parametrize(("outcome", "only_failed"), [("degraded", True), ("stale", True), ("failed", False), (None, False)])
def test_feeds_that_are_well_are_not_asked_again(outcome: str | None, only_failed: bool) -> None:
    at = local(2026, 11, 24, 5)

    again = due([fresh(at, outcome)], FIVE, ZONE, at + timedelta(minutes=20))

    assert again is not None
    assert again.only_failed is only_failed


def test_what_is_well_again_is_left_alone() -> None:
    at = local(2026, 11, 24, 5)
    attempts = [fresh(at + timedelta(minutes=16)), fresh(at, "stale")]

    assert due(attempts, FIVE, ZONE, at + timedelta(hours=9)) is None


def test_several_times_a_day() -> None:
    assert next_slot(("05:00", "17:30"), ZONE, local(2026, 11, 24, 6)) == local(2026, 11, 24, 17, 30)
    assert next_slot(("5:00",), ZONE, local(2026, 11, 24, 6)) == local(2026, 11, 25, 5)


def test_nothing_was_ever_read() -> None:
    assert isinstance(due([], FIVE, ZONE, local(2026, 11, 24, 1)), Due)


def test_installations_spread_and_each_keeps_its_place() -> None:
    places = [jitter(f"workspace {number}") for number in range(1000)]

    assert len({round(place.total_seconds()) for place in places}) > 250
    assert all(timedelta(0) <= place <= SPREAD for place in places)
    assert jitter("workspace 7") == places[7]
    assert slots(FIVE, ZONE, local(2026, 11, 24, 6), places[7])[2] == local(2026, 11, 24, 5) + places[7]
