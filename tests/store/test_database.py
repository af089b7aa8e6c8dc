"""The store's file: pragmas, transactions, migrations, and what is said when it cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, insert, select
from sqlmodel import SQLModel

from aggregator.backup.copies import copy_database
from aggregator.errors import NewerStoreError, StoreBusyError, StoreDamagedError, StoreError
from aggregator.store import database as module
from aggregator.store.database import HEAD, Database, open_database, version_of
from aggregator.store.models import STORY
from aggregator.values.enums import PollOutcome
from tests.conftest import NOW
from tests.faults.test_migrations import store_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "news.db", back_up=lambda path: None)
    yield opened
    opened.close()


def stories(store: Database) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(STORY)).scalar_one()


def test_the_migrations_make_what_the_models_say(store: Database) -> None:
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata) == []


def test_the_newest_migration_is_the_one_the_program_expects() -> None:
    scripts = ScriptDirectory(str(Path(module.__file__).parent / "migrations"))

    assert scripts.get_current_head() == HEAD
    assert [script.revision for script in scripts.walk_revisions()] == list(reversed(module._KNOWN_VERSIONS))


def test_mentioned_trials_of_an_earlier_version_are_spelled_as_keys(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store_of("0007", path)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE entry_mention SET mention = 'nct:NCT01234567' WHERE entry_id = 1")

    open_database(path, back_up=lambda path: None).close()

    with closing(sqlite3.connect(path)) as raw:
        assert ("nct:nct01234567",) in raw.execute("SELECT mention FROM entry_mention").fetchall()


def test_addresses_of_an_earlier_version_are_spelled_as_keys_are_today(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store_of("0007", path)
    old = "url:news.example/a?ttclid=x"
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("UPDATE entry SET url = 'https://www.news.example/a?ttclid=x' WHERE id = 1")
        raw.execute("UPDATE entry_key SET key = ? WHERE entry_id = 1", (old,))
        raw.execute("UPDATE decision SET key = ? WHERE rowid = 1", (old,))

    open_database(path, back_up=lambda path: None).close()

    with closing(sqlite3.connect(path)) as raw:
        assert ("url:news.example/a",) in raw.execute("SELECT key FROM entry_key WHERE entry_id = 1").fetchall()
        assert ("url:news.example/a",) in raw.execute("SELECT key FROM decision").fetchall()


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_every_connection_is_careful(store: Database, pragma: str, value: object) -> None:
    with store.read() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_transaction_that_fails_leaves_nothing(store: Database) -> None:
    with pytest.raises(RuntimeError), store.write() as connection:
        connection.execute(insert(STORY).values(begun_at=NOW))
        raise RuntimeError

    assert stories(store) == 0


def test_a_reader_sees_one_state_while_a_writer_commits(store: Database) -> None:
    with store.read() as reader:
        before = reader.execute(select(func.count()).select_from(STORY)).scalar_one()
        with store.write() as writer:
            writer.execute(insert(STORY).values(begun_at=NOW))
        after = reader.execute(select(func.count()).select_from(STORY)).scalar_one()

    assert (before, after, stories(store)) == (0, 0, 1)


def test_instants_come_back_aware(store: Database) -> None:
    with store.write() as connection:
        connection.execute(insert(STORY).values(begun_at=NOW))
    with store.read() as connection:
        assert connection.execute(select(STORY.c.begun_at)).scalar_one() == NOW


def test_a_store_of_a_newer_version_is_refused(store: Database) -> None:
    store.close()
    with sqlite3.connect(store.path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()

    with pytest.raises(NewerStoreError, match="newer version"):
        open_database(store.path, back_up=lambda path: None)


def test_an_older_store_is_copied_before_it_is_changed(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    store.close()
    copied: list[Path] = []
    monkeypatch.setattr(module, "HEAD", "9998")
    monkeypatch.setattr(module, "_migrate", lambda database: None)

    open_database(store.path, back_up=copied.append).close()

    assert copied == [store.path]


def test_a_crash_in_a_migration_leaves_no_half_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "news.db"
    upgrade = module._migrate

    def crash(database: Database) -> None:
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "_migrate", crash)
    with pytest.raises(KeyboardInterrupt):
        open_database(path, back_up=lambda path: None)
    monkeypatch.setattr(module, "_migrate", upgrade)

    opened = open_database(path, back_up=lambda path: None)
    with opened.read() as connection:
        tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    opened.close()

    assert "half" not in tables
    assert "entry" in tables
    assert version_of(path) == HEAD


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but some text " * 50, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_damaged_file_is_told_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "news.db"
    path.write_bytes(content)

    with pytest.raises((StoreDamagedError, StoreError), match=r"damaged|cannot be"):
        open_database(path, back_up=lambda path: None)

    assert path.read_bytes() == content


def test_a_store_that_another_process_holds_is_told(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BUSY_SECONDS", 0.1)
    impatient = Database(store.path)
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreBusyError, match="another process"), impatient.write() as connection:
        connection.execute(insert(STORY).values(begun_at=NOW))

    holder.execute("ROLLBACK")
    holder.close()
    impatient.close()


def test_a_copy_is_whole_while_the_store_is_in_use(store: Database, tmp_path: Path) -> None:
    with store.write() as connection:
        connection.execute(insert(STORY).values(begun_at=NOW))
    copy_database(store.path, tmp_path / "copy.db")

    copy = Database(tmp_path / "copy.db")
    assert stories(copy) == 1
    with copy.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    copy.close()


def test_what_feeds_gave_is_stored_by_value_and_no_longer_by_the_names_of_classes(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    store_of("0009", path)
    names = ["Read", "NotModified", "FetchFailed", "Skipped", "of a later version"]
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("DELETE FROM poll")
        store.executemany("INSERT INTO poll VALUES (1, ?, ?, '', 0, 0, 0, 0)", enumerate(names))

    open_database(path, back_up=lambda _: None).close()

    with closing(sqlite3.connect(path)) as store:
        found = [value for (value,) in store.execute("SELECT outcome FROM poll ORDER BY feed_id")]
    assert found == [*(outcome.value for outcome in PollOutcome), "of a later version"]
