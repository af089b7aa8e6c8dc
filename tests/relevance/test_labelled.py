"""Labelled lines: which count, and what is read from and written into them."""

from __future__ import annotations

from typing import Any

import pytest

from aggregator.relevance.labelled import is_counted, item_of, line_of
from aggregator.relevance.measure import Labelled
from aggregator.values.entries import Entry, StoredEntry, Verdict

ENTRY = Entry(guid="1", url="https://a.example/1", title="T", summary="S", source="Wire")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({}, True),
        ({"lang": "de"}, True),
        ({"lang": "xx"}, False),
        ({"borderline": True}, False),
        ({"borderline": False}, True),
    ],
)
def test_which_lines_count(line: dict[str, Any], expected: bool) -> None:
    assert is_counted(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({}, Labelled("1", ENTRY, False)),
        ({"label": 1, "topics": ["parotid"]}, Labelled("1", ENTRY, True, frozenset({"parotid"}))),
        ({"label": True, "topics": None}, Labelled("1", ENTRY, True)),
        ({"hard": True, "kind": "news"}, Labelled("1", ENTRY, False, is_hard=True, kind="news")),
        ({"kind": 5}, Labelled("1", ENTRY, False)),
    ],
)
def test_what_people_said_of_an_item(line: dict[str, Any], expected: Labelled) -> None:
    assert item_of({"id": 1, **line}, ENTRY) == expected


@pytest.mark.parametrize(("is_accepted", "topics"), [(True, ["parotid"]), (False, [])])
def test_a_decision_of_staff_is_a_line(is_accepted: bool, topics: list[str]) -> None:
    stored = StoredEntry(7, "https://a.example/feed", ENTRY, (), Verdict(True, 1.0, ("parotid",)))

    assert line_of(stored, is_accepted=is_accepted) == {
        "id": "7", "title": "T", "summary": "S", "source": "Wire", "url": "https://a.example/1", "lang": "en",
        "label": is_accepted, "hard": not is_accepted, "topics": topics,
    }  # fmt: skip
