"""The command line: the only place that prints and that decides exit statuses. Each command is a few lines around a job."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from platform import python_version
from typing import Annotated

import typer
from typer import Context, Option, Typer

from aggregator import __version__
from aggregator.cli import (
    backup,
    console,
    entries,
    feeds,
    filters,
    integrations,
    mentions,
    newsletter,
    runs,
    status,
    stories,
    subscribers,
)
from aggregator.cli.context import CommandContext
from aggregator.cli.hints import with_hint
from aggregator.cli.output import complain, program, say, show_anything
from aggregator.errors import AggregatorError, is_of_the_machine, sentence_of
from aggregator.jobs.workspace import start_log
from aggregator.signals import STOPPED, Interruptible
from aggregator.values.environment import Environment, read_environment

HOME = Path(__file__).resolve().parent.parent.parent

app = Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
for module in (runs, status, entries, backup, integrations, subscribers):
    module.add_to(app)
app.add_typer(feeds.app, name="feeds", help="The list of sources.")
app.add_typer(filters.app, name="filter", help="What is on topic, and why.")
app.add_typer(stories.app, name="stories", help="What tells the same story.")
app.add_typer(console.app, name="console")
app.add_typer(mentions.app, name="mentions", help="Who of the institute the news mentions.")
app.add_typer(newsletter.app, name="newsletter", help="The newsletter: draft, approve, send.")


def _version(is_asked: bool) -> None:
    if is_asked:
        say(f"Facial Paralysis News {__version__}, Python {python_version()}")
        raise typer.Exit


@app.callback()
def everywhere(
    context: Context,
    feeds_file: Annotated[Path | None, Option("--feeds", help="The list of sources (AGGREGATOR_FEEDS).")] = None,
    data: Annotated[Path | None, Option("--data", help="Where everything is kept (AGGREGATOR_DATA).")] = None,
    version: Annotated[bool, Option("--version", help="Print the version.", is_eager=True, callback=_version)] = False,
) -> None:
    """The daily news section of a facial paralysis institute's homepage."""
    environment: Environment = read_environment(HOME, feeds=feeds_file, data=data, environ=os.environ)
    start_log(os.environ.get("AGGREGATOR_LOG", ""))
    context.obj = CommandContext(environment, HOME, is_data_given=data is not None)


def main() -> int:
    """Run a command; its exit status. SIGINT and SIGTERM end it with one sentence, and 130 or 143."""
    interruptible = Interruptible()
    show_anything()
    try:
        with interruptible:
            status = _run()
    except (KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    # typer, too, makes this of a KeyboardInterrupt, whichever signal it was.
    if status == _INTERRUPTED:
        complain(STOPPED)
        return interruptible.status
    return status


_INTERRUPTED = 128 + signal.SIGINT


def _run() -> int:
    try:
        status = app(standalone_mode=False)
    except AggregatorError as error:
        complain(with_hint(error))
        return error.exit_code
    except typer.TyperException as error:
        complain(f"{error.format_message()} (`{program()} --help` lists the commands.)")
        return error.exit_code
    except Exception as error:
        # Where no answer could be read at a prompt, typer raises Abort, which is a RuntimeError.
        if not is_of_the_machine(error):
            raise
        complain(sentence_of(error))
        return AggregatorError.exit_code
    return status if isinstance(status, int) else 0
