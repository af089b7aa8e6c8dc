"""The command line: the only place that prints and that decides exit statuses. Each command is a few lines around a job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from typer import Context, Option, Typer

from aggregator.cli import entries, feeds, filters, keep, look, runs, stories
from aggregator.cli.place import Place
from aggregator.cli.show import complain
from aggregator.config import Environment, read_environment
from aggregator.errors import AggregatorError
from aggregator.scheduler import interrupt_on_sigterm
from aggregator.watch.log import set_up

HOME = Path(__file__).resolve().parent.parent.parent

app = Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
for module in (runs, look, entries, keep):
    module.add_to(app)
app.add_typer(feeds.app, name="feeds", help="The list of sources.")
app.add_typer(filters.app, name="filter", help="What is on topic, and why.")
app.add_typer(stories.app, name="stories", help="What tells the same.")


@app.callback()
def everywhere(
    context: Context,
    feeds_file: Annotated[Path | None, Option("--feeds", help="The list of sources (AGGREGATOR_FEEDS).")] = None,
    data: Annotated[Path | None, Option("--data", help="Where everything is kept (AGGREGATOR_DATA).")] = None,
) -> None:
    """The daily news section of a facial paralysis institute's homepage."""
    environment: Environment = read_environment(HOME, feeds=feeds_file, data=data, environ=os.environ)
    set_up(os.environ.get("AGGREGATOR_LOG", ""))
    context.obj = Place(environment, HOME, is_data_given=data is not None or "AGGREGATOR_DATA" in os.environ)


def main() -> int:
    """Run a command; its exit status."""
    # SIGTERM ends a command as Ctrl-C does: what is open is closed.
    interrupt_on_sigterm()
    try:
        status = app(standalone_mode=False)
    except AggregatorError as error:
        complain(str(error))
        return error.exit_code
    except typer.TyperException as error:
        complain(f"{error.format_message()} (`uv run run.py --help` lists the commands.)")
        return error.exit_code
    except (OSError, MemoryError, RuntimeError) as error:
        # A RuntimeError is what Python says where the system gives it no thread; another one is a fault of ours.
        if isinstance(error, RuntimeError) and "new thread" not in str(error):
            raise
        complain(f"This machine refused something ({error or 'out of memory'}). The page stays; the next run tries again.")
        return AggregatorError.exit_code
    except (KeyboardInterrupt, typer.Abort):
        complain("Stopped.")
        return 130
    return status if isinstance(status, int) else 0
