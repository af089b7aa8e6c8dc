"""filter try, filter evaluate, filter explain."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TextIO

import typer
from typer import Argument, Context, Option, Typer

from aggregator.cli.place import place_of, stored
from aggregator.cli.show import complain, say, say_json, table
from aggregator.config import load
from aggregator.errors import UsageError
from aggregator.jobs.trials import evaluate_filter, try_filter, wanted_keys
from aggregator.relevance.measure import Evaluation, interval
from aggregator.store import entries
from aggregator.values.entries import Stored
from aggregator.values.settings import FilterRules
from aggregator.watch.health import whereabouts

app = Typer(no_args_is_help=True)


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
    feeds = place_of(context).environment.feeds
    rules = load(feeds).filter if feeds.exists() else FilterRules()
    with lines_of(file) as lines:
        for verdict in try_filter(lines, file, rules):
            if as_json:
                say_json(verdict)
            else:
                word = "admitted" if verdict["relevant"] else "rejected"
                table((), [[str(verdict["id"]), word, f"{verdict['score']:g}", ", ".join(verdict["topics"])]])


@app.command("evaluate")
def evaluate_command(
    context: Context,
    file: Annotated[str, Argument(metavar="LABELLED.jsonl", help="Lines with `label`, `topics`, `hard`, `kind` besides.")],
    as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False,
    floor: Annotated[str, Option("--floor", help="Fail below these, like precision=0.99,recall=0.98.")] = "",
) -> None:
    """How often the filter is wrong on labelled items, and where."""
    floors = _floors(floor)
    feeds = place_of(context).environment.feeds
    rules = load(feeds).filter if feeds.exists() else FilterRules()
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
            {"items": sum(asdict(found.all).values()), **figures, "mistakes": [one.item.name for one in found.mistakes]}
        )
    else:
        _tell(found)
    missed = [f"{name} {figures[name]:.4f} < {least:g}" for name, least in floors.items() if figures[name] < least]
    if missed:
        complain(f"Below the floor: {', '.join(missed)}.")
        raise typer.Exit(1)


def _floors(written: str) -> dict[str, float]:
    floors = {}
    for part in filter(None, written.split(",")):
        name, _, least = part.partition("=")
        if name.strip() not in ("precision", "recall", "f1", "topics") or not re.fullmatch(r"[01](\.\d+)?", least.strip()):
            raise UsageError(f"--floor: “{part}” is none; write precision, recall, f1 or topics, = and a number up to 1.")
        floors[name.strip()] = float(least)
    return floors


def _tell(found: Evaluation) -> None:
    for name, score in {"all": found.all, **found.by_kind}.items():
        low, high = interval(score.tp, score.tp + score.fp)
        least, most = interval(score.tp, score.tp + score.fn)
        say(
            f"{name}: precision {score.precision:.3f} ({low:.3f} to {high:.3f}), recall {score.recall:.3f} "
            f"({least:.3f} to {most:.3f}), F1 {score.f1:.3f}; {score.tp + score.fn} on topic, {score.fp + score.tn} not"
        )
    say(f"false alarms among traps: {found.hard_alarms} of {found.hard}; topics: micro-F1 {found.topics.f1:.3f}")
    for mistake in found.mistakes:
        word = "false alarm" if mistake.verdict.admitted else "miss"
        reasons = "; ".join(f"{reason.rule}: {reason.words}" for reason in mistake.verdict.reasons[:3])
        say(f"{word}: {mistake.item.entry.title} ({reasons})")


@app.command("explain")
def explain_command(
    context: Context, entry: Annotated[str, Argument(help="A number, address or identifier (doi:…, pmid:…).")]
) -> None:
    """Why a stored entry was admitted or rejected."""
    number, keys = wanted_keys(entry)
    database = stored(place_of(context))
    try:
        with database.read() as connection:
            found = entries.find(connection, number, keys)
    finally:
        database.close()
    if not found:
        raise UsageError(f"No stored entry has the number, address or identifier “{entry}”.")
    for one in found:
        _explain(one)


def _explain(one: Stored) -> None:
    verdict = one.verdict
    say(f"{one.number}  {one.entry.title}")
    say(f"    {one.entry.source}  {one.entry.url}")
    word = "Admitted" if verdict.admitted else "Rejected"
    say(f"    {word} with {verdict.score:g} points; evidence: {verdict.evidence}.")
    if verdict.topics:
        say(f"    Topics: {', '.join(verdict.topics)}")
    for reason in verdict.reasons:
        where = f" in the {reason.where}" if reason.where else ""
        say(f"    - {reason.rule}: {reason.words}{where}")
    if one.story_reason:
        say(f"    Its story: {one.story_reason}.")
    say(f"    {whereabouts(one)}")
