"""How often the filter is wrong, measured at every commit."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from aggregator.jobs.trials import evaluate_filter, try_filter
from aggregator.relevance.measure import Labelled, evaluate, interval
from aggregator.values.entries import Entry, Verdict
from aggregator.values.settings import FilterRules


def labelled(name: str, *, relevant: bool, hard: bool = False, topics: frozenset[str] = frozenset()) -> Labelled:
    return Labelled(name, Entry(guid=name, url="", title=name), relevant, topics, hard, "news")


def test_counts_are_what_they_say() -> None:
    items = [
        labelled("hit", relevant=True, topics=frozenset({"a", "b"})),
        labelled("miss", relevant=True, topics=frozenset({"a"})),
        labelled("alarm", relevant=False, hard=True),
        labelled("rest", relevant=False, hard=True),
    ]
    found = evaluate(
        items, lambda item: Verdict(item.name in ("hit", "alarm"), 1, ("a",) if item.name in ("hit", "alarm") else ())
    )

    assert (found.all.tp, found.all.fp, found.all.fn, found.all.tn) == (1, 1, 1, 1)
    assert (found.all.precision, found.all.recall, found.all.f1, found.alarms) == (0.5, 0.5, 0.5, 0.5)
    assert (found.topics.tp, found.topics.fp, found.topics.fn) == (1, 1, 2)
    assert [mistake.item.name for mistake in found.mistakes] == ["miss", "alarm"]


@pytest.mark.parametrize(("hits", "of", "low", "high"), [(0, 0, 0.0, 1.0), (10, 10, 0.72, 1.0), (5, 10, 0.24, 0.76)])
def test_the_interval_of_a_share(hits: int, of: int, low: float, high: float) -> None:
    assert interval(hits, of) == pytest.approx((low, high), abs=0.01)


def test_the_filter_holds_its_floors_on_the_labelled_set(shared: Path) -> None:
    """On the development part, on which the rules were tuned; the floors are there so that nobody breaks them unseen."""
    with (shared / "relevance" / "dev.jsonl").open(encoding="utf-8") as lines:
        english = [line for line in lines if json.loads(line)["lang"] == "en"]
    found = evaluate_filter(english, "dev.jsonl", FilterRules())

    assert found.all.precision >= 0.99
    assert found.all.recall >= 0.98
    assert found.alarms <= 0.005
    assert found.topics.f1 >= 0.92


def test_the_sort_of_evidence_is_what_a_reader_would_say(shared: Path) -> None:
    """200 items labelled by hand from title and summary; `unlabelled` is right where a reader could not know either."""
    labels = Path(__file__).with_name("evidence_labels.jsonl").read_text("utf-8").splitlines()
    wanted = {item["id"]: item["evidence"] for item in map(json.loads, labels)}
    with (shared / "relevance" / "dev.jsonl").open(encoding="utf-8") as lines:
        found = {one["id"]: one["evidence"] for one in try_filter(lines, "dev.jsonl", FilterRules())}

    assert len(wanted) == 200
    assert sum(found[name] == evidence for name, evidence in wanted.items()) >= 190


@pytest.mark.parametrize("name", ["labelled", "labelled_es"])
def test_our_own_labelled_set_is_held_without_an_error(name: str) -> None:
    with Path(__file__).parent.with_name(f"{name}.jsonl").open(encoding="utf-8") as lines:
        found = evaluate_filter(lines, name, FilterRules())

    assert found.mistakes == ()
    assert found.all.tp + found.all.fn >= 30
    assert found.hard >= 30


@pytest.mark.slow
def test_few_alarms_are_raised_in_what_nobody_labelled(shared: Path) -> None:
    with gzip.open(shared / "relevance" / "background.jsonl.gz", "rt", encoding="utf-8") as lines:
        alarms = sum(verdict["relevant"] for verdict in try_filter(lines, "background.jsonl.gz", FilterRules()))

    assert alarms <= 20
