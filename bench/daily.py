"""The daily refresh beside its peers and its floors: the same feeds, in turn, in processes of their own."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cost import HOME, Cost, cost
from bench.origin import Origin, origin

_ROUNDS = 3


class _Street:
    """The houses of all who are measured, beside one server."""

    def __init__(self, folder: Path, server: Origin) -> None:
        self.folder, self.server = folder, server
        known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        # Everybody finds everything compiled, from the second start on.
        ours = {"AGGREGATOR_ALLOW_HOSTS": f"127.0.0.0/8:{server.port},127.0.0.0/8:{server.bare}"}
        self.environment = known | ours | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}

    def ours(self, *, is_bare: bool = False, name: str = "ours") -> Cost:
        """Our refresh: fetch, parse, filter, group, store, publish."""
        house = self.folder / name
        house.mkdir(exist_ok=True)
        feeds = [{"name": f"Feed {n}", "url": url} for n, url in enumerate(self.server.addresses(is_bare=is_bare))]
        (house / "feeds.yaml").write_text(json.dumps({"feeds": feeds}), "utf-8")
        place = ["--feeds", str(house / "feeds.yaml"), "--data", str(house / "data")]
        return cost([sys.executable, str(HOME / "run.py"), *place, "refresh"], self.environment)

    def peer(self, name: str, *, is_bare: bool = False, house: str = "peer") -> Cost:
        """One of bench/peers.py."""
        folder = self.server.folder if name == "parsing" else self.folder / house
        folder.mkdir(exist_ok=True)
        listed = self.folder / "addresses"
        listed.write_text("\n".join(self.server.addresses(is_bare=is_bare)))
        return cost([sys.executable, "-m", "bench.peers", name, str(folder), str(listed)], self.environment)


def refreshing(count: int = int(os.environ.get("BENCH_FEEDS", "200"))) -> None:
    """Wall, CPU and peak memory of a refresh relative to `reader`: cold, unchanged, touched, without validators, some new."""
    with TemporaryDirectory() as place, origin(Path(place, "origin"), count) as server:
        street = _Street(Path(place), server)
        street.ours(name="first"), street.peer("reader", house="first"), street.peer("parsing"), street.peer("fetching")
        print(f"{count} feeds, {count * 30} entries; reader = 1; median of the rounds (min to max), CPU, peak MB")
        _table("cold", 1, lambda turn: (street.peer("reader", house=f"r{turn}"), {
            "this": street.ours(name=f"o{turn}"), "feedparser on two cores": street.peer("parsing"),
            "httpx alone": street.peer("fetching"),
        }))  # fmt: skip
        street.ours(), street.peer("reader")
        _table("unchanged, 304 everywhere", _ROUNDS, lambda _: (street.peer("reader"), {
            "this": street.ours(), "httpx alone": street.peer("fetching"),
        }))  # fmt: skip

        def touched(turn: int) -> tuple[Cost, dict[str, Cost]]:
            server.touch(f"t{turn}")
            time.sleep(1.1)
            return street.peer("reader"), {"this": street.ours()}

        _table("touched, nothing new", _ROUNDS, touched)

        def some_new(turn: int) -> tuple[Cost, dict[str, Cost]]:
            server.add_news(turn)
            return street.peer("reader"), {"this": street.ours()}

        _table("two new entries in 5 % of the feeds", _ROUNDS, some_new)
        street.ours(is_bare=True, name="bare"), street.peer("reader", is_bare=True, house="bare-peer")
        _table("same bytes, no validators", _ROUNDS, lambda _: (
            street.peer("reader", is_bare=True, house="bare-peer"), {"this": street.ours(is_bare=True, name="bare")},
        ))  # fmt: skip


def _table(name: str, rounds: int, measure: Callable[[int], tuple[Cost, dict[str, Cost]]]) -> None:
    measured = [measure(turn) for turn in range(rounds)]
    floor = [one for one, _ in measured]
    print(
        f"\n{name}: reader {statistics.median(one.wall for one in floor):.2f} s, peak {max(one.peak for one in floor):.0f} MB"
    )
    for who in measured[0][1]:
        costs = [others[who] for _, others in measured]
        wall = [cost.wall / one.wall for cost, one in zip(costs, floor, strict=True)]
        cpu = statistics.median(cost.cpu / one.cpu for cost, one in zip(costs, floor, strict=True))
        peak = max(cost.peak for cost in costs)
        print(
            f"  {who:<24} {statistics.median(wall):>6.2f}  ({min(wall):.2f} to {max(wall):.2f})  CPU {cpu:.2f}  {peak:.0f} MB"
        )
