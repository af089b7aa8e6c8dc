"""Copies of the store and back; what is let go with time; an earlier page; is the store sound. Each under the lock of a
refresh, so that nobody writes meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from aggregator.backup import copies, export
from aggregator.errors import AggregatorError, Hint, StoreDamagedError, UsageError
from aggregator.jobs.demo_feeds import refuse_demo
from aggregator.jobs.workspace import Workspace, refuse_lost_store
from aggregator.publish import site
from aggregator.store import entries, retention
from aggregator.store.database import Database
from aggregator.text import moment_of

# A refresh makes a copy by itself where the newest is older.
_OWN_BACKUP_AFTER = timedelta(days=7)


def back_up(workspace: Workspace, *, now: datetime) -> Path:
    """A checked copy in backups/; works while a refresh runs."""
    _needs_store(workspace)
    return copies.back_up(workspace.database_path, now=now)


def restore(workspace: Workspace, chosen: Path | None, *, now: datetime) -> tuple[Path, Path | None]:
    """Put a copy (the newest where none is named) in the store's place; which, and where the store that was there went.
    UsageError where there is no copy."""
    refuse_demo(workspace.data)
    kept = copies.backups(workspace.database_path, now=now)
    if chosen is None and not kept:
        raise UsageError(f"There is no copy in {workspace.data / 'backups'}.", hint=Hint.RESTORE_ANOTHER_FILE)
    taken = chosen or kept[0]
    with workspace.lock(now=now):
        aside = copies.restore(taken, workspace.database_path, now=now)
        # A copy of an older version is brought up to date.
        workspace.open_database().close()
    return taken, aside


def faults(workspace: Workspace) -> list[str]:
    """What is wrong with the store's file; empty where it is sound."""
    _needs_store(workspace)
    return copies.faults_of(workspace.database_path)


def export_all(workspace: Workspace, target: Path) -> int:
    """Everything as JSON Lines; the number of rows."""
    _needs_store(workspace)
    return export.export(workspace.database_path, target)


def import_all(workspace: Workspace, source: Path, *, now: datetime) -> int:
    """Fill an empty data folder from a file that `export` wrote; the number of rows. UsageError where the folder is not
    empty."""
    refuse_demo(workspace.data)
    with workspace.lock(now=now):
        with workspace.open_database() as database, database.read() as connection:
            if entries.count(connection):
                raise UsageError(
                    "There are entries in the store already: import into an empty folder.", hint=Hint.OTHER_FOLDER
                )
        return export.read_back(source, workspace.database_path)


def releases(data: Path) -> list[tuple[str, bool]]:
    """The releases that are kept, newest first, and whether each is in use."""
    current = site.current_release(data)
    return [(release.name, release == current) for release in site.releases_of(data)]


def roll_back(workspace: Workspace, name: str | None, *, now: datetime) -> Path:
    """Show an earlier release again, until the next refresh; its folder."""
    with workspace.lock(now=now):
        return site.roll_back(workspace.data, name)


def tidy(workspace: Workspace, database: Database, *, now: datetime) -> tuple[str, ...]:
    """After a refresh: let go what is old, and make a copy where the newest is old. Sentences on what staff should know;
    nothing that goes wrong here takes the page away."""
    notes: list[str] = []
    try:
        with database.write() as connection:
            gone = retention.prune(connection, rejected_days=workspace.settings.keep.rejected_days, now=now)
        if gone.entries:
            notes.append(
                f"{gone.entries} rejected entries of over {workspace.settings.keep.rejected_days} days ago were removed."
            )
        newest_at = copies.newest_at(workspace.database_path, now=now)
        if newest_at is None or now - newest_at > _OWN_BACKUP_AFTER:
            copies.back_up(workspace.database_path, now=now)
    except AggregatorError as error:
        notes.append(str(error))
    return tuple(notes)


def quarantine_damaged(workspace: Workspace, error: StoreDamagedError, *, now: datetime) -> StoreDamagedError:
    """Rename a store that cannot be read, so that nothing writes to it any more; the sentence for staff."""
    aside = copies.quarantine(workspace.database_path, "damaged", now=now)
    kept = copies.backups(workspace.database_path, now=now)
    offer = (
        f"The copy of {moment_of(copies.made_at(kept[0]), workspace.settings.site.zone)} can be restored."
        if kept
        else "There is no copy in backups/."
    )
    return StoreDamagedError(
        f"The store was damaged and is now {aside}. {offer} The page stays. ({error})", hint=Hint.RESTORE if kept else None
    )


def _needs_store(workspace: Workspace) -> None:
    refuse_lost_store(workspace.data, workspace.settings.site.zone)
    if not workspace.database_path.exists():
        raise UsageError(f"Nothing is stored in {workspace.data} yet.", hint=Hint.REFRESH_FIRST)
