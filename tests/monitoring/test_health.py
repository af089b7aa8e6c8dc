"""How a feed and an entry stand, in one sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.monitoring.health import trouble
from aggregator.values.health import FeedFacts
from tests.conftest import NOW

DAY = timedelta(days=1)
WELL = FeedFacts("A", "https://a.example/feed", last_ok_at=NOW, newest_entry_at=NOW - DAY)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"last_error": "is broken", "failures": 1}, "is broken (once)"),
        ({"last_error": "is broken", "failures": 3}, "is broken (3 times in a row)"),
        ({"last_error": "is broken", "failures": 3, "last_ok_at": None}, "has never worked; is broken (3 times in a row)"),
        ({"last_ok_at": None}, "has not been read yet"),
        ({"moved_to": "https://b.example/"}, "moved to https://b.example/"),
        ({"newest_entry_at": NOW - 120 * DAY}, ""),
        ({"newest_entry_at": NOW - 121 * DAY}, "is it still maintained?"),
        ({"newest_entry_at": None}, ""),
    ],
)
def test_what_is_wrong_with_a_feed(changes: dict[str, object], told: str) -> None:
    found = trouble(replace(WELL, **changes), now=NOW)  # type: ignore[arg-type]

    assert (found == told) if not told else (told in found)
