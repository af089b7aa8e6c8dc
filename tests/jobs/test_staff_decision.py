"""A decision is never refused because a refresh runs, and the page shows it as soon as that ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from aggregator.jobs import curation, regroup
from aggregator.jobs.publish import publish_decided
from aggregator.jobs.staff_decision import Decided
from aggregator.store.decisions import HIDE
from aggregator.stories.grouping import group
from aggregator.values.stories import Grouping, GroupingInput
from tests.conftest import Answer, FeedServer, Town, item, rss

COUNT = 100


def url(number: int) -> str:
    return f"https://a.example/{number}"


@pytest.fixture
def filled(town: Town) -> Town:
    town.add("News", rss(*(item(f"Bell's palsy in town {n} of many", url(n)) for n in range(COUNT + 20))))
    town.refresh()
    return town


def during(town: Town, act: Any) -> list[Any]:
    """What `act` gave while a refresh waited for a feed, and the refresh's end."""
    seen: list[Any] = []
    body = rss(item("Bell's palsy: what came late", "https://late.example/1"))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            seen.append(act())
        except Exception as error:
            seen.append(error)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    town.add("Late", body)
    town.server.answers["/1.xml"] = answer
    town.refresh()
    return seen


def shown(town: Town) -> str:
    site = town.data / "site"
    return "".join(page.read_text("utf-8") for page in site.rglob("*.html"))


def test_a_hundred_are_hidden_during_a_refresh_and_none_is_on_a_page_when_it_ends(filled: Town) -> None:
    def hide() -> list[Decided[list[str]]]:
        return [curation.decide(filled.workspace(), url(n), HIDE, now=filled.now) for n in range(COUNT)]

    (decided,) = during(filled, hide)

    assert [one.is_published for one in decided] == [False] * COUNT
    page = shown(filled)
    assert "https://late.example/1" in page
    assert url(COUNT + 1) in page
    assert not [n for n in range(COUNT) if f'"{url(n)}"' in page]


@pytest.mark.parametrize("decisions", [1, 2])
def test_what_is_decided_while_stories_are_grouped_is_not_held_up_and_counts(
    filled: Town, monkeypatch: pytest.MonkeyPatch, decisions: int
) -> None:
    left, grouped = list(range(decisions)), list[int]()

    def decide_meanwhile(window: GroupingInput) -> tuple[Grouping, ...]:
        if left:
            curation.decide(filled.workspace(), url(left.pop()), HIDE, now=filled.now)
        grouped.append(len(window.ungrouped))
        return group(window)

    monkeypatch.setattr(regroup, "group", decide_meanwhile)
    filled.add("Late", rss(item("Facial palsy: a late report", "https://late.example/1")))

    filled.refresh()

    assert grouped == [1] * (decisions + 1)
    with closing(sqlite3.connect(filled.workspace().database_path)) as store:
        assert store.execute("SELECT count(*) FROM entry WHERE admitted AND story_id IS NULL").fetchall() == [(0,)]
    page = shown(filled)
    assert "https://late.example/1" in page
    assert not [n for n in range(decisions) if f'"{url(n)}"' in page]


def test_stories_are_split_and_merged_during_a_refresh(filled: Town) -> None:
    (decided,) = during(filled, lambda: regroup.merge(filled.workspace(), url(1), url(2), now=filled.now))

    assert not decided.is_published
    assert f"archive/story-{decided.result[0]}.html" in shown(filled)


def test_a_decision_that_is_refused_asks_for_no_page(filled: Town) -> None:
    before = (filled.data / "site").resolve()
    with pytest.raises(Exception, match="not hidden"):
        curation.forget(filled.workspace(), url(1), now=filled.now)

    with filled.workspace().open_database() as database:
        assert publish_decided(filled.workspace(), database, now=filled.now)
    assert (filled.data / "site").resolve() == before


def test_what_was_decided_while_a_page_was_made_is_shown_by_the_next_look(filled: Town) -> None:
    workspace = filled.workspace()
    with workspace.lock(now=filled.now):
        assert not curation.decide(workspace, url(1), HIDE, now=filled.now).is_published
        assert f'"{url(1)}"' in shown(filled)

    assert curation.decide(workspace, url(2), HIDE, now=filled.now).is_published
    assert not [n for n in (1, 2) if f'"{url(n)}"' in shown(filled)]


def test_who_decided_and_what_it_reached_is_stored_with_the_decision(filled: Town) -> None:
    filled.add("Again", rss(item("Told again", url(3))))
    filled.refresh()
    workspace = replace(filled.workspace(), actor="cli:anna")

    curation.decide(workspace, url(3), HIDE, now=filled.now)
    regroup.merge(workspace, url(1), url(2), now=filled.now)

    with closing(sqlite3.connect(filled.workspace().database_path)) as store:
        assert set(store.execute("SELECT actor, reached FROM decision")) == {("cli:anna", 2)}
        assert store.execute("SELECT actor, reached FROM story_decision").fetchall() == [("cli:anna", 2)]


def test_a_refresh_that_fails_shows_what_was_decided_all_the_same(filled: Town) -> None:
    server: FeedServer = filled.server
    server.answers["/0.xml"] = Answer(status=500)

    (decided,) = during(filled, lambda: curation.decide(filled.workspace(), url(1), HIDE, now=filled.now))

    assert not decided.is_published
    assert f'"{url(1)}"' not in shown(filled)
