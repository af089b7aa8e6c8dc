"""A year of days: the same thirty feeds refreshed daily, each as long as ever, a few new entries in the place of old ones.

What a refresh costs on a late day beside an early one is what the age of a store costs. Each day is a process of its own
that begins with everything imported and parses its documents itself: so its processor time and its peak of memory are known
to the kernel, and start-up, which is the same every day, hides nothing.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from aggregator.ingest.fetch import Network
from aggregator.ingest.guard import read_allowances
from aggregator.ingest.incremental import parse
from aggregator.jobs.refresh import refresh
from aggregator.jobs.workspace import Workspace
from aggregator.values.reports import RunOutcome
from aggregator.values.settings import Feed, Settings, Site
from bench.cost import HOME
from bench.feeds import _ON_TOPIC, _sentence
from bench.origin import free_port, wait_for
from bench.stores import _name

DAYS = int(os.environ.get("BENCH_DAYS", "400"))
_FEEDS, _LENGTH, _NEW = 30, 25, 3
# One entry in nine is on topic, ten of the ninety that are new each day; of those one in five stands in two feeds.
_ON_TOPIC_OF, _SHARED_OF = 9, 45
_BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
_SHOWN = (30, 60, 100, 200, 400)
# The days that are compared, and what the later may cost of the earlier.
_EARLY, _LATE, _WANTED = range(60, 81), range(380, 401), 1.15


@dataclass(frozen=True)
class Day:
    """What a day's refresh cost: seconds of processors, megabytes at its peak; what it left: megabytes, releases, files."""

    number: int
    cpu: float
    peak: float
    store: float
    releases: int
    files: int
    made_copy: bool


class _Here(Executor):
    """Parses in the process of the refresh."""

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """See Executor; the limits of a worker are not set."""
        done: Future[Any] = Future()
        done.set_result(parse(given[0]) if given else function(**named))
        return done


def year(days: int = DAYS) -> None:
    """Processor time, memory and disk of a daily refresh through `days` days; late days beside early ones."""
    gc.freeze()
    with TemporaryDirectory() as place:
        folder, port = Path(place), free_port()
        (folder / "feeds").mkdir()
        server = [sys.executable, "-m", "http.server", str(port), "--directory", str(folder / "feeds")]
        serving = subprocess.Popen(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            workspace = _workspace(folder / "data", port)
            print(
                f"{_FEEDS} feeds of {_LENGTH} entries, {_FEEDS * _NEW} new a day; CPU s, peak MB, store MB, releases, files"
            )
            found = [_lived(workspace, folder / "feeds", number) for number in range(1, days + 1)]
        finally:
            serving.kill()
            serving.wait()
    _compare(found)


def _workspace(data: Path, port: int) -> Workspace:
    feeds = tuple(Feed(name=f"Feed {n}", url=f"http://127.0.8.{n + 1}:{port}/{n}.xml") for n in range(_FEEDS))
    settings = Settings(site=Site(url="https://www.example.org/news/"), feeds=feeds)
    network = Network(user_agent="Bench", allowances=read_allowances(f"127.0.0.0/8:{port}"))
    return Workspace(settings, data, HOME / "templates", network, make_pool=lambda workers: _Here())


def _lived(workspace: Workspace, feeds: Path, number: int) -> Day:
    now = _BEGAN + timedelta(days=number)
    for feed in range(_FEEDS):
        path = feeds / f"{feed}.xml"
        path.write_bytes(_document(feed, number))
        # The server tells by this date whether the document is another: two days may be one second apart here.
        os.utime(path, (now.timestamp(), now.timestamp()))
    backups = workspace.data / "backups"
    before = set(backups.glob("*")) if backups.exists() else set()
    cpu, peak = _cost_of(lambda: _refresh(workspace, now))
    releases = [path for path in (workspace.data / "releases").iterdir() if path.is_dir()]
    day = Day(
        number=number,
        cpu=cpu,
        peak=peak,
        store=workspace.database_path.stat().st_size / 1e6,
        releases=len(releases),
        files=sum(path.is_file() for path in (workspace.data / "site").resolve().rglob("*")),
        made_copy=bool(set(backups.glob("*")) - before),
    )
    if number in _SHOWN:
        print(
            f"  day {number:>3}: {day.cpu:.2f} s, {day.peak:.0f} MB, {day.store:.1f} MB, {day.releases}, {day.files}",
            flush=True,
        )
    return day


def _refresh(workspace: Workspace, now: datetime) -> None:
    report = asyncio.run(refresh(workspace, clock=lambda: now))
    if report.outcome != RunOutcome.FRESH or report.entries.new < _FEEDS * _NEW:
        raise SystemExit(f"a day of the year went wrong: {report}")


def _cost_of(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds of processors and megabytes at the peak of `work`, in a process of its own."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit("a day of the year failed")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


def _compare(days: Sequence[Day]) -> None:
    early, late = ([day for day in days if day.number in these] for these in (_EARLY, _LATE))
    if not late:
        print(f"  {len(days)} days; what a year costs is told after {_LATE[-1]}")
        return
    for name, is_copied in (("", False), (", days that copied the store", True)):
        one, other = (
            statistics.median(day.cpu for day in found if day.made_copy or not is_copied) for found in (early, late)
        )
        met = f"; {_WANTED} is wanted: {'met' if other / one <= _WANTED else 'not met'}" if not is_copied else ""
        print(f"  days 380-400 beside 60-80{name}: {other:.2f} s / {one:.2f} s = {other / one:.2f}{met}")
    peaks = [max(day.peak for day in found) for found in (early, late)]
    print(f"  peak memory {peaks[0]:.0f} MB, {peaks[1]:.0f} MB")


# ---- the feeds -------------------------------------------------------------------------------------------------------


def _document(feed: int, day: int) -> bytes:
    """The feed on that day: its newest entries."""
    newest = day * _NEW
    items = "".join(_item(feed, number) for number in range(newest, newest - _LENGTH, -1))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {feed}</title>{items}</channel></rss>'.encode()


def _item(feed: int, number: int) -> str:
    own, at = number * _FEEDS + feed, _BEGAN + timedelta(days=number / _NEW, hours=-3, minutes=feed)
    # The next feed tells the same.
    told = own - 1 if feed and (own - 1) % _SHARED_OF == 0 else own
    random, is_on_topic = Random(told), told % _ON_TOPIC_OF == 0
    # Words of its own, so that each is its own story: on one topic all else is alike.
    names = [_name(random) for _ in range(12)]
    about = (
        f"{random.choice(_ON_TOPIC)}: {names[0]} of {names[1]} tells {names[2]}"
        if is_on_topic
        else _sentence(random, 8)[:-1]
    )
    title, body = f"{about} {told}", f"{_sentence(random, 25)} {' '.join(names[3:])}. {_sentence(random, 25)}"
    url = f"https://news{told % 50}.example.org/{told}/story.html"
    return (
        f"<item><title>{escape(title)}</title><link>{url}</link><guid>{url}</guid>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate><description>{body}</description></item>"
    )
