"""check, status."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer
from typer import Context, Option, Typer

from aggregator.cli.place import place_of, stored
from aggregator.cli.show import complain, say, say_json, table
from aggregator.config import load
from aggregator.errors import StoreDamagedError
from aggregator.jobs import safekeeping
from aggregator.jobs.check import check_templates, remarks
from aggregator.jobs.house import House, make_network, open_house
from aggregator.jobs.refresh import utc_now
from aggregator.jobs.status import Status, status
from aggregator.jobs.trials import check_online
from aggregator.text import one_line
from aggregator.urls import shown_address

_MOST_NOTICES = 10


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("check")(check_command)
    app.command("status")(status_command)


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
    context: Context, as_json: Annotated[bool, Option("--json", help="Print everything as one JSON object.")] = False
) -> None:
    """The last runs and the health of every feed."""
    place = place_of(context)
    database = stored(place)
    try:
        known = status(database, now=utc_now())
    finally:
        database.close()
    if as_json:
        say_json(asdict(known))
        return
    _print(known)


def _print(known: Status) -> None:
    for run in known.runs:
        ended = f"{run.outcome}, {_seconds(run.report)}" if run.outcome else "did not end (stopped, or still at work)"
        say(f"Run {run.id}, {run.started_at:%d %B %Y, %H:%M} UTC: {ended}.")
    columns = ("Feed", "Last good", "Newest entry", "Offered", "Admitted", "Shown", "Trouble")
    rows = [
        (
            feed.name,
            f"{feed.last_ok_at:%Y-%m-%d %H:%M}" if feed.last_ok_at else "never",
            f"{feed.newest_entry_at:%Y-%m-%d}" if feed.newest_entry_at else "-",
            str(feed.entries),
            str(feed.admitted),
            str(feed.shown),
            feed.trouble,
        )
        for feed in known.feeds
    ]
    table(columns, rows)
    if known.waiting:
        say(f"Entries that wait for you: {known.waiting} (`review list`).")
    for notice in known.notices[:_MOST_NOTICES]:
        say(f"A {notice.sort} whose paper is not stored: {one_line(notice.title)} (entry {notice.entry}).")
    troubled = sum(bool(feed.trouble) for feed in known.feeds)
    if troubled:
        complain(f"Feeds that need a look: {troubled} of {len(known.feeds)}.")


def _seconds(report: dict[str, Any] | None) -> str:
    return f"{report['entries']['new']} new in {report['seconds']:.0f} s" if report else "no report"
