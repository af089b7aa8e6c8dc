"""Stored entries that are judged again: which wait, which no longer wait, and by which settings they are judged."""

from __future__ import annotations

import pytest

from aggregator.relevance.history import as_promised, judged_by_its_settings, newly_doubtful, no_longer_doubtful
from aggregator.relevance.judge import ALL_ON_TOPIC, SCORES_ENOUGH
from aggregator.values.entries import PROBABLY_ON_TOPIC, Entry, Reason, StoredEntry, Verdict
from aggregator.values.settings import Feed, FeedType

OUT, SURE = Verdict(False, 0.0), Verdict(True, 3.0, reasons=(Reason(SCORES_ENOUGH),))
DOUBTFUL = Verdict(True, 1.0, reasons=(Reason(PROBABLY_ON_TOPIC),))
PROMISED = Verdict(True, 0.0, reasons=(Reason(ALL_ON_TOPIC),))


def entry(verdict: Verdict) -> StoredEntry:
    return StoredEntry(1, "https://a.example/feed", Entry(guid="1", url="", title="T"), (), verdict)


@pytest.mark.parametrize(
    ("before", "after", "waits", "no_longer"),
    [
        (OUT, DOUBTFUL, True, False),
        (SURE, DOUBTFUL, False, False),
        (DOUBTFUL, DOUBTFUL, False, False),
        (DOUBTFUL, SURE, False, True),
        (DOUBTFUL, OUT, False, False),
        (OUT, SURE, False, False),
        (OUT, OUT, False, False),
    ],
)
def test_what_becomes_doubtful_waits_unless_it_was_shown(
    before: Verdict, after: Verdict, waits: bool, no_longer: bool
) -> None:
    stored = entry(before)

    assert newly_doubtful([(stored, after)]) == [stored] * waits
    assert no_longer_doubtful([(stored, after)]) == [stored] * no_longer


def feed(*, kind: FeedType = FeedType.NEWS, promises: bool = False) -> Feed:
    return Feed(name="A", url="https://a.example/feed", type=kind, all_on_topic=promises)


@pytest.mark.parametrize(
    ("listed", "stored", "expected"),
    [
        (feed(), feed(), False),
        (feed(promises=True), feed(), True),
        (feed(kind=FeedType.JOURNAL), feed(), True),
        (feed(kind=FeedType.JOURNAL), None, False),
    ],
    ids=["the same", "all on topic", "another type", "not stored yet"],
)
def test_the_feeds_whose_settings_decide(listed: Feed, stored: Feed | None, expected: bool) -> None:
    known = {stored.url: stored} if stored else {}

    assert judged_by_its_settings([listed], known) == ({listed.url} if expected else set())


@pytest.mark.parametrize(
    ("verdict", "is_listed", "expected"),
    [(PROMISED, False, True), (PROMISED, True, False), (SURE, False, False), (OUT, False, False)],
    ids=["was promised", "is listed", "was not promised", "no reason is stored"],
)
def test_a_feed_that_left_the_list_keeps_its_promise(verdict: Verdict, is_listed: bool, expected: bool) -> None:
    assert as_promised(feed(), entry(verdict), is_listed=is_listed).all_on_topic == expected
