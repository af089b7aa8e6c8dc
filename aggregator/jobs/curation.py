"""The curator's jobs: sources added, moved, switched on and off; entries hidden, accepted, rejected."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.config import Environment, load, read_text
from aggregator.curate.discover import feeds_of_page
from aggregator.curate.editor import add_feed, set_key
from aggregator.curate.opml import Imported, read_opml
from aggregator.errors import ConfigError, NotAFeedError, PublishError, UsageError
from aggregator.jobs.house import House
from aggregator.jobs.publish import publish
from aggregator.jobs.trials import FeedTrial, try_feed, wanted_keys
from aggregator.store import decisions, entries, feeds
from aggregator.store.database import Database, Transaction
from aggregator.store.decisions import Waiting
from aggregator.urls import canonical_url, shown_address, web_address
from aggregator.values.settings import Feed, Settings

# ---- feeds.yaml ------------------------------------------------------------------------------------------------------


def edit(path: Path, change: Callable[[str], str]) -> None:
    """Change the file in place, or not at all: it is good before and after, nobody else is writing it, and what reads it
    meanwhile sees the old file or the new one."""
    _check_writable(path)
    before = path.read_bytes()
    load(path)
    text = read_text(path)
    changed = change(text)
    fresh = path.with_name(f".{path.name}.next")
    newline = "\r\n" if b"\r\n" in before else "\n"
    try:
        with fresh.open("w", encoding="utf-8", newline=newline) as file:
            file.write(changed)
            file.flush()
            os.fsync(file.fileno())
        try:
            load(fresh)
        except ConfigError as error:
            sentences = "\n".join(problem.replace(fresh.name, path.name) for problem in error.problems)
            raise UsageError(f"{path.name} was left as it is, for it would be wrong afterwards:\n{sentences}") from error
        if path.read_bytes() != before:
            raise UsageError(f"Somebody else changed {path.name} at the same time. It was left as it is; try again.")
        fresh.chmod(path.stat().st_mode & 0o777)
        fresh.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        fresh.unlink(missing_ok=True)


def _check_writable(path: Path) -> None:
    if path.exists() and (not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK)):
        raise UsageError(f"{path} is read-only; allow writing it, or edit it as somebody who may.")
    # What vim, Emacs and LibreOffice leave beside a file while they have it open.
    for name in (f".{path.name}.swp", f".#{path.name}", f".~lock.{path.name}#"):
        if (path.parent / name).exists() or (path.parent / name).is_symlink():
            raise UsageError(f"{path.name} is open in an editor ({name}); save it and close the editor first.")


def accept_move(path: Path, database: Database, name: str) -> str:
    """Take the new address that a feed's permanent redirect names; the address."""
    feed = next((one for one in load(path).feeds if one.name.casefold() == name.casefold()), None)
    if feed is None:
        raise UsageError(f"There is no feed named “{name}” in feeds.yaml; `feeds list` prints the names.")
    with database.read() as connection:
        moved_to = feeds.moved_to(connection, feed.url)
    if not moved_to:
        raise UsageError(f"“{feed.name}” never said that it moved; change its address in feeds.yaml by hand.")
    address = web_address(moved_to)
    edit(path, lambda text: set_key(text, feed.name, "url", address))
    return address


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the feeds in an OPML file."""

    added: tuple[Feed, ...]
    known: tuple[Feed, ...]
    refused: tuple[str, ...]


def import_opml(path: Path, file: Path) -> ImportReport:
    """Add the feeds of an OPML file that are not there yet."""
    try:
        imported: Imported = read_opml(file.read_bytes(), file.name)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    settings = load(path)
    addresses = {canonical_url(feed.url) for feed in settings.feeds}
    names = {feed.name.casefold() for feed in settings.feeds}
    added, known = [], []
    for feed in imported.feeds:
        if canonical_url(feed.url) in addresses:
            known.append(feed)
            continue
        named = _with_free_name(feed, names)
        addresses.add(canonical_url(named.url))
        names.add(named.name.casefold())
        added.append(named)
    if added:
        edit(path, lambda text: _with_all(text, added))
    return ImportReport(tuple(added), tuple(known), imported.refused)


def _with_free_name(feed: Feed, names: set[str]) -> Feed:
    name, number = feed.name, 1
    while name.casefold() in names:
        number += 1
        name = f"{feed.name[:95]} {number}"
    return feed.model_copy(update={"name": name})


def _with_all(text: str, feeds: Sequence[Feed]) -> str:
    for feed in feeds:
        text = add_feed(text, feed)
    return text


# ---- finding a feed --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that works, and what it would give."""

    url: str
    trial: FeedTrial


