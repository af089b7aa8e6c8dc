"""feeds list, add, test, enable, disable, rename, remove, accept, import, export."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Context, Option, Typer

from aggregator.cli.context import command_context, stored
from aggregator.cli.hints import with_hint
from aggregator.cli.output import complain, say, table
from aggregator.errors import UsageError
from aggregator.jobs import curation
from aggregator.jobs.curation import chosen_name, import_opml, remove_feed, rename_feed
from aggregator.jobs.discovery import Found, find_feed, try_address, written_address
from aggregator.jobs.trials import FeedTrial
from aggregator.jobs.workspace import utc_now
from aggregator.signals import complete
from aggregator.text import shorten
from aggregator.values.settings import Feed, FeedType, Settings

_MOST_SHOWN = 15
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

app = Typer(no_args_is_help=True)


@app.command("list")
def list_command(context: Context) -> None:
    """The feeds in feeds.yaml."""
    settings = curation.listed(command_context(context).environment.feeds)
    rows = [(feed.name, feed.type.value, "on" if feed.enabled else "off", feed.shown_url) for feed in settings.feeds]
    table(("Feed", "Type", "", "Address"), rows)


@app.command("test")
def test_command(context: Context, url: Annotated[str, Argument(help="The address of a feed, or of a site.")]) -> None:
    """Read a feed, or find a site's, and show its entries. Nothing is kept."""
    environment = command_context(context).environment
    settings = curation.listed(environment.feeds)
    trial, elsewhere = complete(try_address(written_address(url), environment, settings, now=utc_now()))
    if elsewhere:
        say(elsewhere)
    _print(trial, settings.site.zone)


@app.command("add")
def add_command(
    context: Context,
    url: Annotated[str, Argument(metavar="URL-OR-SITE", help="The address of a feed, or of a site.")],
    name: Annotated[str | None, Option("--name", help="The label that visitors will see.")] = None,
    feed_type: Annotated[FeedType | None, Option("--type", help="What sort of publisher it is.")] = None,
    yes: Annotated[bool, Option("--yes", help="Add it without asking.")] = False,
) -> None:
    """Find a feed, show it, ask, and write it into feeds.yaml."""
    environment = command_context(context).environment
    settings = curation.listed(environment.feeds)
    # What cannot be written is told before anything is fetched.
    label = chosen_name(settings, name) if name is not None else None
    address = written_address(url)
    found = complete(find_feed(address, environment, settings, now=utc_now()))
    if elsewhere := found.differs(address):
        say(elsewhere)
    _print(found.trial, settings.site.zone)
    is_asked = sys.stdin.isatty() and not yes
    label = label or _name(found, settings, is_asked=is_asked)
    kind = feed_type or _type(found, is_asked=is_asked)
    feed = Feed(name=label, url=found.url, type=kind)
    say("\n".join(["To be added:", *curation.lines_of(feed)]))
    if is_asked and not typer.confirm("Add this feed?"):
        say(f"Nothing was changed in {environment.feeds.name}.")
        return
    curation.add(environment.feeds, feed)
    say(f"Added “{feed.name}” to {environment.feeds.name}. It will be read at the next refresh.")


def _name(found: Found, settings: Settings, *, is_asked: bool) -> str:
    """The feed's label: what staff answer, else the one that is suggested."""
    suggested = found.suggested_name(settings.feeds)
    while is_asked:
        try:
            return chosen_name(settings, str(typer.prompt("Name", default=suggested)))
        except UsageError as error:
            complain(with_hint(error))
    return suggested


def _type(found: Found, *, is_asked: bool) -> FeedType:
    """The feed's type: what staff answer, else what its host says."""
    guessed, choices = found.guessed_type, [kind.value for kind in FeedType]
    while is_asked:
        answer = str(typer.prompt(f"Type ({', '.join(choices)})", default=guessed.value)).strip().lower()
        if answer in choices:
            return FeedType(answer)
        complain(f"“{answer}” is not one of these types.")
    return guessed


@app.command("disable")
def disable_command(context: Context, name: Annotated[str, Argument(help="The feed's name.")]) -> None:
    """Leave a feed out; its entries leave the front page."""
    _switch(context, name, is_on=False)


@app.command("enable")
def enable_command(context: Context, name: Annotated[str, Argument(help="The feed's name.")]) -> None:
    """Read a feed again."""
    _switch(context, name, is_on=True)


