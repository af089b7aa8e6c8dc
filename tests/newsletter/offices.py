"""An office that makes a newsletter: a store of sixty days of invented news, a list of subscribers, a real mail server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.jobs import issues, mailing
from aggregator.jobs.subscribers import SubscriberDesk
from aggregator.jobs.workspace import Store, Workspace
from aggregator.store.database import Database
from aggregator.subscribers import mailings
from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.people import add_person
from aggregator.values.environment import Environment
from aggregator.values.issues import Issue, Period
from aggregator.values.settings import Feed, Newsletter, Settings, Signup
from aggregator.values.subscribers import Wishes
from tests.conftest import HOME, NOW, FeedServer, Town
from tests.publish.full_store import FEEDS, documents, site

KEY = b"k" * 32
URL = "https://signup.institute.example/"


def filled(folder: Path) -> list[Feed]:
    """Refresh sixty days of invented news into a folder; the feeds."""
    server = FeedServer()
    try:
        town = Town(server, folder, site=site())
        for name, body in documents().items():
            town.add(name, body, **FEEDS[name])
        town.refresh()
        return town.feeds
    finally:
        server.close()


@dataclass
class Office:
    """The store, the list, and a clock that is set by hand."""

    data: Path
    feeds: list[Feed]
    smtp: str | None = None
    now: datetime = NOW
    newsletter: Newsletter = field(default_factory=lambda: Newsletter(a_minute=100_000))
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Open the list anew, as another process would."""
        self.desk = SubscriberDesk(SubscriberStore(self.data / "subscribers.db", (KEY,)), self.data, URL)

    @property
    def workspace(self) -> Workspace:
        """What jobs are handed."""
        settings = Settings(
            site=site(), feeds=tuple(self.feeds), signup=Signup(url=URL, bounces="bounce@institute.example"),
            newsletter=self.newsletter,
        )  # fmt: skip
        town = Town(None, self.data, feeds=self.feeds)  # type: ignore[arg-type]
        return Workspace(settings, self.data, HOME / "templates", town_network(), town.limits, actor="cli:anna")

    @property
    def environment(self) -> Environment:
        """With the mail server, if there is one."""
        return Environment(
            Path("feeds.yaml"), self.data, HOME / "templates", smtp_url=self.smtp, mail_from="News <news@institute.example>"
        )

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The news."""
        with Database(self.data / "news.db") as database:
            yield database

    def people(self, count: int, wishes: Wishes | None = None, prefix: str = "person") -> None:
        """Put people on the list."""
        with self.desk.store.writing() as rows:
            for number in range(count):
                add_person(rows, f"{prefix}{number}@example.org", wishes or Wishes(), now=self.now)

    def draft(self, period: Period = Period.WEEK, **more: Any) -> Issue:
        """A draft."""
        with self.store() as database:
            return issues.draft(self.workspace, database, period, now=self.now, **more).issue

    def approve(self, number: int = 1) -> Issue:
        """Freeze it."""
        with self.store() as database:
            return issues.approve(self.workspace, database, number, now=self.now).issue

    def send(
        self, number: int = 1, transport: mailing.OpenTransport | None = None, *, is_sure: bool = False
    ) -> mailing.Sent:
        """Send it."""
        with self.store() as database:
            return mailing.send(
                self.desk, self.workspace, database, self.environment, number,
                open_transport=transport or mailing.smtp(self.environment), clock=lambda: self.now, is_sure=is_sure,
                sleep=self.slept.append,
            )  # fmt: skip

    def tally(self, number: int = 1) -> dict[str, int]:
        """What became of the letters."""
        with self.desk.store.reading() as rows:
            return mailings.tally(rows, number)

    def later(self, **by: float) -> None:
        """Let time go by."""
        self.now += timedelta(**by)


def town_network() -> Any:
    """A network that reaches nothing."""
    from tests.conftest import network_for  # noqa: PLC0415

    return network_for()


def copied(template: Path, folder: Path) -> Path:
    """A copy of a filled folder."""
    shutil.copytree(template, folder, symlinks=True)
    return folder
