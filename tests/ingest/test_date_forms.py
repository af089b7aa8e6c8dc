"""The parts of a date, each at its boundary: hours of a half day, zones, centuries, days and months in either order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.ingest.dates import not_in_future, read_date
from tests.conftest import NOW


def utc(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso).replace(tzinfo=UTC) if iso else None


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("June 18, 2007 12:30 PM", "2007-06-18T12:30:00"),
        ("June 18, 2007 12:30 AM", "2007-06-18T00:30:00"),
        ("June 18, 2007 1:05 a.m.", "2007-06-18T01:05:00"),
        ("June 18, 2007 1:05 p.m.", "2007-06-18T13:05:00"),
        ("June 18, 2007 11:59 PM", "2007-06-18T23:59:00"),
        ("June 18, 2007 13:05 PM", "2007-06-18T13:05:00"),
        ("24 Nov 2026 10:00:60 GMT", "2026-11-24T10:00:59"),
        ("24 Nov 2026 10:00:07 GMT", "2026-11-24T10:00:07"),
        ("24 Nov 2026 24:00", "2026-11-25T00:00:00"),
    ],
)
def test_the_hours_of_a_clock(written: str, instant: str | None) -> None:
    assert read_date(written) == utc(instant)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("GMT", 10), ("Z", 10), ("UTC", 10), ("EST", 15), ("EDT", 14), ("CST", 16), ("CDT", 15), ("MST", 17), ("MDT", 16),
        ("PST", 18), ("PDT", 17), ("BST", 9), ("CET", 9), ("CEST", 8), ("MSK", 7), ("JST", 1), ("AKST", 19), ("HST", 20),
        ("-0500", 15), ("+02:00", 8), ("+0000", 10), ("(GMT)", 10), ("+0200 (CEST)", 8),
    ],
)  # fmt: skip
def test_zones(zone: str, hour: int) -> None:
    assert read_date(f"24 Nov 2026 10:00 {zone}") == datetime(2026, 11, 24, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("24 Nov 2026 10:00 +0530", "2026-11-24T04:30:00"),
        ("24 Nov 2026 10:00 -0330", "2026-11-24T13:30:00"),
        ("24 Nov 2026 10:00 IST", "2026-11-24T04:30:00"),
        ("24 Nov 2026 10:00 NZDT", "2026-11-23T21:00:00"),
        ("24 Nov 2026 01:00 +0200", "2026-11-23T23:00:00"),
    ],
)
def test_zones_of_half_an_hour_and_across_midnight(written: str, instant: str) -> None:
    assert read_date(written) == utc(instant)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("24 Nov 69 10:00 GMT", "2069-11-24T10:00:00"),
        ("24 Nov 70 10:00 GMT", None),
        ("24 Nov 90 10:00 GMT", "1990-11-24T10:00:00"),
        ("24 Nov 99 10:00 GMT", "1999-11-24T10:00:00"),
        ("1990-01-01", "1990-01-01T12:00:00"),
        ("1989-12-31", None),
        ("9999-12-31T23:59:59-23:59", None),
    ],
)
def test_years(written: str, instant: str | None) -> None:
    """Two figures are of this century up to 69; what is older than the web is a mistake."""
    assert read_date(written) == utc(instant)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("13/02/2019", "2019-02-13"),
        ("02/13/2019", "2019-02-13"),
        ("12/13/2019", "2019-12-13"),
        ("13/12/2019", "2019-12-13"),
        ("03/03/2019", "2019-03-03"),
        ("Tue, 05/03/2019", "2019-03-05"),
        ("Fri, 05/03/2019", "2019-05-03"),
        # 5 March 2019 was a Tuesday, 3 May a Friday.
        ("Sun, 05/03/2019", None),
        # 1 April and 4 January 2018: a Sunday and a Thursday.
        ("do 04/01/2018", "2018-01-04"),
        # 3 February and 2 March 2015 were a Tuesday and a Monday; 2 January and 1 February 2009 a Friday and a Sunday.
        ("lun, 02/03/2015", "2015-03-02"),
        # 5 June and 6 May 2020: a Friday and a Wednesday. 7 August and 8 July 2010: a Saturday and a Thursday.
        ("Wed, 05/06/2020", "2020-05-06"),
        ("sab, 07/08/2010", "2010-08-07"),
        ("13/13/2019", None),
        ("05/03/2019", None),
    ],
)
def test_a_day_and_a_month_in_either_order(written: str, day: str | None) -> None:
    assert read_date(written) == (utc(f"{day}T12:00:00") if day else None)


@pytest.mark.parametrize(
    ("written", "month"),
    [
        (f"24 {name} 2026", number)
        for number, names in enumerate(
            (
                "January enero gennaio jan. Jänner", "février Feb. Februar", "März mrz maart marzo mars", "abril avril April",
                "mai maggio mayo mei maj", "juin giugno Juni junio", "juillet luglio Juli", "août agosto augustus", "septembre",
                "Oktober ottobre outubro", "noviembre", "Dezember diciembre décembre",
            ),
            start=1,
        )
        for name in names.split()
        if name not in ("gennaio", "Jänner")
    ],
)  # fmt: skip
def test_names_of_months(written: str, month: int) -> None:
    assert read_date(written) == datetime(2026, month, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("20261124", "2026-11-24T12:00:00"),
        ("20261124T101112Z", "2026-11-24T10:11:12"),
        ("20261124T1011", "2026-11-24T10:11:00"),
        ("24. November 2026", "2026-11-24T12:00:00"),
        ("24th Nov 2026", "2026-11-24T12:00:00"),
        ("lun. 24 nov. 2026 10:00", "2026-11-24T10:00:00"),
        ("  24   Nov\n2026 ", "2026-11-24T12:00:00"),
        ("31 Nov 2026", None),
        ("24 Xyz 2026", None),
    ],
)
def test_forms(written: str, instant: str | None) -> None:
    assert read_date(written) == utc(instant)


@pytest.mark.parametrize(
    ("at", "now", "believed"),
    [
        (NOW + timedelta(minutes=10), NOW, NOW + timedelta(minutes=10)),
        (NOW + timedelta(minutes=10, seconds=1), NOW, None),
        (None, NOW, None),
        # Noon stands for a day without an hour: in the morning it is today, and not the future.
        (NOW.replace(hour=12), NOW.replace(hour=6), NOW.replace(hour=6)),
        (NOW.replace(hour=12, minute=1), NOW.replace(hour=6), None),
        (NOW.replace(hour=12, second=1), NOW.replace(hour=6), None),
        (NOW.replace(hour=13), NOW.replace(hour=6), None),
        (NOW.replace(hour=12) + timedelta(days=1), NOW.replace(hour=6), None),
    ],
)
def test_what_lies_ahead_is_no_date(at: datetime | None, now: datetime, believed: datetime | None) -> None:
    assert not_in_future(at, now) == believed
