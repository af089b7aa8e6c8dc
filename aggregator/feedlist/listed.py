"""A feed among those that are listed: by its name, by its address; and names that are still free."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from aggregator.errors import Hint, UsageError
from aggregator.text import one_line, shorten
from aggregator.urls import canonical_url
from aggregator.values.settings import Feed

_LONGEST_NAME = 100


def feed_named(feeds: Iterable[Feed], name: str) -> Feed:
    """The feed with this name, in whatever case; UsageError where there is none."""
    feed = next((one for one in feeds if one.name.casefold() == one_line(name).casefold()), None)
    if feed is None:
        raise UsageError(f"feeds.yaml has no feed named “{name}”.", hint=Hint.LIST_FEEDS)
    return feed


def feed_at(feeds: Iterable[Feed], address: str) -> Feed | None:
    """The feed with this address, or one that differs in nothing that matters."""
    key = canonical_url(address)
    return next((feed for feed in feeds if key and canonical_url(feed.url) == key), None)


def free_name(name: str, others: Sequence[Feed]) -> str:
    """`name` as feeds.yaml can have it; UsageError where it cannot, or another feed has it."""
    label = one_line(name)
    if not 1 <= len(label) <= _LONGEST_NAME:
        raise UsageError(f"“{shorten(label, 60)}” cannot be a name: a name has 1 to {_LONGEST_NAME} characters.")
    other = next((feed for feed in others if feed.name.casefold() == label.casefold()), None)
    if other is not None:
        raise UsageError(f"feeds.yaml already has a feed named “{other.name}” ({other.shown_url}).")
    return label


def numbered_name(name: str, taken: Collection[str]) -> str:
    """`name`, with a number behind it where it is among the names that are `taken` (case-folded)."""
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name[:95]} {number}"
    return free
