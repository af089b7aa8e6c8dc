"""What the values of entries say of themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from aggregator.values.entries import Entry, FoundEntry, Verdict, why_not_shown
from tests.conftest import NOW

SHOWN = FoundEntry(1, Entry(guid="g", url="", title="T"), Verdict(True, 3.0), "", "", NOW, NOW, is_feed_listed=True)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "since 24 November 2026"),
        ({"shown_at": None}, "has not been on the front page yet"),
        ({"dated_at": None}, "no date that can be read"),
        ({"is_feed_listed": False}, "switched off or gone"),
        ({"verdict": Verdict(True, 3.0, notice="retraction")}, "it is a notice (retraction)"),
        ({"standing": "hidden"}, "staff hid it"),
        ({"standing": "waiting"}, "is waiting for review"),
        ({"verdict": Verdict(False, 0.0), "standing": "hidden"}, "the filter rejected it"),
    ],
)
def test_why_an_entry_is_on_the_page_or_is_not(changes: dict[str, object], told: str) -> None:
    assert told in why_not_shown(replace(SHOWN, **changes), UTC)  # type: ignore[arg-type]
