"""Real parts for the tests: a feed server on loopback, workspaces in a folder of their own, the shared test material."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from aggregator.ingest.fetch import Limits, Network
from aggregator.ingest.guard import read_allowances
from aggregator.ingest.poll import PollLimits
from aggregator.ingest.pool import process_pool
from aggregator.jobs.refresh import refresh
from aggregator.jobs.workspace import Workspace
from aggregator.values.reports import RunReport
from aggregator.values.settings import Feed, Settings, Site

pytest_plugins = ["tests.receivers"]
HOME = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("AGGREGATOR_SHARED", HOME.parent / "shared"))
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
IS_SHARED_REQUIRED = os.environ.get("AGGREGATOR_REQUIRE_SHARED") == "1"

# On a developer's machine hypothesis looks somewhere else each time; what CI says of a commit is the same every time. No
# deadline anywhere: it would measure what else the machine does.
hypothesis_settings.register_profile("wherever", deadline=None)
hypothesis_settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis_settings.load_profile("repeatable" if IS_SHARED_REQUIRED else "wherever")


# ---- the shared material ---------------------------------------------------------------------------------------------


@pytest.fixture
def shared() -> Path:
    """The folder of real feeds and labelled sets; where it is absent the test is skipped and says so."""
    if not SHARED.is_dir():
        message = f"the shared test material is not at {SHARED}"
        if IS_SHARED_REQUIRED:
            pytest.fail(message)
        pytest.skip(message)
    return SHARED


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where the shared material is required, a skipped test is a failure: nothing that must run may be left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IS_SHARED_REQUIRED and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


class KeptPool(Executor):
    """Worker processes that stay from test to test: starting them costs more than most tests."""

    def __init__(self) -> None:
        self._pool = process_pool(2)

    def submit(self, *args: Any, **keys: Any) -> Future[Any]:
        return self._pool.submit(*args, **keys)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stay."""

    def end(self) -> None:
        self._pool.shutdown()


@pytest.fixture(scope="session")
def kept_pool() -> Iterator[KeptPool]:
    """The workers of the session."""
    pool = KeptPool()
    yield pool
    pool.end()


@pytest.fixture(autouse=True)
def _kept_workers(monkeypatch: pytest.MonkeyPatch, kept_pool: KeptPool) -> None:
    """Workspaces that are opened in this process use them."""
    monkeypatch.setattr("aggregator.jobs.workspace.process_pool", lambda workers: kept_pool)


# ---- a server --------------------------------------------------------------------------------------------------------


@dataclass
class Answer:
    """What the server says at a path."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """A request as it came in."""

    path: str
    headers: dict[str, str]


Behaviour = Callable[[BaseHTTPRequestHandler], None]


class FeedServer:
    """A real HTTP server on 127.0.0.1, or HTTPS where `tls` is given. `answers` may be changed at any time; an answer with
    an ETag honours it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer | Behaviour] = {}
        self.asked: list[Asked] = []
        # What it does where it is asked as a proxy for HTTPS.
        self.connect: Behaviour | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(Asked(self.path, dict(self.headers)))
                answer = server.answers.get(self.path, Answer(status=404))
                if callable(answer):
                    answer(self)
                    return
                etag = answer.headers.get("ETag")
                is_known = etag is not None and self.headers.get("If-None-Match") == etag
                self.send_response(304 if is_known else answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if not is_known:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if not is_known:
                    self.wfile.write(answer.body)

            def do_CONNECT(self) -> None:
                if server.connect is not None:
                    server.connect(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            # Each handshake in its own thread: one that never ends holds up no other.
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._http.server_port

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    """A feed server of the test's own."""
    running = FeedServer()
    yield running
    running.close()


# ---- feeds -----------------------------------------------------------------------------------------------------------


def item(title: str, link: str, *, at: datetime | None = NOW - timedelta(hours=3), guid: str = "", summary: str = "") -> str:
    """An RSS item."""
    date = f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate>" if at else ""
    name = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    return f"<item><title>{title}</title><link>{link}</link>{name}{date}<description>{summary}</description></item>"


def rss(*items: str, title: str = "A feed") -> bytes:
    """An RSS document."""
    head = f"<title>{title}</title><link>https://www.example.org/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'.encode()


def network_for(*servers: FeedServer) -> Network:
    """A network that may reach the servers of the test."""
    allowed = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return Network(user_agent="FacialParalysisNews/test", allowances=read_allowances(allowed))


@dataclass
class Town:
    """A workspace with one server, and a clock that stands where the test puts it."""

    server: FeedServer
    data: Path
    now: datetime = NOW
    site: Site = field(default_factory=lambda: Site(url="https://www.example.org/news/"))
    feeds: list[Feed] = field(default_factory=list)
    limits: PollLimits = field(default_factory=lambda: PollLimits(feed=Limits(deadline=5)))
    templates: Path = HOME / "templates"

    def add(self, name: str, body: bytes, *, path: str = "", etag: str | None = None, **keys: object) -> Feed:
        """A feed that the server serves."""
        path = path or f"/{len(self.feeds)}.xml"
        headers = {"Content-Type": "application/rss+xml"} | ({"ETag": etag} if etag else {})
        self.server.answers[path] = Answer(body, headers=headers)
        feed = Feed.model_validate({"name": name, "url": self.server.url(path), **keys})
        self.feeds.append(feed)
        return feed

    def workspace(self) -> Workspace:
        settings = Settings(site=self.site, feeds=tuple(self.feeds))
        return Workspace(settings, self.data, self.templates, network_for(self.server), self.limits)

    def refresh(self, **options: object) -> RunReport:
        """A refresh at the town's own time."""
        return asyncio.run(refresh(self.workspace(), clock=lambda: self.now, **options))  # type: ignore[arg-type]

    def page(self) -> str:
        """The page as it is published."""
        return (self.data / "site" / "index.html").read_text("utf-8")


@pytest.fixture
def town(server: FeedServer, tmp_path: Path) -> Town:
    """A town of the test's own."""
    return Town(server, tmp_path / "data")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the machine's own variables."""
    for name in list(os.environ):
        if name.startswith("AGGREGATOR_") and name not in ("AGGREGATOR_REQUIRE_SHARED", "AGGREGATOR_SHARED"):
            monkeypatch.delenv(name)
