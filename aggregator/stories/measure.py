"""Measure how often the grouping is wrong, against streams that people have grouped.

B-cubed precision and recall (Bagga and Baldwin 1998) ask of every item: of those grouped with it, how many belong there,
and of those that belong there, how many are. Pairwise figures ask the same of every pair.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision and recall; F1 is their harmonic mean."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The grouping against a labelled stream. `merges` and `splits` are the worst cases, each a tuple of groups of ids."""

    items: int
    groups: int
    wanted_groups: int
    b_cubed: Rates
    pairwise: Rates
    merges: tuple[tuple[tuple[str, ...], ...], ...]
    splits: tuple[tuple[tuple[str, ...], ...], ...]


def evaluate(wanted: Mapping[str, str], found: Mapping[str, str], *, worst: int = 10) -> Evaluation:
    """Compare two groupings of the same ids."""
    both = Counter((wanted[item], found[item]) for item in wanted)
    right, given = Counter(wanted.values()), Counter(found[item] for item in wanted)
    count = max(1, len(wanted))
    precision = sum(n * n / given[group] for (_, group), n in both.items()) / count
    recall = sum(n * n / right[group] for (group, _), n in both.items()) / count
    return Evaluation(
        items=len(wanted),
        groups=len(given),
        wanted_groups=len(right),
        b_cubed=Rates(precision, recall),
        pairwise=Rates(_share(_pairs(both), _pairs(given)), _share(_pairs(both), _pairs(right))),
        merges=_worst(wanted, found, worst),
        splits=_worst({item: found[item] for item in wanted}, wanted, worst),
    )


def _pairs(sizes: Counter[str] | Counter[tuple[str, str]]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _worst(inner: Mapping[str, str], outer: Mapping[str, str], most: int) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The groups of `outer` that mix the most members of different groups of `inner`, at most `most`."""
    groups: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for item, group in inner.items():
        groups[outer[item]][group].append(item)
    mixed = [sorted(map(tuple, parts.values()), key=len, reverse=True) for parts in groups.values() if len(parts) > 1]
    mixed.sort(key=lambda parts: (-sum(map(len, parts[1:])), parts))
    return tuple(tuple(parts) for parts in mixed[:most])
