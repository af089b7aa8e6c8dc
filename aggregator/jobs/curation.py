"""The curator's jobs: sources added, moved, switched on and off; entries hidden, accepted, rejected."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from difflib import ndiff
from functools import reduce
from hashlib import blake2b
from pathlib import Path

from aggregator.config import load, read_text
from aggregator.errors import ChangedError, Hint, UsageError
from aggregator.feedlist import editor
from aggregator.feedlist.editor import add_feed, set_key
from aggregator.feedlist.listed import feed_at, feed_named, free_name
from aggregator.feedlist.opml import ImportReport, import_report, read_opml, write_opml
from aggregator.feedlist.saving import alone, check_writable, save
from aggregator.jobs.named_entries import entries_named
from aggregator.jobs.staff_decision import Decided, decide_now
from aggregator.jobs.workspace import Workspace
from aggregator.store import acts, decisions, entries, feeds
from aggregator.store.acts import Recorder
from aggregator.store.database import Database, Transaction
from aggregator.store.decisions import Waiting
from aggregator.topics import vocabulary
from aggregator.urls import shown_address, web_address
from aggregator.values.acts import Verb
from aggregator.values.enums import Decision
from aggregator.values.settings import Feed, FeedType, Settings

# ---- feeds.yaml ------------------------------------------------------------------------------------------------------


def edit(path: Path, change: Callable[[str], str], *, seen: str | None = None) -> None:
    """Change the file in place, or not at all: it is good before and after, nobody else is writing it, and what reads it
    meanwhile sees the old file or the new one. UsageError says why nothing was changed; ChangedError that the file is not
    the one whose digest somebody has `seen`."""
    check_writable(path)
    with alone(path):
        before = path.read_bytes()
        load(path)
        text = read_text(path)
        if seen is not None and seen != digest(text):
            raise ChangedError(text)
        save(path, change(text), before, load)


def digest(text: str) -> str:
    """What tells one state of feeds.yaml from another."""
    return blake2b(text.encode(), digest_size=12).hexdigest()


def change_list(
    workspace: Workspace, path: Path, change: Callable[[str], str], verb: Verb, about: str, *, now: datetime,
    seen: str | None = None,
) -> int:  # fmt: skip
    """Change the file and write that into the log; the act's number. The line is written first, and confirmed once the file
    is in its place: `settle` finds out what became of one that a kill left open."""
    before = read_text(path)
    after = change(before)
    was, became = ("\n".join(map(masked, lines)) for lines in _changed_lines(before, after))
    with workspace.open_database() as database:
        with database.write() as connection:
            texts = {"text": was, "digest": digest(before)}, {"text": became, "digest": digest(after)}
            number = acts.note(
                connection, verb, about, actor=workspace.actor, now=now, before=texts[0], after=texts[1], is_open=True
            )
        try:
            edit(path, change, seen=seen)
        except BaseException:
            with database.write() as connection:
                acts.close(connection, number, is_done=False)
            raise
        with database.write() as connection:
            acts.close(connection, number, is_done=True)
    return number


def settle(workspace: Workspace, path: Path) -> None:
    """Close the lines of the log that a kill left open: one whose change did not come into the file goes; the others stay,
    as somebody may have changed the file since. ConfigError where the file cannot be read."""
    current = digest(read_text(path)) if path.exists() else ""
    with workspace.open_database() as database, database.write() as connection:
        for number, before in acts.left_open(connection):
            acts.close(connection, number, is_done=before != current)


def masked(line: str) -> str:
    """A line of feeds.yaml as it may be shown: without the passwords that addresses may have."""
    return re.sub(r"https?://[^\s\"']+", lambda found: shown_address(found[0]), line)


def _changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    lines = list(ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


def listed(path: Path) -> Settings:
    """What feeds.yaml says now; ConfigError where it is broken."""
    return load(path)


def lines_of(feed: Feed) -> list[str]:
    """How the feed stands in feeds.yaml."""
    return editor.lines_for(feed)


def add(path: Path, feed: Feed) -> None:
    """Write a feed into feeds.yaml."""
    edit(path, lambda text: add_feed(text, feed))


def chosen_name(settings: Settings, name: str) -> str:
    """The name that somebody chose for a new feed, as feeds.yaml can have it; UsageError where it cannot."""
    return free_name(name, settings.feeds)


def switch(path: Path, name: str, *, is_on: bool) -> None:
    """Switch a feed on or off in feeds.yaml."""
    edit(path, lambda text: set_key(text, name, "enabled", "true" if is_on else "false"))


def as_opml(settings: Settings) -> bytes:
    """The feeds as OPML 2.0 for other readers."""
    return write_opml(settings.feeds, settings.site.title)


def accept_move(path: Path, database: Database, name: str) -> str:
    """Take the new address that a feed's permanent redirect names; the address as it may be shown. UsageError where another
    feed has it."""
    settings = load(path)
    feed = feed_named(settings.feeds, name)
    address = new_address(settings, database, feed)
    edit(path, lambda text: set_key(text, feed.name, "url", address))
    return shown_address(address)


def new_address(settings: Settings, database: Database, feed: Feed) -> str:
    """The address to which a feed says that it moved. UsageError where it does not, or another feed has it."""
    with database.read() as connection:
        moved_to = feeds.moved_to(connection, feed.url)
    if not moved_to:
        raise UsageError(f"“{feed.name}” never said that it moved. Change its address in feeds.yaml by hand.")
    address = web_address(moved_to)
    other = feed_at([one for one in settings.feeds if one != feed], address)
    if other is not None:
        raise UsageError(
            f"“{feed.name}” moved to {shown_address(address)}, which is already the address of “{other.name}”. "
            "Disable or remove one of the two."
        )
    return address


def rename_feed(path: Path, name: str, new: str) -> tuple[str, str]:
    """Give a feed another name in feeds.yaml; the name before and after. Its history stays: a feed is known by its
    address."""
    settings = load(path)
    feed = feed_named(settings.feeds, name)
    label = free_name(new, [one for one in settings.feeds if one != feed])
    edit(path, lambda text: set_key(text, feed.name, "name", label))
    return feed.name, label


def remove_feed(path: Path, name: str) -> Feed:
    """Take a feed out of feeds.yaml; the feed. What is stored of it stays."""
    feed = feed_named(load(path).feeds, name)
    edit(path, lambda text: editor.remove_feed(text, feed.name))
    return feed


def import_opml(
    path: Path, file: Path, *, feed_type: FeedType | None = None, review: bool = False, is_dry: bool = False
) -> ImportReport:
    """Add the feeds of an OPML file that are not there yet. `feed_type` is for all of them, else each has its own; `review`
    lets their entries wait for staff; `is_dry` only says what would be done. UsageError where the file cannot be read."""
    try:
        imported = read_opml(file.read_bytes(), file.name)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    report = import_report(imported, load(path).feeds, feed_type=feed_type, review=review)
    if report.added and not is_dry:
        edit(path, lambda text: reduce(add_feed, report.added, text))
    return report


# ---- entries ---------------------------------------------------------------------------------------------------------


def decide(
    workspace: Workspace, written: str, decision: str, *, now: datetime, must_wait: bool = False
) -> Decided[list[str]]:
    """Hide, accept or reject an entry for good; the titles of the articles that it was about. UsageError where it
    `must_wait` for review and does not."""

    def act(connection: Transaction, recorder: Recorder) -> list[str]:
        found = [one.number for one in entries_named(connection, written)]
        if must_wait and not decisions.are_waiting(connection, found):
            raise UsageError("This entry is not waiting for review.", hint=Hint.LIST_WAITING)
        recorder.watch(decisions.concerned(connection, found))
        return decisions.decide(connection, found, decision, actor=workspace.actor, now=now)

    verb = Verb.ACCEPT if decision == Decision.ACCEPT else Verb.REJECT if must_wait else Verb.HIDE
    return decide_now(workspace, verb, act, _quoted, now=now)


def forget(workspace: Workspace, written: str, *, now: datetime) -> Decided[list[str]]:
    """Take back that an entry is hidden; the titles of the articles that it was about."""
    reviewed = workspace.settings.reviewed

    def act(connection: Transaction, recorder: Recorder) -> list[str]:
        found = [one.number for one in entries_named(connection, written)]
        recorder.watch(decisions.concerned(connection, found))
        titles = decisions.forget(connection, found, reviewed)
        if not titles:
            raise UsageError("This entry was not hidden.")
        return titles

    return decide_now(workspace, Verb.SHOW, act, _quoted, now=now)


def set_topics(workspace: Workspace, written: str, topics: Sequence[str] | None, *, now: datetime) -> Decided[list[str]]:
    """Give everything stored of an article these topics instead of the filter's, or the filter's again (None); the titles.
    UsageError where one is no topic."""
    known = [topic.slug for topic in vocabulary().topics]
    if unknown := [slug for slug in topics or () if slug not in known]:
        raise UsageError(f"“{unknown[0]}” is not a topic. The topics are {', '.join(known)}.")

    def act(connection: Transaction, recorder: Recorder) -> list[str]:
        found = [one.number for one in entries_named(connection, written)]
        reached = decisions.concerned(connection, found)
        recorder.watch(reached)
        entries.set_topics(connection, reached, None if topics is None else [slug for slug in known if slug in topics])
        return sorted({one.entry.title for one in entries.numbered(connection, found)})

    return decide_now(workspace, Verb.TOPICS, act, _quoted, now=now)


def _quoted(titles: list[str]) -> str:
    return "; ".join(f"“{title}”" for title in titles)


def waiting(workspace: Workspace) -> list[Waiting]:
    """The entries that wait for staff."""
    with workspace.open_database() as database, database.read() as connection:
        return decisions.waiting(connection)
