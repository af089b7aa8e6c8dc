"""Copies: checked before they are kept, and put back without losing what was there."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.backup.copies import back_up, backups, faults_of, made_at, quarantine, restore
from aggregator.errors import StoreDamagedError, StoreError, UsageError
from tests.conftest import NOW, Town, item, rss


def refreshed(town: Town) -> Path:
    """The store of a town that was refreshed once."""
    town.add("News", rss(item("Bell's palsy explained", "https://news.example.org/1")))
    town.refresh()
    return town.workspace().database_path


def titles(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as raw:
        return [row[0] for row in raw.execute("SELECT title FROM entry ORDER BY id")]


def damage(database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)


def test_a_copy_is_compressed_readable_by_its_owner_only_and_sound(town: Town) -> None:
    database = refreshed(town)

    made = back_up(database, now=NOW)

    assert made.name == "news-20261124T170000Z.db.gz"
    assert made.stat().st_mode & 0o777 == 0o600
    plain = town.data / "plain.db"
    plain.write_bytes(gzip.decompress(made.read_bytes()))
    assert faults_of(plain) == []
    assert titles(plain) == titles(database)
    assert [path.name for path in made.parent.iterdir() if path.name.startswith(".")] == []


def test_a_store_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    database = tmp_path / "gone" / "news.db"

    with pytest.raises(StoreError, match=r"news\.db cannot be looked at by the user .* \(unable to open database file\)"):
        faults_of(database)


def test_a_store_that_is_damaged_is_not_copied_and_old_copies_stay(town: Town) -> None:
    database = refreshed(town)
    old = back_up(database, now=NOW - timedelta(days=400))
    damage(database)

    with pytest.raises(StoreDamagedError, match="restore"):
        back_up(database, now=NOW)

    assert old in backups(database, now=NOW)


def test_copies_of_over_two_months_are_let_go_and_three_stay_always(town: Town) -> None:
    database = refreshed(town)
    for path in backups(database, now=NOW):
        path.unlink()
    for days in (100, 90, 80, 70, 10):
        back_up(database, now=NOW - timedelta(days=days))

    assert [(NOW - made_at(path)).days for path in backups(database, now=NOW)] == [10, 70, 80]


def test_a_copy_is_put_back_and_what_was_there_is_kept(town: Town) -> None:
    database = refreshed(town)
    copy = back_up(database, now=NOW)
    town.add("More", rss(item("Facial palsy again", "https://news.example.org/2")))
    town.refresh()
    assert len(titles(database)) == 2

    aside = restore(copy, database, now=NOW)

    assert titles(database) == ["Bell's palsy explained"]
    assert aside is not None
    assert len(titles(aside)) == 2


def test_what_is_no_copy_is_refused_and_the_store_stays(town: Town) -> None:
    database = refreshed(town)
    torn, other = town.data / "torn.db.gz", town.data / "other.db"
    torn.write_bytes(back_up(database, now=NOW).read_bytes()[:500])
    with closing(sqlite3.connect(other)) as raw:
        raw.execute("CREATE TABLE guests (name TEXT)")

    for wrong in (torn, other):
        with pytest.raises(UsageError, match="is damaged"):
            restore(wrong, database, now=NOW)

    assert titles(database) == ["Bell's palsy explained"]


def test_a_store_is_set_aside_with_what_belongs_to_it(tmp_path: Path) -> None:
    database = tmp_path / "news.db"
    for name in ("news.db", "news.db-wal", "news.db-shm"):
        (tmp_path / name).write_text(name)

    quarantine(database, "damaged", now=datetime(2026, 1, 2, tzinfo=UTC))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"news.db.damaged-20260102T000000Z{ending}" for ending in ("", "-shm", "-wal")
    ]
