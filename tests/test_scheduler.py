"""The scheduler as a process: it makes up for what was missed, tells, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event, Lock, Thread

import pytest
from filelock import FileLock

from aggregator.monitoring.schedule import Due
from aggregator.scheduler import Daily
from aggregator.signals import Interruptible
from tests.conftest import HOME, Answer, FeedServer, item, rss
from tests.receivers import MailServer, Posts

pytestmark = pytest.mark.slow


def command(tmp_path: Path, *arguments: str) -> list[str]:
    place = ["--feeds", str(tmp_path / "feeds.yaml"), "--data", str(tmp_path / "data")]
    return [sys.executable, str(HOME / "run.py"), *place, *arguments]


def workspace(tmp_path: Path, server: FeedServer, more: str = "") -> dict[str, str]:
    """A feeds.yaml with one feed; the environment of a process."""
    (tmp_path / "feeds.yaml").write_text(f"{more}feeds:\n  - name: A feed\n    url: {server.url('/feed.xml')}\n", "utf-8")
    server.answers.setdefault("/feed.xml", Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1"))))
    return os.environ | {"AGGREGATOR_ALLOW_HOSTS": f"127.0.0.1:{server.port}"}


def within(seconds: float, is_so: Callable[[], bool]) -> bool:
    ends_at = time.monotonic() + seconds
    while not is_so() and time.monotonic() < ends_at:
        time.sleep(0.05)
    return is_so()


def test_what_was_missed_is_made_up_at_the_start_and_sigterm_ends_it(server: FeedServer, tmp_path: Path) -> None:
    environment = workspace(tmp_path, server)
    running = subprocess.Popen(command(tmp_path, "schedule"), env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert within(30, (tmp_path / "data" / "site" / "index.html").is_file)
        assert running.stdout is not None
        told = [running.stdout.readline() for _ in range(3)]
    finally:
        running.send_signal(signal.SIGTERM)
        status = running.wait(10)
    running.stdout.close()

    assert status == 0
    assert "05:00, America/Los_Angeles" in told[0]
    assert "refreshing" in told[1]
    assert told[2].rstrip().endswith("refreshed.")


def test_sigterm_during_a_refresh_ends_both_and_loses_nothing(server: FeedServer, tmp_path: Path) -> None:
    environment = workspace(tmp_path, server)
    subprocess.run(command(tmp_path, "refresh"), env=environment, check=True, timeout=60)
    page = (tmp_path / "data" / "site" / "index.html").read_bytes()
    asked, may_answer = Event(), Event()

    def slow(request: BaseHTTPRequestHandler) -> None:
        asked.set()
        may_answer.wait(60)

    server.answers["/feed.xml"] = slow
    with closing(sqlite3.connect(tmp_path / "data" / "news.db")) as store, store:
        store.execute("UPDATE run SET started_at = '2026-01-01 00:00:00.000000', ended_at = '2026-01-01 00:00:01.000000'")
    running = subprocess.Popen(command(tmp_path, "schedule"), env=environment, stdout=subprocess.DEVNULL)
    try:
        assert asked.wait(30)
        running.send_signal(signal.SIGTERM)
        # The feed would keep the refresh for a minute.
        assert running.wait(50) == 0
        assert not may_answer.is_set()
    finally:
        may_answer.set()
        running.kill()

    with FileLock(tmp_path / "data" / "refresh.lock", timeout=0):
        """The refresh has ended too."""
    assert (tmp_path / "data" / "site" / "index.html").read_bytes() == page
    with closing(sqlite3.connect(tmp_path / "data" / "news.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    server.answers["/feed.xml"] = Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    assert subprocess.run(command(tmp_path, "refresh"), env=environment, check=False, timeout=60).returncode == 0


def test_a_look_that_takes_long_is_not_doubled_and_a_late_one_is_not_dropped(caplog: pytest.LogCaptureFixture) -> None:
    looks: list[bool] = []
    done, looking = Event(), Lock()

    def due() -> Due | None:
        looks.append(looking.acquire(blocking=False))
        if len(looks) == 1:
            # Longer than the library's usual grace, and than several looks take.
            Event().wait(1.5)
        if len(looks) == 3:
            done.set()
            os.kill(os.getpid(), signal.SIGTERM)
        looking.release()
        return None

    with Interruptible():
        Daily(due, lambda _: [], lambda *_: None, every_seconds=0.2).start()

    assert done.is_set()
    assert all(looks), "one at a time"
    assert not caplog.records, "cron and journals are not told of every look"


def test_only_feeds_that_failed_are_asked_again(server: FeedServer, tmp_path: Path) -> None:
    environment = workspace(tmp_path, server)
    lines = "".join(f"  - name: {name}\n    url: {server.url(f'/{name}.xml')}\n" for name in ("good", "bad", "worse"))
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n{lines}", "utf-8")
    one = Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    server.answers |= {"/good.xml": one, "/bad.xml": Answer(status=500), "/worse.xml": Answer(status=500)}
    first = subprocess.run(command(tmp_path, "refresh"), env=environment, check=False, timeout=60)
    server.asked.clear()
    server.answers |= {"/bad.xml": one}

    again = subprocess.run(command(tmp_path, "refresh", "--failed"), env=environment, check=False, timeout=60)

    assert (first.returncode, again.returncode) == (3, 0)
    assert {asked.path for asked in server.asked} == {"/bad.xml", "/worse.xml"}
    assert "from 2 sources" in (tmp_path / "data" / "site" / "index.html").read_text("utf-8")


def test_somebody_is_told_once_and_told_when_it_is_over(
    server: FeedServer, tmp_path: Path, mail: MailServer, posts: Posts
) -> None:
    more = "alerts: {email_to: [staff@example.org]}\n"
    environment = workspace(tmp_path, server, more) | {
        "AGGREGATOR_SMTP_URL": mail.address,
        "AGGREGATOR_WEBHOOK_URL": posts.url("/hook"),
        "AGGREGATOR_PING_URL": posts.url("/uuid"),
    }
    good = (tmp_path / "feeds.yaml").read_text("utf-8")

    def refresh() -> tuple[int, int]:
        done = subprocess.run(command(tmp_path, "refresh"), env=environment, capture_output=True, check=False, timeout=60)
        return done.returncode, len(mail.messages)

    assert refresh() == (0, 0)
    (tmp_path / "feeds.yaml").write_text(good + "  - nmae: typo\n", "utf-8")
    assert refresh() == (2, 1)
    assert refresh() == (2, 1)
    (tmp_path / "feeds.yaml").write_text(good, "utf-8")
    assert refresh() == (0, 2)

    begun, over = (message.get_content() for message in mail.messages)  # type: ignore[attr-defined]
    assert "feeds.yaml, line" in begun
    assert "in order again" in over
    paths = [path for path, _ in posts.received]
    assert paths.count("/hook") == 2
    assert [path for path in paths if path.startswith("/uuid")] == [
        "/uuid/start", "/uuid/0", "/uuid/start", "/uuid/2", "/uuid/start", "/uuid/2", "/uuid/start", "/uuid/0",
    ]  # fmt: skip


def test_a_switch_and_a_server_that_are_gone_fail_no_run(server: FeedServer, tmp_path: Path) -> None:
    environment = workspace(tmp_path, server, "alerts: {email_to: [staff@example.org]}\n") | {
        "AGGREGATOR_SMTP_URL": "smtp://user:secret@127.0.0.1:1", "AGGREGATOR_PING_URL": "http://127.0.0.1:1/secret",
    }  # fmt: skip
    server.answers["/feed.xml"] = Answer(status=404)

    done = subprocess.run(
        command(tmp_path, "refresh"), env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 4
    assert "secret" not in done.stderr


def test_a_companion_that_dies_is_started_again_and_ends_with_the_clock(tmp_path: Path) -> None:
    """The console may die without the clock noticing."""
    started = tmp_path / "started"
    code = f"import os, time; open({str(started)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
    looks: list[None] = []
    daily = Daily(
        lambda: looks.append(None), lambda _: [], lambda *_: None, every_seconds=0.1, companion=[sys.executable, "-c", code]
    )
    killed = Event()

    def kill_it() -> None:
        within(20, started.is_file)
        within(20, lambda: started.read_text().endswith("\n"))
        os.kill(int(started.read_text().split()[0]), signal.SIGKILL)
        within(20, lambda: started.read_text().count("\n") == 2)
        killed.set()
        signal.raise_signal(signal.SIGINT)

    watcher = Thread(target=kill_it)
    watcher.start()
    with Interruptible():
        daily.start()
    watcher.join()
    pids = [int(line) for line in started.read_text().split()]

    assert killed.is_set()
    assert len(pids) == 2
    assert looks
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []


def test_an_errand_is_run_again_and_again_one_at_a_time_and_ends_with_the_clock(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    code = f"import os, sys, time; open({str(ran)!r}, 'a').write(f'{{os.getpid()}}\\n'); time.sleep(int(sys.argv[1]))"
    commands = [[sys.executable, "-c", code, "0"], [], [sys.executable, "-c", code, "600"]]
    daily = Daily(
        lambda: None, lambda _: [], lambda *_: None, errand=lambda: commands.pop(0) if commands else [], errand_seconds=0.1
    )  # fmt: skip

    def stop() -> None:
        within(20, ran.is_file)
        within(20, lambda: ran.read_text().count("\n") == 2)
        signal.raise_signal(signal.SIGINT)

    watcher = Thread(target=stop)
    watcher.start()
    with Interruptible():
        daily.start()
    watcher.join()

    assert commands == []
    assert [pid for pid in ran.read_text().split() if Path(f"/proc/{pid}").exists()] == []


def test_the_console_runs_beside_the_clock(server: FeedServer, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="the console needs its dependency group")
    environment = workspace(tmp_path, server)
    assert subprocess.run(command(tmp_path, "refresh"), env=environment, check=False).returncode == 0
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(command(tmp_path, "schedule", "--console", "--port", str(port)), env=environment)

    def answers() -> bool:
        with closing(socket.socket()) as asked:
            return asked.connect_ex(("127.0.0.1", port)) == 0

    try:
        assert within(30, answers)
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
    assert within(10, lambda: not answers())
