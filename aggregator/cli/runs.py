"""demo, refresh, publish, serve, schedule."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated

import typer
from typer import Context, Option, Typer

from aggregator.cli.place import Place, place_of
from aggregator.cli.show import complain, out, progress, say, say_json, summary
from aggregator.config import Environment
from aggregator.errors import AggregatorError, AlreadyRunningError, UsageError
from aggregator.jobs.alarm import Alarm
from aggregator.jobs.demo import run_demo
from aggregator.jobs.house import House, open_house, remember_settings
from aggregator.jobs.publish import publish
from aggregator.jobs.refresh import failed_report, refresh, utc_now
from aggregator.jobs.timetable import due_now
from aggregator.scheduler import Daily
from aggregator.values.reports import RunReport
from aggregator.watch.channels import Channels
from aggregator.watch.clock import Due


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("demo")(demo_command)
    app.command("refresh")(refresh_command)
    app.command("publish")(publish_command)
    app.command("serve")(serve_command)
    app.command("schedule")(schedule_command)


def demo_command(context: Context) -> None:
    """Run the whole daily job on sample feeds, without the internet."""
    place = place_of(context)
    environment = place.demo_environment()
    with progress(lines_without_terminal=True) as told:
        report = asyncio.run(run_demo(environment, place.home / "data" / "samples", progress=told))
    for line in summary(report):
        say(line)
    say(f"Page: {place.short(environment.data / 'site' / 'index.html')}")
    say(f"Look at it: uv run run.py --data {place.short(environment.data)} serve")
    raise typer.Exit(report.outcome.exit_code)


def refresh_command(
    context: Context,
    as_json: Annotated[bool, Option("--json", help="Print the report as one JSON object.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Ask and judge, keep nothing.")] = False,
    only: Annotated[str | None, Option("--only", help="Ask this one feed.")] = None,
    failed: Annotated[bool, Option("--failed", help="Ask those feeds only that failed the last time.")] = False,
) -> None:
    """Ask every feed, keep what is new, publish the page. Silent without a terminal when all is well."""
    place = place_of(context)
    channels = _channels(place.environment)
    # An attempt of staff's own alarms nobody.
    alarm = Alarm(channels if not dry_run and only is None else Channels(), place.environment.data, utc_now)
    raise typer.Exit(_refresh(place, alarm, as_json=as_json, dry_run=dry_run, only=only, failed=failed))


def _refresh(place: Place, alarm: Alarm, *, as_json: bool, dry_run: bool, only: str | None, failed: bool) -> int:
    """One refresh, told in the way that is asked for; the exit status."""
    house = None
    alarm.begin()
    try:
        house = open_house(place.environment)
        if not dry_run:
            remember_settings(place.environment, house)
        with progress() as told:
            report = asyncio.run(refresh(house, progress=told, dry_run=dry_run, only=only, only_failed=failed))
    except AggregatorError as error:
        if as_json:
            say_json(failed_report(error).as_dict())
        complain(str(error))
        if not isinstance(error, AlreadyRunningError):
            _alarm(alarm, error.exit_code, [str(error)], house, None)
        return error.exit_code
    status = UsageError.exit_code if house.problems else report.outcome.exit_code
    _tell(report, status, as_json=as_json, is_dry=dry_run)
    _alarm(alarm, status, summary(report), house, report)
    return status


def _alarm(alarm: Alarm, status: int, lines: list[str], house: House | None, report: RunReport | None) -> None:
    for error in alarm.end(status, lines, house, report):
        complain(error)


def _channels(environment: Environment) -> Channels:
    return Channels(environment.smtp_url, environment.mail_from, environment.webhook_url, environment.ping_url)


def _tell(report: RunReport, status: int, *, as_json: bool, is_dry: bool) -> None:
    lines = summary(report)
    if as_json:
        say_json(report.as_dict())
    elif out.is_terminal or (is_dry and status == 0):
        for line in lines:
            say(line)
        return
    if status != 0:
        for line in lines:
            complain(line)


def publish_command(context: Context) -> None:
    """Choose and render again from what is stored."""
    place = place_of(context)
    house = open_house(place.environment)
    database = house.open_database()
    try:
        with house.lock(now=utc_now()):
            published = publish(house, database, now=utc_now())
    finally:
        database.close()
    for problem in house.problems:
        complain(problem)
    number = len(published.edition.placed)
    say(f"{number} {'story' if number == 1 else 'stories'} on the page: {place.short(published.page)}")
    raise typer.Exit(UsageError.exit_code if house.problems else 0)


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Say nothing."""


def serve_command(
    context: Context, port: Annotated[int, Option("--port", help="The port on 127.0.0.1.", min=0, max=65535)] = 8000
) -> None:
    """Look at the site on this machine."""
    place = place_of(context)
    site = place.environment.data / "site"
    if not (site / "index.html").exists():
        raise UsageError(f"There is no page in {place.short(site)} yet: run `refresh`, `publish` or `demo` first.")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_QuietHandler, directory=str(site)))
    except OSError as error:
        raise UsageError(f"Port {port} cannot be used ({error.strerror}); choose another with --port.") from error
    say(f"http://127.0.0.1:{server.server_port}/  (stop with Ctrl+C)")
    sys.stdout.flush()
    with server:
        server.serve_forever()


def schedule_command(context: Context) -> None:
    """Stay and refresh every day at the times in feeds.yaml; make up for what was missed."""
    place = place_of(context)
    house = open_house(place.environment)
    times = ", ".join(house.settings.schedule.refresh_at)
    say(f"Refreshing every day at {times}, {house.settings.site.time_zone}. Stop with Ctrl+C.")
    sys.stdout.flush()
    Daily(partial(_due, place), partial(_command, place), _ended).start()


def _due(place: Place) -> Due | None:
    """What is to be done now; a list or a store that cannot be read is left to the refresh, which says so and tells."""
    try:
        return due_now(open_house(place.environment), now=utc_now())
    except AggregatorError as error:
        complain(str(error))
        return None


def _command(place: Place, due: Due) -> list[str]:
    say(f"{utc_now():%d %B %Y, %H:%M} UTC: refreshing, for {due.why}.")
    sys.stdout.flush()
    environment = place.environment
    where = ["--feeds", str(environment.feeds), "--data", str(environment.data)]
    return [sys.executable, str(place.home / "run.py"), *where, "refresh", *(["--failed"] if due.only_failed else [])]


def _ended(_due: Due, status: int) -> None:
    how = "refreshed" if status == 0 else f"ended with exit status {status}"
    say(f"{utc_now():%d %B %Y, %H:%M} UTC: {how}.")
    sys.stdout.flush()
