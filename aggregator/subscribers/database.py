"""subscribers.db: a file of its own, for its owner only. Its schema, its transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aggregator.errors import NewerStoreError, StoreBusyError, StoreError
from aggregator.subscribers.vault import Vault

_SCHEMA = (
    """
    CREATE TABLE vault (id INTEGER PRIMARY KEY CHECK (id = 1), wrapped BLOB NOT NULL) STRICT;
    -- Somebody on the list. `sealed` has the address and the wishes, `token` the secret of the links in their letters.
    -- Numbers are never given twice: a bounce names whom a letter went to by one.
    CREATE TABLE person (
        id INTEGER PRIMARY KEY AUTOINCREMENT, mark BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL, postal BLOB,
        state TEXT NOT NULL CHECK (state IN ('confirmed', 'suspended')),
        token BLOB NOT NULL, token_hash BLOB NOT NULL UNIQUE, since TEXT NOT NULL
    ) STRICT;
    -- Somebody who asked and did not yet confirm. The two halves of a move share `pair`.
    CREATE TABLE request (
        id INTEGER PRIMARY KEY, mark BLOB NOT NULL, kind TEXT NOT NULL, pair INTEGER NOT NULL DEFAULT 0,
        code_hash BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL, wording TEXT NOT NULL, door TEXT NOT NULL,
        until TEXT NOT NULL, used_at TEXT
    ) STRICT;
    CREATE INDEX request_mark ON request (mark);
    CREATE TABLE wording (digest TEXT PRIMARY KEY, language TEXT NOT NULL, text TEXT NOT NULL) STRICT;
    CREATE TABLE consent (
        id INTEGER PRIMARY KEY, mark BLOB NOT NULL, at TEXT NOT NULL, act TEXT NOT NULL, wording TEXT NOT NULL DEFAULT '',
        door TEXT NOT NULL, network BLOB
    ) STRICT;
    CREATE INDEX consent_mark ON consent (mark);
    CREATE TABLE suppressed (mark BLOB PRIMARY KEY, why TEXT NOT NULL, at TEXT NOT NULL) STRICT;
    -- The log only grows: a network is forgotten, and a whole person who is erased.
    CREATE TRIGGER consent_stays BEFORE UPDATE OF mark, at, act, wording, door ON consent
    BEGIN SELECT RAISE(ABORT, 'the log of consents only grows'); END;
    CREATE TRIGGER consent_is_kept BEFORE DELETE ON consent
    WHEN NOT EXISTS (SELECT 1 FROM suppressed WHERE suppressed.mark = OLD.mark AND why = 'erased')
    BEGIN SELECT RAISE(ABORT, 'the log of consents only grows'); END;
    -- Letters to single people that are to be sent: `sealed` is emptied when they are.
    CREATE TABLE mail (
        id INTEGER PRIMARY KEY AUTOINCREMENT, mark BLOB NOT NULL, kind TEXT NOT NULL, sealed BLOB, made_at TEXT NOT NULL,
        due_at TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('todo', 'sending', 'sent', 'refused', 'unknown',
        'dropped')), tries INTEGER NOT NULL DEFAULT 0, sent_at TEXT, message_id TEXT NOT NULL
    ) STRICT;
    CREATE INDEX mail_state ON mail (state, due_at);
    CREATE INDEX mail_mark ON mail (mark, made_at);
    -- Messages that were read, by their hash, so that none is read twice.
    CREATE TABLE seen (hash BLOB PRIMARY KEY, at TEXT NOT NULL, door TEXT NOT NULL, result TEXT NOT NULL) STRICT;
    -- Messages that a person must look at: why, and where they stand; nothing of what they say.
    CREATE TABLE for_staff (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, door TEXT NOT NULL, why BLOB NOT NULL, done_at TEXT
    ) STRICT;
    CREATE TABLE bounce (
        id INTEGER PRIMARY KEY, mark BLOB NOT NULL, at TEXT NOT NULL, sort TEXT NOT NULL, code TEXT NOT NULL
    ) STRICT;
    CREATE INDEX bounce_mark ON bounce (mark);
    CREATE TABLE rate (key BLOB NOT NULL, at TEXT NOT NULL) STRICT;
    CREATE INDEX rate_key ON rate (key, at);
    CREATE INDEX rate_at ON rate (at);
    """,
    """
    -- The sending of an issue. `made_at` is when its draft was made, by which it is known from another under its number;
    -- `digest` is that of the approved letter.
    CREATE TABLE mailing (
        issue INTEGER PRIMARY KEY, made_at TEXT NOT NULL, digest TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('sending', 'paused', 'done', 'cancelled')),
        started_at TEXT NOT NULL, touched_at TEXT NOT NULL
    ) STRICT;
    -- An issue to a person. `code` is the server's, without its words: they often name the address.
    CREATE TABLE delivery (
        issue INTEGER NOT NULL, person INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('todo', 'sending', 'sent',
        'refused', 'unknown', 'skipped', 'bounced')), tries INTEGER NOT NULL DEFAULT 0, due_at TEXT NOT NULL, at TEXT,
        code TEXT NOT NULL DEFAULT '', PRIMARY KEY (issue, person)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX delivery_state ON delivery (issue, state, due_at, person);
    -- Which list this is, and how many letters were ever claimed: an older copy has fewer (newsletter.guard has both).
    CREATE TABLE guard (id INTEGER PRIMARY KEY CHECK (id = 1), code TEXT NOT NULL, claims INTEGER NOT NULL) STRICT;
    """,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """An open transaction, and the key to what it holds."""

    raw: sqlite3.Connection
    vault: Vault


class SubscriberStore:
    """subscribers.db of a data folder; `keys` are staff's, the one in force first."""

    def __init__(self, path: Path, keys: tuple[bytes, ...]) -> None:
        self.path, self.keys = path, keys
        if not path.exists():
            path.touch(mode=0o600)
        with self._connected() as raw:
            _migrate(raw)
            self.vault, self._wrapped = _unlocked(raw, keys)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """A transaction that writes: all of it or nothing. StoreBusyError where another one holds the file for too long."""
        with self._connected() as raw:
            raw.execute("BEGIN IMMEDIATE")
            with raw:
                yield Rows(raw, self.vault_of(raw))

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        """One state of the file."""
        with self._connected() as raw:
            raw.execute("BEGIN")
            yield Rows(raw, self.vault_of(raw))

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One connection for many transactions, for who would open it thousands of times."""
        with self._connected() as raw:
            yield Session(self, raw)

    def vault_of(self, raw: sqlite3.Connection) -> Vault:
        """The keys of the file as it is now: another process may have renewed them, or put a copy in its place."""
        wrapped = bytes(raw.execute("SELECT wrapped FROM vault").fetchone()["wrapped"])
        if wrapped != self._wrapped:
            self.vault, self._wrapped = Vault.unwrapped(self.keys, wrapped), wrapped
        return self.vault

    def renew(self) -> int:
        """Seal everything with a fresh key, wrapped in staff's first; how many rows were sealed anew."""
        with self.writing() as rows:
            fresh = rows.vault.renewed()
            count = sum(_resealed(rows.raw, rows.vault, fresh, *column) for column in _SEALED)
            rows.raw.execute("UPDATE vault SET wrapped = ?", (fresh.wrapped(self.keys[0]),))
        self.compact()
        return count

    def compact(self) -> None:
        """Leave nothing of what was deleted in free pages or in the log of writes."""
        with self._connected() as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as raw:
                raw.row_factory = sqlite3.Row
                raw.execute("PRAGMA journal_mode = WAL")
                raw.execute("PRAGMA synchronous = FULL")
                # What is deleted is overwritten: an erased address leaves no trace in free pages.
                raw.execute("PRAGMA secure_delete = ON")
                yield raw
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise StoreBusyError(f"{self.path} is held by another process; try again when that has ended.") from error
            raise StoreError(f"{self.path} cannot be used: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} cannot be used: {error}.") from error


