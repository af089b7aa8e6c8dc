"""demo, refresh, publish, serve, schedule."""

from __future__ import annotations

import os
import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Annotated

import typer
from typer import Context, Option, Typer

from aggregator.cli.console import PORT, refuse_without_group
from aggregator.cli.context import CommandContext, command_context
from aggregator.cli.hints import with_hint
from aggregator.cli.output import complain, is_terminal, program, progress, say, say_json, summary
from aggregator.cli.subscribers import is_newsletter_missing
from aggregator.errors import AggregatorError, AlreadyRunningError, UsageError, is_of_the_machine, sentence_of
from aggregator.jobs.alerts import Alarm, alarm_of
from aggregator.jobs.demo import run_demo
from aggregator.jobs.demo_feeds import UNKNOWN_PORT, read_mark, refuse_demo
from aggregator.jobs.publish import publish
from aggregator.jobs.refresh import refresh
from aggregator.jobs.timetable import DueRefresh, due_now
from aggregator.jobs.workspace import Workspace, remember_settings, utc_now
from aggregator.scheduler import Daily
from aggregator.signals import complete, status_of
from aggregator.text import moment_of
from aggregator.values.environment import Environment, has_subscribers
from aggregator.values.reports import RunOutcome, RunReport


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("demo")(demo_command)
    app.command("refresh")(refresh_command)
    app.command("publish")(publish_command)
    app.command("serve")(serve_command)
    app.command("schedule")(schedule_command)


def demo_command(context: Context) -> None:
    """Run the daily job on sample feeds, without the internet."""
    place = command_context(context)
    environment = place.demo_environment()
    with progress(lines_without_terminal=True) as told:
        report = complete(run_demo(environment, place.home / "data" / "samples", progress=told))
    for line in summary(report):
        say(line)
    say(f"Page: {place.short(environment.data / 'site' / 'index.html')}")
    if report.outcome != RunOutcome.FAILED:
        _sample_issue(place, environment)
    say(f"Look at it: {program()} --data {place.short(environment.data)} serve")
    raise typer.Exit(report.outcome.exit_code)


def _sample_issue(place: CommandContext, environment: Environment) -> None:
    """Show the newsletter where its dependency group is installed; else say how."""
    if is_newsletter_missing():
        say("To see the newsletter as well: uv run --group newsletter run.py demo")
        return
    from aggregator.jobs.demo_newsletter import make_sample_issue  # noqa: PLC0415 - a dependency group of its own

    port = int((read_mark(environment.data) or {}).get("port", UNKNOWN_PORT))
    issue = make_sample_issue(environment, port, clock=utc_now)
    if issue is not None:
        say(f"Newsletter: {place.short(issue.page)}; {issue.mails} mails in {place.short(issue.mailbox)}")


def refresh_command(
    context: Context,
    as_json: Annotated[bool, Option("--json", help="Print the report as one JSON object.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Read and judge, store nothing.")] = False,
    only: Annotated[str | None, Option("--only", help="Read this one feed.")] = None,
    failed: Annotated[bool, Option("--failed", help="Read only the feeds that failed the last time.")] = False,
) -> None:
    """Read every feed, store what is new, publish the page.

    Prints nothing without a terminal when all is well.
    """
    place = command_context(context)
    # An attempt of staff's own alarms nobody.
    advice = f"`{program()} status` shows everything."
    alarm = alarm_of(place.environment, utc_now, advice=advice, is_silent=dry_run or only is not None)
    raise typer.Exit(_refresh(place, alarm, as_json=as_json, dry_run=dry_run, only=only, failed=failed))


def _refresh(place: CommandContext, alarm: Alarm, *, as_json: bool, dry_run: bool, only: str | None, failed: bool) -> int:
    """One refresh, told in the way that is asked for; the exit status. Its report, its ping and its alarm go out however it
    ended; what is no error that we know is raised again afterwards."""
    workspace = error = None
    alarm.begin()
    try:
        refuse_demo(place.environment.data)
        workspace = place.workspace()
        if not dry_run:
            remember_settings(place.environment, workspace)
        with progress() as told:
            report = complete(refresh(workspace, progress=told, dry_run=dry_run, only=only, only_failed=failed))
        status = UsageError.exit_code if workspace.problems else report.outcome.exit_code
        lines = summary(report)
    except (Exception, KeyboardInterrupt) as raised:
        error, report = raised, RunReport.failed(sentence_of(raised))
        status, lines = _status_of(raised), [with_hint(raised)]
    try:
        _tell(report, lines, status, as_json=as_json, is_dry=dry_run)
    finally:
        if not isinstance(error, AlreadyRunningError):
            _alarm(alarm, status, lines, workspace, report)
    if error is not None and not isinstance(error, AggregatorError) and not is_of_the_machine(error):
        raise error
    return status


