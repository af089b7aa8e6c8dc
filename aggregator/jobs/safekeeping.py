"""Copies of the store and back; what is let go with time; an earlier page; is the store sound. Each under the lock of a
refresh, so that nobody writes meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from aggregator.errors import AggregatorError, StoreDamagedError, UsageError
from aggregator.jobs.house import House, refuse_lost_store
from aggregator.keep import backup, export
from aggregator.publish import site
from aggregator.store import entries, retention
from aggregator.store.database import Database

# A refresh makes a copy by itself where the newest is older.
_OWN_BACKUP_AFTER = timedelta(days=7)


def back_up(house: House, *, now: datetime) -> Path:
    """A checked copy in backups/; works while a refresh runs."""
    _needs_store(house)
    return backup.back_up(house.database_path, now=now)


def restore(house: House, chosen: Path | None, *, now: datetime) -> tuple[Path, Path | None]:
    """Put a copy (the newest where none is named) in the store's place; which, and where the store that was there went."""
    copies = backup.backups(house.database_path)
    if chosen is None and not copies:
        raise UsageError(f"There is no copy in {house.data / 'backups'}. `restore FILE` takes one from elsewhere.")
    taken = chosen or copies[0]
    with house.lock(now=now):
        aside = backup.restore(taken, house.database_path, now=now)
        # A copy of an older version is brought up to date.
        house.open_database().close()
    return taken, aside


def faults(house: House) -> list[str]:
    """What is wrong with the store's file; empty where it is sound."""
    _needs_store(house)
    return backup.faults_of(house.database_path)


def export_all(house: House, target: Path) -> int:
    """Everything as JSON Lines; the number of rows."""
    _needs_store(house)
    return export.export(house.database_path, target)


def import_all(house: House, source: Path, *, now: datetime) -> int:
    """Fill an empty data folder from a file that `export` wrote; the number of rows."""
    with house.lock(now=now):
        database = house.open_database()
        try:
            with database.read() as connection:
                if entries.count(connection):
                    raise UsageError("There are entries in the store already: import into an empty data folder (--data).")
        finally:
            database.close()
        return export.read_back(source, house.database_path)


def roll_back(house: House, name: str | None, *, now: datetime) -> Path:
    """Show an earlier release again, until the next refresh; its folder."""
    with house.lock(now=now):
        return site.roll_back(house.data, name)


def tidy(house: House, database: Database, *, now: datetime) -> tuple[str, ...]:
    """After a refresh: let go what is old, and make a copy where the newest is old. Sentences on what staff should know;
    nothing that goes wrong here takes the page away."""
    notes: list[str] = []
    try:
        with database.write() as connection:
            gone = retention.let_go(connection, rejected_days=house.settings.keep.rejected_days, now=now)
        if gone.entries:
            notes.append(
                f"{gone.entries} rejected entries of over {house.settings.keep.rejected_days} days ago were let go."
            )
        copies = backup.backups(house.database_path)
        if not copies or now - backup.made_at(copies[0]) > _OWN_BACKUP_AFTER:
            backup.back_up(house.database_path, now=now)
    except AggregatorError as error:
        notes.append(str(error))
    return tuple(notes)


def put_damaged_aside(house: House, error: StoreDamagedError, *, now: datetime) -> StoreDamagedError:
    """Rename a store that cannot be read, so that nothing writes to it any more; the sentence for staff."""
    aside = backup.set_aside(house.database_path, "damaged", now=now)
    copies = backup.backups(house.database_path)
    offer = (
        f"`restore` puts the last copy in its place, of {backup.made_at(copies[0]):%d %B %Y, %H:%M} UTC."
        if copies
        else "There is no copy in backups/."
    )
    return StoreDamagedError(f"The store was damaged and is now {aside}. {offer} The page stays. ({error})")


def _needs_store(house: House) -> None:
    refuse_lost_store(house.data)
    if not house.database_path.exists():
        raise UsageError(f"Nothing is stored in {house.data} yet: run `refresh` first.")
