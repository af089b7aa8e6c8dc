"""A console in front of a demo's store, served for real on loopback, and people who ask it."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")
pytest.importorskip("argon2", reason="the console needs its dependency group: uv run --group console pytest")

import uvicorn

from aggregator.cli import HOME
from aggregator.console.app import session_cookie
from aggregator.console.server import Bound, bind
from aggregator.jobs import staff_accounts
from aggregator.jobs.demo import run_demo
from aggregator.signals import complete
from aggregator.values.environment import Environment, read_environment

PASSWORD = "four words that nobody guesses"  # noqa: S105 - of a test


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Person:
    """Somebody with a browser, signed in or not."""

    client: httpx.Client
    origin: str
    token: str = ""

    def get(self, path: str, **options: object) -> httpx.Response:
        return self.client.get(path, **options)  # type: ignore[arg-type]

    def post(self, path: str, **form: object) -> httpx.Response:
        """Send a form as a browser does, with the token of the session and where it comes from."""
        fields = {"token": self.token} | {name: str(value) for name, value in form.items()}
        return self.client.post(path, data=fields, headers={"Origin": self.origin})

    def at(self, path: str) -> str:
        """A page that must be there."""
        answer = self.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.text


@dataclass
class Console:
    """A console that runs."""

    bound: Bound
    data: Path
    clock: Clock
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.bound.url.rstrip("/")

    def nobody(self) -> Person:
        self.clients.append(httpx.Client(base_url=self.url, trust_env=False, timeout=60))
        return Person(self.clients[-1], self.url)

    def person(self, name: str = "anna") -> Person:
        """Somebody who is signed in."""
        someone = self.nobody()
        found = staff_accounts.begin_session(self.bound.desk.staff, name, "test", now=self.clock())
        someone.client.cookies.set(session_cookie(self.bound.desk), found.cookie)
        someone.token = found.token
        return someone

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.data / "news.db")) as raw:
            return raw.execute(query, values).fetchall()

    def write(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.data / "news.db")) as raw, raw:
            raw.execute(statement, values)

    def dump(self) -> list[str]:
        """All that the news store has."""
        with closing(sqlite3.connect(self.data / "news.db")) as raw:
            return list(raw.iterdump())

    @property
    def feeds(self) -> Path:
        return self.data / "feeds.yaml"

    def front(self) -> str:
        return (self.data / "site" / "index.html").read_text("utf-8")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that a demo made."""
    data = tmp_path_factory.mktemp("demo") / "data"
    complete(run_demo(environment_of(data), HOME / "data" / "samples", progress=lambda *_: None))
    return data


def environment_of(data: Path) -> Environment:
    return read_environment(HOME, feeds=None, data=data, environ={})


@contextmanager
def serving(bound: Bound, data: Path, clock: Clock) -> Iterator[Console]:
    """The console on a thread of its own, until the end."""
    server = uvicorn.Server(bound.config())
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound.socket]}, daemon=True)
    bound.socket.listen(64)
    thread.start()
    console = Console(bound, data, clock)
    try:
        yield console
    finally:
        for client in console.clients:
            client.close()
        server.should_exit = True
        thread.join(20)
        bound.socket.close()


@pytest.fixture
def open_console(demo: Path, tmp_path: Path) -> Iterator[Callable[[], Console]]:
    """Opens a console on a copy of the demo, with a curator `anna` and a reader `rita`."""
    running: list[AbstractContextManager[Console]] = []

    def opened() -> Console:
        data = tmp_path / f"data{len(running)}"
        shutil.copytree(demo, data, symlinks=True)
        clock = Clock()
        bound = bind(environment_of(data), host="127.0.0.1", port=0, behind_proxy="", is_demo=True, clock=clock)
        for name, role in (("anna", "curator"), ("ben", "curator"), ("rita", "reader")):
            bound.desk.staff.add(name, role, now=clock())
        context = serving(bound, data, clock)
        running.append(context)
        return context.__enter__()

    yield opened
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def console(open_console: Callable[[], Console]) -> Console:
    return open_console()


def entries_on(page: str) -> list[int]:
    """The numbers of the entries on a page, in order."""
    return [int(number) for number in re.findall(r'<article class="row" id="e(\d+)"', page)]
