"""The shared tools as these tests run them: each a process of its own, nothing of it is copied here."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any


def tool(path: Path, *arguments: str | Path, seconds: float = 600) -> subprocess.CompletedProcess[str]:
    """What a tool says when it is run."""
    command = [sys.executable, str(path), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)


def lines(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


# ---- the misbehaving server ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """The running server: what it can be asked beside its feeds."""

    base: str

    @property
    def port(self) -> int:
        return int(self.base.rsplit(":", 1)[1])

    def told(self, path: str) -> list[dict[str, Any]]:
        """The list that one of its control paths answers with."""
        with urllib.request.urlopen(self.base + path, timeout=20) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def misbehaving(server: Path, folder: Path, *options: str | Path) -> Iterator[Origin]:
    """The server, until the block ends."""
    ready = folder / "ready.json"
    command = [sys.executable, str(server), "--port", "0", "--ready-file", str(ready), *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends_at = time.monotonic() + 30
        said: dict[str, str] = {}
        while not said:
            assert time.monotonic() < ends_at, "the server does not start"
            assert process.poll() is None, "the server ended"
            time.sleep(0.05)
            with suppress(OSError, ValueError):
                said = json.loads(ready.read_text("utf-8"))
        yield Origin(said["base"].rstrip("/"))
    finally:
        process.kill()
        process.wait()


# ---- how much memory a run takes -------------------------------------------------------------------------------------


def measured(command: Sequence[str], environment: dict[str, str]) -> tuple[subprocess.CompletedProcess[str], float]:
    """The finished command, and the most memory (MB) that it and its children took together at one time."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    is_over, peak = Event(), 0

    def watch() -> None:
        nonlocal peak
        while not is_over.wait(0.1):
            peak = max(peak, sum(map(_share, _tree(process.pid))))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        out, error = process.communicate(timeout=900)
    finally:
        is_over.set()
        watcher.join()
        process.kill()
    return subprocess.CompletedProcess(command, process.returncode, out, error), peak / 1024


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - twenty times a second
        if name.isdigit():
            with suppress(OSError):
                parent = Path(f"/proc/{name}/stat").read_text("utf-8", "replace").rsplit(")", 1)[1].split()[1]
                children.setdefault(int(parent), []).append(int(name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _share(process: int) -> int:
    """A process's own part of the memory (kB): what several share is counted once between them."""
    with suppress(OSError):
        told = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text("ascii"), re.M)
        return int(told[1]) if told else 0
    return 0


# ---- what a run left behind ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What came of asking one feed in one run."""

    outcome: str
    reason: str
    seen: int
    new: int


def outcomes(database: Path, run: int) -> dict[str, Asked]:
    """By the feed's name."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "select feed.name, outcome, reason, seen, new from poll join feed on feed.id = feed_id where run_id = ?", (run,)
        ).fetchall()
    connection.close()
    return {name: Asked(*rest) for name, *rest in rows}


def stored(database: Path) -> dict[str, int]:
    """How many entries the store holds of each feed, by its name."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "select feed.name, count(entry.id) from feed left join entry on entry.feed_id = feed.id group by feed.id"
        ).fetchall()
    connection.close()
    return dict(rows)
