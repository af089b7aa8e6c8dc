"""The sending of issues: whom each goes to and what became of it. Claimed before it is sent, marked afterwards: the SQL.

Sending exactly once over SMTP is impossible: an answer can be lost. So a letter whose sender was killed between the claim
and the mark is `unknown`, is not sent again by itself, and staff are told.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.subscribers.database import Rows, as_instant, as_text
from aggregator.subscribers.people import Person, person_by_number
from aggregator.values.issues import MailingState

# After which time a letter that a server did not take yet is tried again.
PAUSES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8), timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Mailing:
    """The sending of an issue whose draft was made at `made_at`; `touched_at` is when it last went on."""

    issue: int
    made_at: datetime
    digest: str
    state: MailingState
    started_at: datetime
    touched_at: datetime


def mailing_of(rows: Rows, issue: int) -> Mailing | None:
    """The sending of an issue; None where it did not begin."""
    row = rows.raw.execute("SELECT * FROM mailing WHERE issue = ?", (issue,)).fetchone()
    if row is None:
        return None
    state, started_at, touched_at = MailingState(row["state"]), as_instant(row["started_at"]), as_instant(row["touched_at"])
    return Mailing(row["issue"], as_instant(row["made_at"]), row["digest"], state, started_at, touched_at)


def last_issue(rows: Rows) -> int:
    """The highest number of an issue that was sent; 0 where none was."""
    return int(rows.raw.execute("SELECT COALESCE(MAX(issue), 0) FROM mailing").fetchone()[0])


def under_way(rows: Rows) -> list[int]:
    """The issues that are being sent, by number."""
    return [row[0] for row in rows.raw.execute("SELECT issue FROM mailing WHERE state = 'sending' ORDER BY issue")]


def begin(rows: Rows, issue: int, made_at: datetime, digest: str, people: Iterable[int], *, now: datetime) -> None:
    """Begin to send an issue, whose draft was made at `made_at`, to these people, by number."""
    at = as_text(now)
    values = (issue, as_text(made_at), digest, at, at)
    rows.raw.execute("INSERT INTO mailing VALUES (?, ?, ?, 'sending', ?, ?)", values)
    rows.raw.executemany(
        "INSERT INTO delivery (issue, person, state, due_at) VALUES (?, ?, 'todo', ?)",
        [(issue, person, at) for person in people],
    )


def set_state(rows: Rows, issue: int, state: MailingState, *, now: datetime | None = None) -> None:
    """Say how far the sending is; with `now`, that it went on then."""
    rows.raw.execute("UPDATE mailing SET state = ? WHERE issue = ?", (state.value, issue))
    if now is not None:
        rows.raw.execute("UPDATE mailing SET touched_at = ? WHERE issue = ?", (as_text(now), issue))


def approve_again(rows: Rows, issue: int, digest: str) -> None:
    """Go on with the letter as it was approved anew."""
    rows.raw.execute("UPDATE mailing SET digest = ? WHERE issue = ?", (digest, issue))


def is_sending(rows: Rows, issue: int) -> bool:
    """Whether nobody paused or cancelled it."""
    row = rows.raw.execute("SELECT state FROM mailing WHERE issue = ?", (issue,)).fetchone()
    return row is not None and row["state"] == MailingState.SENDING


def settle(rows: Rows, issue: int) -> int:
    """Call `unknown` what another process had claimed when it ended; how many. Only who alone sends may call this."""
    query = "UPDATE delivery SET state = 'unknown' WHERE issue = ? AND state = 'sending'"
    return rows.raw.execute(query, (issue,)).rowcount


def with_claims(rows: Rows) -> list[int]:
    """The issues of which a letter is claimed."""
    return [row[0] for row in rows.raw.execute("SELECT DISTINCT issue FROM delivery WHERE state = 'sending'")]


def skip_rest(rows: Rows, issue: int) -> None:
    """Send what is left of an issue to nobody."""
    rows.raw.execute("UPDATE delivery SET state = 'skipped' WHERE issue = ? AND state = 'todo'", (issue,))


def claim(rows: Rows, issue: int, *, now: datetime) -> Person | None:
    """The next person whose letter is due, claimed; None where none is. Who left since is skipped."""
    while True:
        row = rows.raw.execute(
            "SELECT person FROM delivery WHERE issue = ? AND state = 'todo' AND due_at <= ? ORDER BY due_at, person LIMIT 1",
            (issue, as_text(now)),
        ).fetchone()
        if row is None:
            return None
        person = person_by_number(rows, row["person"])
        if person is None or person.state != "confirmed":
            mark(rows, issue, row["person"], "skipped", now=now)
            continue
        rows.raw.execute(
            "UPDATE delivery SET state = 'sending', tries = tries + 1, at = ? WHERE issue = ? AND person = ?",
            (as_text(now), issue, person.id),
        )
        rows.raw.execute("UPDATE guard SET claims = claims + 1")
        rows.raw.execute("UPDATE mailing SET touched_at = ? WHERE issue = ?", (as_text(now), issue))
        return person


def mark(rows: Rows, issue: int, person: int, state: str, *, code: str = "", now: datetime) -> None:
    """Say what became of a letter: `sent`, `refused`, `unknown`, `skipped` or `bounced`."""
    rows.raw.execute(
        "UPDATE delivery SET state = ?, code = ?, at = ? WHERE issue = ? AND person = ?",
        (state, code, as_text(now), issue, person),
    )


def put_off(rows: Rows, issue: int, person: int, *, code: str, now: datetime) -> None:
    """Try a letter again later that the server does not take yet; after five times it is refused."""
    query = "SELECT tries FROM delivery WHERE issue = ? AND person = ?"
    (tries,) = rows.raw.execute(query, (issue, person)).fetchone()
    if tries > len(PAUSES):
        mark(rows, issue, person, "refused", code=code, now=now)
        return
    rows.raw.execute(
        "UPDATE delivery SET state = 'todo', code = ?, due_at = ? WHERE issue = ? AND person = ?",
        (code, as_text(now + PAUSES[tries - 1]), issue, person),
    )


def give_back(rows: Rows, issue: int, person: int, *, now: datetime) -> None:
    """Take a claim back: nothing of the letter was sent. It is no try, but others come first, for the trouble may be this
    recipient's."""
    rows.raw.execute(
        "UPDATE delivery SET state = 'todo', tries = tries - 1, due_at = ? WHERE issue = ? AND person = ?",
        (as_text(now + PAUSES[0]), issue, person),
    )


