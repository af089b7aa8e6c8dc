"""What pages and decisions of the staff console take on a long history, beside a floor that is asked for in turn: a page of the
console that asks the store nothing."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.cost import HOME
from bench.daily import FEEDS
from bench.stores import lived_in

# In milliseconds, of 95 in 100 requests; and in MB.
_WANTED = {"Today": 50, "Feeds": 150, "hide and publish": 400, "first preview": 1500}
_MEMORY = 130
_ROUNDS = 40
_CURATOR = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from aggregator.jobs.staff_accounts import begin_session, open_staff
staff, now = open_staff(Path(sys.argv[1])), datetime.now(UTC)
staff.add("bench", "curator", now=now)
found = begin_session(staff, "bench", "bench", now=now)
print(found.cookie, found.token)
"""


def console(size: int = FEEDS * 300) -> None:
    """Today, Feeds, a decision with its page, and the first preview of a rule, on `size` stored entries."""
    with TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "feeds.yaml").write_text(
            json.dumps({"feeds": [{"name": "Bench", "url": "https://bench.example.org/feed"}]}), "utf-8"
        )
        data = folder / "data"
        data.mkdir()
        lived_in(data / "news.db", size, now=datetime.now(UTC))
        _run(folder, "backup")
        _run(folder, "publish")
        with _served(folder) as (client, token, process):
            _measure(client, token, size)
            print(f"  memory {_resident(process):.0f} MB ({_MEMORY} are wanted)")


def _measure(client: httpx.Client, token: str, size: int) -> None:
    entries = re.findall(r'id="e(\d+)"', client.get("/").text)
    rules = client.get("/rules").text
    seen = re.search(r'name="seen" value="(\w+)"', rules)
    hidden = iter(entries * _ROUNDS)
    form = {"token": token, "of": "add", "topic": "people", "seen": seen[1] if seen else ""}
    phrases = iter(f"harvest festival {number}" for number in range(10_000))
    rows: dict[str, tuple[int, Callable[[], object]]] = {
        "Today": (_ROUNDS, lambda: client.get("/")),
        "Feeds": (_ROUNDS // 2, lambda: client.get("/feeds")),
        "hide and publish": (
            min(len(entries), _ROUNDS // 2),
            lambda: client.post(f"/entries/{next(hidden)}/hide", data={"token": token}),
        ),
        "first preview": (
            5,
            lambda: client.post("/rules/preview", data=form | {"phrase": next(phrases), "reach": "newest"}),
        ),
    }
    print(f"\nconsole, {size:,} stored (floor: a page that asks the store nothing)")
    for name, (rounds, ask) in rows.items():
        pairs = [(_timed(ask), _timed(lambda: client.get("/help"))) for _ in range(rounds)]
        took, floor = (sorted(one) for one in zip(*pairs, strict=True))
        slowest = took[max(0, round(len(took) * 0.95) - 1)]
        print(
            f"  {name:<18} {statistics.median(a / b for a, b in pairs):>6.1f} of the floor, "
            f"median {statistics.median(took):.0f} ms, 95 in 100 within {slowest:.0f} ms "
            f"({_WANTED[name]} are wanted), floor {statistics.median(floor):.0f} ms"
        )


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    answer = ask()
    assert isinstance(answer, httpx.Response)
    assert answer.status_code in (200, 303), answer.text
    return (time.perf_counter() - began) * 1000


def _command(folder: Path, *arguments: str) -> list[str]:
    where = ["--feeds", str(folder / "feeds.yaml"), "--data", str(folder / "data")]
    return [sys.executable, str(HOME / "run.py"), *where, *arguments]


def _run(folder: Path, *arguments: str) -> None:
    subprocess.run(_command(folder, *arguments), check=True, capture_output=True)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[httpx.Client, str, int]]:
    made = subprocess.run(
        [sys.executable, "-c", _CURATOR, str(folder / "data")], check=True, capture_output=True, text=True, cwd=HOME
    )
    cookie, token = made.stdout.split()
    with subprocess.Popen(_command(folder, "console", "--port", "0"), stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip().rstrip("/")
        try:
            headers, cookies = {"Origin": url}, {"console": cookie}
            with httpx.Client(base_url=url, headers=headers, cookies=cookies, trust_env=False, timeout=120) as client:
                yield client, token, running.pid
        finally:
            running.terminate()


def _resident(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
