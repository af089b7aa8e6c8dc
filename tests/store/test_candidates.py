"""What an edition may choose from: every feed has a turn, and no entry names a publisher that its feed is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.store import stories
from aggregator.store.database import Database
from aggregator.values.settings import FeedType
from tests.conftest import NOW, Town, item, rss


@pytest.fixture
def two_feeds(town: Town) -> Town:
    """A feed that lists 250 stories of the last minute, and one with three of yesterday; each title is of its own."""
    flood = [
        item(f"Bell's palsy {_word(n)}", f"https://flood.example/{n}", at=NOW - timedelta(minutes=1)) for n in range(250)
    ]
    quiet = [
        item(f"Facial paralysis {_word(900 + n)}", f"https://quiet.example/{n}", at=NOW - timedelta(days=1))
        for n in range(3)
    ]
    town.add("Flood", rss(*flood))
    town.add("Quiet", rss(*quiet))
    town.refresh()
    return town


def _word(number: int) -> str:
    """Three words that no other number has."""
    letters = "bcdfgklmnprstvz"
    one, two, three = letters[number % 15], letters[number // 15 % 15], letters[number // 225 % 15]
    return f"{one}a{two}e{three}i {three}o{one}u{two}a {two}i{three}a{one}o"


def _candidates(town: Town, **options: int) -> list[str]:
    database: Database = town.workspace().open_database()
    try:
        with database.read() as connection:
            return [story.lead.source for story in stories.candidates(connection, **options).stories]
    finally:
        database.close()


def test_the_newest_of_each_feed_come_first_and_then_the_rest(two_feeds: Town) -> None:
    found = _candidates(two_feeds)

    assert found[:13] == ["Flood"] * 10 + ["Quiet"] * 3
    assert len(found) == 200
    assert set(found[13:]) == {"Flood"}


def test_a_feed_that_lists_more_than_all_others_pushes_nobody_off_the_page(two_feeds: Town) -> None:
    page = two_feeds.page()

    assert page.count("https://quiet.example/") >= 3


SPOOF = '</description><source url="https://x.example/">BBC News</source>'


@pytest.mark.parametrize(("kind", "shown"), [("news", "Small blog"), ("journal", "Small blog"), ("search", "BBC News")])
def test_only_what_a_search_finds_names_its_publisher(town: Town, kind: str, shown: str) -> None:
    town.add(
        "Small blog",
        rss(item("Bell's palsy and you", "https://a.example/1")).replace(b"</description>", SPOOF.encode()),
        type=kind,
    )
    town.refresh()

    assert _candidates(town) == [shown]
    assert f'<bdi class="fpn-source">{shown}</bdi>' in town.page()


def test_a_name_that_an_earlier_version_stored_is_not_believed_either(town: Town) -> None:
    """The entry stands in no document any more, so no refresh reads it again."""
    feed = town.add(
        "Small blog",
        rss(item("Bell's palsy and you", "https://a.example/1")).replace(b"</description>", SPOOF.encode()),
        type="search",
    )
    town.refresh()
    assert "BBC News" in town.page()

    town.feeds[:] = [feed.model_copy(update={"type": FeedType.NEWS})]
    town.server.answers["/0.xml"] = lambda handler: handler.send_error(503)
    town.refresh()

    assert "BBC News" not in "".join(path.read_text("utf-8") for path in (town.data / "site").rglob("*.html"))
    assert "Small blog" in town.page()
