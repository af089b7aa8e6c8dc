"""A store that is damaged, gone or old: nothing begins from nothing, nothing that was let go returns, the page stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from aggregator.backup.copies import backups
from aggregator.errors import StoreDamagedError, StoreError, UsageError
from aggregator.jobs.safekeeping import faults, restore, roll_back
from aggregator.publish.site import current_release
from tests.conftest import NOW, Town, item, rss


def town_with_news(town: Town) -> Town:
    town.add("News", rss(item("Bell's palsy explained", "https://news.example.org/1", guid="a")))
    town.refresh()
    return town


def test_a_refresh_makes_a_copy_where_the_newest_is_a_week_old(town: Town) -> None:
    town_with_news(town)
    for day in range(1, 20):
        town.now = NOW + timedelta(days=day)
        town.refresh()

    assert len(backups(town.workspace().database_path, now=town.now)) == 3


def test_a_damaged_store_is_set_aside_and_the_last_copy_offered(town: Town) -> None:
    workspace = town_with_news(town).workspace()
    page = town.page()
    with workspace.database_path.open("r+b") as file:
        file.write(b"\0" * 200)

    with pytest.raises(StoreDamagedError, match=r"damaged-.* can be restored"):
        town.refresh()
    with pytest.raises(StoreError, match=r"missing though pages were published.*restore"):
        town.refresh()
    assert town.page() == page

    restore(workspace, None, now=NOW)
    assert faults(workspace) == []
    assert town.refresh().entries.new == 0
    assert len(list(town.data.glob("news.db.damaged-*"))) == 1


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_store_that_is_gone_is_not_begun_anew_in_silence(town: Town, how: str) -> None:
    database = town_with_news(town).workspace().database_path
    page = town.page()
    database.unlink()
    if how == "emptied":
        database.touch()

    with pytest.raises(StoreError, match="though pages were published from it"):
        town.refresh()

    assert town.page() == page


def test_rejected_entries_are_let_go_with_time_and_do_not_return_as_new(town: Town) -> None:
    town.add("News", rss(
        item("Bell's palsy explained", "https://news.example.org/1", guid="a"),
        item("A new bridge", "https://news.example.org/2", guid="b"),
    ))  # fmt: skip
    assert town.refresh().entries.new == 2

    run_every_week(town, until=399)
    assert stored(town) == ["a", "b"]

    town.now = NOW + timedelta(days=401)
    assert any("1 rejected entries" in note for note in town.refresh().notes)
    assert stored(town) == ["a"]

    # The feed still has it, and writes it anew.
    town.add("News", rss(item("A new bridge, finished", "https://news.example.org/2", guid="b")), path="/0.xml")
    town.feeds.pop()
    town.now = NOW + timedelta(days=402)
    assert town.refresh().entries.new == 0
    assert stored(town) == ["a"]


def test_runs_are_let_go_after_two_years(town: Town) -> None:
    town_with_news(town)
    run_every_week(town, until=729)
    town.now = NOW + timedelta(days=731)
    town.refresh()

    with closing(sqlite3.connect(town.workspace().database_path)) as raw:
        assert raw.execute("SELECT min(id), count(*) FROM run").fetchone() == (2, 8)
        assert raw.execute("SELECT min(run_id), count(*) FROM poll").fetchone() == (2, 8)


@pytest.mark.parametrize("years", [2, 12, 75])
def test_a_clock_that_jumped_makes_nothing_old(town: Town, years: int) -> None:
    town.add("News", rss(item("A new bridge", "https://news.example.org/2", guid="b")))
    town.refresh()
    for day in range(3):
        town.now = NOW + timedelta(days=365 * years + day)
        town.refresh()

    assert stored(town) == ["b"]


def run_every_week(town: Town, *, until: int) -> None:
    """Refreshes of the last weeks up to that day."""
    for weeks in range(6, -1, -1):
        town.now = NOW + timedelta(days=until - 7 * weeks)
        town.refresh()


def stored(town: Town) -> list[str]:
    with closing(sqlite3.connect(town.workspace().database_path)) as raw:
        return [row[0] for row in raw.execute("SELECT guid FROM entry ORDER BY guid")]


def test_an_earlier_page_is_shown_again_until_the_next_refresh(town: Town) -> None:
    first = current_release(town_with_news(town).data)
    town.now = NOW + timedelta(days=1)
    town.refresh()

    assert roll_back(town.workspace(), None, now=NOW) == first
    assert current_release(town.data) == first
    with pytest.raises(UsageError, match="no release before"):
        roll_back(town.workspace(), None, now=NOW)
    with pytest.raises(UsageError, match="no release “19990101”"):
        roll_back(town.workspace(), "19990101", now=NOW)

    town.now = NOW + timedelta(days=2)
    town.refresh()
    assert current_release(town.data) != first
