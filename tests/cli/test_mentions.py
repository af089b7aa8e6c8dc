"""mentions at the command line, on a store that was refreshed for real."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conftest import Town, item, rss

NAMES = (
    "institute: {names: ['Larkspur Facial Nerve Institute'], with: [Larkfield], own_hosts: [larkspurinstitute.example]}\n"
    "named_people: [{name: Daniel Okafor, with: [Larkfield, facial], role: surgeon}]\n"
)


@pytest.fixture
def stored(town: Town, tmp_path: Path) -> Path:
    town.data = tmp_path / "data"
    town.add(
        "News",
        rss(
            item("Dr. Daniel Okafor on facial palsy", "https://news.example/1", guid="a", summary="He sees patients."),
            item("Garden prize for the Larkspur Facial Nerve Institute", "https://news.example/2", guid="b"),
            item("Daniel Okafor scores", "https://news.example/3", guid="c", summary="The striker had a facial injury."),
        ),
    )
    town.refresh()
    (tmp_path / "feeds.yaml").write_text(f"{NAMES}feeds: [{{name: News, url: '{town.feeds[0].url}'}}]\n")
    return tmp_path


def test_all_that_mention_somebody_are_listed_on_topic_or_not(run: Run, stored: Path) -> None:
    done = run("mentions", "list")

    assert done.returncode == 0, done.stderr
    assert "Garden prize" in done.stdout
    assert "Daniel Okafor\tDr. Daniel Okafor on facial palsy" in done.stdout
    assert "scores" not in done.stdout
    assert len([json.loads(line) for line in run("mentions", "list", "--json").stdout.splitlines()]) == 2


def test_an_entry_is_explained(run: Run, stored: Path) -> None:
    done = run("mentions", "explain", "https://news.example/1")
    assert "Daniel Okafor (surgeon), in the title: Dr. »Daniel Okafor« on facial palsy" in done.stdout
    assert "It is about them." in done.stdout
    assert "mentions nobody" in run("mentions", "explain", "https://news.example/3").stdout


def test_labelled_lines_are_measured(run: Run, stored: Path) -> None:
    lines = [
        {"id": 1, "title": "Dr. Daniel Okafor on facial palsy", "mentions": ["Daniel Okafor"], "kind": "about"},
        {"id": 2, "title": "Dr. Daniel Okafor on facial palsy", "mentions": []},
        {"id": 3, "title": "Nobody", "mentions": ["institute"]},
    ]
    (stored / "labelled.jsonl").write_text("\n".join(map(json.dumps, lines)))

    done = run("mentions", "evaluate", str(stored / "labelled.jsonl"), "--json")
    assert json.loads(done.stdout) == {
        "items": 3, "precision": 0.5, "recall": 0.5, "kinds": 1, "kinds_of": 1, "mistakes": ["2", "3"],
    }  # fmt: skip
    assert run("mentions", "evaluate", str(stored / "labelled.jsonl"), "--floor", "precision=0.9").returncode == 1
    (stored / "labelled.jsonl").write_text("not json")
    assert run("mentions", "evaluate", str(stored / "labelled.jsonl")).returncode == 2


def test_without_names_nothing_is_looked_for(run: Run, stored: Path) -> None:
    (stored / "feeds.yaml").write_text("feeds: [{name: News, url: 'https://www.example.com/feed'}]\n")

    done = run("mentions", "list")
    assert (done.returncode, "names nobody" in done.stderr) == (2, True)