async def find_feed(address: str, environment: Environment, settings: Settings, *, now: datetime) -> Found:
    """The feed at `address`, or the feed of the site that lives there; UsageError says what is there instead."""
    known = {canonical_url(feed.url): feed.name for feed in settings.feeds}
    if canonical_url(address) in known:
        raise UsageError(f"This address is in feeds.yaml already: “{known[canonical_url(address)]}”.")
    first = await try_feed(Feed(name="tried feed", url=address), environment, settings, now=now)
    if first.document is not None:
        return Found(address, first)
    if b"<" not in first.body[:1000]:
        raise NotAFeedError(f"{shown_address(address)} {first.reason}.")
    for candidate in feeds_of_page(first.body, first.final_url):
        trial = await try_feed(Feed(name="tried feed", url=candidate), environment, settings, now=now, own=address)
        if trial.document is None:
            continue
        if canonical_url(candidate) in known:
            raise UsageError(f"The feed of this site is in feeds.yaml already: “{known[canonical_url(candidate)]}”.")
        return Found(candidate, trial)
    raise NotAFeedError(f"{shown_address(address)} {first.reason}. No feed was found on the page or in the usual places.")


# ---- entries ---------------------------------------------------------------------------------------------------------


def decide(house: House, written: str, decision: str, *, now: datetime, must_wait: bool = False) -> list[str]:
    """Hide, accept or reject an entry for good and publish at once; the titles of the articles that it was about."""

    def act(connection: Transaction, found: list[int]) -> list[str]:
        if must_wait and not decisions.are_waiting(connection, found):
            raise UsageError("This entry does not wait for staff; `review list` prints those that do.")
        return decisions.decide(connection, found, decision, now=now)

    return _with_entry(house, written, now, act)


def forget(house: House, written: str, *, now: datetime) -> list[str]:
    """Take back that an entry is hidden and publish at once; the titles of the articles that it was about."""
    reviewed = {feed.url for feed in house.settings.feeds if feed.review}

    def act(connection: Transaction, found: list[int]) -> list[str]:
        titles = decisions.forget(connection, found, reviewed)
        if not titles:
            raise UsageError("This entry was not hidden.")
        return titles

    return _with_entry(house, written, now, act)


def _with_entry(house: House, written: str, now: datetime, act: Callable[[Transaction, list[int]], list[str]]) -> list[str]:
    number, keys = wanted_keys(written)
    with house.lock(now=now):
        database = house.open_database()
        try:
            with database.write() as connection:
                found = [one.number for one in entries.find(connection, number, keys)]
                if not found:
                    raise UsageError(f"No stored entry has the number, address or identifier “{written}”.")
                titles = act(connection, found)
            try:
                publish(house, database, now=now)
            except PublishError as error:
                told = "; ".join(f"“{title}”" for title in titles)
                raise PublishError(
                    f"What you decided about {told} is kept, and shows as soon as the page can be made: {error}"
                ) from error
        finally:
            database.close()
    return titles


def waiting(house: House) -> list[Waiting]:
    """The entries that wait for staff."""
    database = house.open_database()
    try:
        with database.read() as connection:
            return decisions.waiting(connection)
    finally:
        database.close()
