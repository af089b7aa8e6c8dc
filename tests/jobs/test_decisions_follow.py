"""What staff decided about an entry that has no key but its guid holds when its feed moves or renews the guid."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from aggregator.jobs import curation
from aggregator.store.decisions import HIDE
from tests.conftest import Town, item, rss

# Too short a title for a key, and no link.
SHORT = "Bell's palsy"


def standing(town: Town) -> list[str]:
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        return [row[0] for row in raw.execute("SELECT standing FROM entry ORDER BY id")]


def move(town: Town) -> None:
    town.server.answers["/moved.xml"] = town.server.answers["/0.xml"]
    town.feeds[0] = town.feeds[0].model_copy(update={"url": town.server.url("/moved.xml")})


def renew(town: Town) -> None:
    answer = town.server.answers["/0.xml"]
    answer.body = answer.body.replace(b">old<", b">new<")  # type: ignore[union-attr]


@pytest.mark.parametrize("change", [move, renew])
def test_what_is_hidden_stays_so_and_can_be_shown_again(town: Town, change: Callable[[Town], None]) -> None:
    town.add("A", rss(item(SHORT, "", guid="old")))
    town.refresh()
    curation.decide(town.workspace(), "1", HIDE, now=town.now)
    change(town)
    town.refresh()
    assert standing(town) == ["hidden"]

    assert curation.forget(town.workspace(), "1", now=town.now).result == [SHORT]
    assert standing(town) == [""]
