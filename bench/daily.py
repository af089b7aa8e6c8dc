"""The daily refresh beside its peers and its floors: the same feeds, in turn, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from aggregator.ingest.fetch import Limits
from bench import peers
from bench.cost import HOME, Cost, cost
from bench.origin import Origin, free_port, origin, wait_for
from bench.stores import lived_in, read

FEEDS = int(os.environ.get("BENCH_FEEDS", "1000"))
_ROUNDS = 3


class _Program(NamedTuple):
    """A peer that is no Python."""

    file: str
    command: Callable[[Path, list[str]], list[str]]


_PROGRAMS = {"newsboat": _Program("newsboat", peers.newsboat), "sfeed": _Program("sfeed_update", peers.sfeed)}
# What we want of each table's first line, and why it may not be so (docs/performance.md says more).
_COLD, _UNCHANGED, _TOUCHED = "cold, everything new", "unchanged, 304 everywhere", "touched, nothing new"
_BARE, _NEW = "same bytes, no validators", "two new entries in 5 % of the feeds"
_WANTED = {
    _COLD: (0.22, "every entry, on topic or not, is cleaned, judged, explained and stored; it happens once"),
    _UNCHANGED: (0.70, "three quarters are httpx, the rest is start-up and the page"),
    _TOUCHED: (0.12, "documents from outside are handed to other processes and never parsed beside the store"),
    _BARE: (0.09, "start-up and the page"),
    _NEW: (0.70, "start-up, the page, and a process that reads"),
}
# Seconds that a command may take on a long history.
_LONGEST = 3.0
# A store of 300,000 beside one of 10,000, processor time.
_AGED = 1.10
_NAMES = {"parsing": "feedparser on two cores", "fetching": "httpx alone"}


def _environment(folder: Path, *ports: int) -> dict[str, str]:
    """Of a process that is measured."""
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    allowed = ",".join(f"127.0.0.0/8:{port}" for port in ports)
    # Everybody finds everything compiled, from the second start on.
    return known | {"AGGREGATOR_ALLOW_HOSTS": allowed, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def _refresh(workspace: Path, addresses: Sequence[str], environment: dict[str, str]) -> Cost:
    """Our refresh: fetch, parse, filter, group, store, publish."""
    workspace.mkdir(exist_ok=True)
    feeds = [{"name": f"Feed {n}", "url": url} for n, url in enumerate(addresses)]
    (workspace / "feeds.yaml").write_text(json.dumps({"feeds": feeds}), "utf-8")
    place = ["--feeds", str(workspace / "feeds.yaml"), "--data", str(workspace / "data")]
    return cost([sys.executable, str(HOME / "run.py"), *place, "refresh"], environment)


class _Street:
    """The workspaces of all who are measured, beside one server."""

    def __init__(self, folder: Path, server: Origin) -> None:
        self.folder, self.server = folder, server
        self.environment = _environment(folder, server.port, server.bare)

    def ours(self, *, is_bare: bool = False, name: str = "ours") -> Cost:
        """Our refresh of the server's feeds."""
        return _refresh(self.folder / name, self.server.addresses(is_bare=is_bare), self.environment)

    def peer(self, name: str, *, is_bare: bool = False, workspace: str = "") -> Cost:
        """One of bench/peers.py."""
        folder = (
            self.server.folder if name == "parsing" else self.folder / (workspace or f"{name}{'-bare' if is_bare else ''}")
        )
        folder.mkdir(exist_ok=True)
        addresses = self.server.addresses(is_bare=is_bare)
        if name in _PROGRAMS:
            return cost(_PROGRAMS[name].command(folder, addresses), self.environment)
        listed = self.folder / "addresses"
        listed.write_text("\n".join(addresses))
        return cost([sys.executable, "-m", "bench.peers", name, str(folder), str(listed)], self.environment)


def _present() -> list[str]:
    """Those of the other programs that are installed."""
    found = [name for name, program in _PROGRAMS.items() if shutil.which(program.file)]
    for name in set(_PROGRAMS) - set(found):
        print(f"{name} is not installed (Debian's package {name}) and left out")
    return found


