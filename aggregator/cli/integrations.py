"""wordpress."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Context, Option, Typer

from aggregator.cli.context import command_context
from aggregator.cli.output import say
from aggregator.jobs.wordpress_plugin import make_plugin


def add_to(app: Typer) -> None:
    """Make this command the program's."""
    app.command("wordpress")(wordpress_command)


def wordpress_command(
    context: Context,
    out: Annotated[Path, Option("--out", metavar="{file}", help="Where to.")] = Path("facial-paralysis-news.zip"),
) -> None:
    """Make the WordPress plugin as a zip file.

    WordPress installs it under Plugins, Add New, Upload Plugin.
    """
    place = command_context(context)
    count = make_plugin(place.home, place.environment.templates, out)
    say(f"{count} files written to {place.short(out)}.")
