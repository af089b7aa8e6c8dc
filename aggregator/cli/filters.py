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

from aggregator.cli.place import Place, place_of, stored
from aggregator.cli.show import complain, counting, say, say_json, table
from aggregator.config import load
from aggregator.errors import UsageError
from aggregator.jobs import rejudge
from aggregator.jobs.house import open_house
from aggregator.jobs.refresh import utc_now
from aggregator.jobs.rejudge import Change, Preview
from aggregator.jobs.trials import evaluate_filter, is_entry, judge_pasted, try_filter, wanted_keys
from aggregator.relevance.measure import Evaluation, interval
from aggregator.store import entries
from aggregator.text import one_line
from aggregator.topics import vocabulary
from aggregator.values.entries import EVIDENCE_WORDS, Verdict
from aggregator.values.settings import FilterRules
from aggregator.watch.health import whereabouts

app = Typer(no_args_is_help=True)
ChangedFile = Annotated[Path, Argument(metavar="FEEDS.yaml", help="A whole edited copy; only its filter section counts.")]
_MOST_TITLES = 50


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
    floors = floors_of(floor, ("precision", "recall", "f1", "topics"))
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


def floors_of(written: str, known: Sequence[str]) -> dict[str, float]:
    """What `--floor` says: the least of each figure."""
    floors = {}
    for part in filter(None, written.split(",")):
        name, _, least = part.partition("=")
        if name.strip() not in known or not re.fullmatch(r"[01](\.\d+)?", least.strip()):
            raise UsageError(f"--floor: “{part}” is none; write {', '.join(known)}, = and a number up to 1.")
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


@app.command("preview")
def preview_command(
    context: Context,
    file: ChangedFile,
    as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """What the filter section of an edited copy of feeds.yaml would do to everything stored. Nothing is changed."""
    house = open_house(place_of(context).environment)
    with counting("Judging") as progress:
        found = rejudge.preview(house, load(file).filter, progress=progress)
    _tell_changes(found, "would add", "would remove", "would re-topic", as_json=as_json)


@app.command("apply")
def apply_command(
    context: Context,
    file: ChangedFile,
    as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write the filter section of an edited copy into feeds.yaml, judge everything stored by it and publish."""
    environment = place_of(context).environment
    house = open_house(environment)
    with counting("Judging") as progress:
        found = rejudge.apply(house, environment.feeds, file, now=utc_now(), progress=progress)
    _tell_changes(found, "added", "removed", "re-topiced", as_json=as_json)


@app.command("undo")
def undo_command(
    context: Context, as_json: Annotated[bool, Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Take the last `filter apply` back: in feeds.yaml, in what is stored, and on the page."""
    environment = place_of(context).environment
    with counting("Judging") as progress:
        found = rejudge.undo(open_house(environment), environment.feeds, now=utc_now(), progress=progress)
    _tell_changes(found, "added", "removed", "re-topiced", as_json=as_json)


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
    """Why an entry was admitted or rejected; for pasted text, why it would be."""
    place = place_of(context)
    if entry == "-" or not is_entry(entry):
        _explain_pasted(place, sys.stdin.read() if entry == "-" else entry)
        return
    number, keys = wanted_keys(entry)
    database = stored(place)
    try:
        with database.read() as connection:
            found = entries.find(connection, number, keys)
    finally:
        database.close()
    if not found:
        raise UsageError(f"No stored entry has the number, address or identifier “{entry}”.")
    for one in found:
        say(f"{one.number}  {one.entry.title}")
        say(f"    {one.entry.source}  {one.entry.url}")
        _explain(one.verdict)
        if one.story_reason:
            say(f"    Its story: {one.story_reason}.")
        say(f"    {whereabouts(one)}")


def _explain_pasted(place: Place, text: str) -> None:
    title, _, rest = text.strip().partition("\n")
    if not title.strip():
        raise UsageError("There is nothing to explain: the pasted text is empty.")
    feeds = place.environment.feeds
    rules = load(feeds).filter if feeds.exists() else FilterRules()
    say(one_line(title))
    _explain(judge_pasted(title, rest, rules))


def _explain(verdict: Verdict) -> None:
    say(f"    {'Admitted' if verdict.admitted else 'Rejected'} with {verdict.score:g} points.")
    if verdict.topics:
        say(f"    Topics: {', '.join(vocabulary().name(topic) for topic in verdict.topics)}")
    say(f"    Evidence: {EVIDENCE_WORDS.get(verdict.evidence) or 'none that title or abstract name'}")
    if verdict.notice:
        say(f"    It is a notice: {verdict.notice}.")
    for reason in verdict.reasons:
        where = f" in the {reason.where}" if reason.where else ""
        words = f": {reason.words}" if reason.words else ""
        say(f"    - {reason.rule}{words}{where}")
