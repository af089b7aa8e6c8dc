"""stories try."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option, Typer

from aggregator.cli.filters import lines_of
from aggregator.cli.show import say_json, table
from aggregator.jobs.trials import try_stories

app = Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """What tells the same."""


@app.command("try")
def try_command(
    file: Annotated[str, Argument(help="Lines {id, title, summary, url, publisher, published} in time order, or pairs.")],
    as_json: Annotated[bool, Option("--json", help="Print a JSON object for each line.")] = False,
) -> None:
    """Group the lines of a file, day by day. The store is never read."""
    with lines_of(file) as lines:
        for decision in try_stories(lines, file):
            if as_json:
                say_json(decision)
            else:
                table((), [[str(value) for value in decision.values()]])
