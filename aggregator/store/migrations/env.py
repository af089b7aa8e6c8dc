"""Alembic's way in: it runs on the connection that it is handed, inside the transaction that is open there."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from aggregator.store import models  # noqa: F401 - fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
