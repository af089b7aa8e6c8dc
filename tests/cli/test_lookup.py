"""Entries found by their words, and what staff decided."""

from __future__ import annotations

import getpass
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.relevance.judge import SCORES_ENOUGH, SCORES_TOO_LITTLE
from aggregator.values.entries import Reason
from tests.cli.conftest import Run
from tests.conftest import NOW, Answer, FeedServer, item, rss


@pytest.fixture
def refreshed(run: Run, tmp_path: Path, server: FeedServer) -> Path:
    """A store with some entries."""
    titles = [
        "Bell’s palsy: a doubtful cure",
        "Parálisis facial en niños",
        "Facial palsy clinic opens",
        "Tick season begins",
        "顔面神経麻痺の治療",
    ]
    items = [item(title, f"https://www.example.com/{n}", at=NOW - timedelta(days=n)) for n, title in enumerate(titles)]
    server.answers["/a.xml"] = Answer(rss(*items, title="Paper"))
    path = tmp_path / "feeds.yaml"
    path.write_text(f"site: {{time_zone: Europe/Berlin}}\nfeeds:\n  - name: Paper\n    url: {server.url('/a.xml')}\n")
    run("refresh")
    return path


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["bells", "PALSY"], ["1"]),
        (["Bell's palsy"], ["1"]),
        (["pals"], ["1", "3"]),
        (["paralisis", "ninos"], ["2"]),
        (["facial"], ["2", "3"]),
        (["神経"], ["5"]),
        (["alsy"], []),
        (["tick", "palsy"], []),
        (["100%"], []),
    ],
)  # fmt: skip
def test_entries_are_found_by_words_of_their_titles(run: Run, refreshed: Path, words: list[str], numbers: list[str]) -> None:
    done = run("find", *words)

    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines() if not line.startswith(" ")] == numbers
    assert bool(numbers) != ("No stored title" in done.stderr)


def test_each_says_why_it_is_or_is_not_on_the_page(run: Run, refreshed: Path) -> None:
    run("hide", "1")

    assert (
        "1  Bell’s palsy: a doubtful cure (Paper, 24 November 2026)\n    It is not shown: staff hid it."
        in run("find", "cure").stdout
    )
    assert "the filter rejected it" in run("find", "tick").stdout
    assert "on the front page since" in run("find", "clinic").stdout


def test_the_newest_come_first_and_the_rest_is_counted(run: Run, tmp_path: Path, server: FeedServer) -> None:
    items = [item(f"Facial palsy {n}", f"https://www.example.com/{n}", at=NOW - timedelta(days=n)) for n in range(30)]
    server.answers["/a.xml"] = Answer(rss(*items))
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - name: Paper\n    url: {server.url('/a.xml')}\n")
    run("refresh")

    some, every = run("find", "palsy").stdout, run("find", "palsy", "--all").stdout

    assert some.splitlines()[0].startswith("1  Facial palsy 0 ")
    assert some.splitlines()[-1] == "… and 10 older ones: add a word, or --all."
    assert every.count("Facial palsy") == 30


def test_nothing_to_look_for_is_told(run: Run, refreshed: Path) -> None:
    assert "no word to look for" in run("find", "?!").stderr


def test_a_pasted_headline_that_is_stored_says_where(run: Run, refreshed: Path) -> None:
    told = run("filter", "explain", "bell's PALSY a doubtful cure").stdout
    unknown = run("filter", "explain", "Another cure for Bell's palsy").stdout

    assert "Stored as entry 1, admitted with" in told
    assert "FoundEntry" not in unknown


def test_what_staff_decided_is_listed(run: Run, refreshed: Path) -> None:
    assert "Nothing was decided yet." in run("decisions", "list").stderr
    refreshed.write_text(refreshed.read_text() + 'filter: {overrule: {"doi:10.5555/x": never}}\n')
    run("hide", "1")
    run("stories", "merge", "2", "3")
    merged = run("decisions", "list").stdout
    run("stories", "split", "3")
    rows = [line.split("\t") for line in run("decisions", "list").stdout.splitlines()]

    assert "merged\t2\t2\tParálisis facial en niños\tFacial palsy clinic opens" in merged
    assert ["split", "3", "2", "Facial palsy clinic opens", "Parálisis facial en niños"] in [row[2:] for row in rows]
    assert ["hidden", "1", "1", "Bell’s palsy: a doubtful cure", ""] in [row[2:] for row in rows]
    assert ["overruled: never", "", "", "doi:10.5555/x", "in feeds.yaml"] in [row[2:] for row in rows]
    assert {row[1] for row in rows} >= {f"cli:{getpass.getuser()}", ""}
    assert len(rows) == 4


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason("scores enough", "5 of 2"), "5 points (2 needed)"),
        (Reason("scores too little", "0 of 2"), "not clearly about facial paralysis (0 points; 2 needed)"),
        (Reason("strong phrase", "bells palsy", "title"), "strong phrase: bells palsy in the title"),
        (Reason("never, staff said", "stocks", "title"), "a phrase in filter.never: stocks in the title"),
        (Reason("about animals"), "about animals"),
    ],
)
def test_a_reason_is_a_sentence(reason: Reason, sentence: str) -> None:
    assert reason.sentence == sentence


def test_the_rules_that_decide_by_points_are_those_that_the_sentences_know() -> None:
    for rule in (SCORES_ENOUGH, SCORES_TOO_LITTLE):
        assert "needed" in Reason(rule, "1 of 2").sentence