def refreshing(count: int = FEEDS) -> None:
    """Wall, CPU and peak memory of a refresh relative to `reader`: cold, unchanged, touched, without validators, some new."""
    with TemporaryDirectory() as place, origin(Path(place, "origin"), count) as server:
        street, others = _Street(Path(place), server), _present()
        # Everybody compiles once.
        small = _Street(Path(place), replace(server, count=2))
        small.ours(name="first"), small.peer("reader", workspace="first"), small.peer("parsing"), small.peer("fetching")
        print(f"{count} feeds, {count * 30} entries; reader = 1; median of the rounds (min to max), CPU, peak MB")

        def beside(*floors: str, is_bare: bool = False) -> dict[str, Cost]:
            found = {"this": street.ours(is_bare=is_bare, name="bare" if is_bare else "ours")}
            found |= {_NAMES[floor]: street.peer(floor) for floor in floors}
            return found | {other: street.peer(other, is_bare=is_bare) for other in others}

        _table(_COLD, 1, lambda _: (street.peer("reader"), beside("parsing", "fetching")))
        # newsboat keeps validators from its second time on.
        street.ours(), [street.peer(other) for other in others]
        _table(_UNCHANGED, _ROUNDS, lambda _: (street.peer("reader"), beside("fetching")))

        def touched(turn: int) -> tuple[Cost, dict[str, Cost]]:
            server.touch(f"t{turn}")
            return street.peer("reader"), beside()

        _table(_TOUCHED, 2, touched)

        def some_new(turn: int) -> tuple[Cost, dict[str, Cost]]:
            server.add_news(turn)
            return street.peer("reader"), beside()

        _table(_NEW, _ROUNDS, some_new)
        street.peer("reader", is_bare=True), beside(is_bare=True)
        _table(_BARE, 2, lambda _: (street.peer("reader", is_bare=True), beside(is_bare=True)))


