"""The scheduler as a process: it makes up for what was missed, tells, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest

from aggregator.scheduler import Daily
from aggregator.watch.clock import Due
from tests.conftest import HOME, Answer, FeedServer, item, rss
from tests.receivers import MailServer, Posts

pytestmark = pytest.mark.slow


def command(tmp_path: Path, *arguments: str) -> list[str]:
    place = ["--feeds", str(tmp_path / "feeds.yaml"), "--data", str(tmp_path / "data")]
    return [sys.executable, str(HOME / "run.py"), *place, *arguments]


def house(tmp_path: Path, server: FeedServer, more: str = "") -> dict[str, str]:
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
    environment = house(tmp_path, server)
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


def test_sigterm_during_a_refresh_ends_both_within_ten_seconds_and_loses_nothing(server: FeedServer, tmp_path: Path) -> None:
    environment = house(tmp_path, server)
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
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        running.wait(12)
        assert time.monotonic() - began < 10
    finally:
        may_answer.set()
        running.kill()

    assert (tmp_path / "data" / "site" / "index.html").read_bytes() == page
    with closing(sqlite3.connect(tmp_path / "data" / "news.db")) as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    server.answers["/feed.xml"] = Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    assert subprocess.run(command(tmp_path, "refresh"), env=environment, check=False, timeout=60).returncode == 0


def test_a_look_that_takes_long_is_not_doubled_and_a_late_one_is_not_dropped(caplog: pytest.LogCaptureFixture) -> None:
    looks: list[float] = []
    done = Event()

    def due() -> Due | None:
        looks.append(time.monotonic())
        if len(looks) == 1:
            # Longer than the library's usual grace.
            time.sleep(1.5)
        if len(looks) == 3:
            done.set()
            os.kill(os.getpid(), signal.SIGTERM)
        return None

    before = signal.getsignal(signal.SIGTERM)
    try:
        Daily(due, lambda _: [], lambda *_: None, every_seconds=0.2).start()
    finally:
        signal.signal(signal.SIGTERM, before)

    assert done.is_set()
    assert all(later - earlier > 0.1 for earlier, later in pairwise(looks))
    assert not caplog.records, "cron and journals are not told of every look"


def test_only_feeds_that_failed_are_asked_again(server: FeedServer, tmp_path: Path) -> None:
    environment = house(tmp_path, server)
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
    environment = house(tmp_path, server, more) | {
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
    environment = house(tmp_path, server, "alerts: {email_to: [staff@example.org]}\n") | {
        "AGGREGATOR_SMTP_URL": "smtp://user:secret@127.0.0.1:1", "AGGREGATOR_PING_URL": "http://127.0.0.1:1/secret",
    }  # fmt: skip
    server.answers["/feed.xml"] = Answer(status=404)

    done = subprocess.run(
        command(tmp_path, "refresh"), env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 4
    assert "secret" not in done.stderr
