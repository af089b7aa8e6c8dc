"""Sign-up, served for real on loopback, in front of a real mail server."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

import httpx
import pytest

pytest.importorskip("starlette", reason="sign-up needs its dependency group: uv run --group newsletter pytest")
pytest.importorskip("uvicorn", reason="sign-up needs its dependency group: uv run --group newsletter pytest")

import uvicorn

from aggregator.cli import HOME
from aggregator.jobs import subscribers as jobs
from aggregator.signup.app import sender
from aggregator.signup.server import Bound, bind
from aggregator.subscribers.vault import new_key
from aggregator.values.environment import Environment
from tests.receivers import MailServer

SECRET = "a-secret-of-twenty-two-letters"  # noqa: S105 - of a test


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Door:
    """A sign-up that runs, and what people do there."""

    bound: Bound
    client: httpx.Client
    mail: MailServer
    clock: Clock
    data: Path

    def form(self) -> str:
        """The signed age of a form that was opened a minute ago."""
        age = self.bound.counter.age
        return replace(age, clock=lambda: age.clock() - 60).token()

    def subscribe(self, address: str, **more: str | list[str]) -> httpx.Response:
        """Send the form as a person does."""
        return self.client.post("/subscribe", data={"address": address, "made": self.form(), **more})

    def letters(self) -> list[Message]:
        """What was sent since the last call."""
        sender(self.bound.counter)()
        found, self.mail.messages = self.mail.messages, []
        return found

    def link(self, letter: Message) -> str:
        """The path of the link in a letter."""
        assert not letter.is_multipart()
        text = letter.get_payload(decode=True).decode("utf-8")  # type: ignore[union-attr]
        return "/" + re.search(rf"{re.escape(self.bound.counter.desk.url)}(\S+)", text)[1]  # type: ignore[index]

    def join(self, address: str, **more: str | list[str]) -> str:
        """Subscribe and confirm; the secret of the links."""
        self.subscribe(address, **more)
        self.client.post(self.link(self.letters()[0]))
        with self.bound.counter.desk.store.reading() as rows:
            from aggregator.subscribers import people  # noqa: PLC0415

            person = people.person_of(rows, rows.vault.mark(address))
        assert person is not None
        return person.token

    def counts(self) -> dict[str, int]:
        """How many there are."""
        return jobs.count(self.bound.counter.desk).people


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(
        "site: {title: Face Institute News}\nfeeds:\n  - name: News\n    url: https://www.example.com/feed\n", "utf-8"
    )
    clock = Clock()
    with MailServer() as mail:
        environment = Environment(
            feeds, tmp_path / "data", HOME / "templates", smtp_url=mail.address, mail_from="news@institute.example",
            subscribers_key=new_key(), intake_secret=SECRET,
        )  # fmt: skip
        bound = bind(environment, host="127.0.0.1", port=0, behind_proxy="", clock=clock)
        server = uvicorn.Server(bound.config())
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound.socket]}, daemon=True)
        bound.socket.listen(64)
        thread.start()
        try:
            with httpx.Client(base_url=bound.url.rstrip("/")) as client:
                yield Door(bound, client, mail, clock, tmp_path / "data")
        finally:
            server.should_exit = True
            thread.join(timeout=20)
            bound.socket.close()
