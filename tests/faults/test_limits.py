"""Two refreshes at once, and three thousand feeds on a machine that allows few open files."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest

from tests.conftest import Answer, FeedServer, item, rss
from tests.faults.lab import Lab
from tests.hostile.material import misbehaving

pytestmark = [pytest.mark.faults, pytest.mark.slow]

FEEDS = 3_000


def test_of_two_refreshes_at_once_one_ends_and_names_the_other(server: FeedServer, tmp_path: Path, compiled: Path) -> None:
    may_answer = Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        may_answer.wait(60)
        request.send_response(200)
        request.end_headers()
        request.wfile.write(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))

    server.answers["/slow.xml"] = slow
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - name: Slow\n    url: {server.url('/slow.xml')}\n", "utf-8")
    lab = Lab(tmp_path, server.port, compiled)
    first = subprocess.Popen(
        lab.command(tmp_path / "data", "refresh"),
        env=lab.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        ends_at = time.monotonic() + 30
        while not server.asked and time.monotonic() < ends_at:
            time.sleep(0.05)
        second = lab.run(tmp_path / "data", "refresh")
    finally:
        may_answer.set()
        said, _ = first.communicate(timeout=60)

    assert second.returncode == 5
    assert f"process {first.pid}" in second.stderr
    assert first.returncode == 0, said
    with closing(sqlite3.connect(tmp_path / "data" / "news.db")) as store:
        assert store.execute("SELECT count(*) FROM entry").fetchone() == (1,)


def test_a_refresh_that_is_killed_leaves_no_worker_behind(server: FeedServer, tmp_path: Path, compiled: Path) -> None:
    may_answer = Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        may_answer.wait(60)

    # The first feed brings the workers up, the second keeps the run waiting.
    server.answers["/quick.xml"] = Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    server.answers["/slow.xml"] = slow
    lines = [f"  - name: {name}\n    url: {server.url(f'/{name}.xml')}" for name in ("quick", "slow")]
    (tmp_path / "feeds.yaml").write_text("\n".join(["feeds:", *lines]) + "\n", "utf-8")
    lab = Lab(tmp_path, server.port, compiled)
    run = subprocess.Popen(
        lab.command(tmp_path / "data", "refresh"), env=lab.environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert _within(30, lambda: len(_of_session(run.pid)) > 3), "no workers were started"
        run.kill()
        run.wait()

        assert _within(10, lambda: not _of_session(run.pid)), _of_session(run.pid)
    finally:
        may_answer.set()
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)


def _within(seconds: float, is_so: Callable[[], bool]) -> bool:
    ends_at = time.monotonic() + seconds
    while not is_so() and time.monotonic() < ends_at:
        time.sleep(0.05)
    return is_so()


def _of_session(session: int) -> list[int]:
    """The processes that were started by a run, whoever is their parent by now."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, its = path.read_text("utf-8", "replace").rpartition(")")[2].split()[:4]
            if int(its) == session and state != "Z":
                found.append(int(path.parent.name))
    return found


def test_three_thousand_feeds_end_with_256_open_files(shared: Path, tmp_path: Path, compiled: Path) -> None:
    with misbehaving(shared / "hostile" / "server.py", tmp_path) as origin:
        lab = Lab(tmp_path, origin.port, compiled)
        lines = [f"  - name: Feed {number}\n    url: {origin.base}/many/{number}" for number in range(FEEDS)]
        (tmp_path / "feeds.yaml").write_text("\n".join(["feeds:", *lines]) + "\n", "utf-8")
        few = ["sh", "-c", 'ulimit -n 256; exec "$0" "$@"', *lab.command(tmp_path / "data", "refresh", "--json")]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)

        done = subprocess.run(few, env=lab.environment, capture_output=True, text=True, timeout=600, check=False)
        # Of the refresh and not of its workers; the server is still at work.
        after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["feeds"]["ok"] == FEEDS
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 60, "seconds of processor time"
