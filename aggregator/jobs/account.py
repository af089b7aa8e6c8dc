"""The monthly account for the curators."""

from __future__ import annotations

from datetime import UTC, date, datetime

from aggregator.errors import UsageError
from aggregator.jobs.house import House
from aggregator.publish.pages import Pages
from aggregator.store.database import Database
from aggregator.store.month import month
from aggregator.values.month import Month
from aggregator.watch.report import markdown


def account(house: House, database: Database, named: str) -> Month:
    """The month `named` like 2026-11, in the site's zone."""
    begins_on, ends_on = _first_days(named)
    zone = house.settings.site.zone
    begin, end = (datetime(day.year, day.month, 1, tzinfo=zone).astimezone(UTC) for day in (begins_on, ends_on))
    with database.read() as connection:
        return month(connection, begins_on, begin, end)


def as_markdown(house: House, found: Month) -> str:
    """The account as a person reads it in a mail or a terminal."""
    return markdown(found, house.settings.site.title)


def as_html(house: House, found: Month) -> str:
    """The account as a page, with its charts."""
    most = max((one.offered for one in found.sources), default=0) or 1
    return Pages(house.templates).render("reports/month.html", month=found, most=most, site=house.settings.site)


def _first_days(named: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{named}-01")
    except ValueError as error:
        raise UsageError(f"“{named}” is no month; write it like 2026-11.") from error
    return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)
