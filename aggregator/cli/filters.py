"""filter try, evaluate, explain, preview, apply, undo."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer
from typer import Argument, Context, Option, Typer

from aggregator.cli.context import CommandContext, command_context, stored
from aggregator.cli.output import complain, counting, say, say_json, table
from aggregator.errors import UsageError
from aggregator.jobs import curation, rejudge
from aggregator.jobs.labelled import labelled
from aggregator.jobs.lookup import entries_titled, explained
from aggregator.jobs.named_entries import entries_named, is_reference
from aggregator.jobs.trials import evaluate_filter, judge_pasted, rules_of, try_filter
from aggregator.jobs.workspace import utc_now
from aggregator.text import one_line
from aggregator.values.entries import Verdict, why_not_shown
from aggregator.values.preview import Change, Preview

app = Typer(no_args_is_help=True)
ChangedFile = Annotated[Path, Argument(metavar="FEEDS.yaml", help="A whole edited copy; only its filter section counts.")]
_MOST_TITLES = 50
_MOST_STORED = 5


@contextmanager
def lines_of(file: str) -> Iterator[TextIO]:
    """A file's lines; `-` is standard input."""
    if file == "-":
        yield sys.stdin
        return
    try:
        with Path(file).open(encoding="utf-8-sig") as lines:
            yield lines
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not saved as UTF-8.") from error


@app.command("try")
def try_command(
    context: Context,
    file: Annotated[str, Argument(help="Lines {id, title, summary, source?, url?, lang?}; - is standard input.")],
    as_json: Annotated[bool, Option("--json", help="Print a JSON object for each line.")] = False,
) -> None:
    """Judge the lines of a file. Nothing is kept."""
    feeds = command_context(context).environment.feeds
    rules = rules_of(feeds)
    with lines_of(file) as lines:
        for verdict in try_filter(lines, file, rules):
            if as_json:
                say_json(verdict)
            else:
                word = "admitted" if verdict["relevant"] else "waits" if verdict["waits"] else "rejected"
                table((), [[str(verdict["id"]), word, f"{verdict['score']:g}", ", ".join(verdict["topics"])]])


@app.command("evaluate")
def evaluate_command(
    context: Context,
    file: Annotated[
        str, Argument(metavar="LABELLED.jsonl", help="Lines as for `try`, with `label`, `topics`, `hard`, `kind`.")
    ],
    as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False,
    floor: Annotated[str, Option("--floor", help="Fail below these, like precision=0.99,recall=0.98.")] = "",
) -> None:
    """How often the filter is wrong on labelled items, and where."""
    floors = floors_of(floor, ("precision", "recall", "f1", "topics"))
    feeds = command_context(context).environment.feeds
    rules = rules_of(feeds)
    with lines_of(file) as lines:
        found = evaluate_filter(lines, file, rules)
    figures = {
        "precision": found.all.precision,
        "recall": found.all.recall,
        "f1": found.all.f1,
        "alarms": found.alarms,
        "topics": found.topics.f1,
    }
    if as_json:
        say_json(
            {
                "items": sum(asdict(found.all).values()),
                **figures,
                "waits": found.waits,
                "mistakes": [one.item.name for one in found.mistakes],
            }
        )
    else:
        for line in found.in_words():
            say(line)
    missed = [f"{name} {figures[name]:.4f} < {least:g}" for name, least in floors.items() if figures[name] < least]
    if missed:
        complain(f"Below the floor: {', '.join(missed)}.")
        raise typer.Exit(1)


def floors_of(written: str, known: Sequence[str]) -> dict[str, float]:
    """What `--floor` says: the least of each figure."""
    floors = {}
    for part in filter(None, written.split(",")):
        name, _, least = part.partition("=")
        if name.strip() not in known or not re.fullmatch(r"[01](\.\d+)?", least.strip()):
            raise UsageError(f"--floor: “{part}” is not a floor; write {', '.join(known)}, = and a number up to 1.")
        floors[name.strip()] = float(least)
    return floors


@app.command("labelled")
def labelled_command(context: Context) -> None:
    """Print your answers on doubtful entries as labelled lines."""
    for line in labelled(command_context(context).workspace()):
        say_json(line)


