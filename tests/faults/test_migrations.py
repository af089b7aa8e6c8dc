"""A store of every earlier version is brought up to date: all rows kept, a copy made first, whatever happens meanwhile."""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Engine, Float, Integer, MetaData, Table, event, insert

from aggregator.errors import NewerStoreError
from aggregator.store import database as module
from aggregator.store.database import HEAD, Database, open_database, version_of
from tests.conftest import HOME, Town, rss

pytestmark = [pytest.mark.faults, pytest.mark.slow]

EARLIER = module._KNOWN_VERSIONS[:-1]
Rows = dict[str, list[dict[str, Any]]]

# Opens the store and is killed before the n-th statement that changes it.
_KILLED = """
import os, signal, sys
from pathlib import Path
from aggregator.backup.copies import copy_database
from aggregator.store.database import open_database
from tests.faults.test_migrations import changes

def at(number):
    if number == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

with changes(at):
    open_database(Path(sys.argv[1]), back_up=lambda path: copy_database(path, path.with_suffix(".copy"))).close()
"""


def store_of(version: str, path: Path) -> None:
    """A store as that version of the program made it, with two rows in each table."""
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    store = Database(path)
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    with store.write() as connection:
        known = MetaData()
        known.reflect(connection)
        for table in known.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(insert(table), [_row(table, number) for number in (1, 2)])
    store.close()


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[Any], number: int) -> Any:
    kind = column.type
    if column.foreign_keys or isinstance(kind, Integer):
        return number
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Float):
        return 0.5
    if isinstance(kind, JSON):
        return ["a", number]
    if isinstance(kind, DateTime):
        return datetime(2026, 11, number, 17, tzinfo=UTC)
    if isinstance(kind, Date):
        return date(2026, 11, number)
    return f"{column.name} {number}"


def rows_in(path: Path) -> Rows:
    """Everything in a file, by table."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
        raw.row_factory = sqlite3.Row
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('alembic_version', 'sqlite_sequence')"
        tables = [row["name"] for row in raw.execute(named)]
        return {name: [dict(row) for row in raw.execute(f"SELECT * FROM {name} ORDER BY 1")] for name in tables}  # noqa: S608


# Columns that have another name since.
RENAMED = {"salt": "fingerprint"}


def kept(before: Rows, after: Rows) -> bool:
    """Each row is there, with what stood in each of its columns."""

    def value(row: dict[str, Any], name: str) -> Any:
        return row[name] if name in row else row[RENAMED[name]]

    cut = {
        table: [{name: value(row, name) for name in rows[0]} for row in after[table]] if rows else after[table]
        for table, rows in before.items()
    }
    return cut == before


@contextmanager
def changes(at: Callable[[int], None]) -> Iterator[None]:
    """`at` is told before each statement that changes a store: the first, the second and so on."""
    seen = 0

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        nonlocal seen
        if statement.split(None, 1)[0].upper() in ("ALTER", "CREATE", "DROP", "INSERT", "UPDATE", "DELETE"):
            seen += 1
            at(seen)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def interrupted(path: Path, last: int, compiled: Path) -> subprocess.CompletedProcess[str]:
    """Open the store in a process of its own, which dies before its statement number `last`."""
    line = [sys.executable, "-c", _KILLED, str(path), str(last)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPATH": str(HOME), "PYTHONPYCACHEPREFIX": str(compiled)}
    return subprocess.run(line, capture_output=True, text=True, env=environment, cwd=HOME, timeout=60, check=False)


@pytest.mark.parametrize("version", EARLIER)
def test_rows_of_an_earlier_version_are_kept_and_a_copy_is_made_first(version: str, town: Town) -> None:
    town.add("A feed", rss())
    town.data.mkdir(mode=0o700)
    path = town.data / "news.db"
    store_of(version, path)
    before = rows_in(path)

    town.workspace().open_database().close()

    assert version_of(path) == HEAD
    assert kept(before, rows_in(path))
    (copy,) = (town.data / "backups").iterdir()
    plain = town.data / "copy.db"
    plain.write_bytes(gzip.decompress(copy.read_bytes()) if copy.suffix == ".gz" else copy.read_bytes())
    assert version_of(plain) == version
    assert rows_in(plain) == before


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0], ids=["at its first statement", "in the middle", "at its last statement"])
@pytest.mark.parametrize("version", EARLIER)
def test_a_killed_migration_leaves_the_earlier_version_and_the_next_start_ends_it(
    version: str, part: float, tmp_path: Path, compiled: Path
) -> None:
    rehearsed, path = tmp_path / "rehearsal.db", tmp_path / "news.db"
    store_of(version, rehearsed)
    store_of(version, path)
    before = rows_in(path)
    numbers: list[int] = []
    with changes(numbers.append):
        open_database(rehearsed, back_up=lambda path: None).close()

    killed = interrupted(path, 1 + round(part * (len(numbers) - 1)), compiled)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert version_of(path) == version
    assert rows_in(path) == before
    assert rows_in(path.with_suffix(".copy")) == before

    open_database(path, back_up=lambda path: None).close()

    assert version_of(path) == HEAD
    assert kept(before, rows_in(path))


def test_an_earlier_program_refuses_a_store_of_a_later_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "news.db"
    store_of(HEAD, path)
    before = path.read_bytes()
    monkeypatch.setattr(module, "HEAD", EARLIER[-1])
    monkeypatch.setattr(module, "_KNOWN_VERSIONS", EARLIER)

    with pytest.raises(NewerStoreError, match="newer version"):
        open_database(path, back_up=lambda path: None)

    assert path.read_bytes() == before
