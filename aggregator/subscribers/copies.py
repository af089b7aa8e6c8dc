"""The daily encrypted copies of subscribers.db, kept 14 days; and the journal of departures, which a restored copy is made
to follow: whoever left or was erased after it was made, is so again."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.errors import StoreError, UsageError
from aggregator.files import replacing, sync
from aggregator.subscribers.database import as_instant, as_text
from aggregator.subscribers.vault import opened, sealed

KEPT_FOR = timedelta(days=14)
_NAME = re.compile(r"subscribers-(\d{8}T\d{6})\.sealed")
_ABOUT = b"copy of subscribers.db"


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody went: `left`, `erased`, `complained` or `moved`."""

    at: datetime
    act: str
    mark: bytes


def back_up(path: Path, folder: Path, key: bytes, *, now: datetime) -> Path:
    """Write an encrypted copy of the file at `path`, made in memory, into `folder`, and delete those that are too old; its
    path. StoreError where the copy is not whole."""
    with closing(sqlite3.connect(path, timeout=30)) as raw:
        content = raw.serialize()
    # As a file without a log of writes, which a copy in memory has not (https://sqlite.org/fileformat.html, 1.3).
    content = content[:18] + b"\x01\x01" + content[20:]
    _check(content)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / f"subscribers-{now.astimezone(UTC):%Y%m%dT%H%M%S}.sealed"
    with replacing(copy) as fresh:
        fresh.write_bytes(sealed(key, content, _ABOUT))
    sync(folder)
    for old in copies(folder):
        if made_at(old) < now - KEPT_FOR:
            old.unlink(missing_ok=True)
    return copy


def copies(folder: Path) -> list[Path]:
    """The copies in a folder, the newest first."""
    found = folder.glob("subscribers-*.sealed") if folder.is_dir() else ()
    return sorted((path for path in found if _NAME.fullmatch(path.name)), reverse=True)


def made_at(copy: Path) -> datetime:
    """When a copy was made, by its name. UsageError where it is none."""
    match = _NAME.fullmatch(copy.name)
    if match is None:
        raise UsageError(
            f"{copy.name} is not a copy of the subscribers: those are called subscribers-20261128T050000.sealed."
        )
    return datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def open_copy(copy: Path, path: Path, keys: tuple[bytes, ...]) -> None:
    """Write what a copy holds to the file at `path`. UsageError where it cannot be read, StoreError where none of the keys
    opens it."""
    try:
        content = copy.read_bytes()
    except OSError as error:
        raise UsageError(f"{copy} cannot be read: {error.strerror}.") from error
    plain = next(filter(None, (opened(key, content, _ABOUT) for key in keys)), None)
    if plain is None:
        raise StoreError(f"{copy} was made with another key, or is damaged; nothing was restored.")
    _check(plain)
    with replacing(path) as fresh:
        fresh.write_bytes(plain)


def put_in_place(restored: Path, path: Path) -> None:
    """Make the file at `path` what `restored` is, in one transaction, so that a process that has it open sees the one or the
    other; and delete `restored`. A file that is no database any more is replaced."""
    try:
        _copy(restored, path)
    except sqlite3.DatabaseError:
        for leftover in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            leftover.unlink(missing_ok=True)
        _copy(restored, path)
    path.chmod(0o600)
    for name in (restored.name, f"{restored.name}-wal", f"{restored.name}-shm"):
        restored.with_name(name).unlink(missing_ok=True)
    sync(path.parent)


def _copy(one: Path, other: Path) -> None:
    with closing(sqlite3.connect(one)) as source, closing(sqlite3.connect(other, timeout=30)) as target:
        source.backup(target)


def _check(content: bytes) -> None:
    try:
        with closing(sqlite3.connect(":memory:")) as raw:
            raw.deserialize(content)
            sound = raw.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreError(f"subscribers.db is damaged ({error}); restore an earlier copy.") from error
    if sound != "ok":
        raise StoreError(f"subscribers.db is damaged ({sound}); restore an earlier copy.")


# ---- departures ------------------------------------------------------------------------------------------------------


def note_departure(journal: Path, act: str, mark: bytes, *, now: datetime) -> None:
    """Add to the journal, synced to the disk before the store forgets: only a mark, which tells nothing without the
    key. StoreError where it cannot be written whole."""
    is_new = not journal.exists()
    handle = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # Begun on a line of its own, whatever a power cut left of the one before.
        record = f"\n{as_text(now)} {act} {mark.hex()}\n".encode()
        if os.write(handle, record) != len(record):
            raise StoreError(f"{journal} cannot be written whole: the disk is full.")
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        sync(journal.parent)


def departures(journal: Path, *, since: datetime) -> Iterator[Departure]:
    """Who went since then. A line that a power cut left half written is no departure: the store still has that person."""
    for line in journal.read_text("ascii", "replace").splitlines() if journal.exists() else ():
        match = re.fullmatch(r"(\S+) (\w+) ([0-9a-f]{64})", line)
        if match is None:
            continue
        with suppress(ValueError):
            if as_instant(match[1]) >= since:
                yield Departure(as_instant(match[1]), match[2], bytes.fromhex(match[3]))


def forget_departures(journal: Path, *, before: datetime) -> None:
    """Drop from the journal what no copy needs any more."""
    kept = [*departures(journal, since=before)]
    if not journal.exists():
        return
    with replacing(journal) as fresh:
        fresh.write_text("".join(f"{as_text(one.at)} {one.act} {one.mark.hex()}\n" for one in kept), "ascii")