def _switch(context: Context, name: str, *, is_on: bool) -> None:
    feeds = command_context(context).environment.feeds
    curation.switch(feeds, name, is_on=is_on)
    say(f"“{name}” will be {'read again' if is_on else 'left out'} from the next refresh on.")


@app.command("rename")
def rename_command(
    context: Context,
    name: Annotated[str, Argument(help="The feed's name.")],
    new: Annotated[str, Argument(metavar="NEW", help="Its new name.")],
) -> None:
    """Give a feed another name; its history stays."""
    before, after = rename_feed(command_context(context).environment.feeds, name, new)
    say(f"“{before}” is now called “{after}”. Its history stays; the page shows the new name from the next refresh on.")


@app.command("remove")
def remove_command(context: Context, name: Annotated[str, Argument(help="The feed's name.")]) -> None:
    """Take a feed out of feeds.yaml. Its entries stay in the archive."""
    place = command_context(context)
    feed = remove_feed(place.environment.feeds, name)
    say(
        f"Removed “{feed.name}” from {place.environment.feeds.name}. Its entries leave the front page at the next refresh "
        f"and stay in the archive. To take it back: feeds add {feed.shown_url}"
    )


@app.command("accept")
def accept_command(context: Context, name: Annotated[str, Argument(help="The feed's name.")]) -> None:
    """Take the new address of a feed that says it moved."""
    place = command_context(context)
    with stored(place) as database:
        address = curation.accept_move(place.environment.feeds, database, name)
    say(f"“{name}” will be read at {address} from now on. Its history stays.")


@app.command("import")
def import_command(
    context: Context,
    file: Annotated[Path, Argument(metavar="FILE.opml")],
    dry_run: Annotated[bool, Option("--dry-run", help="Only say what would be added.")] = False,
    feed_type: Annotated[FeedType | None, Option("--type", help="The type of all; else guessed by their hosts.")] = None,
    review: Annotated[bool, Option("--review", help="Let their entries wait for staff.")] = False,
) -> None:
    """Add the feeds of an OPML file that are not there yet."""
    report = import_opml(
        command_context(context).environment.feeds, file, feed_type=feed_type, review=review, is_dry=dry_run
    )
    for feed in report.added:
        waits = ", its entries wait for review" if feed.review else ""
        say(f"{'would add' if dry_run else 'added'}: {feed.name} ({feed.shown_url}), type {feed.type.value}{waits}")
    for feed, name in report.known:
        say(f"skipped: {feed.name} ({feed.shown_url}) is listed already, as “{name}”")
    for sentence in report.refused:
        complain(f"skipped: {sentence}")
    skipped = len(report.known) + len(report.refused)
    say(f"{len(report.added)} {'would be added' if dry_run else 'added'}, {skipped} skipped.")
    if report.added and not dry_run:
        say("`check --online` tells which of them can be read.")


@app.command("export")
def export_command(
    context: Context, file: Annotated[str, Argument(metavar="FILE.opml", help="- is standard output.")]
) -> None:
    """Write the feeds as OPML 2.0 for other readers."""
    settings = curation.listed(command_context(context).environment.feeds)
    content = curation.as_opml(settings)
    if file == "-":
        sys.stdout.write(content.decode())
        return
    if Path(file).exists():
        raise UsageError(f"{file} exists already; name another file.")
    try:
        Path(file).write_bytes(content)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    say(f"Wrote {len(settings.feeds)} feeds to {file}.")


def _print(trial: FeedTrial, zone: tzinfo) -> None:
    assert trial.document is not None  # noqa: S101 - only working feeds are printed
    admitted = sum(verdict.admitted for _, verdict in trial.verdicts)
    say(f"{trial.document.title or 'A feed without a title'}: {len(trial.verdicts)} entries, {admitted} would be admitted.")
    newest = sorted(trial.verdicts, key=lambda pair: pair[0].published_at or _LONG_AGO, reverse=True)
    rows = [
        (
            "admitted" if verdict.admitted else "rejected",
            f"{entry.published_at.astimezone(zone):%Y-%m-%d}" if entry.published_at else "no date",
            shorten(entry.title, 90),
            verdict.reasons[0].sentence + (f": {verdict.reasons[1].words}" if len(verdict.reasons) > 1 else ""),
        )
        for entry, verdict in newest[:_MOST_SHOWN]
    ]
    table(("", "Date", "Title", "Why"), rows)
    if len(newest) > _MOST_SHOWN:
        say(f"… and {len(newest) - _MOST_SHOWN} older ones.")
