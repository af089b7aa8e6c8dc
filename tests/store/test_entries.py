"""What several queries read of an entry: its keys and its title as it is looked up."""

from __future__ import annotations

import pytest

from aggregator.store.entries import folded_title, keys_of
from tests.store.conftest import Rows


@pytest.mark.parametrize(
    ("title", "folded"),
    [("Bell’s palsy: a Café", "bells palsy a cafe"), ("", ""), ("x" * 201, "x" * 200)],
)
def test_a_title_as_it_is_looked_up(title: str, folded: str) -> None:
    assert folded_title(title) == folded


def test_the_keys_of_entries_in_alphabetical_order(rows: Rows) -> None:
    feed = rows.feed()
    one, other = rows.entry(feed, "a", keys=("url:a", "doi:b", "pmid:c")), rows.entry(feed, "b")

    assert keys_of(rows.connection, [one, other]) == {one: ("doi:b", "pmid:c", "url:a")}
