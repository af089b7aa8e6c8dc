"""What a feed gave, by the value of its PollOutcome: a renamed class must not change what is stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_POLL = sa.table("poll", sa.column("outcome", sa.String))
_VALUES = {"Read": "parsed", "NotModified": "not_modified", "FetchFailed": "failed", "Skipped": "skipped"}


def upgrade() -> None:
    """Replace the names of classes."""
    op.execute(sa.update(_POLL).values(outcome=sa.case(_VALUES, value=_POLL.c.outcome, else_=_POLL.c.outcome)))
