"""check, status."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Context, Option, Typer

from aggregator.cli.place import Place, place_of, stored
from aggregator.cli.show import complain, say, say_json, table
from aggregator.config import load
from aggregator.errors import StoreDamagedError
from aggregator.jobs import safekeeping
from aggregator.jobs.account import account, as_html, as_markdown
from aggregator.jobs.check import check_templates, remarks
from aggregator.jobs.house import House, make_network, open_house, refuse_lost_store
from aggregator.jobs.refresh import utc_now
from aggregator.jobs.status import Status, status
from aggregator.jobs.trials import check_online
from aggregator.store import runs
from aggregator.store.database import Database
from aggregator.text import one_line
from aggregator.urls import shown_address
from aggregator.values.health import FeedFacts

_MOST_NOTICES = 10


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("check")(check_command)
    app.command("status")(status_command)
    app.command("report")(report_command)


def check_command(
    context: Context,
    online: Annotated[bool, Option("--online", help="Ask every feed once.")] = False,
    store: Annotated[bool, Option("--database", help="Look through the store for damage instead.")] = False,
) -> None:
    """Look over feeds.yaml and the templates; with --online, every feed; with --database, the store."""
    environment = place_of(context).environment
    if store:
        _check_store(context)
        return
    settings = load(environment.feeds)
    house = House(settings, environment.data, environment.templates, make_network(environment, settings))
    check_templates(house, now=utc_now())
    say(f"{environment.feeds.name} and the templates are in order; feeds that are read: {len(settings.enabled_feeds)}.")
    for remark in remarks(house):
        say(remark)
    if settings.alerts.email_to and environment.smtp_url is None:
        say("alerts.email_to is set and AGGREGATOR_SMTP_URL is not: nobody is told by e-mail.")
    if not online:
        say("Whether the addresses work is not known from here: `check --online` asks each once.")
        return
    failures = asyncio.run(check_online(house, now=utc_now()))
    for failure in failures:
        say(f"{one_line(failure.feed)} ({shown_address(failure.url)}) {failure.reason}.")
    say(f"{len(settings.enabled_feeds) - len(failures)} of {len(settings.enabled_feeds)} feeds work.")
    raise typer.Exit(3 if failures else 0)


def _check_store(context: Context) -> None:
    place = place_of(context)
    found = safekeeping.faults(open_house(place.environment))
    for fault in found:
        complain(f"{fault}.")
    if found:
        raise StoreDamagedError("The store is damaged: `restore` puts the last copy in its place.")
    say("The store is sound: every page of it can be read, and every row that is named is there.")


def status_command(
    context: Context,
    as_json: Annotated[bool, Option("--json", help="Print everything as one JSON object.")] = False,
    fresh_within: Annotated[
        int | None, Option("--fresh-within", min=1, help="Exit 1 where no refresh was good for so many hours.")
    ] = None,
) -> None:
    """The last runs and the health of every feed."""
    place = place_of(context)
    if fresh_within is not None:
        _check_age(place, timedelta(hours=fresh_within))
        return
    database = stored(place)
    try:
        known = status(open_house(place.environment), database, now=utc_now())
    finally:
        database.close()
    if as_json:
        say_json(_plain(known))
        return
    _print(known)


def report_command(
    context: Context,
    month: Annotated[str, Option("--month", help="The month, like 2026-11.")],
    html: Annotated[Path | None, Option("--html", help="Write a page with charts to this file.")] = None,
) -> None:
    """What a month brought, source by source: offered, admitted, shown, told before, failed."""
    place = place_of(context)
    house, database = open_house(place.environment), stored(place)
    try:
        found = account(house, database, month)
    finally:
        database.close()
    if html is None:
        say(as_markdown(house, found).rstrip())
        return
    html.write_text(as_html(house, found), "utf-8")
    say(f"Written: {place.short(html)}")


def _check_age(place: Place, most: timedelta) -> None:
    """For a monitor: one line, and exit 1 where the last good refresh is too long ago, or never was."""
    refuse_lost_store(place.environment.data)
    at = _last_good_at(stored(place)) if place.store.exists() else None
    if at is None or utc_now() - at > most:
        complain(f"The last good refresh was {f'on {at:%d %B %Y, %H:%M} UTC' if at else 'never'}.")
        raise typer.Exit(1)
    say(f"The last good refresh was on {at:%d %B %Y, %H:%M} UTC.")


def _last_good_at(database: Database) -> datetime | None:
    try:
        with database.read() as connection:
            return runs.last_good_at(connection)
    finally:
        database.close()


def _plain(known: Status) -> dict[str, Any]:
    """As `--json` prints it: what is known of a feed stands beside its trouble."""
    feeds = [asdict(one.facts) | {"trouble": one.trouble} for one in known.feeds]
    for feed in feeds:
        feed["usual_gap"] = feed["usual_gap"].total_seconds() if feed["usual_gap"] else None
    return asdict(known) | {"feeds": feeds}


def _print(known: Status) -> None:
    for run in known.runs:
        ended = f"{run.outcome}, {_seconds(run.report)}" if run.outcome else "did not end (stopped, or still at work)"
        say(f"Run {run.id}, {run.started_at:%d %B %Y, %H:%M} UTC: {ended}.")
    say(f"Where `schedule` runs, it refreshes next on {known.next_at:%d %B %Y, %H:%M} UTC.")
    columns = ("Feed", "Last 30 days", "Last good", "Newest entry", "Usual gap", "Offered", "Admitted", "Shown", "Trouble")
    table(columns, [_row(feed.facts, feed.trouble) for feed in known.feeds])
    say("Offered, admitted and shown count the last 90 days. A day of the bar: ▇ read, ▁ not read, blank not asked.")
    if known.waiting:
        say(f"Entries that wait for you: {known.waiting} (`review list`).")
    for notice in known.notices[:_MOST_NOTICES]:
        say(f"A {notice.sort} whose paper is not stored: {one_line(notice.title)} (entry {notice.entry}).")
    for number, need in enumerate(known.needs, 1):
        complain(f"{number}. {one_line(need)}")
    troubled = sum(bool(feed.trouble) for feed in known.feeds)
    if troubled:
        complain(f"Feeds that need a look: {troubled} of {len(known.feeds)}.")


def _row(feed: FeedFacts, trouble: str) -> tuple[str, ...]:
    return (
        feed.name,
        feed.days.translate({ord("+"): "▇", ord("-"): "▁"}),
        f"{feed.last_ok_at:%Y-%m-%d %H:%M}" if feed.last_ok_at else "never",
        f"{feed.newest_entry_at:%Y-%m-%d}" if feed.newest_entry_at else "-",
        f"{feed.usual_gap.total_seconds() / 86400:.0f} d" if feed.usual_gap else "-",
        str(feed.recent),
        str(feed.recent_admitted),
        str(feed.recent_shown),
        trouble,
    )


def _seconds(report: dict[str, Any] | None) -> str:
    return f"{report['entries']['new']} new in {report['seconds']:.0f} s" if report else "no report"
