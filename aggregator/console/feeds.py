"""Feeds: how they are, added, changed, removed, in and out as OPML."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from aggregator.console.call import Answer, Call, Page, Raw, Redirect, trouble
from aggregator.errors import AggregatorError, UsageError
from aggregator.jobs import curation, feed_changes
from aggregator.jobs.discovery import find_feed, try_listed_feed, written_address
from aggregator.jobs.status import status
from aggregator.text import one_line
from aggregator.values.settings import FeedType

_TRIES_A_MINUTE = 10


def show(call: Call) -> Answer:
    """Every feed with its health."""
    workspace = call.workspace
    with workspace.open_database() as database:
        found = status(workspace, database, now=call.now)
    listed = {feed.name: feed for feed in workspace.settings.feeds}
    health = {one.facts.name: one for one in found.feeds}
    rows = [(feed, health.get(feed.name)) for feed in listed.values()]
    rows.sort(key=lambda row: (not (row[1] and row[1].trouble and row[0].enabled), row[0].name.casefold()))
    context = {"rows": rows, "needs": found.needs, "seen": _seen(call), "did": call.query.get("did", "")}
    return Page("feeds.html", context | {"types": list(FeedType)})


def _seen(call: Call) -> str:
    text = feed_changes.text_of(call.desk.feeds)
    seen = curation.digest(text)
    call.desk.remember(seen, text)
    return seen


def try_address(call: Call) -> Answer:
    """Find the feed at an address and show what it would give. Nothing is kept."""
    address = written_address(call.said("address"))
    settings = curation.listed(call.desk.feeds)
    with _Turn(call):
        found = asyncio.run(find_feed(address, call.desk.environment, settings, now=call.now))
    context = {"found": found, "elsewhere": found.differs(address), "name": found.suggested_name(settings.feeds)}
    return Page("feed_trial.html", context | {"types": list(FeedType), "seen": _seen(call)})


def test(call: Call) -> Answer:
    """What a listed feed gives now. Nothing is kept."""
    settings = curation.listed(call.desk.feeds)
    feed = feed_changes.named(settings, call.said("name"))
    with _Turn(call):
        trial = asyncio.run(try_listed_feed(feed, call.desk.environment, settings, now=call.now))
    return Page("feed_test.html", {"feed": feed, "trial": trial})


class _Turn:
    """One feed is tried at a time, and so many a minute: the console is no tool to ask other servers with."""

    def __init__(self, call: Call) -> None:
        self._desk, self._now = call.desk, call.now

    def __enter__(self) -> None:
        lately = [at for at in self._desk.tries if at > self._now - timedelta(minutes=1)]
        if len(lately) >= _TRIES_A_MINUTE:
            raise UsageError("Ten feeds were tried within a minute. Wait a minute, then try again.")
        if not self._desk.trying.acquire(blocking=False):
            raise UsageError("Another feed is being tried. Wait until that has ended, then try again.")
        self._desk.tries[:] = [*lately, self._now]

    def __exit__(self, *_: object) -> None:
        self._desk.trying.release()


def add(call: Call) -> Answer:
    """Write a feed that was tried into feeds.yaml."""
    feed = feed_changes.feed_of(
        curation.listed(call.desk.feeds),
        name=call.said("name"),
        url=written_address(call.said("url")),
        feed_type=call.said("type"),
        review=bool(call.said("review")),
        all_on_topic=bool(call.said("all_on_topic")),
    )
    act = feed_changes.add(call.workspace, call.desk.feeds, feed, now=call.now, seen=call.said("seen"))
    return Redirect(f"/feeds?did={act}")


def change(call: Call) -> Answer:
    """Change one thing about a feed."""
    workspace, path = call.workspace, call.desk.feeds
    what, name, value = call.said("what"), call.said("name"), one_line(call.said("value"))
    if what not in feed_changes.CHANGES:
        return trouble("There is no such change.", 404, "Not found")
    act = feed_changes.change(workspace, path, name, what, value, now=call.now, seen=call.said("seen"))
    return Redirect(f"/feeds?did={act}")


def export_opml(call: Call) -> Answer:
    """All feeds for other readers."""
    return Raw(curation.as_opml(curation.listed(call.desk.feeds)), "text/x-opml; charset=utf-8", "feeds.opml")


def import_opml(call: Call) -> Answer:
    """Add the feeds of an OPML file, or say what would be added. UsageError where the file cannot be read."""
    name, content = call.files.get("file", ("", b""))
    if not content:
        return trouble("Choose an OPML file first.")
    is_dry = call.said("how") != "import"
    with tempfile.NamedTemporaryFile(suffix=".opml") as file:
        path = Path(file.name)
        path.write_bytes(content)
        try:
            report, act = feed_changes.import_opml(
                call.workspace, call.desk.feeds, path, review=bool(call.said("review")), is_dry=is_dry, now=call.now
            )
        except AggregatorError as error:
            raise UsageError(str(error).replace(path.name, one_line(name)[:80] or "The file")) from error
    return Page("opml.html", {"report": report, "is_dry": is_dry, "act": act})