@dataclass(frozen=True, slots=True)
class Session:
    """A connection that stays open."""

    store: SubscriberStore
    raw: sqlite3.Connection

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """A transaction that writes: all of it or nothing."""
        self.raw.execute("BEGIN IMMEDIATE")
        with self.raw:
            yield Rows(self.raw, self.store.vault_of(self.raw))


# Table, column, and how its contents are named.
_SEALED = (
    ("person", "sealed", "person"),
    ("person", "postal", "postal"),
    ("person", "token", "token"),
    ("request", "sealed", "request"),
    ("mail", "sealed", "mail"),
    ("consent", "network", "network"),
    ("for_staff", "why", "for_staff"),
)


def _resealed(raw: sqlite3.Connection, old: Vault, fresh: Vault, table: str, column: str, about: str) -> int:
    mark = "x''" if table == "for_staff" else "mark"
    rows = raw.execute(f"SELECT id, {mark} AS mark, {column} AS content FROM {table} WHERE {column} IS NOT NULL").fetchall()  # noqa: S608 - names of ours
    for row in rows:
        content = fresh.put(old.get(row["content"], about, row["mark"]), about, row["mark"])
        raw.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (content, row["id"]))  # noqa: S608 - names of ours
    return len(rows)


def _migrate(raw: sqlite3.Connection) -> None:
    raw.execute("BEGIN IMMEDIATE")
    with raw:
        (version,) = raw.execute("PRAGMA user_version").fetchone()
        if version > len(_SCHEMA):
            raise NewerStoreError("subscribers.db was made by a newer version of this program; install that version again.")
        for number, step in enumerate(_SCHEMA[version:], version + 1):
            for statement in _statements(step):
                raw.execute(statement)
            raw.execute(f"PRAGMA user_version = {number}")


def _statements(script: str) -> list[str]:
    """The statements of a script, so that they run in one transaction (`executescript` would end it)."""
    found, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            found.append(statement)
            statement = ""
    return found


def _unlocked(raw: sqlite3.Connection, keys: tuple[bytes, ...]) -> tuple[Vault, bytes]:
    raw.execute("BEGIN IMMEDIATE")
    with raw:
        row = raw.execute("SELECT wrapped FROM vault").fetchone()
        if row is not None:
            return Vault.unwrapped(keys, row["wrapped"]), bytes(row["wrapped"])
        vault = Vault.new()
        wrapped = vault.wrapped(keys[0])
        raw.execute("INSERT INTO vault VALUES (1, ?)", (wrapped,))
        return vault, wrapped


def as_text(at: datetime) -> str:
    """An instant as it is stored: in UTC, so that texts sort as instants do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def as_instant(text: str) -> datetime:
    """A stored instant."""
    return datetime.fromisoformat(text)
