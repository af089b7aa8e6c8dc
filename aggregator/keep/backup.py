"""Copies of the store: made online by SQLite itself, checked, compressed, dated, and old ones let go."""

from __future__ import annotations

import getpass
import gzip
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.errors import StoreDamagedError, StoreError, UsageError

# A copy is kept for so long; the newest few always, so that a machine that slept for a year still has one.
_KEPT_FOR = timedelta(days=60)
_KEPT_ALWAYS = 3
_DATE = "%Y%m%dT%H%M%SZ"
_COMPANIONS = ("-wal", "-shm")


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of `source`, whoever writes to it meanwhile, whole on the disk before this returns."""
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
    except sqlite3.DatabaseError as error:
        _raise_plainly(error, source)
    _sync(target)


def back_up(database: Path, *, now: datetime, label: str = "") -> Path:
    """A checked, compressed copy in backups/, beside the store; old ones are let go. Its path.

    StoreDamagedError where the store itself is not sound: then no old copy is let go.
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
                    f"{database} is damaged ({faults[0]}): no copy was kept. `restore` has the last good one."
                )
            with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=1) as file:
                shutil.copyfileobj(source, file, 1 << 20)
            packed.chmod(0o600)
            _sync(packed)
            packed.replace(target)
        _sync(folder)
        _let_go(folder, keep=target, now=now)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot take a copy of the store: {error}. Is the disk full, or the folder read-only?"
        ) from error
    return target


def back_up_before_migration(database: Path) -> Path:
    """A dated copy, before an older store is changed."""
    return back_up(database, now=datetime.now(UTC), label="before-migration")


def backups(database: Path) -> list[Path]:
    """The copies, newest first."""
    folder = database.parent / "backups"
    return sorted(folder.glob("*.db.gz"), key=made_at, reverse=True) if folder.is_dir() else []


def made_at(backup: Path) -> datetime:
    """When a copy was made, by its name; a file that was named by hand is of the time it was written."""
    written = backup.name.removesuffix(".db.gz").rpartition("-")[2]
    try:
        return datetime.strptime(written, _DATE).replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(backup.stat().st_mtime, UTC)


def restore(backup: Path, database: Path, *, now: datetime) -> Path | None:
    """Put a copy in the store's place, checked first. Where the store that was there went, or None where there was none."""
    if not backup.is_file():
        raise UsageError(f"There is no copy at {backup}.")
    try:
        with tempfile.TemporaryDirectory(prefix=".restoring-", dir=database.parent) as making:
            plain = Path(making, "copy.db")
            _unpack(backup, plain)
            faults = faults_of(plain)
            if faults:
                raise UsageError(f"{backup} is no sound copy ({faults[0]}); take an older one.")
            _sync(plain)
            aside = set_aside(database, "before-restore", now=now)
            plain.replace(database)
        _sync(database.parent)
    except OSError as error:
        raise StoreError(f"{database} cannot be restored: {error}.") from error
    return aside


def set_aside(database: Path, why: str, *, now: datetime) -> Path | None:
    """Rename the store, with what belongs to it; where it is now, or None where there is none."""
    if not database.exists():
        return None
    aside = database.with_name(f"{database.name}.{why}-{now.astimezone(UTC):{_DATE}}")
    for companion in _COMPANIONS:
        beside = database.with_name(database.name + companion)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + companion))
    database.replace(aside)
    return aside


def faults_of(database: Path) -> list[str]:
    """What SQLite finds wrong in a file: damaged pages, and rows that name others which are not there. StoreError where it
    cannot be looked at."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            found = [str(row[0]) for row in raw.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]
            lost = raw.execute("PRAGMA foreign_key_check").fetchmany(20)
            found += [f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there" for row in lost]
            if not found and not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry'").fetchone():
                found.append("it is not a store of this program")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in _NOT_LET_IN:
            return [str(error)]
        # To restore a copy for want of a right would lose what is newer.
        raise StoreError(
            f"{database} cannot be looked at by the user {getpass.getuser()} ({error}): say this as its owner, once no "
            "other program holds it."
        ) from error
    return found


# What SQLite says where the file may be sound.
_NOT_LET_IN = (
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN,
)  # fmt: skip


def _unpack(backup: Path, target: Path) -> None:
    opener = gzip.open if backup.suffix == ".gz" else open
    try:
        with opener(backup, "rb") as source, target.open("xb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
    except (gzip.BadGzipFile, EOFError) as error:
        raise UsageError(f"{backup} is no sound copy ({error}); take an older one.") from error


def _let_go(folder: Path, *, keep: Path, now: datetime) -> None:
    copies = sorted(folder.glob("*.db.gz"), key=made_at, reverse=True)
    for old in copies[_KEPT_ALWAYS:]:
        if old != keep and now - made_at(old) > _KEPT_FOR:
            old.unlink()


def _clear(folder: Path, *, now: datetime) -> None:
    """Remove copies that broke off, once nobody can be at work on them any more."""
    for left in folder.glob(".making-*"):
        if now.timestamp() - left.stat().st_mtime > timedelta(days=1).total_seconds():
            shutil.rmtree(left, ignore_errors=True)


def _raise_plainly(error: sqlite3.DatabaseError, source: Path) -> None:
    told = str(error).lower()
    if "malformed" in told or "not a database" in told:
        raise StoreDamagedError(f"{source} is damaged ({error}). `restore` puts the last copy in its place.") from error
    raise StoreError(f"{source} cannot be copied: {error}. Is the disk full, or the folder read-only?") from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
