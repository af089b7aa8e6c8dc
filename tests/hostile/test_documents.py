"""Every broken, oversized or turning document, each a feed of one workspace."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.ingest.fetch import Network
from aggregator.ingest.guard import read_allowances
from aggregator.jobs.refresh import refresh
from aggregator.jobs.workspace import Workspace
from aggregator.values.settings import Feed, FilterRules, Settings, Site
from tests.conftest import HOME, Answer, FeedServer, item, rss
from tests.hostile.material import Asked, lines, measured, misbehaving, outcomes, stored, tool

pytestmark = [pytest.mark.hostile, pytest.mark.slow]

MOST_MEMORY = 250  # MB, the whole process tree together

# Made on demand while they are sent, and how much of them.
BOMBS = {
    "gzip-bomb-10g": 2000, "brotli-bomb": 1000, "zstd-bomb": 1000, "text-100mb": 100, "entries-1m": 1_000_000,
    "deep-nesting-1m": 1_000_000, "attr-100mb": 100, "endless": 10_000_000,
}  # fmt: skip
NOTHING = {"result": "reject", "min": 0, "max": 0}


def unexpected(expect: dict[str, Any], asked: Asked, count: int) -> bool:
    """Whether a feed ended otherwise than its document's manifest says."""
    if expect["result"] == "ok":
        return asked.outcome != "parsed" or not int(expect["min"]) <= count <= int(expect["max"])
    if expect["result"] == "reject":
        return asked.outcome != "failed" or not asked.reason or count > 0
    return count > int(expect["max"])


def test_every_document_ends_as_it_should_within_250_mb(hostile: Path, tmp_path: Path, server: FeedServer) -> None:
    documents = tmp_path / "documents"
    assert tool(hostile / "feeds" / "gen_feeds.py", "--out", documents).returncode == 0
    expects = {one["id"]: one["expect"] for one in reversed(lines(documents / "manifest.jsonl"))}
    assert len(expects) > 150

    at = datetime.now(UTC) - timedelta(hours=3)
    good = item("Bell’s palsy trial: early steroids help", "https://www.example.com/1", at=at)
    server.answers["/good.xml"] = Answer(rss(good))
    with misbehaving(hostile / "server.py", tmp_path) as origin:
        addresses = {name: f"{origin.base}/doc/{name}" for name in sorted(expects)}
        addresses |= {f"stream {name}": f"{origin.base}/stream/{name}?n={count}" for name, count in BOMBS.items()}
        addresses["good"] = server.url("/good.xml")
        written = "".join(f"  - name: {name}\n    url: {url}\n" for name, url in addresses.items())
        (tmp_path / "feeds.yaml").write_text(f"feeds:\n{written}", "utf-8")
        allowed = f"127.0.0.1:{origin.port},127.0.0.1:{server.port}"
        files = ["--feeds", str(tmp_path / "feeds.yaml"), "--data", str(tmp_path / "data")]
        done, peak = measured(
            [sys.executable, str(HOME / "run.py"), *files, "refresh", "--json"],
            os.environ | {"AGGREGATOR_ALLOW_HOSTS": allowed},
        )
        hits, log = origin.told("/__hits"), origin.told("/__log")
    print(f"{len(addresses)} documents, {peak:.0f} MB at most")  # noqa: T201 - shown with -s

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["feeds"]["total"] == len(addresses)
    assert peak <= MOST_MEMORY

    database = tmp_path / "data" / "news.db"
    asked, kept = outcomes(database, 1), stored(database)
    ends = {name: (expects.get(name, NOTHING), asked[name], kept[name]) for name in addresses if name != "good"}
    assert {name: end for name, end in ends.items() if unexpected(*end)} == {}

    # The good one among them is on the page.
    assert (asked["good"].outcome, kept["good"]) == ("parsed", 1)
    assert "Bell’s palsy trial" in (tmp_path / "data" / "site" / "index.html").read_text("utf-8")

    # Nothing that stands in a document was opened, asked or run.
    assert hits == []
    assert {entry["path"].split("/")[1] for entry in log} == {"doc", "stream"}
    assert not (Path(tempfile.gettempdir()) / "pwned").exists()


