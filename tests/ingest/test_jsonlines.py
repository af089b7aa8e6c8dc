"""Lines of JSON as entries: a row for each field, and the sentences for lines that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from aggregator.errors import UsageError
from aggregator.ingest.jsonlines import entry_of, is_pair, pair_of, read_lines, text_of


def test_empty_lines_do_not_count() -> None:
    assert list(read_lines(['{"id": 1}\n', " \n", '{"id": "b"}'], "x.jsonl")) == [{"id": 1}, {"id": "b"}]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", r"x\.jsonl, line 2: this is not JSON"),
        ("[]", r"x\.jsonl, line 2: an object with an “id” is needed\."),
        ('{"title": "T"}', r"x\.jsonl, line 2: an object with an “id” is needed\."),
    ],
)
def test_a_line_that_is_no_object_with_an_id_is_named(line: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        list(read_lines(["", line], "x.jsonl"))


@pytest.mark.parametrize(("item", "text"), [({"a": "x"}, "x"), ({"a": 5}, ""), ({"a": None}, ""), ({}, "")])
def test_what_is_no_text_counts_as_empty(item: dict[str, Any], text: str) -> None:
    assert text_of(item, "a") == text


@pytest.mark.parametrize(
    ("written", "field", "expected"),
    [
        ({}, "guid", "7"),
        ({}, "published_at", None),
        ({}, "authors", ()),
        ({"title": "a < b"}, "title", "a < b"),
        ({"summary": "S"}, "summary", "S"),
        ({"summary": "S"}, "text", "S"),
        ({"url": "https://www.example.com/a?utm_source=x"}, "url", "https://www.example.com/a"),
        ({"source": "S", "publisher": "P"}, "source", "S"),
        ({"publisher": "P"}, "source", "P"),
        ({"lang": "de"}, "language", "de"),
        ({"authors": ["Barr T", 5]}, "authors", ("Barr T",)),
        ({"authors": 5}, "authors", ()),
        ({"summary": "2026 Mar 5. Lindqvist E, Barr T."}, "authors", ("Lindqvist E",)),
        ({"authors": ["Barr T"], "summary": "2026 Mar 5. Lindqvist E."}, "authors", ("Barr T",)),
        ({"published": "2026-03-05T10:00:00Z"}, "published_at", datetime(2026, 3, 5, 10, tzinfo=UTC)),
        ({"published": "soon"}, "published_at", None),
        ({"title": "On 10.5555/abc.1"}, "mentions", ("doi:10.5555/abc.1",)),
    ],
)
def test_each_field_of_an_entry(written: dict[str, Any], field: str, expected: object) -> None:
    assert getattr(entry_of({"id": 7, **written}), field) == expected


def test_an_identifier_in_the_address_is_the_entry_s_own() -> None:
    assert entry_of({"id": 1, "url": "https://doi.org/10.5555/abc.1"}).identifiers.doi == "10.5555/abc.1"


@pytest.mark.parametrize(
    ("item", "expected"), [({"a": {}, "b": {}}, True), ({"a": {}}, False), ({"b": {}}, False), ({}, False)]
)
def test_a_line_with_two_entries_is_a_pair(item: dict[str, Any], expected: bool) -> None:
    assert is_pair(item) == expected


def test_the_two_entries_of_a_pair() -> None:
    one, other = pair_of({"id": "p", "a": {"title": "One"}, "b": {"title": "Two"}})

    assert (one.title, other.title) == ("One", "Two")


@pytest.mark.parametrize(("a", "b"), [({}, "b"), (1, {})])
def test_a_pair_of_something_else_is_refused(a: object, b: object) -> None:
    with pytest.raises(UsageError, match="the pair p: “a” and “b” must be entries"):
        pair_of({"id": "p", "a": a, "b": b})