def slow(count: int = 100) -> None:
    """A refresh where two feeds hang and two come a byte at a time; beside the deadline of a feed."""
    with TemporaryDirectory() as place:
        port, log = free_port(), Path(place, "log.jsonl")
        server = subprocess.Popen([sys.executable, "-m", "bench.slow", str(port), str(count)], cwd=HOME)
        try:
            wait_for(port)
            kinds = {0: "hang", count // 3: "hang", count // 2: "trickle", count - 1: "trickle"}
            addresses = [f"http://127.0.7.{n + 1}:{port}/{kinds.get(n, 'feed')}/{n}.xml" for n in range(count)]
            environment = _environment(Path(place), port) | {"AGGREGATOR_LOG": str(log)}
            deadline = Limits().deadline
            # Everything is compiled at the first start.
            _refresh(Path(place, "other"), addresses[1:2], environment)
            print(f"{count} feeds, 2 hang, 2 come a byte a second; a feed's deadline is {deadline:.0f} s")
            print(
                "  wanted: all within a second of the deadline, the others within 5 s; a first day starts up and groups besides"
            )
            for day in ("the first day", "the next day"):
                log.unlink(missing_ok=True)
                began = datetime.now(UTC)
                took = _refresh(Path(place, "workspace"), addresses, environment)
                lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
                fine = [line["timestamp"] for line in lines if line.get("outcome") in ("parsed", "not_modified")]
                last = (datetime.fromisoformat(max(fine)) - began).total_seconds()
                print(
                    f"  {day}: deadline {took.wall - deadline:+.1f} s; {len(fine)} feeds were well, the last of them after {last:.1f} s"
                )
        finally:
            server.kill()
            server.wait()


def ageing(sizes: Sequence[int] = (FEEDS * 10, FEEDS * 300), count: int = min(FEEDS, 100)) -> None:
    """The same refresh beside stores of several sizes, CPU, publishing included."""
    with TemporaryDirectory() as place, origin(Path(place, "origin"), count) as server:
        street = _Street(Path(place), server)
        for size in sizes:
            (Path(place) / f"of{size}" / "data").mkdir(parents=True)
            lived_in(Path(place) / f"of{size}" / "data" / "news.db", size, now=datetime.now(UTC))
            street.ours(name=f"of{size}")

        def round_of(what: str, turn: int) -> tuple[Cost, dict[str, Cost]]:
            if what == "new":
                server.add_news(turn)
            found = {size: street.ours(name=f"of{size}") for size in sizes}
            return found[sizes[0]], {f"{size:,} stored": found[size] for size in sizes[1:]}

        print(f"{count} feeds; CPU and wall relative to a store of {sizes[0]:,}")
        _table("unchanged", _ROUNDS, lambda turn: round_of("unchanged", turn), floor_is="the smaller")
        _table(_NEW, _ROUNDS, lambda turn: round_of("new", turn), floor_is="the smaller")


def history(status: int = FEEDS * 300, preview: int = FEEDS * 100) -> None:
    """`status` and `filter preview` of a long history, whole commands, beside a plain scan of the same rows."""
    with TemporaryDirectory() as place:
        feeds, changed = [{"name": "Bench", "url": "https://bench.example.org/feed"}], Path(place, "changed.yaml")
        Path(place, "feeds.yaml").write_text(json.dumps({"feeds": feeds}), "utf-8")
        changed.write_text(json.dumps({"feeds": feeds, "filter": {"add": {"people": ["harvest festival"]}}}), "utf-8")
        for name, make, size, command in (
            ("status", lived_in, status, ["status"]),
            ("filter preview", read, preview, ["filter", "preview", str(changed)]),
        ):
            data = Path(place, name)
            data.mkdir()
            make(data / "news.db", size, now=datetime.now(UTC))
            workspace = [sys.executable, str(HOME / "run.py"), "--feeds", f"{place}/feeds.yaml", "--data", str(data)]
            # As after any refresh: a store without a copy is looked through for damage.
            cost([*workspace, "backup"], _environment(Path(place)))
            scan = [sys.executable, "-c", _SCAN, str(data / "news.db")]
            pairs = [(cost([*workspace, *command], _environment(Path(place))), cost(scan, {})) for _ in range(_ROUNDS)]
            ratios = [one.wall / floor.wall for one, floor in pairs]
            seconds, floor = (statistics.median(one.wall for one in ones) for ones in zip(*pairs, strict=True))
            print(
                f"{name:<16} (3 s are wanted: {'met' if seconds <= _LONGEST else 'not met'}) "
                f"{size:,} stored: {statistics.median(ratios):.2f} of a plain scan "
                f"({min(ratios):.2f} to {max(ratios):.2f}), {seconds:.2f} s beside {floor:.2f} s"
            )


_SCAN = "import sqlite3, sys; print(sum(1 for _ in sqlite3.connect(sys.argv[1]).execute('SELECT * FROM entry')))"


def _table(
    name: str, rounds: int, measure: Callable[[int], tuple[Cost, dict[str, Cost]]], *, floor_is: str = "reader"
) -> None:
    measured = [measure(turn) for turn in range(rounds)]
    floor = [one for one, _ in measured]
    wanted, why = _WANTED[name] if floor_is == "reader" else (_AGED, "where the archive changes, its stories are read again")
    peak = max(one.peak for one in floor)
    print(f"\n{name}: {floor_is} {statistics.median(one.wall for one in floor):.2f} s, peak {peak:.0f} MB", flush=True)
    for who in measured[0][1]:
        costs = [others[who] for _, others in measured]
        wall = [cost.wall / one.wall for cost, one in zip(costs, floor, strict=True)]
        cpu = statistics.median(cost.cpu / one.cpu for cost, one in zip(costs, floor, strict=True))
        peak = max(cost.peak for cost in costs)
        print(
            f"  {who:<24} {statistics.median(wall):>6.2f}  ({min(wall):.2f} to {max(wall):.2f})  CPU {cpu:.2f}  {peak:.0f} MB"
        )
        if who == next(iter(measured[0][1])):
            ratio = statistics.median(wall) if floor_is == "reader" else cpu
            print(
                f"    of a thousand feeds {wanted:.2f} is wanted: "
                + ("met" if round(ratio, 2) <= wanted else f"not met, {why}")
            )
            if floor_is == "reader":
                most = 200 if name == _COLD else 90
                met = "met" if peak <= most else "not met, the process that holds the store and those that read"
                print(f"    at most {most} MB are wanted: {met}")
