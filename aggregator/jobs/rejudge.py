"""Judge the stored history by other rules: look first (preview), then do it (apply), or take it back (undo).

Preview and apply walk the same function, so what is shown is what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from aggregator.config import load, read_text, settings_in
from aggregator.curate.editor import section, with_section
from aggregator.errors import UsageError
from aggregator.jobs.curation import edit
from aggregator.jobs.house import House
from aggregator.jobs.publish import publish
from aggregator.jobs.regroup import group_new
from aggregator.relevance.judge import ALL_ON_TOPIC, Changed, digest_of, judge, make_rules
from aggregator.store import entries, feeds
from aggregator.store import rules as store_rules
from aggregator.store.database import Database, Transaction
from aggregator.topics import vocabulary
from aggregator.values.entries import Kept, Verdict
from aggregator.values.settings import Feed, FilterRules

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Change:
    """An entry about which the rules would decide otherwise."""

    number: int
    title: str
    before: Verdict
    after: Verdict
    published_at: datetime | None


@dataclass
class Preview:
    """What other rules would do to the history: newest first in each list."""

    total: int = 0
    added: list[Change] = field(default_factory=list)
    removed: list[Change] = field(default_factory=list)
    retopiced: list[Change] = field(default_factory=list)

    def add(self, kept: Kept, after: Verdict) -> None:
        """Look at one entry. Batches come oldest first, so each list is turned round at the end."""
        before = kept.verdict
        change = Change(kept.number, kept.entry.title, before, after, kept.entry.published_at)
        if after.admitted and not before.admitted:
            self.added.append(change)
        elif before.admitted and not after.admitted:
            self.removed.append(change)
        elif after.admitted and set(after.topics) != set(before.topics):
            self.retopiced.append(change)

    def newest_first(self) -> Preview:
        """The same, each list newest first."""
        for changes in (self.added, self.removed, self.retopiced):
            changes.sort(key=lambda change: change.number, reverse=True)
        return self


def preview(house: House, staff: FilterRules, *, progress: Progress = lambda done, total: None) -> Preview:
    """What `staff`'s rules would do to everything stored. Nothing is changed."""
    database = house.open_database()
    try:
        with database.read() as connection:
            found = Preview(entries.count(connection))
            for batch in _judged(connection, house, staff, progress):
                for kept, after in batch:
                    found.add(kept, after)
            return found.newest_first()
    finally:
        database.close()


def apply(
    house: House, path: Path, changed: Path, *, now: datetime, progress: Progress = lambda done, total: None
) -> Preview:
    """Write `changed`'s filter section into the live file at `path`; judge the whole history by it, in one transaction."""
    staff = load(changed).filter
    after = section(read_text(changed), "filter")

    def remember(connection: Transaction, digest: str) -> None:
        before = section(read_text(path), "filter")
        # What was in the file already is nothing that could be taken back.
        if before != after:
            store_rules.remember(connection, before, after, digest, now=now)

    return _turn(house, path, staff, after, remember, now=now, progress=progress)


def undo(house: House, path: Path, *, now: datetime, progress: Progress = lambda done, total: None) -> Preview:
    """Write back what stood in the filter section before the last `apply`, and judge the history by that."""
    database = house.open_database()
    try:
        with database.read() as connection:
            change = store_rules.last_change(connection)
    finally:
        database.close()
    if change is None:
        raise UsageError("There is nothing to undo: `filter apply` was never used, or everything was undone.")
    if section(read_text(path), "filter") != change.after:
        raise UsageError(
            f"The filter section of {path.name} was changed by hand since {change.changed_at:%d %B %Y}, which undo would "
            "lose. Write it as you want it into a copy and use `filter apply`."
        )
    staff = settings_in(with_section(read_text(path), "filter", change.before), path).filter

    def forget(connection: Transaction, digest: str) -> None:
        store_rules.forget(connection, change.number)

    return _turn(house, path, staff, change.before, forget, now=now, progress=progress)


def _turn(
    house: House, path: Path, staff: FilterRules, text: str, record: Callable[[Transaction, str], None], *,
    now: datetime, progress: Progress,
) -> Preview:  # fmt: skip
    """Judge, then write the file, then commit: a crash in between leaves the history as it was, and the next refresh says
    that it was judged by other rules."""
    digest = digest_of(vocabulary(), staff)
    with house.lock(now=now):
        database = house.open_database()
        try:
            with database.write() as connection:
                found = Preview(entries.count(connection))
                for batch in _judged(connection, house, staff, progress):
                    for kept, after in batch:
                        found.add(kept, after)
                    entries.judge_again(connection, [(kept.number, after) for kept, after in batch if after != kept.verdict])
                # What a feed's new type changes is judged, and the next refresh need not ask for it.
                feeds.remember_types(connection, house.settings.feeds)
                store_rules.rename(connection, digest_of(vocabulary(), house.settings.filter), digest)
                record(connection, digest)
                edit(path, lambda live: with_section(live, "filter", text))
            _show(house, database, staff, now=now)
        finally:
            database.close()
    return found.newest_first()


def _show(house: House, database: Database, staff: FilterRules, *, now: datetime) -> None:
    group_new(database, now=now)
    publish(replace(house, settings=house.settings.model_copy(update={"filter": staff})), database, now=now)


def _judged(
    connection: Transaction, house: House, staff: FilterRules, progress: Progress
) -> Iterator[list[tuple[Kept, Verdict]]]:
    """Every stored entry about which the rules can decide otherwise, with its new verdict, in batches. Feeds that are no
    longer listed are judged as they were."""
    stored = {feed.url: feed for feed in feeds.stored(connection)}
    known = stored | {feed.url: feed for feed in house.settings.feeds}
    listed = {feed.url for feed in house.settings.feeds}
    untouched = _untouched(connection, house, staff, stored)
    touched = [number for number in entries.numbers(connection) if number not in untouched]
    rules, total, done = make_rules(vocabulary(), staff), len(touched), 0
    for batch in entries.kept(connection, touched):
        yield [
            (kept, judge(kept.entry, kept.keys, _feed_of(kept, known[kept.feed], is_listed=kept.feed in listed), rules))
            for kept in batch
        ]
        done += len(batch)
        progress(done, total)


def _untouched(connection: Transaction, house: House, staff: FilterRules, stored: Mapping[str, Feed]) -> set[int]:
    """What the live rules decided by its score and has nothing in which `staff`'s differ from them: nearly everything, and
    to tell takes a tenth of judging."""
    live = house.settings.filter
    changed = Changed(vocabulary(), live, staff)
    # Where a feed's promise or type is another since, the same rules may decide otherwise.
    but = {one.url for one in house.settings.feeds if one.all_on_topic or one.type != stored.get(one.url, one).type}
    scored = entries.decided(connection, digest_of(vocabulary(), live), changed.deciding, but=but)
    untouched = {said.number for said in scored if not changed.may_touch(said)}
    return untouched.difference(entries.named(connection, changed.keys))


def _feed_of(kept: Kept, feed: Feed, *, is_listed: bool) -> Feed:
    was_promised = bool(kept.verdict.reasons) and kept.verdict.reasons[0].rule == ALL_ON_TOPIC
    return feed if is_listed or not was_promised else feed.model_copy(update={"all_on_topic": True})
