"""JSON Feed 1.0 and 1.1: what each key becomes, and what is no JSON Feed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aggregator.errors import FeedError
from aggregator.ingest.jsonfeed import read_json_feed


def read(*items: object, **keys: object) -> tuple[list[Any], str, str | None]:
    return read_json_feed(json.dumps({"items": list(items), **keys}).encode(), "https://a.example/feed.json")


@pytest.mark.parametrize(
    ("item", "field", "value"),
    [
        ({"id": "a"}, "guid", "a"),
        ({"id": 7}, "guid", "7"),
        ({"id": True}, "guid", ""),
        ({"id": None}, "guid", ""),
        ({"url": "https://x.example/1", "external_url": "https://y.example/"}, "link", "https://x.example/1"),
        ({"external_url": "https://y.example/"}, "link", "https://y.example/"),
        ({"title": "A <b> B"}, "title", "A <b> B"),
        ({"content_html": "<p>A</p>", "content_text": "B"}, "content", "<p>A</p>"),
        # Plain text by definition: what looks like a tag in it is text.
        ({"content_text": "a < b & c"}, "content", "a &lt; b &amp; c"),
        ({"content_text": "Text"}, "summary", "Text"),
        ({"content_text": "Text", "summary": "Short"}, "summary", "Short"),
        ({"authors": [{"name": "A"}, {"url": "x"}, "B", {"name": 3}]}, "authors", ("A", "3")),
        ({"author": {"name": "A"}}, "authors", ("A",)),
        ({"author": {"name": "A"}, "authors": "x"}, "authors", ("A",)),
        ({"tags": ["a", 2]}, "categories", ("a", "2")),
        ({"tags": "a"}, "categories", ()),
        ({"language": "de"}, "language", "de"),
        ({}, "language", None),
        ({"date_published": "2026-11-24"}, "published", "2026-11-24"),
        ({"date_modified": "2026-11-24"}, "updated", "2026-11-24"),
    ],
)
def test_what_a_key_becomes(item: dict[str, object], field: str, value: object) -> None:
    (entry,), _, _ = read(item)

    assert getattr(entry, field) == value
    assert not entry.title_is_markup


def test_the_feed_s_own_title_and_language() -> None:
    assert read(title="T", language="en") == ([], "T", "en")
    assert read() == ([], "", None)


def test_what_is_no_object_is_no_item() -> None:
    assert len(read({"id": "1"}, "x", None)[0]) == 1


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_json_feed(b'\xef\xbb\xbf{"items": []}', "https://a.example/") == ([], "", None)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"[]", "no list of items"),
        (b"{}", "no list of items"),
        (b'{"items": {}}', "no list of items"),
    ],
)
def test_what_is_no_json_feed_is_told(body: bytes, told: str) -> None:
    with pytest.raises(FeedError, match=told):
        read_json_feed(body, "https://a.example/")
