"""What is only probably on topic waits for staff, and their answers are kept as labels."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.errors import ConfigError
from aggregator.jobs import curation, rejudge
from aggregator.jobs.labelled import labelled
from aggregator.jobs.trials import evaluate_filter
from aggregator.jobs.workspace import Workspace
from aggregator.store.decisions import ACCEPT, HIDE
from aggregator.values.settings import FilterRules
from tests.conftest import NOW, Town, item, rss

DOUBTFUL = ("The cranial bones", "The ear canal")
OPENING = "The facial nerve crosses the bone."


@pytest.fixture
def feeds(town: Town, tmp_path: Path) -> Path:
    """A refreshed workspace with one sure and two doubtful entries, and its feeds.yaml."""
    items = [item(title, f"https://a.example.com/{n}", summary=OPENING) for n, title in enumerate(DOUBTFUL)]
    town.add("A", rss(item("Bell's palsy in spring", "https://a.example.com/9"), *items, title="A"))
    path = tmp_path / "feeds.yaml"
    path.write_text("feeds:\n" + "".join(f"  - name: {feed.name}\n    url: {feed.url}\n" for feed in town.feeds), "utf-8")
    town.refresh()
    return path


def house_of(town: Town, feeds: Path) -> Workspace:
    workspace = town.workspace()
    return Workspace(load(feeds), workspace.data, workspace.templates, workspace.network, workspace.limits)


def standings(town: Town) -> dict[str, tuple[bool, str]]:
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        rows = raw.execute("SELECT title, admitted, standing FROM entry").fetchall()
    return {title: (bool(admitted), standing) for title, admitted, standing in rows}


def with_doubtful(feeds: Path, word: str) -> Path:
    edited = feeds.with_name("edited.yaml")
    edited.write_text(f"filter: {{doubtful: {word}}}\n{feeds.read_text('utf-8')}", "utf-8")
    return edited


def test_what_is_doubtful_waits_and_the_rest_does_not(town: Town, feeds: Path) -> None:
    assert standings(town) == {
        "Bell's palsy in spring": (True, ""), "The cranial bones": (True, "waiting"), "The ear canal": (True, "waiting"),
    }  # fmt: skip
    assert [one.title for one in curation.waiting(house_of(town, feeds))] == list(DOUBTFUL)


@pytest.mark.parametrize(("word", "state"), [("admit", (True, "")), ("reject", (False, "waiting"))])
def test_staff_may_want_doubtful_entries_admitted_or_rejected(
    town: Town, feeds: Path, word: str, state: tuple[bool, str]
) -> None:
    rejudge.apply(house_of(town, feeds), feeds, with_doubtful(feeds, word), now=NOW)

    assert standings(town)["The ear canal"] == state
    assert standings(town)["Bell's palsy in spring"] == (True, "")
    rejudge.undo(house_of(town, feeds), feeds, now=NOW)
    assert standings(town)["The ear canal"][0]


def test_what_becomes_doubtful_by_other_rules_waits(town: Town, feeds: Path) -> None:
    town.add("B", rss(item("The seventh street", "https://b.example.com/1", summary=OPENING), title="B"))
    feeds.write_text(f"filter: {{remove: {{facial-nerve: [facial nerve]}}}}\n{feeds.read_text('utf-8')}", "utf-8")
    feeds.write_text(feeds.read_text("utf-8") + f"  - name: B\n    url: {town.feeds[-1].url}\n", "utf-8")
    town.refresh()
    rejudge.apply(house_of(town, feeds), feeds, feeds, now=NOW)
    assert standings(town)["The seventh street"][0] is False

    edited = feeds.with_name("edited.yaml")
    edited.write_text(feeds.read_text("utf-8").partition("\n")[2], "utf-8")
    rejudge.apply(house_of(town, feeds), feeds, edited, now=NOW)

    assert standings(town)["The seventh street"] == (True, "waiting")


def test_answers_become_labelled_lines(town: Town, feeds: Path) -> None:
    workspace = house_of(town, feeds)
    curation.decide(workspace, "https://a.example.com/0", ACCEPT, now=NOW)
    curation.decide(workspace, "https://a.example.com/1", HIDE, now=NOW)
    curation.decide(workspace, "https://a.example.com/9", HIDE, now=NOW)

    lines = list(labelled(workspace))
    found = evaluate_filter(map(json.dumps, lines), "labelled", FilterRules())

    assert [(line["title"], line["label"]) for line in lines] == [(DOUBTFUL[0], True), (DOUBTFUL[1], False)]
    assert (found.all.fn, found.all.tn, found.waits) == (1, 1, 2)


def test_an_accepted_entry_does_not_wait_again(town: Town, feeds: Path) -> None:
    curation.decide(house_of(town, feeds), "https://a.example.com/0", ACCEPT, now=NOW)
    rejudge.apply(house_of(town, feeds), feeds, with_doubtful(feeds, "reject"), now=NOW)
    rejudge.undo(house_of(town, feeds), feeds, now=NOW)

    assert standings(town)["The cranial bones"] == (True, "")


def test_a_wrong_word_is_named_with_its_line(feeds: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(with_doubtful(feeds, "perhaps"))

    assert "line 1" in str(caught.value)
