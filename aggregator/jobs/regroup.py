"""Group whatever the store holds ungrouped, whichever run brought it: a kill in between loses nothing."""

from __future__ import annotations

from datetime import datetime

from aggregator.store import stories
from aggregator.store.database import Database
from aggregator.stories.grouping import group


def group_new(database: Database, *, now: datetime) -> int:
    """Give every entry without a story its story; the number of stories that were begun."""
    begun = 0
    while True:
        with database.write() as connection:
            window = stories.window(connection)
            if not window.ungrouped:
                return begun
            begun += stories.keep(connection, group(window), now=now)
