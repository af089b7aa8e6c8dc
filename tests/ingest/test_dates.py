"""A date is read as it is written, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.dates import Order, is_ambiguous, not_in_future, order_of, read_date
from tests.conftest import NOW


def table() -> list[tuple[str, str]]:
    """The rows of dates.txt: what is written, and the instant that it means."""
    lines = (Path(__file__).parent / "dates.txt").read_text("utf-8").splitlines()
    rows = [line.rpartition(" | ") for line in lines if line and not line.startswith("#")]
    return [(written, meant) for written, _, meant in rows]


@pytest.mark.parametrize(("written", "meant"), table(), ids=[written for written, _ in table()])
def test_a_date_is_read_as_it_is_meant_or_not_at_all(written: str, meant: str) -> None:
    expected = None if meant == "-" else datetime.fromisoformat(meant).replace(tzinfo=UTC)

    assert read_date(written) == expected


@pytest.mark.parametrize("written", ["", " ", "9" * 200, "2006-01-02" + " x" * 50, "2006-01-02" + " " * 1000])
def test_nothing_and_too_much_are_no_date(written: str) -> None:
    assert read_date(written) is None


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["01/02/2026", "25/02/2026"], "day"),
        (["01/02/2026", "02/25/2026 10:00"], "month"),
        (["01-02-2026", "25-02-2026"], "day"),
        (["01/02/2026", "Fri, 05/03/2019 - 15:21 EST"], "month"),
        (["01/02/2026", "25/02/2026", "02/25/2026"], None),
        (["01/02/2026", "05/05/2026"], None),
        (["01/02/2026", "99/99/2026"], None),
        (["01/02/2026", "12/05/2026"], None),
        (["01/02/2026", "05/12/2026"], None),
        (["01/02/2026", "2026-02-25", "Mon, 02 Jan 2006 15:04:05 GMT"], None),
        ([], None),
    ],
)
def test_the_other_dates_of_a_document_say_which_number_is_the_month(dates: list[str], order: Order | None) -> None:
    assert order_of(dates) == order


def test_an_order_settles_what_could_be_two_dates_and_nothing_else() -> None:
    assert read_date("01/02/2026", "day") == datetime(2026, 2, 1, 12, tzinfo=UTC)
    assert read_date("01/02/2026", "month") == datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert read_date("25/02/2026", "month") == datetime(2026, 2, 25, 12, tzinfo=UTC)
    assert read_date("01.02.2026", "month") == datetime(2026, 2, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "is_so"), [("01/02/2026", True), ("25/02/2026", False), ("2026-01-02", False), ("x", False)]
)
def test_what_hangs_on_other_dates_is_known(written: str, is_so: bool) -> None:
    assert is_ambiguous(written) is is_so


def test_the_future_is_no_date() -> None:
    assert not_in_future(NOW + timedelta(days=1), NOW) is None
    assert not_in_future(NOW + timedelta(minutes=5), NOW) is not None
    assert not_in_future(NOW - timedelta(days=1), NOW) == NOW - timedelta(days=1)


def test_today_without_an_hour_is_not_the_future() -> None:
    early = NOW.replace(hour=6)

    assert not_in_future(read_date("2026-11-24"), early) == early


@given(st.text(max_size=60))
def test_whatever_is_written_is_an_instant_or_nothing(written: str) -> None:
    at = read_date(written)

    assert at is None or at.tzinfo is UTC or at.utcoffset() == timedelta(0)


@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2060, 1, 1)))
def test_iso_and_rfc_822_agree(at: datetime) -> None:
    at = at.replace(microsecond=0)

    assert read_date(at.isoformat() + "Z") == read_date(f"{at:%a, %d %b %Y %H:%M:%S} GMT")