def tally(rows: Rows, issue: int) -> dict[str, int]:
    """How many letters of an issue are in each state."""
    query = "SELECT state, COUNT(*) FROM delivery WHERE issue = ? GROUP BY state ORDER BY state"
    return dict(rows.raw.execute(query, (issue,)).fetchall())


def next_due(rows: Rows, issue: int) -> datetime | None:
    """When the next letter is to be tried; None where all are done."""
    query = "SELECT MIN(due_at) FROM delivery WHERE issue = ? AND state = 'todo'"
    (at,) = rows.raw.execute(query, (issue,)).fetchone()
    return as_instant(at) if at else None


def of_state(rows: Rows, issue: int, state: str = "unknown") -> list[tuple[int, datetime | None]]:
    """Of whom nobody knows whether they got the issue, or those in another state: their numbers, and since when."""
    query = "SELECT person, at FROM delivery WHERE issue = ? AND state = ? ORDER BY person"
    found = rows.raw.execute(query, (issue, state))
    return [(row["person"], as_instant(row["at"]) if row["at"] else None) for row in found]


def resolve(rows: Rows, issue: int, people: Sequence[int], state: str, *, was: str = "unknown", now: datetime) -> int:
    """Call what is unknown (or `was` refused) of these people `sent`, or `todo` to send it once more; how many."""
    changed = 0
    for person in people:
        changed += rows.raw.execute(
            "UPDATE delivery SET state = ?, due_at = ?, tries = 0 WHERE issue = ? AND person = ? AND state = ?",
            (state, as_text(now), issue, person, was),
        ).rowcount
    return changed


def bounced(rows: Rows, issue: int, person: int, *, code: str, now: datetime) -> None:
    """Note that an issue came back."""
    query = "UPDATE delivery SET state = 'bounced', code = ?, at = ? WHERE issue = ? AND person = ? AND state <> 'todo'"
    rows.raw.execute(query, (code, as_text(now), issue, person))


def by_month(rows: Rows) -> list[tuple[str, str, int]]:
    """What happened by month (UTC): the month, what, how often. Nobody is named."""
    found = rows.raw.execute(
        "SELECT substr(at, 1, 7), CASE state WHEN 'unknown' THEN 'sent' ELSE state END, COUNT(*) FROM delivery "
        "WHERE at IS NOT NULL AND state IN ('sent', 'refused', 'unknown', 'bounced') GROUP BY 1, 2 UNION ALL "
        "SELECT substr(at, 1, 7), act, COUNT(*) FROM consent WHERE act IN ('confirmed', 'left', 'complained', 'suspended') "
        "GROUP BY 1, 2"
    )
    return [(row[0], row[1], row[2]) for row in found]


# ---- is this the list that was sent from before? ---------------------------------------------------------------------


def guard_of(rows: Rows) -> tuple[str, int]:
    """Which list this is, and how many letters were ever claimed from it."""
    row = rows.raw.execute("SELECT code, claims FROM guard").fetchone()
    if row is None:
        rows.raw.execute("INSERT INTO guard VALUES (1, ?, 0)", (code := secrets.token_hex(8),))
        return code, 0
    return row["code"], row["claims"]


def renew_guard(rows: Rows, *, claims: int) -> tuple[str, int]:
    """Make this the list that is sent from, whatever others there are; they have another code from now on."""
    code = secrets.token_hex(8)
    rows.raw.execute("UPDATE guard SET code = ?, claims = ?", (code, claims))
    return code, claims
