"""A day reads only the stories that changed; whatever the ledger is, the archive is as if it were made anew."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection

from aggregator.jobs.curation import decide
from aggregator.jobs.publish import publish
from aggregator.publish.ledger import Ledger, read_ledger, write_ledger
from aggregator.store import stories
from aggregator.store.decisions import HIDE
from aggregator.values.stories import Story, StoryRecord
from tests.conftest import NOW, Answer, Town, item, rss

RECORD = StoryRecord(3, "abc", ("parotid", "bells-palsy"), has_page=True, claimed_at=NOW, known_at=None)
LEDGER = Ledger("inputs", {3: "digest", 4: "nothing shown"}, {3: RECORD})


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    undated = RECORD._replace(story=5, claimed_at=None, known_at=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))))
    ledger = replace(LEDGER, records={3: RECORD, 5: undated})

    write_ledger(tmp_path, tmp_path / "releases" / "one", ledger)

    assert read_ledger(tmp_path, tmp_path / "releases" / "one", "inputs") == ledger
    assert [path.name for path in tmp_path.iterdir()] == ["archive.json"]


def test_one_of_another_release_or_of_other_templates_is_not_believed(tmp_path: Path) -> None:
    write_ledger(tmp_path, Path("one"), LEDGER)

    assert read_ledger(tmp_path, Path("two"), "inputs") is None
    assert read_ledger(tmp_path, Path("one"), "other inputs") is None
    assert read_ledger(tmp_path, None, "inputs") is None
    assert read_ledger(tmp_path / "elsewhere", Path("one"), "inputs") is None


@pytest.mark.parametrize(
    "damaged",
    [
        "", "[]", "{}", "null", "7", '{"release": "one", "inputs": "inputs"}',
        '{"release": "one", "inputs": "inputs", "records": [[1]], "stored": []}',
        '{"release": "one", "inputs": "inputs", "records": [7], "stored": []}',
        '{"release": "one", "inputs": "inputs", "records": [], "stored": [["a", "b"]]}',
        '{"release": "one", "inputs": "inputs", "records": [[1, "a", [], true, "no time", null]], "stored": []}',
    ],
)  # fmt: skip
def test_a_damaged_one_is_none(damaged: str, tmp_path: Path) -> None:
    (tmp_path / "archive.json").write_text(damaged, "utf-8")

    assert read_ledger(tmp_path, Path("one"), "inputs") is None


def test_a_disk_that_refuses_it_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "archive.json").mkdir()

    write_ledger(tmp_path, Path("one"), LEDGER)

    assert [path.name for path in tmp_path.iterdir()] == ["archive.json"]


def filled(town: Town) -> None:
    """Three months of news from two feeds, of which one tells half of it again."""
    first = [
        item(f"Bell's palsy, part {n}", f"https://a.example/{n}", at=NOW - timedelta(days=n), summary="Of the parotid.")
        for n in range(90)
    ]
    again = [item(f"Bell's palsy, part {n}", f"https://a.example/{n}", at=NOW - timedelta(days=n)) for n in range(45)]
    town.add("First", rss(*first))
    town.add("Second", rss(*again))
    town.refresh()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The stories that were read whole for the archive."""
    numbers: list[int] = []
    archive = stories.archive

    def noted(connection: Connection, wanted: Sequence[int]) -> tuple[Story, ...]:
        numbers.extend(wanted)
        return archive(connection, wanted)

    monkeypatch.setattr("aggregator.store.stories.archive", noted)
    return numbers


def test_a_day_with_one_new_story_reads_those_that_it_shows_anew(town: Town, read: list[int]) -> None:
    filled(town)
    assert len(set(read)) == 90
    read.clear()
    new = item("A new way to treat synkinesis", "https://b.example/new", at=NOW)
    town.server.answers["/1.xml"] = Answer(rss(new))
    town.now += timedelta(minutes=5)
    town.refresh()

    # Its month, and what the topics' feeds tell.
    assert len(read) == len(set(read)) < 60
    assert "synkinesis" in (town.data / "site" / "archive" / "2026-11.html").read_text("utf-8")


def archive_of(town: Town) -> dict[str, bytes]:
    site = town.data / "site"
    found = [*site.glob("archive/*"), *site.glob("topics/*"), site / "sitemap.xml"]
    return {str(path.relative_to(site)): path.read_bytes() for path in found if path.is_file()}


@pytest.mark.parametrize("what", ["hidden", "gone", "undated", "renamed", "ahead", "damaged"])
def test_the_archive_is_as_if_it_were_made_anew(what: str, town: Town) -> None:
    filled(town)
    town.now += timedelta(hours=1)
    if what == "hidden":
        decide(town.workspace(), "https://a.example/3", HIDE, now=town.now)
        decide(town.workspace(), "https://a.example/70", HIDE, now=town.now)
    elif what == "gone":
        town.feeds.pop()
    elif what == "undated":
        town.add("Third", rss())
        town.refresh()
        town.server.answers["/2.xml"] = Answer(
            rss(item("Ramsay Hunt syndrome in few words", "https://c.example/1", at=None))
        )
    elif what == "renamed":
        town.feeds[0] = town.feeds[0].model_copy(update={"name": "Another"})
    elif what == "ahead":
        town.now = NOW - timedelta(days=10)
    else:
        path = town.data / "archive.json"
        told = json.loads(path.read_bytes())
        path.write_text(json.dumps(told)[:-5], "utf-8")
    town.refresh()
    brought_up = archive_of(town)

    with town.workspace().open_database() as database:
        publish(town.workspace(), database, now=town.now.astimezone(UTC), anew=True)

    assert brought_up == archive_of(town)
