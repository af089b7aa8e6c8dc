"""Changes of the list of feeds by somebody who is signed in: written into feeds.yaml and into the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import reduce
from pathlib import Path

from aggregator.config import load, read_text
from aggregator.errors import UsageError
from aggregator.feedlist import editor
from aggregator.feedlist.editor import add_feed, set_key
from aggregator.feedlist.listed import feed_named, free_name
from aggregator.feedlist.opml import ImportReport
from aggregator.jobs import curation
from aggregator.jobs.curation import change_list, new_address
from aggregator.jobs.workspace import Workspace
from aggregator.urls import shown_address
from aggregator.values.acts import Verb
from aggregator.values.settings import Feed, FeedType, Settings

CHANGES = ("enable", "disable", "rename", "remove", "accept", "weight", "review", "unreview", "type")


def text_of(path: Path) -> str:
    """feeds.yaml as it is written."""
    return read_text(path)


def named(settings: Settings, name: str) -> Feed:
    """The feed with this name; UsageError where there is none."""
    return feed_named(settings.feeds, name)


def feed_of(settings: Settings, *, name: str, url: str, feed_type: str, review: bool, all_on_topic: bool) -> Feed:
    """A new feed from what somebody wrote; UsageError where it cannot be one."""
    return Feed(
        name=curation.chosen_name(settings, name), url=url, type=_type(feed_type), review=review, all_on_topic=all_on_topic
    )


def _type(written: str) -> FeedType:
    if written not in list(FeedType):
        raise UsageError(f"“{written}” is not a type; the types are {', '.join(FeedType)}.")
    return FeedType(written)


def add(workspace: Workspace, path: Path, feed: Feed, *, now: datetime, seen: str) -> int:
    """Write a feed into feeds.yaml; the act's number. UsageError where that cannot be, ChangedError where somebody else
    changed the file since it was `seen`."""
    about = f"“{feed.name}”"
    return change_list(workspace, path, lambda text: add_feed(text, feed), Verb.FEED_ADD, about, now=now, seen=seen)


def change(workspace: Workspace, path: Path, name: str, what: str, value: str, *, now: datetime, seen: str) -> int:
    """Change one thing about a feed; the act's number. As `add` for errors."""
    settings = load(path)
    feed = feed_named(settings.feeds, name)
    if what == "rename":
        label = free_name(value, [one for one in settings.feeds if one != feed])
        about, verb, edit = f"“{feed.name}”, now “{label}”", Verb.FEED_RENAME, _key(feed, "name", label)
    elif what == "remove":
        about, verb, edit = f"“{feed.name}”", Verb.FEED_REMOVE, _removal(feed)
    elif what == "accept":
        with workspace.open_database() as database:
            address = new_address(settings, database, feed)
        about, verb, edit = f"“{feed.name}”, now at {shown_address(address)}", Verb.FEED_MOVE, _key(feed, "url", address)
    else:
        key, written = _value(what, value)
        about, verb, edit = f"“{feed.name}”: {key} {written}", Verb.FEED_CHANGE, _key(feed, key, written)
    return change_list(workspace, path, edit, verb, about, now=now, seen=seen)


def _key(feed: Feed, key: str, value: str) -> Callable[[str], str]:
    return lambda text: set_key(text, feed.name, key, value)


def _removal(feed: Feed) -> Callable[[str], str]:
    return lambda text: editor.remove_feed(text, feed.name)


def _value(what: str, value: str) -> tuple[str, str]:
    if what in ("enable", "disable"):
        return "enabled", "true" if what == "enable" else "false"
    if what in ("review", "unreview"):
        return "review", "true" if what == "review" else "false"
    if what == "type":
        return "type", _type(value).value
    try:
        weight = float(value.replace(",", "."))
    except ValueError as error:
        raise UsageError(f"“{value}” is not a number; write a weight like 1 or 0.5.") from error
    return "weight", f"{weight:g}"


def import_opml(
    workspace: Workspace, path: Path, file: Path, *, review: bool, is_dry: bool, now: datetime
) -> tuple[ImportReport, int]:
    """Add the feeds of an OPML file that are not there yet, or only say what would be done; the act's number, 0 where
    nothing was changed. UsageError where the file cannot be read."""
    report = curation.import_opml(path, file, review=review, is_dry=True)
    if is_dry or not report.added:
        return report, 0
    number = len(report.added)
    about = f"{number} {'feed' if number == 1 else 'feeds'}"

    def edit(text: str) -> str:
        return reduce(add_feed, report.added, text)

    return report, change_list(workspace, path, edit, Verb.FEED_IMPORT, about, now=now)
