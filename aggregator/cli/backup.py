"""backup, restore, rollback, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Context, Option, Typer

from aggregator.cli.context import command_context
from aggregator.cli.output import say
from aggregator.jobs import safekeeping
from aggregator.jobs.workspace import utc_now


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("rollback")(rollback_command)
    app.command("export")(export_command)
    app.command("import")(import_command)


def backup_command(context: Context) -> None:
    """Copy the store to backups/, checked and compressed.

    Copies of over two months ago are removed.
    """
    place = command_context(context)
    made = safekeeping.back_up(place.workspace(), now=utc_now())
    say(f"Copied and checked: {place.short(made)} ({made.stat().st_size / 1e6:.1f} MB)")


def restore_command(
    context: Context,
    file: Annotated[
        Path | None, Argument(metavar="{file}", help="A copy; the newest in backups/ where none is named.")
    ] = None,
) -> None:
    """Put a copy in the store's place. The old store is kept beside it."""
    place = command_context(context)
    taken, aside = safekeeping.restore(place.workspace(), file, now=utc_now())
    say(f"The store was restored from {place.short(taken)}.")
    if aside:
        say(f"The store that was there is now {place.short(aside)}.")
    say("`publish` renders the page from it.")


def rollback_command(
    context: Context,
    name: Annotated[str | None, Argument(metavar="{release}", help="A release; else the one before that in use.")] = None,
    listed: Annotated[bool, Option("--list", help="Only list the releases that are kept.")] = False,
) -> None:
    """Show an earlier release until the next refresh."""
    place = command_context(context)
    if listed:
        for release, is_current in safekeeping.releases(place.environment.data):
            say(f"{release}{'  (in use)' if is_current else ''}")
        return
    chosen = safekeeping.roll_back(place.workspace(), name, now=utc_now())
    say(f"The page is again that of {chosen.name}. The next refresh or `publish` makes a new one.")


def export_command(
    context: Context, file: Annotated[Path, Argument(metavar="{file}", help="Where to; compressed where it ends in .gz.")]
) -> None:
    """Write everything that is stored as JSON Lines."""
    place = command_context(context)
    rows = safekeeping.export_all(place.workspace(), file)
    say(f"{rows} rows written to {place.short(file)}.")


def import_command(
    context: Context, file: Annotated[Path, Argument(metavar="{file}", help="A file that `export` wrote.")]
) -> None:
    """Fill an empty data folder from what `export` wrote."""
    place = command_context(context)
    rows = safekeeping.import_all(place.workspace(), file, now=utc_now())
    say(f"{rows} rows imported. `publish` renders the page from them.")