def _status_of(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return status_of(error)
    return error.exit_code if isinstance(error, AggregatorError) else AggregatorError.exit_code


def _alarm(alarm: Alarm, status: int, lines: list[str], workspace: Workspace | None, report: RunReport) -> None:
    try:
        for error in alarm.end(status, lines, workspace, report):
            complain(error)
    except Exception as error:
        complain(f"The alarm could not be sent: {sentence_of(error)}")


def _tell(report: RunReport, lines: list[str], status: int, *, as_json: bool, is_dry: bool) -> None:
    is_stopped, is_failed = status >= 128, report.outcome == RunOutcome.FAILED
    if as_json:
        say_json(report.as_dict())
    elif not is_failed and (is_terminal() or (is_dry and status == 0)):
        for line in lines:
            say(line)
        return
    # That a command was stopped is said where every command says it.
    if status != 0 and not is_stopped:
        for line in lines:
            complain(line)


def publish_command(context: Context) -> None:
    """Choose again from what is stored, and make every page anew."""
    place = command_context(context)
    workspace = place.workspace()
    with workspace.open_database() as database, workspace.lock(now=utc_now()):
        published = publish(workspace, database, now=utc_now(), anew=True)
    for problem in workspace.problems:
        complain(problem)
    number = len(published.edition.placed)
    say(f"{number} {'story' if number == 1 else 'stories'} on the page: {place.short(published.page)}")
    raise typer.Exit(UsageError.exit_code if workspace.problems else 0)


class _QuietHandler(SimpleHTTPRequestHandler):
    def list_directory(self, path: str | os.PathLike[str]) -> None:
        """A folder without a page of its own is not listed, as it is not by the web servers of deploy/."""
        self.send_error(HTTPStatus.NOT_FOUND, "Not found")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Say nothing."""


def serve_command(
    context: Context, port: Annotated[int, Option("--port", help="The port on 127.0.0.1.", min=0, max=65535)] = 8000
) -> None:
    """Look at the site on this machine; visitors need a web server."""
    place = command_context(context)
    site = place.environment.data / "site"
    if not (site / "index.html").exists():
        raise UsageError(f"There is no page in {place.short(site)} yet: run `refresh`, `publish` or `demo` first.")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_QuietHandler, directory=str(site)))
    except OSError as error:
        raise UsageError(f"Port {port} cannot be used ({error.strerror}); choose another with --port.") from error
    say(f"http://127.0.0.1:{server.server_port}/  (for looking only, on this machine; stop with Ctrl+C)")
    sys.stdout.flush()
    with server:
        server.serve_forever()


def schedule_command(
    context: Context,
    console: Annotated[bool, Option("--console", help="Run the staff console beside it.")] = False,
    port: Annotated[int, Option("--port", help="The console's port.", min=0, max=65535)] = PORT,
    behind_proxy: Annotated[str, Option("--behind-proxy", metavar="HOST", help="The console's name, as in console.")] = "",
) -> None:
    """Stay and refresh every day at the times in feeds.yaml.

    A refresh that was missed is made up for. It also drafts and sends the newsletter at its times.
    """
    place = command_context(context)
    refuse_demo(place.environment.data)
    workspace = place.workspace()
    times = ", ".join(workspace.settings.schedule.refresh_at)
    say(f"Refreshing every day at {times}, {workspace.settings.site.time_zone}. Stop with Ctrl+C.")
    sys.stdout.flush()
    beside = _console(place, port, behind_proxy) if console else []
    daily = Daily(
        partial(_due, place), partial(_command, place), partial(_ended, place), companion=beside,
        errand=partial(_newsletter, place),
    )  # fmt: skip
    daily.start()


def _newsletter(place: CommandContext) -> list[str]:
    """The command that drafts and sends what is due, and what could not be sent before; none where the newsletter is not set
    up here, or there is no news yet."""
    is_set_up = has_subscribers(place.environment) and not is_newsletter_missing() and place.store.exists()
    return [*_own_command(place), "newsletter", "due"] if is_set_up else []


def _console(place: CommandContext, port: int, behind_proxy: str) -> list[str]:
    refuse_without_group()
    proxy = ["--behind-proxy", behind_proxy] if behind_proxy else []
    return [*_own_command(place), "console", "--port", str(port), *proxy]


def _due(place: CommandContext) -> DueRefresh | None:
    """What is to be done now; a list or a store that cannot be read is left to the refresh, which says so and tells."""
    try:
        return due_now(place.workspace(), now=utc_now())
    except AggregatorError as error:
        complain(with_hint(error))
        return None


def _command(place: CommandContext, due: DueRefresh) -> list[str]:
    say(f"{moment_of(utc_now(), place.zone)}: refreshing, for {due.why}.")
    sys.stdout.flush()
    return [*_own_command(place), "refresh", *(["--failed"] if due.only_failed else [])]


def _own_command(place: CommandContext) -> list[str]:
    environment = place.environment
    where = ["--feeds", str(environment.feeds), "--data", str(environment.data)]
    return [sys.executable, str(place.home / "run.py"), *where]


def _ended(place: CommandContext, _due: DueRefresh, status: int) -> None:
    how = "refreshed" if status == 0 else f"ended with exit status {status}"
    say(f"{moment_of(utc_now(), place.zone)}: {how}.")
    sys.stdout.flush()
