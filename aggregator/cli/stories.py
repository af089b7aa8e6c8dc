"""stories try, evaluate, explain, split, merge, regroup."""

from __future__ import annotations

import re
from typing import Annotated

import typer
from typer import Argument, Context, Option, Typer

from aggregator.cli.context import command_context, stored
from aggregator.cli.filters import floors_of, lines_of
from aggregator.cli.output import complain, say, say_json, say_probable_studies, say_when_shown, table
from aggregator.jobs import regroup, studies
from aggregator.jobs.trials import evaluate_stories, try_stories
from aggregator.jobs.workspace import utc_now
from aggregator.text import one_line

app = Typer(no_args_is_help=True)
AsJson = Annotated[bool, Option("--json", help="Print JSON.")]
_MOST = 20


@app.callback()
def group() -> None:
    """What tells the same story."""


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


@app.command("evaluate")
def evaluate_command(
    file: Annotated[str, Argument(metavar="LABELLED.jsonl", help="Lines as for `try`, and a `story`.")],
    as_json: AsJson = False,
    floor: Annotated[str, Option("--floor", help="Fail below these, like f1=0.93,precision=0.95.")] = "",
) -> None:
    """How often the grouping is wrong on a labelled stream, and where."""
    floors = floors_of(floor, ("precision", "recall", "f1"))
    with lines_of(file) as lines:
        found, titles, seconds = evaluate_stories(lines, file)
    figures = {"precision": found.b_cubed.precision, "recall": found.b_cubed.recall, "f1": found.b_cubed.f1}
    pairs = {"precision": found.pairwise.precision, "recall": found.pairwise.recall, "f1": found.pairwise.f1}
    rate = round(found.items / seconds) if seconds else 0
    if as_json:
        say_json({"items": found.items, "groups": found.groups, "wanted_groups": found.wanted_groups, "b_cubed": figures,
                  "pairwise": pairs, "items_per_second": rate, "merges": found.merges, "splits": found.splits})  # fmt: skip
    else:
        say(f"{found.items} items in {found.groups} groups ({found.wanted_groups} wanted), {rate} items a second")
        for name, one in (("B-cubed", figures), ("pairwise", pairs)):
            say(f"{name}: precision {one['precision']:.3f}, recall {one['recall']:.3f}, F1 {one['f1']:.3f}")
        for name, groups in (("merged", found.merges), ("split", found.splits)):
            for parts in groups:
                say(f"wrongly {name}: {' | '.join(f'{titles[part[0]]} ({len(part)})' for part in parts[:4])}")
    missed = [f"{name} {figures[name]:.4f} < {least:g}" for name, least in floors.items() if figures[name] < least]
    if missed:
        complain(f"Below the floor: {', '.join(missed)}.")
        raise typer.Exit(1)


@app.command("explain")
def explain_command(
    context: Context,
    story: Annotated[str, Argument(metavar="STORY", help="The number or address of any of its entries.")],
) -> None:
    """Why the members of a story are together."""
    with stored(command_context(context)) as database:
        number, members = regroup.explain(database, story)
        offered = studies.offered(database, now=utc_now())
    say(f"Story {number}, {len(members)} {'entry' if len(members) == 1 else 'entries'}:")
    for one in members:
        say(f"{one.number}  {one_line(one.entry.title)} ({one.entry.source})")
        say(f"    {re.sub('^.', lambda first: first[0].upper(), one.story_reason or 'began the story')}.")
    numbers = {one.number for one in members}
    say_probable_studies(pair for pair in offered if {pair.report.entry, pair.paper.entry} & numbers)


@app.command("split")
def split_command(context: Context, entry: Annotated[str, Argument(metavar="ENTRY", help="The entry to take out.")]) -> None:
    """Take an entry out of its story, for good."""
    decided = regroup.split(command_context(context).workspace(), entry, now=utc_now())
    title, others = decided.result
    say(f"“{title}” is a story of its own now, and stays apart from the {others} that it was with.")
    say_when_shown(decided)


@app.command("merge")
def merge_command(
    context: Context,
    one: Annotated[str, Argument(metavar="A", help="An entry of the one story.")],
    other: Annotated[str, Argument(metavar="B", help="An entry of the other.")],
) -> None:
    """Make two stories one, for good."""
    decided = regroup.merge(command_context(context).workspace(), one, other, now=utc_now())
    story, first, second = decided.result
    say(f"“{one_line(first)}” and “{one_line(second)}” are one story now (story {story}).")
    say_when_shown(decided)


@app.command("regroup")
def regroup_command(
    context: Context,
    preview: Annotated[bool, Option("--preview", help="Only show what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Group everything stored again. Decisions of staff stay."""
    found = regroup.regroup(command_context(context).workspace(), now=utc_now(), is_preview=preview)
    if as_json:
        say_json({"total": found.total, "joined": found.joined, "parted": found.parted})
        return
    would = "Would join" if preview else "Joined"
    say(f"{would} {len(found.joined)} and part {len(found.parted)} stories, of {found.total} entries.")
    for sign, groups in (("+", found.joined), ("-", found.parted)):
        for titles in groups[:_MOST]:
            say(f"  {sign} {' | '.join(map(one_line, titles[:4]))}")