@app.command("preview")
def preview_command(
    context: Context,
    file: ChangedFile,
    as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """What an edited filter section would change. Nothing is written.

    The filter section of an edited copy of feeds.yaml is applied to everything stored.
    """
    workspace = command_context(context).workspace()
    with counting("Judging") as progress:
        found = rejudge.preview(workspace, curation.listed(file).filter, progress=progress)
    _tell_changes(found, "would add", "would remove", "would change the topics of", as_json=as_json)


@app.command("apply")
def apply_command(
    context: Context,
    file: ChangedFile,
    as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write an edited filter section and judge everything by it.

    The filter section of the copy is written into feeds.yaml, everything stored is judged by it, and the page is published.
    """
    place = command_context(context)
    workspace = place.workspace()
    with counting("Judging") as progress:
        found = rejudge.apply(workspace, place.environment.feeds, file, now=utc_now(), progress=progress)
    _tell_changes(found, "added", "removed", "changed the topics of", as_json=as_json)


@app.command("undo")
def undo_command(
    context: Context, as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Take the last `filter apply` back.

    In feeds.yaml, in what is stored, and on the page.
    """
    place = command_context(context)
    workspace = place.workspace()
    with counting("Judging") as progress:
        found = rejudge.undo(workspace, place.environment.feeds, now=utc_now(), progress=progress)
    _tell_changes(found, "added", "removed", "changed the topics of", as_json=as_json)


def _tell_changes(found: Preview, add: str, remove: str, retopic: str, *, as_json: bool) -> None:
    lists = {"add": found.added, "remove": found.removed, "re_topic": found.retopiced}
    if as_json:
        say_json({"total": found.total} | {name: [_change(one) for one in changes] for name, changes in lists.items()})
        return
    counts = f"{add} {len(found.added)}, {remove} {len(found.removed)}, {retopic} {len(found.retopiced)} of {found.total}"
    say(f"{counts[0].upper()}{counts[1:]}.")
    for sign, changes in zip("+-~", lists.values(), strict=True):
        for one in changes[:_MOST_TITLES]:
            topics = (
                f" ({', '.join(one.before.topics) or 'none'} -> {', '.join(one.after.topics) or 'none'})"
                if sign == "~"
                else ""
            )
            say(f"  {sign} {one.number}  {one_line(one.title)}{topics}")
        if len(changes) > _MOST_TITLES:
            say(f"  {sign} … and {len(changes) - _MOST_TITLES} more: --json has them all.")


def _change(one: Change) -> dict[str, object]:
    return {
        "entry": one.number,
        "title": one.title,
        "published": one.published_at,
        "topics_before": list(one.before.topics),
        "topics": list(one.after.topics),
        "why": [asdict(reason) for reason in one.after.reasons[:3]],
    }


@app.command("explain")
def explain_command(
    context: Context,
    entry: Annotated[
        str, Argument(help="A stored entry's number, address or identifier; or a pasted title; - pastes more.")
    ],
) -> None:
    """Why an entry, or a pasted title, is admitted or rejected."""
    place = command_context(context)
    if entry == "-" or not is_reference(entry):
        _explain_pasted(place, sys.stdin.read() if entry == "-" else entry)
        return
    with stored(place) as database, database.read() as connection:
        found = entries_named(connection, entry)
    for one in found:
        say(f"{one.number}  {one.entry.title}")
        say(f"    {one.entry.source}  {one.entry.url}")
        _explain(one.verdict)
        if one.story_reason:
            say(f"    Its story: {one.story_reason}.")
        say(f"    {why_not_shown(one, place.zone)}")


def _explain_pasted(place: CommandContext, text: str) -> None:
    title, _, rest = text.strip().partition("\n")
    if not title.strip():
        raise UsageError("There is nothing to explain: the pasted text is empty.")
    feeds = place.environment.feeds
    rules = rules_of(feeds)
    say(one_line(title))
    _explain(judge_pasted(title, rest, rules))
    if place.store.exists():
        _tell_stored(place, title)


def _tell_stored(place: CommandContext, title: str) -> None:
    """Name the stored entries with a pasted title: their text was judged as well, perhaps with another result."""
    with stored(place) as database:
        found = entries_titled(database, title)
    for one in found[:_MOST_STORED]:
        word = "admitted" if one.verdict.admitted else "rejected"
        say(f"    Stored as entry {one.number}, {word} with {one.verdict.score:g} points: `filter explain {one.number}`.")


def _explain(verdict: Verdict) -> None:
    for line in explained(verdict):
        say(f"    {line}")
