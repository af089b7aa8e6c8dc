"""Who belongs together by what staff said of pairs."""

from __future__ import annotations

import pytest

from aggregator.store.story_decisions import linked


@pytest.mark.parametrize(
    ("pairs", "groups"),
    [
        ([], []),
        ([(1, 2)], [{1, 2}]),
        ([(1, 3), (2, 3)], [{1, 2, 3}]),
        ([(1, 2), (3, 4), (2, 3), (5, 6)], [{1, 2, 3, 4}, {5, 6}]),
        ([(1, 2), (2, 3), (3, 1)], [{1, 2, 3}]),
    ],
)
def test_what_is_linked_through_others_belongs_together(pairs: list[tuple[int, int]], groups: list[set[int]]) -> None:
    near: dict[int, frozenset[int]] = {}
    for one, other in pairs:
        near[one] = near.get(one, frozenset()) | {other}
        near[other] = near.get(other, frozenset()) | {one}

    assert linked(near) == {entry: frozenset(group - {entry}) for group in groups for entry in group}
