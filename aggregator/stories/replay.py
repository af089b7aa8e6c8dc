"""A stream of entries grouped day by day, as if each day were today; the store is not needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from aggregator.stories.clusters import Stream
from aggregator.stories.grouping import group_days
from aggregator.stories.partition import follow
from aggregator.stories.terms import Weights
from aggregator.values.entries import Entry
from aggregator.values.stories import GroupingEntry, GroupingInput, WordCounts

# How long two recent stories may still be merged.
_SETTLES_IN = timedelta(days=2)
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


def grouping_entry(number: int, entry: Entry, *, is_preprint: bool, notice: str | None) -> GroupingEntry:
    """What grouping knows of an entry that is not stored; without a date it comes before all others."""
    return GroupingEntry(
        entry=number,
        title=entry.title,
        summary=entry.summary,
        source=entry.source,
        url=entry.url,
        at=entry.published_at or _UNDATED,
        keys=entry.keys,
        authors=entry.authors,
        mentions=entry.mentions,
        is_preprint=is_preprint,
        notice=notice,
    )


class Replay:
    """Groups entries that come in the order of their days. An entry's story is given, as the number of its first entry,
    once nothing can change it any more: after two days."""

    def __init__(self) -> None:
        self._stream = Stream(Weights(), GroupingInput((), (), WordCounts()))
        self._day: list[GroupingEntry] = []
        self._waiting: list[GroupingEntry] = []
        self._story: dict[int, int] = {}

    def take(self, entry: GroupingEntry) -> Iterator[tuple[int, int]]:
        """One more entry; entries with their stories, as far as they are settled by now."""
        if self._day and entry.at.date() != self._day[-1].at.date():
            yield from self._close(entry.at.date())
        self._day.append(entry)
        self._waiting.append(entry)

    def end(self) -> Iterator[tuple[int, int]]:
        """All entries that still wait, with their stories."""
        yield from self._close(None)

    def _close(self, next_day: date | None) -> Iterator[tuple[int, int]]:
        for grouping in group_days(self._stream, self._day):
            follow(self._story, grouping)
        self._day.clear()
        settled = [one for one in self._waiting if next_day is None or one.at.date() < next_day - _SETTLES_IN]
        numbers = {one.entry for one in settled}
        self._waiting = [one for one in self._waiting if one.entry not in numbers]
        yield from ((one.entry, self._story[one.entry]) for one in settled)
