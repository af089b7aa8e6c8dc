"""backup, restore, rollback, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Context, Option, Typer

from aggregator.cli.place import place_of
from aggregator.cli.show import say
from aggregator.jobs import safekeeping
from aggregator.jobs.house import open_house
from aggregator.jobs.refresh import utc_now
from aggregator.publish.site import current_release, releases_of


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("rollback")(rollback_command)
    app.command("export")(export_command)
    app.command("import")(import_command)


def backup_command(context: Context) -> None:
    """Copy the store to backups/: checked, compressed, dated; copies of over two months ago are let go."""
    place = place_of(context)
    made = safekeeping.back_up(open_house(place.environment), now=utc_now())
    say(f"Copied and checked: {place.short(made)} ({made.stat().st_size / 1e6:.1f} MB)")


def restore_command(
    context: Context,
    file: Annotated[
        Path | None, Argument(metavar="{file}", help="A copy; the newest in backups/ where none is named.")
    ] = None,
) -> None:
    """Put a copy in the store's place; the store that was there is kept beside it."""
    place = place_of(context)
    taken, aside = safekeeping.restore(open_house(place.environment), file, now=utc_now())
    say(f"The store is again what it was in {place.short(taken)}.")
    if aside:
        say(f"The store that was there is now {place.short(aside)}.")
    say("`publish` renders the page from it.")


def rollback_command(
    context: Context,
    name: Annotated[str | None, Argument(metavar="{release}", help="A release; else the one before that in use.")] = None,
    listed: Annotated[bool, Option("--list", help="Only list the releases that are kept.")] = False,
) -> None:
    """Show an earlier release of the page again, until the next refresh."""
    place = place_of(context)
    if listed:
        current = current_release(place.environment.data)
        for release in releases_of(place.environment.data):
            say(f"{release.name}{'  (in use)' if release == current else ''}")
        return
    chosen = safekeeping.roll_back(open_house(place.environment), name, now=utc_now())
    say(f"The page is again that of {chosen.name}. The next refresh or `publish` makes a new one.")


def export_command(
    context: Context, file: Annotated[Path, Argument(metavar="{file}", help="Where to; compressed where it ends in .gz.")]
) -> None:
    """Write everything that is stored as JSON Lines."""
    place = place_of(context)
    rows = safekeeping.export_all(open_house(place.environment), file)
    say(f"{rows} rows written to {place.short(file)}.")


def import_command(
    context: Context, file: Annotated[Path, Argument(metavar="{file}", help="A file that `export` wrote.")]
) -> None:
    """Fill an empty data folder from what `export` wrote."""
    place = place_of(context)
    rows = safekeeping.import_all(open_house(place.environment), file, now=utc_now())
    say(f"{rows} rows taken in. `publish` renders the page from them.")
