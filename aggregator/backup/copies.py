"""Copies of the store: made online by SQLite itself, checked, compressed and dated; old ones are deleted."""

from __future__ import annotations

import getpass
import gzip
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.errors import Hint, StoreDamagedError, StoreError, UsageError
from aggregator.files import sync
from aggregator.instants import is_believed

# How long a copy is kept; the newest few always are, so that a machine that slept for a year still has one.
_KEPT_FOR = timedelta(days=60)
_KEPT_ALWAYS = 3
_DATE = "%Y%m%dT%H%M%SZ"
# Suffixes of the files that SQLite keeps beside a database in use.
COMPANIONS = ("-wal", "-shm")


def copy_database(source: Path, target: Path) -> None:
    """Copy `source` consistently, even if others write to it meanwhile, and sync the copy to the disk."""
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
    except sqlite3.DatabaseError as error:
        _raise_plainly(error, source)
    sync(target)


def back_up(database: Path, *, now: datetime, label: str = "") -> Path:
    """Make a checked, compressed copy in backups/, beside the store, and delete old ones; the new copy's path.

    StoreDamagedError if the store itself is damaged: then no old copy is deleted. StoreError if no copy can be written.
    """
    folder = database.parent / "backups"
    target = folder / f"{database.stem}{f'-{label}' if label else ''}-{now.astimezone(UTC):{_DATE}}.db.gz"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _clear(folder, now=now)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as making:
            plain, packed = Path(making, "copy.db"), Path(making, "copy.db.gz")
            copy_database(database, plain)
            faults = faults_of(plain)
            if faults:
                raise StoreDamagedError(
                    f"{database} is damaged ({faults[0]}): no copy was kept. The last good one can be restored.",
                    hint=Hint.RESTORE,
                )
            with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=1) as file:
                shutil.copyfileobj(source, file, 1 << 20)
            packed.chmod(0o600)
            sync(packed)
            packed.replace(target)
        sync(folder)
        _let_go(folder, keep=target, now=now)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot take a copy of the store: {error}. Is the disk full, or the folder read-only?"
        ) from error
    return target


def back_up_before_migration(database: Path) -> Path:
    """Make a dated copy before an older store is changed; its path."""
    return back_up(database, now=datetime.now(UTC), label="before-migration")


def backups(database: Path, *, now: datetime) -> list[Path]:
    """The copies, newest first; those that were dated by a wrong clock come last (see instants.py)."""
    return _newest_first(database.parent / "backups", now)


def newest_at(database: Path, *, now: datetime) -> datetime | None:
    """When the newest copy was made; None if no copy has a date that can be believed."""
    return next((at for at in map(made_at, backups(database, now=now)) if is_believed(at, now)), None)


def _newest_first(folder: Path, now: datetime) -> list[Path]:
    return sorted(folder.glob("*.db.gz"), key=lambda path: (is_believed(made_at(path), now), made_at(path)), reverse=True)


def made_at(backup: Path) -> datetime:
    """When a copy was made, by its name, or by the time of writing if it was named by hand."""
    written = backup.name.removesuffix(".db.gz").rpartition("-")[2]
    try:
        return datetime.strptime(written, _DATE).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(backup.stat().st_mtime, UTC)


def restore(backup: Path, database: Path, *, now: datetime) -> Path | None:
    """Check a copy and put it in the store's place; the path that the old store was moved to, or None if there was none.
    UsageError if there is no such copy or it is damaged, StoreError if it cannot be put there."""
    if not backup.is_file():
        raise UsageError(f"There is no copy at {backup}.")
    try:
        with tempfile.TemporaryDirectory(prefix=".restoring-", dir=database.parent) as making:
            plain = Path(making, "copy.db")
            _unpack(backup, plain)
            faults = faults_of(plain)
            if faults:
                raise UsageError(f"{backup} is damaged ({faults[0]}). Use an older copy.")
            sync(plain)
            aside = quarantine(database, "before-restore", now=now)
            plain.replace(database)
        sync(database.parent)
    except OSError as error:
        raise StoreError(f"{database} cannot be restored: {error}.") from error
    return aside


def quarantine(database: Path, why: str, *, now: datetime) -> Path | None:
    """Rename the store and its companions; the store's new path, or None if there is no store."""
    if not database.exists():
        return None
    aside = database.with_name(f"{database.name}.{why}-{now.astimezone(UTC):{_DATE}}")
    for companion in COMPANIONS:
        beside = database.with_name(database.name + companion)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + companion))
    database.replace(aside)
    return aside


def faults_of(database: Path) -> list[str]:
    """The faults that SQLite finds in a file: damaged pages, and references to missing rows. StoreError if it cannot be
    opened."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            faults = [str(row[0]) for row in raw.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
            orphans = raw.execute("PRAGMA foreign_key_check").fetchmany(20)
            faults += [f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there" for row in orphans]
            if not faults and not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry'").fetchone():
                faults.append("it is not a store of this program")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in _NOT_LET_IN:
            return [str(error)]
        # Restoring a copy for lack of a permission would lose newer entries.
        raise StoreError(
            f"{database} cannot be looked at by the user {getpass.getuser()} ({error}): say this as its owner, once no "
            "other program holds it."
        ) from error
    return faults


# SQLite's errors for a file that may be sound.
_NOT_LET_IN = (
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
)  # fmt: skip


@contextmanager
def unpacked(backup: Path) -> Iterator[Path]:
    """A copy as a plain database file, removed afterwards; UsageError if it cannot be unpacked."""
    with tempfile.TemporaryDirectory(prefix="unpacked-") as folder:
        plain = Path(folder, "copy.db")
        _unpack(backup, plain)
        yield plain


def _unpack(backup: Path, target: Path) -> None:
    opener = gzip.open if backup.suffix == ".gz" else open
    try:
        with opener(backup, "rb") as source, target.open("xb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
    except (gzip.BadGzipFile, EOFError) as error:
        raise UsageError(f"{backup} is damaged ({error}). Use an older copy.") from error


def _let_go(folder: Path, *, keep: Path, now: datetime) -> None:
    for old in _newest_first(folder, now)[_KEPT_ALWAYS:]:
        if old != keep and now - made_at(old) > _KEPT_FOR:
            old.unlink()


def _clear(folder: Path, *, now: datetime) -> None:
    """Remove unfinished copies that are more than a day old, so that no process is at work on them."""
    for left in folder.glob(".making-*"):
        if now.timestamp() - left.stat().st_mtime > timedelta(days=1).total_seconds():
            shutil.rmtree(left, ignore_errors=True)


def _raise_plainly(error: sqlite3.DatabaseError, source: Path) -> None:
    message = str(error).lower()
    if "malformed" in message or "not a database" in message:
        raise StoreDamagedError(
            f"{source} is damaged ({error}). The last copy can be restored.", hint=Hint.RESTORE
        ) from error
    raise StoreError(f"{source} cannot be copied: {error}. Is the disk full, or the folder read-only?") from error
