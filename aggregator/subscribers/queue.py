"""Letters to single people (confirm, move, leave) that wait to be sent, and what limits them: the SQL.

A letter is claimed before it is sent and marked when it was: one that a kill leaves claimed is `unknown` and never sent
again by itself; whoever did not get it asks once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aggregator.errors import StoreError
from aggregator.subscribers.database import Rows, as_text

# To one address.
ONE_IN = timedelta(hours=24)
MOST_UNANSWERED = 3
_UNANSWERED_FOR = timedelta(days=90)
# After which time a letter that could not be sent is tried again.
_PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12), timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to be sent: its kind, and what its template needs (address, code, language …)."""

    id: int
    kind: str
    said: dict[str, Any]
    message_id: str
    tries: int


def add_letter(
    rows: Rows, mark: bytes, kind: str, said: dict[str, Any] | None, *, message_id: str, now: datetime,
    due_at: datetime | None = None,
) -> None:  # fmt: skip
    """Queue a letter. Without `said` none is sent: the row only counts, and takes as long to write."""
    content = rows.vault.put(said if said is not None else {"address": "-" * 40}, "mail", mark)
    rows.raw.execute(
        "INSERT INTO mail (mark, kind, sealed, made_at, due_at, state, message_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (mark, kind, content, as_text(now), as_text(due_at or now), "todo" if said is not None else "dropped", message_id),
    )


def mark_of(rows: Rows, number: int) -> bytes | None:
    """The mark of the address that the letter with this number went to; None where it is not known any more."""
    row = rows.raw.execute("SELECT mark FROM mail WHERE id = ?", (number,)).fetchone()
    return bytes(row["mark"]) if row else None


def may_write(rows: Rows, mark: bytes, *, now: datetime, most: int = MOST_UNANSWERED) -> bool:
    """Whether an address may be written to once more: one letter a day, and so many in 90 days without an answer, however
    often somebody types it."""
    query = "SELECT COUNT(*) FROM mail WHERE mark = ? AND state IN ('todo', 'sending', 'sent', 'unknown') AND made_at > ?"
    (lately,) = rows.raw.execute(query, (mark, as_text(now - ONE_IN))).fetchone()
    (ever,) = rows.raw.execute(query, (mark, as_text(now - _UNANSWERED_FOR))).fetchone()
    return bool(lately == 0 and ever < most)


def answered(rows: Rows, mark: bytes) -> None:
    """Somebody confirmed: what was written to them counts no more."""
    rows.raw.execute("DELETE FROM mail WHERE mark = ? AND state IN ('sent', 'unknown', 'dropped')", (mark,))


def sent_since(rows: Rows, since: datetime) -> int:
    """How many letters were sent since then, or may have been."""
    query = "SELECT COUNT(*) FROM mail WHERE sent_at > ?"
    return int(rows.raw.execute(query, (as_text(since),)).fetchone()[0])


def is_due(rows: Rows, *, now: datetime) -> bool:
    """Whether a letter waits to be sent."""
    query = "SELECT 1 FROM mail WHERE state = 'todo' AND due_at <= ? LIMIT 1"
    return rows.raw.execute(query, (as_text(now),)).fetchone() is not None


def settle_claimed(rows: Rows) -> int:
    """Call `unknown` what another process had claimed when it ended; how many. Only who alone sends may call this."""
    return rows.raw.execute("UPDATE mail SET state = 'unknown', sealed = NULL WHERE state = 'sending'").rowcount


def claim(rows: Rows, *, now: datetime) -> Letter | None:
    """The next letter that is due, claimed; None where none is. One that cannot be read with the key counts as `unknown`."""
    while True:
        row = rows.raw.execute(
            "SELECT * FROM mail WHERE state = 'todo' AND due_at <= ? ORDER BY due_at, id LIMIT 1", (as_text(now),)
        ).fetchone()
        if row is None:
            return None
        try:
            said = rows.vault.get(row["sealed"], "mail", row["mark"])
        except StoreError:
            rows.raw.execute("UPDATE mail SET state = 'unknown', sealed = NULL WHERE id = ?", (row["id"],))
            continue
        statement = "UPDATE mail SET state = 'sending', tries = tries + 1, sent_at = ? WHERE id = ?"
        rows.raw.execute(statement, (as_text(now), row["id"]))
        return Letter(row["id"], row["kind"], said, row["message_id"], row["tries"] + 1)


def finish(rows: Rows, letter: Letter, state: str, *, now: datetime) -> None:
    """Mark a letter as `sent`, `refused` or `unknown`, and forget what it said."""
    rows.raw.execute("UPDATE mail SET state = ?, sealed = NULL, sent_at = ? WHERE id = ?", (state, as_text(now), letter.id))


def put_off(rows: Rows, letter: Letter, *, now: datetime) -> bool:
    """Try a letter again later; False where it was tried often enough, and is given up."""
    if letter.tries > len(_PAUSES):
        finish(rows, letter, "refused", now=now)
        return False
    due_at = as_text(now + _PAUSES[letter.tries - 1])
    rows.raw.execute("UPDATE mail SET state = 'todo', due_at = ?, sent_at = NULL WHERE id = ?", (due_at, letter.id))
    return True


def drop_all(rows: Rows) -> int:
    """Send none of the letters that wait; how many."""
    return rows.raw.execute("UPDATE mail SET state = 'dropped', sealed = NULL WHERE state IN ('todo', 'sending')").rowcount


def waiting(rows: Rows) -> dict[str, int]:
    """How many letters there are in each state."""
    return dict(rows.raw.execute("SELECT state, COUNT(*) FROM mail WHERE state <> 'dropped' GROUP BY state").fetchall())


def drop_late(rows: Rows, *, before: datetime) -> int:
    """Send none of the letters whose links have ended; how many."""
    query = "UPDATE mail SET state = 'dropped', sealed = NULL WHERE state = 'todo' AND due_at < ?"
    return rows.raw.execute(query, (as_text(before),)).rowcount


def forget_letters(rows: Rows, *, before: datetime) -> int:
    """Delete what is older and done; how many."""
    query = "DELETE FROM mail WHERE made_at < ? AND state NOT IN ('todo', 'sending')"
    return rows.raw.execute(query, (as_text(before),)).rowcount


# ---- limits ----------------------------------------------------------------------------------------------------------


def is_too_often(rows: Rows, key: bytes, *, most: int, within: timedelta, now: datetime) -> bool:
    """Count one more use of `key`; whether that is more than `most` within the time."""
    rows.raw.execute("DELETE FROM rate WHERE at < ?", (as_text(now - timedelta(days=1)),))
    (count,) = rows.raw.execute(
        "SELECT COUNT(*) FROM rate WHERE key = ? AND at > ?", (key, as_text(now - within))
    ).fetchone()
    if count >= most:
        return True
    rows.raw.execute("INSERT INTO rate VALUES (?, ?)", (key, as_text(now)))
    return False
