"""console.db: accounts, sessions and failed sign-ins, apart from the news, so that a storm of sign-ins holds nothing up.

Tokens are stored as SHA-256 hashes: who reads a copy of this file can sign in with nothing of it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aggregator.errors import StoreBusyError, StoreError

_SCHEMA = (
    """
    CREATE TABLE staff (
        name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL DEFAULT '', added_at TEXT NOT NULL,
        disabled_at TEXT, keys INTEGER NOT NULL DEFAULT 1
    ) STRICT;
    CREATE TABLE setup (hash TEXT PRIMARY KEY, name TEXT NOT NULL REFERENCES staff(name), until TEXT NOT NULL) STRICT;
    CREATE TABLE session (
        hash TEXT PRIMARY KEY, name TEXT NOT NULL REFERENCES staff(name), token TEXT NOT NULL, begun_at TEXT NOT NULL,
        seen_at TEXT NOT NULL, agent TEXT NOT NULL
    ) STRICT;
    CREATE TABLE failure (key TEXT NOT NULL, at TEXT NOT NULL) STRICT;
    CREATE INDEX failure_key ON failure (key, at);
    """,
)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody on staff. `has_keys` says that single keys act; `role` is `curator` or `reader`."""

    name: str
    role: str
    password: str
    added_at: datetime
    disabled_at: datetime | None
    has_keys: bool

    @property
    def is_curator(self) -> bool:
        """Whether they may decide."""
        return self.role == "curator"

    @property
    def state(self) -> str:
        """Why they cannot sign in, in a word or two; empty where they can."""
        return "disabled" if self.disabled_at else "" if self.password else "no password yet"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in; `token` belongs into each form that they send."""

    account: Account
    token: str
    begun_at: datetime
    seen_at: datetime


class StaffStore:
    """The accounts of a data folder. Methods with `now` write instants in UTC."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.exists():
            path.touch(mode=0o600)
        with self._open() as raw:
            _migrate(raw)

    # ---- accounts

    def accounts(self) -> list[Account]:
        """Everybody, by name."""
        with self._open() as raw:
            return [_account(row) for row in raw.execute("SELECT * FROM staff ORDER BY name")]

    def account(self, name: str) -> Account | None:
        """The account with this name."""
        with self._open() as raw:
            row = raw.execute("SELECT * FROM staff WHERE name = ?", (name,)).fetchone()
        return _account(row) if row else None

    def add(self, name: str, role: str, *, now: datetime) -> None:
        """Add an account without a password, or begin a disabled one anew."""
        with self._open() as raw:
            raw.execute(
                "INSERT INTO staff (name, role, added_at) VALUES (?, ?, ?) "
                "ON CONFLICT (name) DO UPDATE SET role = excluded.role, disabled_at = NULL, password = ''",
                (name, role, _text(now)),
            )

    def disable(self, name: str, *, now: datetime) -> None:
        """Let somebody in no more; their sessions end."""
        with self._open() as raw:
            raw.execute("UPDATE staff SET disabled_at = ? WHERE name = ?", (_text(now), name))
            raw.execute("DELETE FROM session WHERE name = ?", (name,))
            raw.execute("DELETE FROM setup WHERE name = ?", (name,))

    def set_password(self, name: str, password: str, *, keep: str = "") -> None:
        """Store the hash of a new password; all other sessions of theirs end, but for the one with the cookie `keep`."""
        with self._open() as raw:
            raw.execute("UPDATE staff SET password = ? WHERE name = ?", (password, name))
            raw.execute("DELETE FROM session WHERE name = ? AND hash <> ?", (name, _hash(keep)))
            raw.execute("DELETE FROM setup WHERE name = ?", (name,))

    def set_keys(self, name: str, *, are_on: bool) -> None:
        """Switch single keys on or off."""
        with self._open() as raw:
            raw.execute("UPDATE staff SET keys = ? WHERE name = ?", (int(are_on), name))

    # ---- one-time links

    def add_setup(self, name: str, secret: str, until: datetime) -> None:
        """Remember a link by which somebody chooses a password; it replaces an earlier one."""
        with self._open() as raw:
            raw.execute("DELETE FROM setup WHERE name = ?", (name,))
            raw.execute("INSERT INTO setup VALUES (?, ?, ?)", (_hash(secret), name, _text(until)))

    def setup(self, secret: str, *, now: datetime) -> Account | None:
        """Whose link this is; None where it is unknown, used or too old."""
        with self._open() as raw:
            row = raw.execute(
                "SELECT staff.* FROM setup JOIN staff USING (name) WHERE hash = ? AND until > ? AND disabled_at IS NULL",
                (_hash(secret), _text(now)),
            ).fetchone()
        return _account(row) if row else None

    def use_setup(self, secret: str, *, now: datetime) -> Account | None:
        """As `setup`, and the link is used from now on; of two at once, one gets it."""
        found = self.setup(secret, now=now)
        with self._open() as raw:
            return found if raw.execute("DELETE FROM setup WHERE hash = ?", (_hash(secret),)).rowcount else None

    # ---- sessions

    def begin_session(self, name: str, cookie: str, token: str, agent: str, *, now: datetime) -> None:
        """Remember a session by its cookie."""
        with self._open() as raw:
            values = (_hash(cookie), name, token, _text(now), _text(now), agent[:200])
            raw.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", values)

    def session(self, cookie: str) -> Session | None:
        """The session with this cookie, whether it still holds or not; None where it has ended."""
        with self._open() as raw:
            row = raw.execute(
                "SELECT staff.*, token, begun_at, seen_at FROM session JOIN staff USING (name) "
                "WHERE hash = ? AND disabled_at IS NULL",
                (_hash(cookie),),
            ).fetchone()
        return Session(_account(row), row["token"], _at(row["begun_at"]), _at(row["seen_at"])) if row else None

    def touch(self, cookie: str, *, now: datetime) -> None:
        """Note that a session was used."""
        with self._open() as raw:
            raw.execute("UPDATE session SET seen_at = ? WHERE hash = ?", (_text(now), _hash(cookie)))

    def end_session(self, cookie: str) -> None:
        """End a session: its cookie is worth nothing any more."""
        with self._open() as raw:
            raw.execute("DELETE FROM session WHERE hash = ?", (_hash(cookie),))

    def end_sessions(self, name: str) -> None:
        """End all sessions of an account."""
        with self._open() as raw:
            raw.execute("DELETE FROM session WHERE name = ?", (name,))

    # ---- failed sign-ins

    def failures(self, key: str) -> list[datetime]:
        """When a sign-in by this key (a name or an address) failed, as far as it is remembered."""
        with self._open() as raw:
            rows = raw.execute("SELECT at FROM failure WHERE key = ? ORDER BY at DESC LIMIT 100", (key,)).fetchall()
        return [_at(row["at"]) for row in rows]

    def add_failure(self, keys: tuple[str, ...], *, now: datetime, since: datetime) -> None:
        """Remember a failure under these keys, and forget what is older than `since`."""
        with self._open() as raw:
            raw.executemany("INSERT INTO failure VALUES (?, ?)", [(key, _text(now)) for key in keys])
            raw.execute("DELETE FROM failure WHERE at < ?", (_text(since),))

    def forget_failures(self, key: str) -> None:
        """Somebody signed in: their failures count no more."""
        with self._open() as raw:
            raw.execute("DELETE FROM failure WHERE key = ?", (key,))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=10)) as raw:
                raw.row_factory = sqlite3.Row
                raw.execute("PRAGMA journal_mode = WAL")
                raw.execute("PRAGMA foreign_keys = ON")
                with raw:
                    yield raw
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise StoreBusyError(f"{self._path} is held by another process; try again when that has ended.") from error
            raise StoreError(f"{self._path} cannot be used: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self._path} cannot be used: {error}.") from error


def _migrate(raw: sqlite3.Connection) -> None:
    (version,) = raw.execute("PRAGMA user_version").fetchone()
    if version > len(_SCHEMA):
        raise StoreError("console.db was made by a newer version of this program; install that version again.")
    for number, step in enumerate(_SCHEMA[version:], version + 1):
        raw.executescript(f"BEGIN IMMEDIATE; {step}; PRAGMA user_version = {number}; COMMIT;")


def _account(row: sqlite3.Row) -> Account:
    disabled_at = _at(row["disabled_at"]) if row["disabled_at"] else None
    return Account(row["name"], row["role"], row["password"], _at(row["added_at"]), disabled_at, bool(row["keys"]))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
