"""Issues of the newsletter: drafts, and what was approved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from aggregator.store.models import ISSUE
from aggregator.values.issues import Issue, IssueRecord, IssueState, as_json, from_json


def next_number(connection: Connection, *, above: int = 0) -> int:
    """The number of the next issue: above all that there are, and above `above`."""
    last = connection.execute(select(func.max(ISSUE.c.number))).scalar() or 0
    return max(last, above) + 1


def add(connection: Connection, issue: Issue, *, now: datetime) -> None:
    """Store a draft under its number."""
    connection.execute(
        insert(ISSUE).values(
            number=issue.number, period=issue.period.value, first_on=issue.first, last_on=issue.last,
            state=IssueState.DRAFT.value, content=as_json(issue), digest="", made_at=now, decided_by="",
        )
    )  # fmt: skip


def change(connection: Connection, issue: Issue) -> None:
    """Store another content under the same number."""
    connection.execute(update(ISSUE).where(ISSUE.c.number == issue.number).values(content=as_json(issue)))


def decide(connection: Connection, number: int, state: IssueState, *, digest: str = "", actor: str, now: datetime) -> None:
    """Record who approved an issue, with the digest of its letter, or cancelled it."""
    values: dict[str, Any] = {"state": state.value, "decided_by": actor, "decided_at": now}
    connection.execute(update(ISSUE).where(ISSUE.c.number == number).values(**values, digest=digest))


def one(connection: Connection, number: int) -> IssueRecord | None:
    """The issue with this number."""
    row = connection.execute(select(ISSUE).where(ISSUE.c.number == number)).first()
    return _record(row) if row is not None else None


def every(connection: Connection) -> list[IssueRecord]:
    """All issues, the newest first."""
    return [_record(row) for row in connection.execute(select(ISSUE).order_by(ISSUE.c.number.desc()))]


def _record(row: Any) -> IssueRecord:
    return IssueRecord(
        from_json(row.content), IssueState(row.state), row.made_at, row.digest, row.decided_by, row.decided_at
    )
