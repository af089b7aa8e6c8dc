"""Reading only what is new of a document gives what reading the whole gives."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from aggregator.ingest.incremental import pack, parse, split, unpack
from aggregator.ingest.parse import ParseTask
from aggregator.ingest.raw import FeedSpec
from aggregator.values.entries import Entry
from aggregator.values.feeds import Document
from tests import conftest
from tests.conftest import NOW

ADDRESS = "https://www.example.org/feed"
HEAD = '<rss version="2.0"><channel><title>Notes</title><lastBuildDate>Mon, 23 Nov 2026 07:00:00 GMT</lastBuildDate>'


def task(body: str | bytes, known: str = "", kind: str = "application/rss+xml") -> ParseTask:
    raw = body.encode() if isinstance(body, str) else body
    return ParseTask(raw, kind, ADDRESS, FeedSpec(ADDRESS, "Notes"), NOW, known)


def read(body: str | bytes, known: str | None = "") -> Document:
    found = parse(task(body, known or ""))
    assert isinstance(found, Document)
    return found


def item(number: int, title: str = "", link: str = "") -> str:
    return conftest.item(title or f"Entry {number}", link or f"https://www.example.org/{number}", at=None, guid=f"g{number}")


def rss(*items: str, head: str = HEAD) -> str:
    return f"{head}{''.join(items)}</channel></rss>"


def titles(document: Document) -> list[str]:
    return [entry.title for entry in document.entries]


def test_only_what_is_new_is_read() -> None:
    before = read(rss(item(1), item(2)))

    after = read(rss(item(3), item(1), item(2), head=HEAD.replace("23 Nov", "24 Nov")), before.parts)

    assert titles(after) == ["Entry 3"]
    assert (after.seen, after.present) == (3, frozenset({"g1", "g2", "g3"}))
    assert list(unpack(after.parts or "")) == list(unpack(read(rss(item(3), item(1), item(2))).parts or ""))


def test_a_document_with_nothing_new_has_no_entries_and_its_new_title() -> None:
    before = read(rss(item(1), item(2)))

    after = read(rss(item(1), item(2), head=HEAD.replace("Notes", "News")), before.parts)

    assert (titles(after), after.title, after.seen) == ([], "News", 2)


def test_an_entry_that_changed_is_read_again() -> None:
    before = read(rss(item(1), item(2)))

    after = read(rss(item(1), item(2, "Entry 2, corrected")), before.parts)

    assert titles(after) == ["Entry 2, corrected"]
    assert after.present == frozenset({"g1", "g2"})


def test_what_surrounds_the_entries_is_part_of_them() -> None:
    relative = item(1, link="/one")
    before = read(rss(relative, head=HEAD.replace("<channel>", '<channel xml:base="https://a.example.org/">')))

    after = read(rss(relative, head=HEAD.replace("<channel>", '<channel xml:base="https://b.example.org/">')), before.parts)

    assert [entry.url for entry in after.entries] == ["https://b.example.org/one"]


def test_an_address_that_a_known_entry_has_too_is_nobodys_own() -> None:
    before = read(rss(item(1), item(2)))
    whole = read(rss(item(3, link="https://www.example.org/1"), item(1), item(2)))

    after = read(rss(item(3, link="https://www.example.org/1"), item(1), item(2)), before.parts)

    assert [entry.is_url_own for entry in after.entries] == [False] == [whole.entries[0].is_url_own]


@pytest.mark.parametrize(
    "body",
    [
        rss(item(1), item(1, "Another with that guid")),
        '<?xml version="1.0" encoding="iso-8859-1"?>' + rss(item(1), item(2)),
        '<!DOCTYPE rss [<!ENTITY who "Bell">]>' + rss(item(1, "&who;"), item(2)),
        rss(item(1), item(2)).replace("</title>", "</titel>", 1),
        rss(item(1), f"<group>{item(2)}</group>"),
        rss(item(1), item(2))[:-30],
        rss(*(item(n, link=f"https://www.example.org/{n}{'x' * 1500}") for n in range(800))),
    ],
    ids=[
        "a guid twice",
        "another encoding",
        "entities",
        "not well-formed",
        "not side by side",
        "broken off",
        "addresses of a megabyte",
    ],
)
def test_such_a_document_is_read_whole(body: str) -> None:
    assert read(body).parts == ""


@pytest.mark.parametrize("known", ["{broken", '[["x","y"]]', "7"])
def test_what_is_known_and_cannot_be_read_is_not_the_publisher_s_fault(known: str) -> None:
    assert titles(read(rss(item(1), item(2)), known)) == ["Entry 1", "Entry 2"]


def test_a_new_entry_with_a_known_guid_is_read_as_in_the_whole() -> None:
    before = read(rss(item(1), item(2)))
    body = rss(item(1, "Another with that guid"), item(1), item(2))

    assert read(body, before.parts).entries == read(body).entries


def test_what_is_a_feed_by_its_entries_alone_is_one_without_news_too() -> None:
    for body in (
        f"<channel><title>Notes</title>{item(1)}{item(2)}</channel>",
        rss(item(1), item(2)) + f"<!-- {'x' * 5000} -->",
    ):
        before = read(body)

        after = read(body.replace("Notes", "News"), before.parts)

        assert after.present == before.present == frozenset({"g1", "g2"})


def test_an_edit_that_is_taken_back_after_a_day_that_was_read_whole_is_seen() -> None:
    first = read(rss(item(1), item(2)))
    second = read(rss(item(1, "Edited"), item(2), item(3, "a&nbsp;b")), first.parts)
    third = read(rss(item(1), item(2)), second.parts)

    assert second.parts == ""
    assert "Entry 1" in titles(third)


@pytest.mark.parametrize(
    "body",
    [
        rss(
            '<item xmlns:x="http://purl.org/dc/elements/1.1/"><title>One</title><x:creator>A</x:creator></item>',
            '<item xmlns:x="https://example.org/own"><title>Two</title><x:creator>B</x:creator></item>',
        ),
        rss(item(1), item(2), head=HEAD + "<content>of the feed</content>"),
    ],
    ids=["a prefix for two things", "a content of the feed's own"],
)
def test_what_feedparser_carries_from_one_entry_to_another_is_read_whole(body: str) -> None:
    assert read(body).parts == ""


def test_text_that_is_more_than_ascii_only_in_known_entries_changes_nothing() -> None:
    before = read(rss(item(1, "Lähmung des Gesichts")))
    body = rss(item(2, "&#195;&#169;"), item(1, "Lähmung des Gesichts"))

    assert read(body, before.parts).entries == read(body).entries[:1]


@pytest.mark.parametrize("step", [10, pytest.param(1, marks=pytest.mark.slow)])
def test_real_feeds_give_the_same_whether_read_whole_or_in_parts(shared: Path, step: int) -> None:
    chance, tried = random.Random(20261126), 0
    for path in sorted((shared / "feeds" / "files").iterdir())[::step]:
        body = path.read_bytes()
        whole = parse(task(body, kind="application/xml"))
        if not isinstance(whole, Document) or not whole.parts:
            continue
        parts = list(unpack(whole.parts).values())
        for known in (parts, parts[1:], [part for part in parts if chance.random() < 0.5]):
            gone = {part.guid for part in known}
            found = parse(task(body, pack(known), "application/xml"))
            expected = replace(whole, entries=_others(whole.entries, gone), parts=None if known == parts else whole.parts)
            assert found == expected, path.name
            tried += bool(known)
    assert tried > 400 / step


def _others(entries: tuple[Entry, ...], gone: set[str]) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.guid not in gone)


def test_entities_are_never_expanded() -> None:
    bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><channel><item>&b;</item></channel></rss>'

    assert split(bomb, "", "") is None
