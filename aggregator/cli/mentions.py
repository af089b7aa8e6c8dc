"""mentions: who of the institute is named in the entries, and how sure that is."""

from __future__ import annotations

import json
from typing import Annotated

from typer import Argument, Context, Exit, Option, Typer

from aggregator.cli.context import command_context
from aggregator.cli.filters import floors_of, lines_of
from aggregator.cli.output import complain, say, say_json, table
from aggregator.errors import UsageError
from aggregator.jobs import mentions as jobs
from aggregator.jobs.workspace import open_stored
from aggregator.text import one_line

app = Typer(no_args_is_help=True)
AsJson = Annotated[bool, Option("--json", help="Print JSON.")]


@app.command("list")
def list_command(context: Context, as_json: AsJson = False) -> None:
    """The stored entries that mention the institute or its people."""
    place = command_context(context)
    with open_stored(place.environment.data, place.zone) as database:
        found = list(jobs.every_mention(place.workspace(), database))
    if as_json:
        for number, entry, mentions in found:
            say_json(
                {"entry": number, "title": entry.title, "url": entry.url, "mentions": mentions.names, "kind": mentions.kind}
            )
        return
    if not found:
        complain("No stored entry mentions anybody whom feeds.yaml names.")
        return
    table(
        ("Entry", "Kind", "Who", "Title", "Source"),
        [
            (str(number), str(mentions.kind), ", ".join(mentions.names), one_line(entry.title), one_line(entry.source))
            for number, entry, mentions in found
        ],
    )


@app.command("explain")
def explain_command(
    context: Context, entry: Annotated[str, Argument(metavar="ENTRY", help="A number, an address or an identifier.")]
) -> None:
    """Who is mentioned in an entry, and where."""
    place = command_context(context)
    workspace = place.workspace()
    roles = {one.name: one.role for one in workspace.settings.named_people if one.role}
    with open_stored(place.environment.data, place.zone) as database:
        found, mentions = jobs.explain(workspace, database, entry)
    say(f"{found.number}  {one_line(found.entry.title)} ({one_line(found.entry.source)})")
    if not mentions.found:
        say("It mentions nobody whom feeds.yaml names.")
        return
    for one in mentions.found:
        role = f" ({roles[one.name]})" if one.name in roles else ""
        say(f"    {one.name}{role}, in the {one.where}: {one_line(one.quote)}")
    say(f"    {_KINDS[str(mentions.kind)]}")


_KINDS = {
    "about": "It is about them.",
    "publication": "It is by them.",
    "from-institute": "The institute sent it.",
}


@app.command("evaluate")
def evaluate_command(
    context: Context,
    file: Annotated[
        str, Argument(metavar="LABELLED.jsonl", help="Lines {id, title, summary, authors, source, url, mentions, kind}.")
    ],
    as_json: AsJson = False,
    floor: Annotated[str, Option("--floor", help="Fail below these, like precision=0.99,recall=0.97.")] = "",
) -> None:
    """How often mentions are right on labelled items, and where not."""
    floors = floors_of(floor, ("precision", "recall"))
    with lines_of(file) as lines:
        try:
            labelled = [json.loads(line) for line in lines if line.strip()]
        except ValueError as error:
            raise UsageError(f"{file} is not JSON lines: {error}.") from error
    found = jobs.evaluate(command_context(context).workspace(), [line for line in labelled if isinstance(line, dict)])
    figures = {"precision": round(found.precision, 3), "recall": round(found.recall, 3)}
    if as_json:
        say_json({"items": found.items, **figures, "kinds": found.kinds, "kinds_of": found.kinds_of,
                  "mistakes": [name for name, _ in found.mistakes]})  # fmt: skip
    else:
        say(f"{found.items} items: precision {found.precision:.3f}, recall {found.recall:.3f}.")
        say(f"The kind is right for {found.kinds} of {found.kinds_of}.")
        for name, what in found.mistakes:
            say(f"    {one_line(name)}: {one_line(what)}")
    if any(figures[name] < least for name, least in floors.items()):
        raise Exit(1)
