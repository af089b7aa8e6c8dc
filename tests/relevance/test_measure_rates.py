"""Rates and intervals at their ends, and counts by sort of item."""

from __future__ import annotations

import pytest

from aggregator.relevance.measure import Evaluation, Labelled, Score, evaluate, interval
from aggregator.values.entries import Entry, Verdict


@pytest.mark.parametrize(
    ("score", "rates"),
    [
        (Score(), (0.0, 0.0, 0.0)),
        (Score(tp=3, fp=1, fn=2), (0.75, 0.6, 6 / 9)),
        (Score(fp=4), (0.0, 0.0, 0.0)),
        (Score(fn=4, tn=9), (0.0, 0.0, 0.0)),
        (Score(tp=1), (1.0, 1.0, 1.0)),
    ],
)
def test_rates(score: Score, rates: tuple[float, float, float]) -> None:
    assert (score.precision, score.recall, score.f1) == pytest.approx(rates)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 4, 0.0456, 0.6994), (50, 100, 0.4038, 0.5962), (0, 0, 0.0, 1.0)],
)
def test_wilson_s_interval(hits: int, of: int, low: float, high: float) -> None:
    found = interval(hits, of)

    assert found == pytest.approx((low, high), abs=0.0002)
    assert found[0] >= 0
    assert found[1] <= 1


def item(name: str, kind: str, *, is_relevant: bool, is_hard: bool = False) -> Labelled:
    return Labelled(name, Entry(guid=name, url="", title=name), is_relevant, frozenset({"a"}), is_hard, kind)


def test_items_are_counted_by_kind_and_topics_only_where_they_belong() -> None:
    items = [
        item("hit", "news", is_relevant=True), item("miss", "news", is_relevant=True), item("alarm", "study", is_relevant=False),
        item("trap", "", is_relevant=True, is_hard=True),
    ]  # fmt: skip

    found = evaluate(items, lambda one: Verdict(one.name in ("hit", "alarm"), 1, ("a",) if one.name == "hit" else ()))

    assert found.by_kind == {"news": Score(tp=1, fn=1), "study": Score(fp=1)}
    assert found.topics == Score(tp=1, fn=2)
    # What is hard and belongs is no trap.
    assert (found.hard, found.alarms) == (0, 0.0)


def test_alarms_are_a_share_of_the_traps() -> None:
    none = Score()

    assert Evaluation(none, {}, none, hard=4, hard_alarms=1).alarms == 0.25
