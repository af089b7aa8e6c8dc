"""One SQLite file, opened so that nothing is lost: WAL, synchronous=FULL, foreign keys on, BEGIN IMMEDIATE for writers (a
transaction that reads first and writes later fails at once if another wrote in between; busy_timeout does not help).

Only a rapid series of transactions (a thousand feeds) uses synchronous=NORMAL: each is atomic and in order after any crash,
and safe from a power cut once the next synced one is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from aggregator.errors import NewerStoreError, StoreBusyError, StoreDamagedError, StoreError

HEAD = "0013"
_KNOWN_VERSIONS = tuple(f"{number:04}" for number in range(1, int(HEAD) + 1))
_BUSY_SECONDS = 30

# What `read()` and `write()` give; other packages hand it on and never look inside.
Transaction: TypeAlias = Connection


class Database:
    """The store's file. `read()` and `write()` give a connection inside one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads: it sees one state of the store, even if others write meanwhile."""
        with translated_errors(self.path), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, is_synced: bool = True) -> Iterator[Connection]:
        """A transaction that writes: all of it, or nothing if an exception leaves it. Unless it `is_synced`, it does not
        wait for the disk (a sync takes 1 to 30 ms), and a power cut before the next synced one may undo it."""
        with translated_errors(self.path), self._engine.connect() as plain:
            connection = plain.execution_options(is_writer=True, is_synced=is_synced)
            with connection.begin():
                yield connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("is_writer", False):
            connection.exec_driver_sql("BEGIN")
            return
        # Before the transaction begins: SQLite does not change it within one.
        synchronous = "FULL" if options["is_synced"] else "NORMAL"
        if connection.info.setdefault("synchronous", "FULL") != synchronous:
            connection.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
            connection.info["synchronous"] = synchronous
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def translated_errors(path: Path) -> Iterator[None]:
    """Turn the database's own exceptions into sentences for staff: StoreBusyError, StoreDamagedError, or StoreError."""
    try:
        yield
    except OperationalError as error:
        message = str(error.orig).lower()
        if "locked" in message or "busy" in message:
            raise StoreBusyError(f"{path} is held by another process; try again when that has ended.") from error
        raise StoreError(f"{path} cannot be used: {error.orig}. Is the disk full, or the folder read-only?") from error
    except DatabaseError as error:
        message = str(error.orig).lower()
        if "malformed" in message or "not a database" in message:
            raise StoreDamagedError(
                f"{path} is damaged ({error.orig}). Put it aside and restore a copy from backups/."
            ) from error
        raise


def version_of(path: Path) -> str | None:
    """The schema's version in the file; None if there is no store yet. StoreDamagedError if the file is no database,
    StoreError if it cannot be opened."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_BUSY_SECONDS)) as raw:
            if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                return None
            row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be opened: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise StoreDamagedError(f"{path} is damaged ({error}). Put it aside and restore a copy from backups/.") from error


def open_database(path: Path, *, back_up: Callable[[Path], object]) -> Database:
    """Open the store, after making it or migrating it to this version's schema; `back_up` is called before an older store is
    changed. NewerStoreError if a newer version of the program made it."""
    version = version_of(path)
    if version is not None and version not in _KNOWN_VERSIONS:
        raise NewerStoreError(f"{path} was made by a newer version of this program; install that version again.")
    if version not in (None, HEAD):
        back_up(path)
    _keep_private(path)
    database = Database(path)
    if version != HEAD:
        _migrate(database)
    return database


def _keep_private(path: Path) -> None:
    """Restrict the store to its owner, whatever the umask; SQLite gives the files beside it the same permissions."""
    with suppress(OSError):
        if not path.exists():
            path.touch(mode=0o600)
        elif path.stat().st_mode & 0o077:
            path.chmod(0o600)


def _migrate(database: Database) -> None:
    """All missing migrations in one transaction: a crash in the middle leaves the old schema."""
    # alembic is imported only when there is something to migrate: it takes a tenth of a second.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
