"""Which state of the store the page shows: a decision of staff requests a new page, and does not wait for it.

`wanted` counts the decisions, `made` is how many of them the page shows. Both are in the store, so a decision and its
request are one transaction, and the next process makes a page that a kill prevented.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from aggregator.store.models import PUBLICATION


def want(connection: Connection) -> None:
    """Request a page that shows the decision of this transaction."""
    done = connection.execute(update(PUBLICATION).values(wanted=PUBLICATION.c.wanted + 1))
    if not done.rowcount:
        connection.execute(insert(PUBLICATION).values(id=1, wanted=1, made=0))


def wanted(connection: Connection) -> int:
    """The number of decisions so far, which a page made from this state shows."""
    return connection.execute(select(PUBLICATION.c.wanted)).scalar() or 0


def made(connection: Connection, shown: int) -> None:
    """Record that the page shows the first `shown` decisions."""
    connection.execute(update(PUBLICATION).values(made=shown))


def is_behind(connection: Connection) -> bool:
    """Whether there is a decision that the page does not show."""
    return connection.execute(select(PUBLICATION.c.id).where(PUBLICATION.c.made < PUBLICATION.c.wanted)).first() is not None
