"""The curator's hand, against real servers and real files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import load
from aggregator.errors import NotAFeedError, UsageError
from aggregator.feedlist.discover import feeds_of_page
from aggregator.feedlist.editor import add_feed, set_key
from aggregator.feedlist.opml import read_opml, write_opml
from aggregator.jobs.curation import edit, import_opml
from aggregator.jobs.discovery import find_feed
from aggregator.values.environment import Environment
from aggregator.values.settings import Feed, FeedType
from tests.conftest import HOME, NOW, Answer, FeedServer, item, rss

LIST = """# Our sources
feeds:
  # ---- Journals ----
  - name: A journal        # the best
    url: https://journal.example/feed
    type: journal

  # ---- News ----
  - name: A paper
    url: https://paper.example/feed
    weight: 1.5

# ---- the end ----
"""


def written(tmp_path: Path, text: str = LIST) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(text)
    return path


# ---- editing ---------------------------------------------------------------------------------------------------------


def test_a_feed_is_added_behind_its_kind_and_nothing_else_moves() -> None:
    feed = Feed(name="Another: journal", url="https://other.example/feed", type=FeedType.JOURNAL, all_on_topic=True)

    lines, before = add_feed(LIST, feed).split("\n"), LIST.split("\n")

    assert lines[6:10] == [
        '  - name: "Another: journal"', "    url: https://other.example/feed", "    type: journal", "    all_on_topic: true",
    ]  # fmt: skip
    assert lines[:6] + lines[10:] == before


def test_a_feed_without_company_comes_last() -> None:
    lines = add_feed(LIST, Feed(name="A charity", url="https://charity.example/", type=FeedType.CHARITY)).split("\n")

    assert lines.index("  - name: A charity") == 11
    assert lines[-2] == "# ---- the end ----"


def test_a_key_is_set_where_it_stands_or_added() -> None:
    once = set_key(LIST, "a paper", "enabled", "false")
    twice = set_key(once, "A paper", "enabled", "true")

    assert once.split("\n")[11] == "    enabled: false"
    assert twice == once.replace("enabled: false", "enabled: true")
    assert set_key(LIST, "A journal", "url", "https://new.example/") == LIST.replace(
        "https://journal.example/feed", "https://new.example/"
    )
    with pytest.raises(UsageError, match="no feed named"):
        set_key(LIST, "Nobody", "enabled", "true")


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40).filter(
    str.strip
)
FEEDS = st.builds(
    lambda name, host, kind, on, weight: Feed(name=f"x{name}", url=f"https://{host}.example/f?a=1", type=kind, all_on_topic=on, weight=weight),
    NAMES, st.from_regex(r"[a-z]{3,9}", fullmatch=True), st.sampled_from(list(FeedType)), st.booleans(), st.sampled_from([1.0, 0.5, 2.0]),
)  # fmt: skip


@given(feeds=st.lists(FEEDS, min_size=1, max_size=5, unique_by=(lambda f: f.name.casefold(), lambda f: f.url)))
def test_what_is_added_is_read_back_and_every_line_of_staff_stays(
    feeds: list[Feed], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = LIST
    for feed in feeds:
        text = add_feed(text, feed)
    path = written(tmp_path_factory.mktemp("list"), text)

    assert {feed.url: feed for feed in load(path).feeds if not feed.name.startswith("A ")} == {
        feed.url: feed for feed in feeds
    }
    assert [line for line in text.split("\n") if line in LIST.split("\n")][:3] == LIST.split("\n")[:3]


def test_the_shipped_list_can_be_edited() -> None:
    text = (HOME / "feeds.yaml").read_text("utf-8")
    changed = add_feed(text, Feed(name="New journal", url="https://new.example/", type=FeedType.JOURNAL))

    assert [line for line in changed.split("\n") if "New journal" not in line and "new.example" not in line] != []
    assert changed.index("New journal") < changed.index("# ---- Press releases")
    assert changed.index("Frontiers in Neurology") < changed.index("New journal")


@pytest.mark.parametrize(
    "text", ["feeds: [{name: A, url: 'https://a.example/'}]\n", "feeds:\n  - {name: A, url: 'https://a.example/'}\n"]
)
def test_what_stands_in_one_line_is_left_to_the_hand(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(UsageError, match="by hand"):
        edit(path, lambda old: set_key(old, "A", "enabled", "false"))

    assert path.read_text() == text


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(LIST.replace("\n", "\r\n").encode())
    edit(path, lambda text: set_key(text, "A paper", "enabled", "false"))

    assert path.read_bytes() == set_key(LIST, "A paper", "enabled", "false").replace("\n", "\r\n").encode()


def _fails(
    tmp_path: Path, prepare: Callable[[Path], Any], told: str, change: Callable[[str], str] = lambda text: text + "\n"
) -> None:
    path = written(tmp_path)
    prepare(path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match=told):
        edit(path, change)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.name.endswith(".next")] == []


def test_a_read_only_file_is_left(tmp_path: Path) -> None:
    _fails(tmp_path, lambda path: path.chmod(0o444), "read-only")


@pytest.mark.parametrize(
    ("folder", "before", "after"),
    [(0o2770, 0o644, 0o664), (0o2770, 0o600, 0o660), (0o770, 0o644, 0o644), (0o2755, 0o644, 0o644), (0o700, 0o600, 0o600)],
)
def test_in_a_folder_that_a_group_shares_the_group_may_write_the_file(
    tmp_path: Path, folder: int, before: int, after: int
) -> None:
    path = written(tmp_path)
    path.chmod(before)
    tmp_path.chmod(folder)

    edit(path, lambda text: text + "\n")

    assert path.stat().st_mode & 0o777 == after


def test_a_file_that_is_open_in_an_editor_is_left(tmp_path: Path) -> None:
    _fails(tmp_path, lambda path: (path.parent / ".feeds.yaml.swp").write_bytes(b""), "open in an editor")


def test_an_edit_that_would_break_the_file_is_not_made(tmp_path: Path) -> None:
    _fails(tmp_path, lambda path: None, "line 13", lambda text: text.replace("# ---- the end ----", "    colour: red"))


def test_an_edit_at_the_same_time_is_not_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path)

    def meanwhile(text: str) -> str:
        path.write_text(LIST + "# theirs\n")
        return text + "# ours\n"

    with pytest.raises(UsageError, match="Somebody else"):
        edit(path, meanwhile)

    assert path.read_text() == LIST + "# theirs\n"


# ---- finding ---------------------------------------------------------------------------------------------------------


def test_a_page_names_its_feeds_and_the_usual_places_come_after() -> None:
    page = b"""<html><head><base href="https://cdn.example/x/"><link rel="stylesheet" href="a.css">
    <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
    <link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="main.atom"></head><a href="https://site.example/news.rss">RSS</a>"""

    found = feeds_of_page(page, "https://site.example/blog")

    assert found[:2] == ["https://cdn.example/x/main.atom", "https://site.example/news.rss"]
    assert "https://site.example/blog/feed/" in found
    assert "https://site.example/feed/" in found
    assert not [address for address in found if "comments" in address]


def look(server: FeedServer, path: str, tmp_path: Path) -> Any:
    feeds = written(tmp_path, f"feeds:\n  - name: Known\n    url: {server.url('/known.xml')}\n")
    environment = Environment(feeds, tmp_path / "data", HOME / "templates", allow_hosts=f"127.0.0.0/8:{server.port}")
    return asyncio.run(find_feed(server.url(path), environment, load(feeds), now=NOW))


FEED = rss(item("Facial palsy news", "https://www.example.com/1"), title="Found")


def test_a_feed_s_own_address_is_taken(server: FeedServer, tmp_path: Path) -> None:
    server.answers["/f"] = Answer(FEED)

    assert look(server, "/f", tmp_path).url == server.url("/f")


@pytest.mark.parametrize(
    ("page", "place"),
    [
        (b"<html><link rel=alternate type=application/rss+xml href=/named.xml>", "/named.xml"),
        (b"<html>nothing</html>", "/feed/"),
        (b"<html>x</html>", "/site/rss.xml"),
    ],
)
def test_a_site_s_feed_is_found(server: FeedServer, tmp_path: Path, page: bytes, place: str) -> None:
    server.answers["/site"] = Answer(page)
    server.answers[place] = Answer(FEED)

    assert look(server, "/site", tmp_path).url == server.url(place)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(b"%PDF-1.7 x"), "PDF file"),
        (Answer(b"<html><input type=password></html>"), "login page"),
        (Answer(b"<html><title>Hi</title></html>"), "No feed was found"),
        (Answer(status=404), "not there"),
    ],
)
def test_what_is_no_feed_is_told(server: FeedServer, tmp_path: Path, answer: Answer, told: str) -> None:
    server.answers["/x"] = answer

    with pytest.raises(NotAFeedError, match=told):
        look(server, "/x", tmp_path)


def test_a_feed_that_is_there_already_is_told_by_its_name(server: FeedServer, tmp_path: Path) -> None:
    server.answers["/site"] = Answer(b"<html><link rel=alternate type=application/rss+xml href=/known.xml>")
    server.answers["/known.xml"] = Answer(FEED)

    for path in ("/known.xml", "/site"):
        with pytest.raises(UsageError, match="“Known”"):
            look(server, path, tmp_path)


def test_a_page_cannot_send_us_to_a_private_address(server: FeedServer, tmp_path: Path) -> None:
    canary = FeedServer()
    canary.answers["/secret.xml"] = Answer(FEED)
    server.answers["/site"] = Answer(
        f'<html><link rel="alternate" type="application/rss+xml" href="{canary.url("/secret.xml")}">'.encode()
    )

    with pytest.raises(NotAFeedError):
        look(server, "/site", tmp_path)
    canary.close()

    assert canary.asked == []


# ---- OPML ------------------------------------------------------------------------------------------------------------


@given(feeds=st.lists(FEEDS, max_size=8, unique_by=(lambda f: f.name.casefold(), lambda f: f.url)))
def test_opml_brings_back_what_it_took_out(feeds: list[Feed]) -> None:
    again = read_opml(write_opml(feeds, "Ours"), "x.opml")

    assert again.refused == ()
    assert sorted(again.feeds, key=lambda feed: feed.url) == sorted(feeds, key=lambda feed: feed.url)


def test_another_reader_s_nested_folders_are_read(tmp_path: Path) -> None:
    path = written(tmp_path)
    opml = tmp_path / "others.opml"
    opml.write_text(
        '<opml version="1.0"><body><outline text="Medicine"><outline text="journal">'
        '<outline text="New journal" xmlUrl="https://new.example/f"/><outline text="A paper" xmlUrl="https://third.example/f"/>'
        '</outline></outline><outline text="Known" xmlUrl="http://www.paper.example/feed/"/>'
        '<outline text="Bad" xmlUrl="file:///etc/passwd"/><outline text="Empty folder"/></body></opml>'
    )

    report = import_opml(path, opml)

    assert [(feed.name, feed.type.value) for feed in report.added] == [("New journal", "journal"), ("A paper 2", "journal")]
    assert [(feed.name, listed) for feed, listed in report.known] == [("Known", "A paper")]
    assert "“Bad”" in report.refused[0]
    assert len(load(path).feeds) == 4
    assert import_opml(path, opml).added == ()


@pytest.mark.parametrize(
    "content", [b"not xml", b"<html/>", b"<opml/>", b'<!DOCTYPE x [<!ENTITY a "b">]><opml><body/></opml>']
)
def test_what_is_no_opml_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.opml").write_bytes(content)

    with pytest.raises(UsageError, match=r"x\.opml"):
        import_opml(written(tmp_path), tmp_path / "x.opml")
