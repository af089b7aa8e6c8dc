"""The monthly account for the curators."""

from __future__ import annotations

from datetime import UTC, date, datetime

from aggregator.errors import UsageError
from aggregator.jobs.workspace import Workspace
from aggregator.monitoring.monthly_report import markdown
from aggregator.render.templates import Templates
from aggregator.store import runs
from aggregator.store.database import Database
from aggregator.store.monthly_report import month
from aggregator.values.monthly_report import Month


def monthly_report(workspace: Workspace, database: Database, named: str) -> Month:
    """The month `named` like 2026-11, in the site's zone."""
    begins_on, ends_on = _first_days(named)
    zone = workspace.settings.site.zone
    begin, end = (datetime(day.year, day.month, 1, tzinfo=zone).astimezone(UTC) for day in (begins_on, ends_on))
    with database.read() as connection:
        return month(connection, begins_on, begin, end)


def last_month(workspace: Workspace, database: Database) -> str:
    """The month of the last refresh, like 2026-11, in the site's zone; UsageError where there was none."""
    with database.read() as connection:
        newest = runs.last(connection, 1)
    if not newest:
        raise UsageError("There was no refresh yet, so there is no month to report on.")
    return f"{newest[0].started_at.astimezone(workspace.settings.site.zone):%Y-%m}"


def as_markdown(workspace: Workspace, found: Month) -> str:
    """The account as a person reads it in a mail or a terminal."""
    return markdown(found, workspace.settings.site.title)


def as_html(workspace: Workspace, found: Month) -> str:
    """The account as a page, with its charts."""
    most = max((one.offered for one in found.sources), default=0) or 1
    return Templates(workspace.templates).render(
        "reports/monthly_report.html", month=found, most=most, site=workspace.settings.site
    )


def _first_days(named: str) -> tuple[date, date]:
    try:
        first = date.fromisoformat(f"{named}-01")
        return first, date(first.year + first.month // 12, first.month % 12 + 1, 1)
    except ValueError as error:
        raise UsageError(f"“{named}” is not a month; write it like 2026-11.") from error
