"""Bytes become entries: each oddity is one small feed in tests/feeds beside what it must become."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.parse import ParseTask, parse
from aggregator.ingest.raw import FeedSpec
from aggregator.values.feeds import Document, FetchFailed
from tests.conftest import NOW, item, rss

FEEDS = Path(__file__).parent.parent / "feeds"


def read(
    body: bytes,
    *,
    url: str = "https://feeds.example.com/f.xml",
    name: str = "A feed",
    kind: str = "",
    is_search: bool = False,
) -> Document | FetchFailed:
    return parse(ParseTask(body, kind, url, FeedSpec(url, name, is_search=is_search), NOW))


def document(body: bytes, **keys: Any) -> Document:
    parsed = read(body, **keys)
    assert isinstance(parsed, Document), parsed
    return parsed


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return json.loads(json.dumps(value, default=str))


@pytest.mark.parametrize("path", sorted(FEEDS.glob("*.expected.json")), ids=lambda path: path.name.split(".")[0])
def test_an_oddity_becomes_what_stands_beside_it(path: Path) -> None:
    """`<oddity>.expected.json` has `feed` (optional: url, name, is_search) and for each entry the fields that matter."""
    expected = json.loads(path.read_text("utf-8"))
    name = path.name.removesuffix(".expected.json")
    source = next(file for file in FEEDS.iterdir() if file.stem == name and not file.name.endswith(".expected.json"))

    entries = [plain(asdict(entry)) for entry in document(source.read_bytes(), **expected.get("feed", {})).entries]

    assert len(entries) == len(expected["entries"])
    for entry, fields in zip(entries, expected["entries"], strict=True):
        assert {key: entry[key] for key in fields} == fields


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"<!doctype html><html><head><title>News</title></head><body>Hi</body></html>", "web page (“News”)"),
        (b"<html><form>Log in<input type='password'></form></html>", "login page"),
        (
            b"<html><title>Just a moment...</title><script src=/cdn-cgi/challenge-platform/x></script></html>",
            "automatic readers",
        ),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "ZIP"),
        (b"<?xml version='1.0'?><catalog><book/></catalog>", "XML that is not a feed"),
        (b"just words", "not a feed"),
        (b'{"items": 3}', "not a JSON Feed"),
        (b"{broken", "JSON that cannot be read"),
        (b"/etc/passwd", "not a feed"),
        (b"http://127.0.0.1:9/", "not a feed"),
    ],
)
def test_what_is_no_feed_is_told_for_what_it_is(body: bytes, told: str) -> None:
    outcome = read(body)

    assert isinstance(outcome, FetchFailed)
    assert told in outcome.reason


def test_an_empty_feed_is_no_failure() -> None:
    assert document(rss()).entries == ()


def test_a_feed_that_breaks_off_gives_what_it_has_and_is_marked() -> None:
    whole = rss(item("One", "https://example.com/1"), item("Two", "https://example.com/2"))
    cut = document(whole[: whole.index(b"Two") + 2])

    assert [entry.title for entry in cut.entries] == ["One"]
    assert not cut.is_whole
    assert document(whole).is_whole


def test_a_hash_does_not_depend_on_the_clock_or_on_trackers() -> None:
    one = document(rss(item("One", "https://example.com/1?utm_source=a")))
    other = document(rss(item("One", "https://example.com/1?utm_source=b")))

    assert one.entries[0].content_hash == other.entries[0].content_hash


def test_a_changed_title_changes_the_hash() -> None:
    one, other = document(rss(item("One", "https://example.com/1"))), document(rss(item("Uno", "https://example.com/1")))

    assert one.entries[0].content_hash != other.entries[0].content_hash


def test_deep_nesting_ends_as_a_failure_or_a_document() -> None:
    body = b"<rss version='2.0'><channel>" + b"<a>" * 50_000

    assert isinstance(read(body), Document | FetchFailed)


def test_entities_from_elsewhere_are_never_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    body = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'.encode() + rss(item("&x; One", "https://example.com/1"))

    outcome = read(body)

    assert "hunter2" not in str(outcome)


@given(st.binary(max_size=400))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(read(body), Document | FetchFailed)


@given(
    st.lists(
        st.sampled_from(
            [
                b"<rss>",
                b"<item>",
                b"</item>",
                b"<title>",
                b"<![CDATA[",
                b"]]>",
                b"&#x0;",
                b"<link>",
                b"<",
                b"\xff",
                b"<pubDate>9",
                b"<guid>",
                b"<?xml encoding='",
                b"<a:b xmlns:a=''>",
                b"{",
                b'"items":[',
            ]
        ),
        max_size=40,
    )
)
def test_no_shreds_of_feeds_raise(shreds: list[bytes]) -> None:
    assert isinstance(read(b"".join(shreds)), Document | FetchFailed)


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_a_half_entry_is_never_taken_in(name: str) -> None:
    """Cut at every byte: what comes is whole, under the name that it will have tomorrow."""
    atom = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><id>urn:1</id><title>One</title>
    <link href="https://example.com/1"/></entry><entry><id>urn:2</id><title>Two</title><link href="https://example.com/2"/></entry></feed>"""
    two = (item("One", "https://example.com/1", guid="urn:1"), item("Two", "https://example.com/2", guid="urn:2"))
    whole = atom if name == "atom" else rss(*two)

    for length in range(0, len(whole), 3):
        cut = read(whole[:length])
        if isinstance(cut, Document):
            assert [(e.guid, e.title) for e in cut.entries] == [("urn:1", "One"), ("urn:2", "Two")][: len(cut.entries)], (
                length
            )


@pytest.mark.parametrize("reference", ["&#x110000;", "&#xD800;", "&#1;", "&#99999999999999999999;"])
def test_a_reference_to_no_character_costs_no_document(reference: str) -> None:
    assert (
        len(document(rss(item(f"One {reference}", "https://example.com/1"), item("Two", "https://example.com/2"))).entries)
        == 2
    )


def test_no_more_than_five_thousand_entries_are_read() -> None:
    many = rss(*(f"<item><title>Entry {n}</title><guid>g{n}</guid></item>" for n in range(6000)))

    assert document(many).seen == 5000


@pytest.mark.parametrize("part", ["guid", "description"])
def test_no_field_is_slow_by_its_length(part: str) -> None:
    hostile = "10.1234/a" + "/full" * 8000 + "x"
    began = time.process_time()
    read(rss(f"<item><title>One</title><{part}>{hostile}</{part}><link>https://example.com/1</link></item>"))

    assert time.process_time() - began < 4


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1/x",
        "http://192.168.1.1/admin",
        "https://[::1]/",
        "http://localhost/x",
        "https://example.com/" + "a" * 3000,
        'https://example.com/"&gt;x',
    ],
)
def test_an_address_that_nobody_should_follow_is_none(link: str) -> None:
    assert [entry.url for entry in document(rss(item("One", link, guid="x"))).entries] == [""]
