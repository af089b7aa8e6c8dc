"""A list of subscribers in a folder of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.jobs import subscribers as jobs
from aggregator.subscribers import queue
from aggregator.subscribers.database import SubscriberStore
from aggregator.values.subscribers import Door, Wishes

KEY = b"k" * 32
NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)


@dataclass
class Desk:
    """The list, and what would be sent."""

    data: Path
    now: datetime = NOW
    desk: jobs.SubscriberDesk = field(init=False)

    def __post_init__(self) -> None:
        self.data.mkdir(exist_ok=True)
        self.open()

    def open(self) -> None:
        """Open it anew, as another process would."""
        store = SubscriberStore(self.data / "subscribers.db", (KEY,))
        self.desk = jobs.SubscriberDesk(store, self.data, "https://news.example.org/")

    def later(self, **by: float) -> None:
        """Let time go by."""
        self.now += timedelta(**by)

    def ask(self, address: str, wishes: Wishes | None = None, **more: Any) -> bool:
        """Ask for the newsletter by the form."""
        return jobs.ask(self.desk, address, wishes or Wishes(), door=Door.FORM, now=self.now, **more)

    def letters(self) -> list[dict[str, Any]]:
        """What waits, as if it were sent: each with its kind."""
        found = []
        with self.desk.store.writing() as rows:
            while (letter := queue.claim(rows, now=self.now)) is not None:
                queue.finish(rows, letter, "sent", now=self.now)
                found.append({"kind": letter.kind, **letter.said})
        return found

    def subscribe(self, address: str, wishes: Wishes | None = None) -> str:
        """Put somebody on the list as they would; the secret of their links."""
        self.ask(address, wishes)
        code = next(one["code"] for one in self.letters() if one["address"] == address)
        assert jobs.confirm(self.desk, code, now=self.now) is not None
        return self.token(address)

    def token(self, address: str) -> str:
        """The secret of somebody's links."""
        from aggregator.subscribers import people  # noqa: PLC0415

        with self.desk.store.reading() as rows:
            person = people.person_of(rows, rows.vault.mark(address))
        assert person is not None
        return person.token

    def knows(self, token: str) -> bool:
        """Whether somebody has these links."""
        from aggregator.subscribers import people  # noqa: PLC0415

        with self.desk.store.reading() as rows:
            return people.person_by_token(rows, token) is not None

    def counts(self) -> dict[str, int]:
        """How many there are."""
        return jobs.count(self.desk).people
