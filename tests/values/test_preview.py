"""What a change of the rules does to stored entries: a row for each way in which verdicts differ."""

from __future__ import annotations

import pytest

from aggregator.values.entries import Entry, StoredEntry, Verdict
from aggregator.values.preview import Preview

OUT, BELL, BELL_AND_EYE, EYE_AND_BELL = (
    Verdict(False, 0.0),
    Verdict(True, 3.0, ("bells-palsy",)),
    Verdict(True, 3.0, ("bells-palsy", "eye")),
    Verdict(True, 3.0, ("eye", "bells-palsy")),
)


def stored(number: int, verdict: Verdict) -> StoredEntry:
    return StoredEntry(number, "https://a.example/feed", Entry(guid=str(number), url="", title="T"), (), verdict)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (OUT, BELL, (1, 0, 0)),
        (BELL, OUT, (0, 1, 0)),
        (BELL, BELL_AND_EYE, (0, 0, 1)),
        (BELL_AND_EYE, EYE_AND_BELL, (0, 0, 0)),
        (BELL, BELL, (0, 0, 0)),
        (OUT, Verdict(False, 1.0, ("eye",)), (0, 0, 0)),
    ],
    ids=["added", "removed", "other topics", "another order", "the same", "rejected as before"],
)
def test_each_entry_counts_in_one_list_or_none(before: Verdict, after: Verdict, expected: tuple[int, int, int]) -> None:
    found = Preview(1)
    found.add(stored(1, before), after)

    assert (len(found.added), len(found.removed), len(found.retopiced)) == expected
    assert found.reached == sum(expected)


def test_each_list_is_newest_first() -> None:
    found = Preview(3)
    for number in (1, 3, 2):
        found.add(stored(number, OUT), BELL)

    assert [change.number for change in found.newest_first().added] == [3, 2, 1]
