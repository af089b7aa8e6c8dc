"""Copies of the store: made online by SQLite itself, never by copying a file that is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from aggregator.errors import StoreError


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of `source`, whoever writes to it meanwhile, whole on the disk before this returns."""
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be copied: {error}. Is the disk full, or the folder read-only?") from error
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def back_up_before_migration(database: Path) -> Path:
    """A dated copy in backups/, beside the store."""
    folder = database.parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{database.stem}-before-migration-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    copy_database(database, target)
    return target
