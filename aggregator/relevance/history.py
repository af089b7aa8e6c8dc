"""What becomes of stored entries that are judged again by other rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aggregator.relevance.judge import ALL_ON_TOPIC
from aggregator.values.entries import StoredEntry, Verdict
from aggregator.values.settings import Feed

Judged = tuple[StoredEntry, Verdict]


def newly_doubtful(judged: Iterable[Judged]) -> list[StoredEntry]:
    """The entries that become doubtful and were not shown: they wait for staff."""
    return [stored for stored, after in judged if after.is_doubtful and not stored.verdict.admitted]


def no_longer_doubtful(judged: Iterable[Judged]) -> list[StoredEntry]:
    """The entries that were doubtful and now belong: they need not wait for that any more."""
    return [stored for stored, after in judged if stored.verdict.is_doubtful and after.admitted and not after.is_doubtful]


def judged_by_its_settings(listed: Iterable[Feed], stored: Mapping[str, Feed]) -> set[str]:
    """The addresses of feeds on whose entries the same rules may decide otherwise: feeds that are all on topic, and those
    whose type is another than the `stored` one."""
    return {feed.url for feed in listed if feed.all_on_topic or feed.type != stored.get(feed.url, feed).type}


def as_promised(feed: Feed, stored: StoredEntry, *, is_listed: bool) -> Feed:
    """The settings by which an entry of `feed` is judged again: a feed that is no longer listed counts as all on topic if it
    did when the entry was judged."""
    was_promised = bool(stored.verdict.reasons) and stored.verdict.reasons[0].rule == ALL_ON_TOPIC
    return feed if is_listed or not was_promised else feed.model_copy(update={"all_on_topic": True})
