"""The people on the list, those who asked, and the log of what they agreed to: the SQL."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from sqlite3 import Row

from aggregator.subscribers.database import Rows, as_instant, as_text
from aggregator.subscribers.vault import secret_hash
from aggregator.subscribers.wordings import Wording
from aggregator.values.subscribers import Door, Frequency, Wishes

# A request that nobody confirms is deleted after so long.
PENDING = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the list; `token` is the secret of the links in letters to them."""

    id: int
    mark: bytes
    address: str
    wishes: Wishes
    state: str
    token: str
    since: datetime
    postal: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody who asked: to be on the list (`subscribe`), or to be written to elsewhere (`move-old`, `move-new`)."""

    id: int
    mark: bytes
    kind: str
    pair: int
    address: str
    wishes: Wishes
    wording: str
    door: str
    network: str
    until: datetime
    used_at: datetime | None
    postal: str = ""
    person: int = 0

    @property
    def is_used(self) -> bool:
        """Whether it was confirmed already."""
        return self.used_at is not None


def new_secret() -> str:
    """The secret of a link: 128 random bits."""
    return secrets.token_urlsafe(16)


# ---- people ----------------------------------------------------------------------------------------------------------


def person_of(rows: Rows, mark: bytes) -> Person | None:
    """Who has this address."""
    return _person(rows, rows.raw.execute("SELECT * FROM person WHERE mark = ?", (mark,)).fetchone())


def person_by_token(rows: Rows, token: str) -> Person | None:
    """Whose letters have this link."""
    row = rows.raw.execute("SELECT * FROM person WHERE token_hash = ?", (secret_hash(token),)).fetchone()
    return _person(rows, row)


def person_by_number(rows: Rows, number: int) -> Person | None:
    """Who has this number."""
    return _person(rows, rows.raw.execute("SELECT * FROM person WHERE id = ?", (number,)).fetchone())


def everybody(rows: Rows) -> Iterator[Person]:
    """All people, the oldest first."""
    for row in rows.raw.execute("SELECT * FROM person ORDER BY id"):
        person = _person(rows, row)
        if person is not None:
            yield person


def _person(rows: Rows, row: Row | None) -> Person | None:
    if row is None:
        return None
    mark = row["mark"]
    said = rows.vault.get(row["sealed"], "person", mark)
    postal = rows.vault.get(row["postal"], "postal", mark) if row["postal"] is not None else ""
    token = rows.vault.get(row["token"], "token", mark)
    return Person(
        row["id"], mark, said["address"], wishes_in(said["wishes"]), row["state"], token, as_instant(row["since"]), postal
    )


def add_person(rows: Rows, address: str, wishes: Wishes, *, postal: str = "", now: datetime) -> Person:
    """Put somebody on the list, or give them new wishes where they are on it; a suspended address counts again."""
    mark = rows.vault.mark(address)
    known = person_of(rows, mark)
    if known is not None:
        change_wishes(rows, known, wishes, postal=postal)
        rows.raw.execute("UPDATE person SET state = 'confirmed' WHERE id = ?", (known.id,))
        return replace(known, wishes=wishes, state="confirmed")
    token = rows.vault.token(mark)
    if person_by_token(rows, token) is not None:
        # Of somebody who had this address and moved.
        token = new_secret()
    cursor = rows.raw.execute(
        "INSERT INTO person (mark, sealed, postal, state, token, token_hash, since) VALUES (?, ?, ?, 'confirmed', ?, ?, ?)",
        (mark, _said(rows, address, wishes, mark), _postal(rows, postal, mark), rows.vault.put(token, "token", mark),
         secret_hash(token), as_text(now)),
    )  # fmt: skip
    return Person(cursor.lastrowid or 0, mark, address, wishes, "confirmed", token, now, postal)


def change_wishes(rows: Rows, person: Person, wishes: Wishes, *, postal: str = "") -> None:
    """Remember what somebody wants from now on. Their postal address goes where they want no paper, and stays where they
    gave no other."""
    rows.raw.execute(
        "UPDATE person SET sealed = ? WHERE id = ?", (_said(rows, person.address, wishes, person.mark), person.id)
    )
    kept = (postal or person.postal) if wishes.on_paper else ""
    rows.raw.execute("UPDATE person SET postal = ? WHERE id = ?", (_postal(rows, kept, person.mark), person.id))


def move_person(rows: Rows, person: Person, address: str) -> bytes:
    """Write to somebody at another address from now on; its mark. Their links stay."""
    mark = rows.vault.mark(address)
    other = person_of(rows, mark)
    if other is not None and other.id != person.id:
        rows.raw.execute("DELETE FROM person WHERE id = ?", (other.id,))
    rows.raw.execute(
        "UPDATE person SET mark = ?, sealed = ?, postal = ?, token = ?, state = 'confirmed' WHERE id = ?",
        (mark, _said(rows, address, person.wishes, mark), _postal(rows, person.postal, mark),
         rows.vault.put(person.token, "token", mark), person.id),
    )  # fmt: skip
    return mark


def suspend(rows: Rows, mark: bytes) -> int:
    """Write to an address no more until its owner asks again: it does not take mail. How many people that are, 0 or 1."""
    return rows.raw.execute("UPDATE person SET state = 'suspended' WHERE mark = ? AND state = 'confirmed'", (mark,)).rowcount


def mark_of(rows: Rows, number: int) -> bytes | None:
    """The mark of the person with this number; None where there is none."""
    row = rows.raw.execute("SELECT mark FROM person WHERE id = ?", (number,)).fetchone()
    return bytes(row["mark"]) if row else None


def add_bounce(rows: Rows, mark: bytes, sort: str, code: str, *, now: datetime) -> None:
    """Remember that a letter came back."""
    rows.raw.execute("INSERT INTO bounce (mark, at, sort, code) VALUES (?, ?, ?, ?)", (mark, as_text(now), sort, code[:60]))


def bounces_since(rows: Rows, mark: bytes, sort: str, *, since: datetime | None) -> int:
    """How many letters came back, since then or ever."""
    query = "SELECT COUNT(*) FROM bounce WHERE mark = ? AND sort = ? AND at > ?"
    return int(rows.raw.execute(query, (mark, sort, as_text(since) if since else "")).fetchone()[0])


def drop_requests(rows: Rows, mark: bytes) -> None:
    """Forget what an address asked for: it does not exist."""
    rows.raw.execute("DELETE FROM request WHERE mark = ? AND used_at IS NULL", (mark,))


def remove(rows: Rows, mark: bytes) -> bool:
    """Take an address off the list, with all requests and letters that wait; whether it was on it."""
    halves = "SELECT pair FROM request WHERE mark = ? AND pair <> 0"
    rows.raw.execute(f"DELETE FROM request WHERE mark = ? OR pair IN ({halves})", (mark, mark))  # noqa: S608 - a text of ours
    rows.raw.execute("UPDATE mail SET sealed = NULL, state = 'dropped' WHERE mark = ? AND state = 'todo'", (mark,))
    return rows.raw.execute("DELETE FROM person WHERE mark = ?", (mark,)).rowcount > 0


def erase(rows: Rows, mark: bytes, *, now: datetime) -> None:
    """Leave nothing of an address but the mark by which it is never written to again."""
    remove(rows, mark)
    suppress(rows, mark, "erased", now=now)
    for table in ("consent", "mail", "bounce"):
        rows.raw.execute(f"DELETE FROM {table} WHERE mark = ?", (mark,))  # noqa: S608 - names of ours


def counts(rows: Rows) -> dict[str, int]:
    """How many there are, by state: confirmed, suspended, pending, suppressed."""
    found = {"confirmed": 0, "suspended": 0}
    found |= dict(rows.raw.execute("SELECT state, COUNT(*) FROM person GROUP BY state").fetchall())
    found["pending"] = rows.raw.execute(
        "SELECT COUNT(*) FROM request WHERE kind = 'subscribe' AND used_at IS NULL"
    ).fetchone()[0]
    found["suppressed"] = rows.raw.execute("SELECT COUNT(*) FROM suppressed").fetchone()[0]
    return found


def _said(rows: Rows, address: str, wishes: Wishes, mark: bytes) -> bytes:
    return rows.vault.put({"address": address, "wishes": asdict(wishes)}, "person", mark)


def _postal(rows: Rows, postal: str, mark: bytes) -> bytes | None:
    return rows.vault.put(postal, "postal", mark) if postal else None


def wishes_in(said: dict[str, object]) -> Wishes:
    """The wishes that a sealed column holds."""
    topics = said.get("topics")
    return Wishes(
        topics=tuple(map(str, topics)) if isinstance(topics, list | tuple) else (),
        frequency=Frequency(str(said.get("frequency", Frequency.WEEKLY))),
        language=str(said.get("language", "en")),
        on_paper=bool(said.get("on_paper", False)),
        large_type=bool(said.get("large_type", False)),
    )


# ---- requests --------------------------------------------------------------------------------------------------------


def add_request(
    rows: Rows, kind: str, address: str, wishes: Wishes, *, words: Wording, door: Door, network: str, now: datetime,
    code: str, postal: str = "", pair: int = 0, person: int = 0,
) -> int:  # fmt: skip
    """Remember a wish that must be confirmed by the link with `code`; its number."""
    mark = rows.vault.mark(address)
    rows.raw.execute("INSERT OR IGNORE INTO wording VALUES (?, ?, ?)", (words.digest, words.language, words.text))
    said = {"address": address, "wishes": asdict(wishes), "postal": postal, "person": person, "network": network}
    cursor = rows.raw.execute(
        "INSERT INTO request (mark, kind, pair, code_hash, sealed, wording, door, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (mark, kind, pair, secret_hash(code), rows.vault.put(said, "request", mark), words.digest, door.value,
         as_text(now + PENDING)),
    )  # fmt: skip
    return cursor.lastrowid or 0


def request_of(rows: Rows, code: str) -> Request | None:
    """Whose link this is; None where it is unknown or was deleted."""
    query = "SELECT * FROM request WHERE code_hash = ? AND kind <> 'none'"
    row = rows.raw.execute(query, (secret_hash(code),)).fetchone()
    return _request(rows, row) if row else None


def has_requests(rows: Rows, mark: bytes) -> bool:
    """Whether an address asked for something that is remembered."""
    return rows.raw.execute("SELECT 1 FROM request WHERE mark = ? AND kind <> 'none'", (mark,)).fetchone() is not None


def set_pair(rows: Rows, request: int, pair: int) -> None:
    """Say that a request is a half of the move `pair`."""
    rows.raw.execute("UPDATE request SET pair = ? WHERE id = ?", (pair, request))


def other_half(rows: Rows, request: Request) -> Request | None:
    """The other request of a move."""
    row = rows.raw.execute("SELECT * FROM request WHERE pair = ? AND id <> ?", (request.pair, request.id)).fetchone()
    return _request(rows, row) if row and request.pair else None


def use_request(rows: Rows, request: Request, *, now: datetime) -> None:
    """Note that a wish was confirmed. Its link says the same until the request is deleted."""
    rows.raw.execute("UPDATE request SET used_at = ? WHERE id = ?", (as_text(now), request.id))


def forget_requests(rows: Rows, *, now: datetime) -> int:
    """Delete the requests whose time is over; how many."""
    return rows.raw.execute("DELETE FROM request WHERE until <= ?", (as_text(now),)).rowcount


def _request(rows: Rows, row: Row) -> Request:
    said = rows.vault.get(row["sealed"], "request", row["mark"])
    used_at = as_instant(row["used_at"]) if row["used_at"] else None
    return Request(
        row["id"], row["mark"], row["kind"], row["pair"], said["address"], wishes_in(said["wishes"]), row["wording"],
        row["door"], said["network"], as_instant(row["until"]), used_at, said["postal"], said["person"],
    )  # fmt: skip


# ---- what they agreed to ---------------------------------------------------------------------------------------------


def log_consent(
    rows: Rows, mark: bytes, act: str, *, door: str, wording: str = "", network: str = "", now: datetime
) -> None:
    """Add to the log, which only grows: `asked`, `confirmed`, `changed`, `moved`, `left`, `complained`, `suspended`."""
    rows.raw.execute(
        "INSERT INTO consent (mark, at, act, wording, door, network) VALUES (?, ?, ?, ?, ?, ?)",
        (mark, as_text(now), act, wording, door, rows.vault.put(network, "network", mark) if network else None),
    )


def consents_of(rows: Rows, mark: bytes) -> list[dict[str, str]]:
    """The log of an address, with the words that were shown."""
    found = rows.raw.execute(
        "SELECT at, act, door, network, language, text FROM consent LEFT JOIN wording ON wording = digest "
        "WHERE mark = ? ORDER BY consent.id",
        (mark,),
    )
    told = []
    for row in found:
        one = {name: row[name] for name in ("at", "act", "door", "language", "text") if row[name]}
        told.append(one | ({"network": rows.vault.get(row["network"], "network", mark)} if row["network"] else {}))
    return told


def forget_networks(rows: Rows, *, before: datetime) -> int:
    """Delete from the log the networks of what was agreed to before then; of how many."""
    statement = "UPDATE consent SET network = NULL WHERE at < ? AND network IS NOT NULL"
    return rows.raw.execute(statement, (as_text(before),)).rowcount


def suppress(rows: Rows, mark: bytes, why: str, *, now: datetime) -> None:
    """Never write to an address again, until its owner asks staff."""
    rows.raw.execute("INSERT OR REPLACE INTO suppressed VALUES (?, ?, ?)", (mark, why, as_text(now)))


def allow(rows: Rows, mark: bytes) -> None:
    """Let an address be written to again."""
    rows.raw.execute("DELETE FROM suppressed WHERE mark = ?", (mark,))


def is_suppressed(rows: Rows, mark: bytes) -> bool:
    """Whether an address is never written to."""
    return rows.raw.execute("SELECT 1 FROM suppressed WHERE mark = ?", (mark,)).fetchone() is not None


def exported(rows: Rows, mark: bytes) -> dict[str, object]:
    """All that is kept of an address, as its owner may have it (GDPR, article 15)."""
    person = person_of(rows, mark)
    bounces = rows.raw.execute("SELECT at, sort, code FROM bounce WHERE mark = ? ORDER BY id", (mark,)).fetchall()
    letters = rows.raw.execute("SELECT made_at, kind, state FROM mail WHERE mark = ? ORDER BY id", (mark,)).fetchall()
    asked = [
        _request(rows, row)
        for row in rows.raw.execute("SELECT * FROM request WHERE mark = ? AND kind <> 'none' ORDER BY id", (mark,))
    ]
    return {
        "on_the_list": None if person is None else {
            "address": person.address, "state": person.state, "since": as_text(person.since),
            "wishes": json.loads(json.dumps(asdict(person.wishes))), "postal_address": person.postal,
        },
        "never_written_to": is_suppressed(rows, mark),
        "log": consents_of(rows, mark),
        "requests": [
            {"kind": one.kind, "address": one.address, "wishes": asdict(one.wishes), "postal_address": one.postal,
             "network": one.network, "until": as_text(one.until), "is_confirmed": one.is_used}
            for one in asked
        ],
        "letters": [dict(row) for row in letters],
        "bounces": [dict(row) for row in bounces],
        "issues": [
            dict(row)
            for row in rows.raw.execute(
                "SELECT issue, state, at FROM delivery WHERE person = ? ORDER BY issue", (person.id if person else 0,)
            )
        ],
    }  # fmt: skip
