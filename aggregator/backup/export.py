"""Export the whole store as JSON Lines, for use elsewhere, and read it back.

The first line says what the file is and which schema its rows have, the last how many rows there are, so that a file that
was cut off is recognised; every line between is `[table, {column: value}]`. Values are SQLite's own: texts, numbers and
nulls (an instant is a text in UTC).
"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Literal, cast

from aggregator.errors import Hint, StoreError, UsageError
from aggregator.files import replacing

_FORMAT = "facial-paralysis-news"


def export(database: Path, target: Path) -> int:
    """Write every row of every table to `target` (compressed if it ends in .gz); the number of rows. All or nothing.
    UsageError if the file cannot be written, StoreError if the store cannot be read."""
    rows = 0
    try:
        with replacing(target) as fresh, closing(_reading(database)) as raw, _opened(fresh, target, "wt") as file:
            raw.execute("BEGIN")
            (schema,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
            _write(file, {"format": _FORMAT, "schema": schema})
            for table in _tables(raw):
                for row in raw.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):  # noqa: S608 - the database's own name
                    _write(file, [table, dict(row)])
                    rows += 1
            _write(file, {"rows": rows})
    except sqlite3.Error as error:
        raise StoreError(f"{database} cannot be read: {error}.") from error
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.") from error
    return rows


def read_back(source: Path, database: Path) -> int:
    """Fill an empty store of the same schema from `source`, in one transaction; the number of rows.

    UsageError if the file is not an export, is cut off or was written by another version, or if the store is not empty;
    StoreError if the store cannot be written. In each case nothing is imported.
    """
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as raw, _opened(source, source, "rt") as file:
            raw.execute("BEGIN IMMEDIATE")
            try:
                rows = _take(raw, _lines(file, source), source)
            except BaseException:
                raw.execute("ROLLBACK")
                raise
            raw.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreError(f"{source} cannot be imported: {error}. Nothing was imported.") from error
    except (OSError, EOFError) as error:
        raise UsageError(f"{source} cannot be read: {error}. Nothing was imported.") from error
    return rows


def _take(raw: sqlite3.Connection, lines: Iterator[Any], source: Path) -> int:
    head = next(lines, None)
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise UsageError(f"{source} was not exported by this program.")
    (schema,) = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    if head.get("schema") != schema:
        raise UsageError(f"{source} has schema {head.get('schema')} and this program {schema}: export with this version.")
    tables = {table: [column[1] for column in raw.execute(f'PRAGMA table_info("{table}")')] for table in _tables(raw)}
    if any(raw.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone() for table in tables):  # noqa: S608 - our own names
        raise UsageError("There is something in the store already: import into an empty folder.", hint=Hint.OTHER_FOLDER)
    # Rows come table by table, and some refer to rows of later tables: foreign keys are checked at the end.
    raw.execute("PRAGMA defer_foreign_keys=ON")
    rows, expected = 0, None
    for line in lines:
        if isinstance(line, dict):
            expected = line.get("rows")
            break
        table, values = line
        if table not in tables or set(values) - set(tables[table]):
            raise UsageError(f"{source} has rows of “{table}” that this program does not know. Nothing was imported.")
        columns = ", ".join(f'"{name}"' for name in values)
        marks = ", ".join("?" * len(values))
        raw.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', tuple(values.values()))  # noqa: S608 - checked
        rows += 1
    if expected != rows:
        raise UsageError(f"{source} was cut off after {rows} rows. Nothing was imported.")
    lost = raw.execute("PRAGMA foreign_key_check").fetchone()
    if lost:
        raise UsageError(f"{source} names rows that are not in it ({lost[0]}, {lost[2]}). Nothing was imported.")
    return rows


def _lines(file: IO[str], source: Path) -> Iterator[Any]:
    for number, line in enumerate(file, 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise UsageError(f"{source}, line {number}: this is not JSON. Nothing was imported.") from error


def _tables(raw: sqlite3.Connection) -> list[str]:
    rows = raw.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'alembic_version' "
        "ORDER BY name"
    )
    return [str(row[0]) for row in rows]


def _reading(database: Path) -> sqlite3.Connection:
    raw = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    raw.row_factory = sqlite3.Row
    return raw


def _opened(path: Path, named: Path, mode: Literal["rt", "wt"]) -> IO[Any]:
    if named.suffix == ".gz":
        return cast("IO[Any]", gzip.open(path, mode, encoding="utf-8"))
    return path.open(mode, encoding="utf-8")


def _write(file: IO[str], value: Any) -> None:
    file.write(json.dumps(value, ensure_ascii=False) + "\n")
