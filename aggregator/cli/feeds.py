"""feeds list, add, test, enable, disable, accept, import, export."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError
from typer import Argument, Context, Option, Typer

from aggregator.cli.place import place_of, stored
from aggregator.cli.show import complain, say, table
from aggregator.config import load
from aggregator.curate.editor import add_feed, set_key
from aggregator.curate.opml import write_opml
from aggregator.errors import NotAFeedError, UsageError
from aggregator.jobs.curation import accept_move, edit, find_feed, import_opml
from aggregator.jobs.refresh import utc_now
from aggregator.jobs.trials import FeedTrial, try_feed
from aggregator.text import shorten
from aggregator.urls import canonical_url, shown_address, web_address
from aggregator.values.settings import Feed, FeedType

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

app = Typer(no_args_is_help=True)


@app.command("list")
def list_command(context: Context) -> None:
    """The feeds in feeds.yaml."""
    settings = load(place_of(context).environment.feeds)
    rows = [
        (feed.name, feed.type.value, "on" if feed.enabled else "off", shown_address(feed.url)) for feed in settings.feeds
    ]
    table(("Feed", "Type", "", "Address"), rows)


@app.command("test")
def test_command(context: Context, url: Annotated[str, Argument(help="The address of a feed, or of a site.")]) -> None:
    """Read a feed, or find a site's, and show what it would give. Nothing is kept."""
    environment = place_of(context).environment
    settings = load(environment.feeds)
    address = _address(url)
    known = next((feed for feed in settings.feeds if canonical_url(feed.url) == canonical_url(address)), None)
    if known is not None:
        trial = asyncio.run(try_feed(known, environment, settings, now=utc_now()))
        if trial.document is None:
            raise NotAFeedError(f"{shown_address(known.url)} {trial.reason}.")
        _print(trial)
        return
    found = asyncio.run(find_feed(address, environment, settings, now=utc_now()))
    if found.url != address:
        say(f"Found: {found.url}")
    _print(found.trial)


@app.command("add")
def add_command(
    context: Context,
    url: Annotated[str, Argument(metavar="URL-OR-SITE", help="The address of a feed, or of a site.")],
    name: Annotated[str | None, Option("--name", help="The label that visitors will see.")] = None,
    feed_type: Annotated[FeedType | None, Option("--type", help="What sort of publisher it is.")] = None,
) -> None:
    """Find a feed, show what it would give, and write it into feeds.yaml."""
    environment = place_of(context).environment
    settings = load(environment.feeds)
    found = asyncio.run(find_feed(_address(url), environment, settings, now=utc_now()))
    if found.url != url:
        say(f"Found: {found.url}")
    _print(found.trial)
    suggested = found.trial.document.title if found.trial.document else ""
    label = name or _ask("Name", shorten(suggested, 90) or (urlsplit(found.url).hostname or "A feed"))
    kind = feed_type or FeedType(_ask("Type", "news", [kind.value for kind in FeedType]))
    try:
        feed = Feed(name=label, url=found.url, type=kind)
    except ValidationError as error:
        raise UsageError(f"“{shorten(label, 60)}” cannot be a name: it needs 1 to 100 letters.") from error
    edit(environment.feeds, lambda text: add_feed(text, feed))
    say(f"“{feed.name}” stands in {environment.feeds.name} now; the next refresh reads it.")


def _ask(question: str, usual: str, choices: list[str] | None = None) -> str:
    """What staff answer at the prompt; `usual` where nobody sits at the terminal."""
    if not sys.stdin.isatty():
        return usual
    while True:
        hint = f" ({', '.join(choices)})" if choices else ""
        answer = str(typer.prompt(question + hint, default=usual)).strip()
        if not choices or answer in choices:
            return answer
        complain(f"“{answer}” is none of these.")


def _address(url: str) -> str:
    """What staff typed, with https:// before it where they left that out."""
    try:
        is_bare = "." in url and "://" not in url and ":" not in url.partition("/")[0]
        return web_address(f"https://{url}" if is_bare else url)
    except ValueError as error:
        raise UsageError(f"{error}.") from error


@app.command("disable")
def disable_command(context: Context, name: Annotated[str, Argument(help="The feed's name.")]) -> None:
    """Leave a feed out; its entries leave the front page."""
    _switch(context, name, is_on=False)


@app.command("enable")
def enable_command(context: Context, name: Annotated[str, Argument(help="The feed's name.")]) -> None:
    """Read a feed again."""
    _switch(context, name, is_on=True)


def _switch(context: Context, name: str, *, is_on: bool) -> None:
    feeds = place_of(context).environment.feeds
    edit(feeds, lambda text: set_key(text, name, "enabled", "true" if is_on else "false"))
    say(f"“{name}” is {'read again' if is_on else 'left out'} from the next refresh on.")


@app.command("accept")
def accept_command(context: Context, name: Annotated[str, Argument(help="The feed's name.")]) -> None:
    """Take the new address of a feed that says it moved."""
    place = place_of(context)
    database = stored(place)
    try:
        address = accept_move(place.environment.feeds, database, name)
    finally:
        database.close()
    say(f"“{name}” is read at {shown_address(address)} from now on; its history stays.")


@app.command("import")
def import_command(context: Context, file: Annotated[Path, Argument(metavar="FILE.opml")]) -> None:
    """Add the feeds of an OPML file that are not there yet."""
    report = import_opml(place_of(context).environment.feeds, file)
    for feed in report.added:
        say(f"added: {feed.name} ({shown_address(feed.url)})")
    for sentence in report.refused:
        complain(f"left out: {sentence}.")
    say(f"{len(report.added)} added, {len(report.known)} there already, {len(report.refused)} left out.")


@app.command("export")
def export_command(
    context: Context, file: Annotated[str, Argument(metavar="FILE.opml", help="- is standard output.")]
) -> None:
    """Write the feeds as OPML 2.0 for other readers."""
    settings = load(place_of(context).environment.feeds)
    content = write_opml(settings.feeds, settings.site.title)
    if file == "-":
        sys.stdout.write(content.decode())
        return
    if Path(file).exists():
        raise UsageError(f"{file} is there already; name another file, so that nothing is lost.")
    try:
        Path(file).write_bytes(content)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}.") from error
    say(f"{len(settings.feeds)} feeds are in {file}.")


def _print(trial: FeedTrial) -> None:
    assert trial.document is not None  # noqa: S101 - only working feeds are printed
    admitted = sum(verdict.admitted for _, verdict in trial.verdicts)
    say(f"{trial.document.title or 'A feed without a title'}: {len(trial.verdicts)} entries, {admitted} would be admitted.")
    newest = sorted(trial.verdicts, key=lambda pair: pair[0].published_at or _LONG_AGO, reverse=True)
    rows = [
        (
            "admitted" if verdict.admitted else "rejected",
            f"{entry.published_at:%Y-%m-%d}" if entry.published_at else "no date",
            shorten(entry.title, 90),
            verdict.reasons[0].rule + (f": {verdict.reasons[1].words}" if len(verdict.reasons) > 1 else ""),
        )
        for entry, verdict in newest[:15]
    ]
    table(("", "Date", "Title", "Why"), rows)
