"""`python -m bench [judging | joining]`: prints ratios, with what they were measured on."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from aggregator.ingest.clean import FeedSpec
from aggregator.ingest.parse import ParseTask, parse
from aggregator.jobs.regroup import group_new
from aggregator.relevance.judge import judge, make_rules
from aggregator.stories.identity import keys_of
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry
from aggregator.values.feeds import Document
from aggregator.values.settings import Feed, FilterRules
from bench.feeds import feeds
from bench.stores import aged, judged, save

_NOW = datetime(2026, 11, 24, tzinfo=UTC)
_ROUNDS = 5


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _row(name: str, seconds: list[float], floor: list[float]) -> str:
    ratios = [a / b for a, b in zip(seconds, floor, strict=True)]
    return f"{name:<34} {statistics.median(ratios):>7.3f}  ({min(ratios):.3f} to {max(ratios):.3f})"


def judging() -> None:
    """What judging costs beside parsing the same feeds, CPU seconds, in turn."""
    bodies = list(feeds(40))
    spec = FeedSpec("https://bench.example.org/feed", "Bench", None)

    def parsed() -> list[Entry]:
        found: list[Entry] = []
        for body in bodies:
            document = parse(ParseTask(body, "application/xml", spec.url, spec, _NOW))
            assert isinstance(document, Document)
            found += document.entries
        return found

    entries = [(entry, keys_of(entry)) for entry in parsed()]
    feed, rules = Feed(name="Bench", url=spec.url), make_rules(vocabulary(), FilterRules())

    def judged() -> list[bool]:
        return [judge(entry, keys, feed, rules).admitted for entry, keys in entries]

    parsing, judging_ = [], []
    for _ in range(_ROUNDS):
        parsing.append(_seconds(parsed))
        judging_.append(_seconds(judged))
    size = sum(map(len, bodies)) / len(bodies) / 1000
    print(
        f"{len(bodies)} feeds of {size:.0f} KB, {len(entries)} entries, {sum(judged())} admitted; CPU, relative to parsing = 1"
    )
    print(_row("judging", judging_, parsing))


def joining(sizes: Sequence[int] = (1_000, 10_000, 300_000)) -> None:
    """What grouping a day's 200 new entries costs in stores of several ages, CPU seconds, in turn."""
    with TemporaryDirectory() as folder:
        stores = {size: aged(Path(folder, f"{size}.sqlite3"), size, now=_NOW) for size in sizes}
        seconds: dict[int, list[float]] = {size: [] for size in sizes}
        for turn in range(_ROUNDS):
            for size, database in stores.items():
                day = _NOW + timedelta(days=turn)
                first = 1_000_000 + 200 * turn
                save(database, judged(range(first, first + 200), now=day, days=0.9), now=day)
                seconds[size].append(_seconds(partial(group_new, database, now=day)))
        for database in stores.values():
            database.close()
    middle = sizes[len(sizes) // 2]
    print(f"a day's 200 new entries joined to stored ones; CPU, relative to {middle:,} stored = 1")
    for size in sizes:
        name = f"{size:,} stored ({statistics.median(seconds[size]):.2f} s)"
        print(_row(name, seconds[size], seconds[middle]))


def main() -> None:
    """Run what is asked for, or all."""
    known = {"judging": judging, "joining": joining}
    wanted = sys.argv[1:] or list(known)
    if set(wanted) - set(known):
        raise SystemExit(f"python -m bench [{' | '.join(known)}]")
    print(f"Python {platform.python_version()} on {os.cpu_count()} cores, {platform.machine()}")
    for name in wanted:
        known[name]()


main()
