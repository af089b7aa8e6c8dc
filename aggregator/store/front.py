"""What the front page shows at the moment."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from aggregator.store.models import FRONT


def replace(connection: Connection, shown: Sequence[tuple[int, int]]) -> None:
    """Record which stories the front page shows, in its order, each with its leading entry."""
    connection.execute(delete(FRONT))
    rows = [{"position": at, "story_id": story, "entry_id": entry} for at, (story, entry) in enumerate(shown)]
    if rows:
        connection.execute(insert(FRONT), rows)


def leads(connection: Connection) -> list[int]:
    """The leading entries of the stories that the front page shows, in its order."""
    return list(connection.execute(select(FRONT.c.entry_id).order_by(FRONT.c.position)).scalars())
