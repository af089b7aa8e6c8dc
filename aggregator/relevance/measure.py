"""How often the filter is wrong: counted against items that people have labelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import sqrt

from aggregator.values.entries import Entry, Verdict


@dataclass(frozen=True, slots=True)
class Labelled:
    """An item with what people said of it. `kind` is `news`, `research` or another word; `is_hard` marks a trap."""

    name: str
    entry: Entry
    is_relevant: bool
    topics: frozenset[str] = frozenset()
    is_hard: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """True and false positives, false and true negatives; the rates are 0 where there is nothing to divide by."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    @property
    def precision(self) -> float:
        """Of what was admitted, the share that belongs."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Of what belongs, the share that was admitted."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """One item on which filter and people disagree."""

    item: Labelled
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The filter against a labelled set. `alarms` is the share of the traps that were admitted."""

    all: Score
    by_kind: dict[str, Score]
    topics: Score
    hard: int
    hard_alarms: int
    waits: int = 0
    mistakes: tuple[Mistake, ...] = field(default=())

    @property
    def alarms(self) -> float:
        """Of the traps, the share that was admitted."""
        return self.hard_alarms / self.hard if self.hard else 0.0

    def in_words(self) -> Iterator[str]:
        """The figures and the mistakes, line by line, with intervals of 95 % (Wilson)."""
        for name, score in {"all": self.all, **self.by_kind}.items():
            low, high = interval(score.tp, score.tp + score.fp)
            least, most = interval(score.tp, score.tp + score.fn)
            yield (
                f"{name}: precision {score.precision:.3f} ({low:.3f} to {high:.3f}), recall {score.recall:.3f} "
                f"({least:.3f} to {most:.3f}), F1 {score.f1:.3f}; {score.tp + score.fn} on topic, {score.fp + score.tn} not"
            )
        yield f"false alarms among traps: {self.hard_alarms} of {self.hard}; topics: micro-F1 {self.topics.f1:.3f}"
        yield f"wait for staff as probably on topic, counted as not admitted: {self.waits}"
        for mistake in self.mistakes:
            word = "false alarm" if mistake.verdict.admitted else "miss"
            reasons = "; ".join(reason.sentence for reason in mistake.verdict.reasons[:3])
            yield f"{word}: {mistake.item.entry.title} ({reasons})"


def evaluate(items: Iterable[Labelled], decide: Callable[[Labelled], Verdict]) -> Evaluation:
    """Judge every item and count."""
    judged = [(item, decide(item)) for item in items]
    waiting = sum(verdict.is_doubtful for _, verdict in judged)
    # What waits for staff is admitted by them if it belongs: here it is not admitted.
    judged = [
        (item, replace(verdict, admitted=False, topics=()) if verdict.is_doubtful else verdict) for item, verdict in judged
    ]
    kinds = sorted({item.kind for item, _ in judged if item.kind})
    hard = [verdict.admitted for item, verdict in judged if item.is_hard and not item.is_relevant]
    topics = [(item.topics if item.is_relevant else frozenset(), frozenset(verdict.topics)) for item, verdict in judged]
    return Evaluation(
        all=_score(judged),
        by_kind={kind: _score([pair for pair in judged if pair[0].kind == kind]) for kind in kinds},
        topics=Score(
            sum(len(gold & got) for gold, got in topics),
            sum(len(got - gold) for gold, got in topics),
            sum(len(gold - got) for gold, got in topics),
        ),
        hard=len(hard),
        hard_alarms=sum(hard),
        waits=waiting,
        mistakes=tuple(Mistake(item, verdict) for item, verdict in judged if item.is_relevant != verdict.admitted),
    )


def _score(judged: list[tuple[Labelled, Verdict]]) -> Score:
    pairs = [(item.is_relevant, verdict.admitted) for item, verdict in judged]
    return Score(
        pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)), pairs.count((False, False))
    )


def interval(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which holds for small numbers too."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)
