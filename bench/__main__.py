"""`python -m bench [judging | joining | refreshing | slow | ageing | history | publishing | year | console | newsletter]`: prints ratios, with what they were measured on."""

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

from aggregator.ingest.parse import ParseTask, parse
from aggregator.ingest.raw import FeedSpec
from aggregator.jobs.archive import archive_in_memory
from aggregator.jobs.regroup import group_new
from aggregator.publish.archive import render_archive
from aggregator.publish.site import current_release, release
from aggregator.relevance.judge import judge, make_rules
from aggregator.render.templates import Templates
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry
from aggregator.values.feeds import Document
from aggregator.values.settings import Feed, FilterRules, Site
from aggregator.values.stories import Article, Story
from bench.console import console
from bench.cost import HOME
from bench.daily import ageing, history, refreshing, slow
from bench.feeds import feeds
from bench.newsletter import newsletter
from bench.stores import aged, judged, save
from bench.year import year

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

    entries = [(entry, entry.keys) for entry in parsed()]
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


def publishing(stories: int = 10_000) -> None:
    """What a day with ten new stories costs to publish beside the first time, on an archive of `stories`; CPU, files."""
    site, pages = Site(url="https://www.example.org/news/"), Templates(HOME / "templates")
    told = [_told(n) for n in range(stories)]

    def published(data: Path, count: int) -> tuple[float, set[int]]:
        began, before = time.process_time(), current_release(data)
        files = render_archive(pages, *archive_in_memory(told[-count:], site, now=_NOW), site, before, is_sample=False)
        folder = release(data, f"r{count}", {"index.html": b"</html>", **files})
        return time.process_time() - began, {path.stat().st_ino for path in folder.rglob("*") if path.is_file()}

    first, day, new = [], [], 0
    for _ in range(3):
        with TemporaryDirectory() as folder:
            seconds, before = published(Path(folder), stories - 10)
            first.append(seconds)
            seconds, after = published(Path(folder), stories)
            day.append(seconds)
            new = len(after - before)
    print(
        f"{stories} stories, {len(after)} files; a day with ten new ones writes {new}; CPU, relative to the first time = 1"
    )
    print(_row("a day with ten new stories", day, first))


def _told(number: int) -> Story:
    at = _NOW - timedelta(hours=9 * (number % 10_000))
    topic = vocabulary().topics[number % len(vocabulary().topics)].slug
    article = Article(
        entry=number, title=f"What helps the face to move again, part {number}", url=f"https://www.example.org/{number}",
        source=f"Journal {number % 40}", summary="Patients were followed for a year. " * 4, language="en", dated_at=at,
        is_dated=True, first_seen_at=at, evidence="trial", topics=(topic,),
    )  # fmt: skip
    return Story(number, (article,))


def main() -> None:
    """Run what is asked for, or all."""
    known: dict[str, Callable[[], None]] = {
        "judging": judging,
        "joining": joining,
        "refreshing": refreshing,
        "slow": slow,
        "ageing": ageing,
        "history": history,
        "publishing": publishing,
        "year": year,
        "console": console,
        "newsletter": newsletter,
    }
    wanted = sys.argv[1:] or list(known)
    if set(wanted) - set(known):
        raise SystemExit(f"python -m bench [{' | '.join(known)}]")
    print(f"Python {platform.python_version()} on {os.cpu_count()} cores, {platform.machine()}")
    for name in wanted:
        print(f"\n== {name}")
        known[name]()


main()
