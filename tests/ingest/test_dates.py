"""A date is read as it is written, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import struct_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.dates import not_in_future, read_date
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("Tue, 24 Nov 2026 10:00:00 GMT", "2026-11-24T10:00:00"),
        ("Tue, 24 Nov 2026 06:00:00 -0500", "2026-11-24T11:00:00"),
        ("Tue, 24 Nov 2026 10:00:00 EST", "2026-11-24T15:00:00"),
        ("Tue, 24 Nov 2026 10:00:00 BST", "2026-11-24T09:00:00"),
        ("Tue, 24 Nov 26 10:00 GMT", "2026-11-24T10:00:00"),
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00"),
        ("2026-11-24T10:00:00.123+02:00", "2026-11-24T08:00:00"),
        ("2026-11-24", "2026-11-24T12:00:00"),
        ("Fri, 05/03/2019 - 15:21", "2019-05-03T15:21:00"),
        ("22.11.2022 12:16:00", "2022-11-22T12:16:00"),
        ("07.02.2025", "2025-02-07T12:00:00"),
        ("mer, 16 nov 2022 10:00:00 +0100", "2022-11-16T09:00:00"),
        ("Mi, 30 Jun 2021 00:00:00 +0200", "2021-06-29T22:00:00"),
        ("Friday, January 29, 2021 04:42 PM", "2021-01-29T16:42:00"),
        ("June 18, 2007", "2007-06-18T12:00:00"),
        ("12-20-2006", "2006-12-20T12:00:00"),
        ("2020/1/10 14:33:00", "2020-01-10T14:33:00"),
        ("Sat, Dec 16 2023 02:02:33 PM", "2023-12-16T14:02:33"),
        ("Mon Jan 12 10:00:00 GMT 2009", "2009-01-12T10:00:00"),
        ("3 de marzo de 2024", "2024-03-03T12:00:00"),
    ],
)
def test_dates_of_real_publishers(written: str, instant: str) -> None:
    assert read_date(written) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["null", "", "2026-02-30", "08/02/2013 12:00:00", "1518478934", "yesterday", "2026", "1970-01-01", "99 Nov 2026"],
)
def test_what_is_no_date_or_could_be_two_is_none(written: str) -> None:
    assert read_date(written) is None


def test_feedparser_is_believed_only_where_it_agrees_with_what_is_written() -> None:
    wrong = struct_time((2020, 11, 1, 0, 0, 0, 0, 306, 0))

    assert read_date("le 10 du premier mois de 2020", wrong) is None


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