# ---- documents that change from day to day ---------------------------------------------------------------------------

# The documents' own day, on which they are made.
FIRST_DAY = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
# By document: how many entries are new on each of four days.
CHANGING = {
    "guid-churn": (5, 0, 0, 0),
    "title-churn": (5, 0, 0, 0),
    "order-churn": (5, 0, 0, 0),
    "format-switch": (3, 0, 0, 0),
    "feed-emptied": (5, 0, 0, 0),
    "feed-shrinks": (5, 1, 0, 0),
    "item-withdrawn": (5, 0, 0, 0),
    "language-switch": (3, 3, 0, 0),
    "date-future-pinned": (5, 0, 0, 0),
    "date-bump": (5, 0, 0, 0),
    "spam-takeover": (5, 50, 0, 0),
}
# What makes the harmless days of a feed that is sold be about our topic: they are about other illnesses.
ON_TOPIC = ("vaccination update", "hygiene guideline", "stewardship report", "RSV antibody", "cholera situation")


class Days:
    """A workspace with one changing feed, all of which is on topic, day by day."""

    def __init__(self, address: str, port: int, folder: Path) -> None:
        self.data = folder / "data"
        self.workspace = Workspace(
            Settings(
                site=Site(url="https://www.example.org/news/"),
                filter=FilterRules(add={"bells-palsy": ON_TOPIC}),
                feeds=(Feed(name="The feed", url=address, all_on_topic=True),),
            ),
            self.data,
            HOME / "templates",
            Network(user_agent="FacialParalysisNews/test", allowances=read_allowances(f"127.0.0.1:{port}")),
        )
        self.run = 0

    @property
    def now(self) -> datetime:
        return FIRST_DAY + timedelta(days=self.run - 1)

    def next(self) -> Asked:
        """Another day's refresh; what came of it."""
        self.run += 1
        now = self.now
        asyncio.run(refresh(self.workspace, clock=lambda: now))
        return outcomes(self.workspace.database_path, self.run)["The feed"]

    @property
    def page(self) -> str:
        return (self.data / "site" / "index.html").read_text("utf-8")

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        """These columns of all entries."""
        with sqlite3.connect(self.workspace.database_path) as connection:
            rows = connection.execute(f"select {columns} from entry order by id").fetchall()  # noqa: S608
        connection.close()
        return rows


def headlines(page: str) -> list[str]:
    """The titles on the page, from the top."""
    return re.findall(r"fpn-headline[^>]*>(?:<a[^>]*>)?([^<]*)", page)


def instants(page: str) -> list[datetime]:
    """When the stories of the page were published, from the top."""
    found = re.findall(r'fpn-source.*?<time datetime="([^"]+)"', page)
    return [datetime.fromisoformat(at) for at in found]


@pytest.mark.parametrize("name", CHANGING)
def test_a_document_that_changes_from_day_to_day_leaves_the_store_and_the_page_sane(
    hostile: Path, tmp_path: Path, name: str
) -> None:
    with misbehaving(hostile / "server.py", tmp_path) as origin:
        days = Days(f"{origin.base}/doc/{name}", origin.port, tmp_path)
        new = []
        for _ in range(4):
            new.append(days.next().new)
            assert headlines(days.page)
            assert "casino" not in days.page.lower()
            assert all(at <= days.now for at in instants(days.page))

    assert tuple(new) == CHANGING[name]
    assert len(days.rows("id")) == sum(new)
    # First seen on the first day is told on the first day, whatever date a feed writes later.
    first_day = [at for at in instants(days.page) if at < FIRST_DAY]
    assert len(first_day) == len(headlines(days.page))
    assert {row[1] for row in days.rows("id, standing") if row[0] <= 5} == {""}
    if name == "title-churn":
        assert all(title.startswith("UPDATE 3") for (title,) in days.rows("title"))
    if name == "date-future-pinned":
        assert headlines(days.page)[0] != "Register now!"
        assert [title for title, at in days.rows("title, published_at") if at is None] == ["Register now!"]
    if name == "spam-takeover":
        assert Counter(standing for (standing,) in days.rows("standing")) == {"": 5, "waiting": 50}
