"""A real store, a real server, a page, and staff who decide: what may happen to an aggregator, one step at a time.

Beside it stands what must be there (`Memory`): it is kept by what was done, never by what the program under test concludes.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from aggregator.ingest.fetch import Network
from aggregator.ingest.incremental import parse
from aggregator.ingest.poll import PollLimits
from aggregator.jobs.publish import publish
from aggregator.jobs.refresh import refresh
from aggregator.jobs.workspace import Workspace, open_workspace, remember_settings
from aggregator.store.database import Database, open_database
from aggregator.values.environment import Environment
from aggregator.values.reports import RunReport
from tests.conftest import HOME, NOW, Answer, FeedServer
from tests.stateful.offer import Offer, Source
from tests.stateful.stored import Row, rows_of

FAR = datetime(2100, 1, 1, 12, tzinfo=UTC)
# Rejected entries are kept for so long.
REJECTED_DAYS = 30


class Here(Executor):
    """Parses in this process, without the limits of a worker."""

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """See Executor."""
        done: Future[Any] = Future()
        done.set_result(parse(given[0]) if given else function(**named))
        return done


@dataclass
class Memory:
    """What must be in the store, by the entries' numbers: what was there after the step before, and what staff decided."""

    rows: dict[int, Row] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    accepted: set[int] = field(default_factory=set)
    together: set[frozenset[int]] = field(default_factory=set)
    apart: set[frozenset[int]] = field(default_factory=set)
    # The filter's section that all that is stored was judged by; what `filter undo` takes back, the newest last.
    judged_by: str = ""
    applied: list[tuple[str, str]] = field(default_factory=list)
    # What was let go for its age: (feed's address, guid).
    purged: set[tuple[str, str]] = field(default_factory=set)
    # Their numbers: one may be let go in the very refresh in which it gets another guid.
    purged_entries: set[int] = field(default_factory=set)


@dataclass
class Snapshot:
    """A copy of the store, what it held, and what was known then."""

    file: Path
    told: list[Any]
    memory: Memory


@dataclass
class World:
    """The store in `data`, the feeds in feeds.yaml, and a clock that stands where a step puts it."""

    folder: Path
    server: FeedServer
    now: datetime = NOW
    offer: Offer = field(default_factory=Offer)
    memory: Memory = field(default_factory=Memory)
    snapshots: list[Snapshot] = field(default_factory=list)
    # The lines of feeds.yaml's filter section.
    overruled: dict[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    sections: dict[str, tuple[dict[str, str], tuple[str, ...]]] = field(default_factory=dict)
    # The steps, in words.
    told: list[str] = field(default_factory=list)
    workspaces: int = 0
    network: Network | None = None
    # What the last refresh reported.
    report: RunReport | None = None

    def __post_init__(self) -> None:
        for n, letter in enumerate("ABC"):
            self.offer.sources.append(Source(f"Feed {letter}", f"/{letter}.xml", review=n == 2))
        self.move_in()
        self.write()

    # ---- where things are ----------------------------------------------------------------------------------------

    @property
    def data(self) -> Path:
        """The data folder in use."""
        return self.folder / f"data{self.workspaces}"

    @property
    def settings_file(self) -> Path:
        """feeds.yaml."""
        return self.folder / "feeds.yaml"

    @property
    def environment(self) -> Environment:
        """As a command would have it."""
        return Environment(self.settings_file, self.data, HOME / "templates", allow_hosts=f"127.0.0.1:{self.server.port}")

    def workspace(self) -> Workspace:
        """As a command would open it, but parsing here, with the certificates that were read once, and asking one feed after the
        other: else the entries' numbers would be others each time."""
        workspace = open_workspace(self.environment)
        if self.network is None:
            self.network = workspace.network
        return replace(workspace, network=self.network, limits=PollLimits(at_once=1), make_pool=lambda workers: Here())

    def move_in(self) -> None:
        """A new data folder with an empty store."""
        self.workspaces += 1
        self.data.mkdir()
        shutil.copy(_empty_store(), self.data / "news.db")

    @contextmanager
    def database(self) -> Iterator[Database]:
        """The store, open."""
        with self.workspace().open_database() as database:
            yield database

    def section(self) -> str:
        """The filter's section as feeds.yaml has it; empty where there is none."""
        lines = [f"  never: {json.dumps(list(self.never))}"] if self.never else []
        if self.overruled:
            lines += ["  overrule:", *(f'    "{link}": {what}' for link, what in self.overruled.items())]
        text = "\n".join(["filter:", *lines]) if lines else ""
        self.sections[text] = dict(self.overruled), self.never
        return text

    def read_section(self, text: str) -> None:
        """feeds.yaml has a section again that it once had."""
        overruled, self.never = self.sections[text]
        self.overruled = dict(overruled)

    def write(self) -> None:
        """feeds.yaml as staff have it now."""
        self.settings_file.write_text(self.text(), "utf-8")

    def text(self) -> str:
        """What feeds.yaml says."""
        head = ['site: {url: "https://www.example.org/news/"}', f"keep: {{rejected_days: {REJECTED_DAYS}}}"]
        feeds = [
            f'  - {{name: "{one.name}", url: "{self.server.url(one.path)}", review: {str(one.review).lower()}}}'
            for one in self.listed
        ]
        return "\n".join([*head, *filter(None, [self.section()]), "feeds:", *feeds, ""])

    @property
    def listed(self) -> list[Source]:
        """The sources that stand in feeds.yaml."""
        return [one for one in self.offer.sources if one.is_listed]

    # ---- what the steps are made of ------------------------------------------------------------------------------

    def tell(self, sentence: str) -> None:
        """Write a step down; each takes a minute."""
        self.now += timedelta(minutes=1)
        self.told.append(f"{self.now:%d %b, %H:%M}  {sentence}")

    def serve(self) -> None:
        """Every source at its path, as it is now; elsewhere nothing."""
        self.server.answers.clear()
        for one in self.listed:
            body = b"<html><body>gone fishing</body></html>" if one.failure == 418 else one.body()
            headers = {"Content-Type": "application/rss+xml", "ETag": f'"{crc32(body)}"'}
            failing = Answer(status=one.failure) if one.failure in (404, 500) else None
            self.server.answers[one.path] = failing or Answer(body, headers=headers)

    def refresh(self, at: datetime | None = None) -> RunReport:
        """A refresh; `at` is what a wrong clock shows."""
        self.serve()
        workspace = self.workspace()
        report = asyncio.run(refresh(workspace, clock=lambda: at or self.now))
        remember_settings(self.environment, workspace)
        for one in self.listed:
            one.is_known_as_is = True
        return report

    def publish(self) -> None:
        """The page from what is stored."""
        workspace = self.workspace()
        with self.database() as database:
            publish(workspace, database, now=self.now)

    def rows(self) -> dict[int, Row]:
        """What is stored now."""
        return rows_of(self.data / "news.db")


@cache
def _empty_store() -> Path:
    """Made once: a store of today's schema takes half a second."""
    path = Path(tempfile.mkdtemp(prefix="empty-store-")) / "news.db"
    open_database(path, back_up=lambda _: None).close()
    return path
