"""Messages that were read, and those that a person must look at: the SQL. Nothing of what they say is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aggregator.subscribers.database import Rows, as_instant, as_text


@dataclass(frozen=True, slots=True)
class ForStaff:
    """A message that waits for a person: why, and where it stands (`place`, a file or a Message-ID)."""

    id: int
    at: datetime
    door: str
    why: str
    place: str


def is_new(rows: Rows, digest: bytes, door: str, result: str, *, now: datetime) -> bool:
    """Remember a message by its keyed hash; False where it was read before."""
    inserted = rows.raw.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)", (digest, as_text(now), door, result))
    return inserted.rowcount == 1


def add_for_staff(rows: Rows, door: str, why: str, place: str, *, now: datetime) -> None:
    """Remember that a person must look at a message."""
    content = rows.vault.put({"why": why, "place": place}, "for_staff", b"")
    rows.raw.execute("INSERT INTO for_staff (at, door, why) VALUES (?, ?, ?)", (as_text(now), door, content))


def for_staff(rows: Rows) -> list[ForStaff]:
    """What waits for a person, the newest first."""
    found = rows.raw.execute("SELECT * FROM for_staff WHERE done_at IS NULL ORDER BY id DESC LIMIT 200")
    said = [(row, rows.vault.get(row["why"], "for_staff", b"")) for row in found]
    return [ForStaff(row["id"], as_instant(row["at"]), row["door"], one["why"], one["place"]) for row, one in said]


def done(rows: Rows, number: int, *, now: datetime) -> bool:
    """A person has looked at it; False where there is none such."""
    query = "UPDATE for_staff SET done_at = ? WHERE id = ? AND done_at IS NULL"
    return rows.raw.execute(query, (as_text(now), number)).rowcount > 0


def forget_messages(rows: Rows, *, before: datetime) -> int:
    """Delete what was read before then; how many rows."""
    at = (as_text(before),)
    read = rows.raw.execute("DELETE FROM seen WHERE at < ?", at).rowcount
    looked_at = rows.raw.execute("DELETE FROM for_staff WHERE at < ?", at).rowcount
    bounces = rows.raw.execute("DELETE FROM bounce WHERE at < ?", at).rowcount
    return read + looked_at + bounces
