"""Judge the stored history by other rules: look first (preview), then do it (apply), or take it back (undo).

Preview and apply walk the same function, so what is shown is what is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aggregator.config import load, read_text, settings_in
from aggregator.errors import Hint, UsageError
from aggregator.feedlist.editor import section, with_section
from aggregator.jobs.curation import edit
from aggregator.jobs.demo_feeds import refuse_demo
from aggregator.jobs.publish import publish
from aggregator.jobs.regroup import group_new
from aggregator.jobs.workspace import Workspace
from aggregator.relevance.history import as_promised, judged_by_its_settings, newly_doubtful, no_longer_doubtful
from aggregator.relevance.judge import Changed, digest_of, judge, make_rules
from aggregator.store import acts, decisions, entries, feeds
from aggregator.store import rules as store_rules
from aggregator.store.database import Database, Transaction
from aggregator.text import day_of
from aggregator.topics import vocabulary
from aggregator.values.acts import Verb
from aggregator.values.entries import StoredEntry, Verdict
from aggregator.values.preview import Preview
from aggregator.values.settings import Feed, FilterRules

Progress = Callable[[int, int], None]


def preview(
    workspace: Workspace, staff: FilterRules, *, progress: Progress = lambda done, total: None, newest: int | None = None
) -> Preview:
    """What `staff`'s rules would do to everything stored, or to the `newest` entries only. Nothing is changed."""
    with workspace.open_database() as database, database.read() as connection:
        found = Preview(entries.count(connection))
        for batch in _judged(connection, workspace, staff, progress, newest):
            for kept, after in batch:
                found.add(kept, after)
        return found.newest_first()


def apply(
    workspace: Workspace, path: Path, changed: Path, *, now: datetime, progress: Progress = lambda done, total: None
) -> Preview:
    """Write `changed`'s filter section into the live file at `path`; judge the whole history by it, in one transaction."""
    load(changed)
    return apply_text(workspace, path, read_text(changed), now=now, progress=progress)


def apply_text(
    workspace: Workspace, path: Path, text: str, *, now: datetime, progress: Progress = lambda done, total: None,
    seen: str | None = None,
) -> Preview:  # fmt: skip
    """As `apply`, from the text of a whole feeds.yaml. ConfigError where it is not valid. ChangedError where the live file
    is not the one whose digest somebody has `seen`."""
    staff = settings_in(text, path).filter
    after = section(text, "filter")

    def remember(connection: Transaction, digest: str, reached: int) -> int:
        before = section(read_text(path), "filter")
        # What was in the file already is nothing that could be taken back.
        if before == after:
            return 0
        store_rules.remember(connection, before, after, digest, actor=workspace.actor, reached=reached, now=now)
        return _note(connection, workspace, Verb.FILTER, before, after, now=now)

    return _turn(workspace, path, staff, after, remember, now=now, progress=progress, seen=seen)


def undo(
    workspace: Workspace, path: Path, *, now: datetime, progress: Progress = lambda done, total: None, act: int | None = None
) -> Preview:
    """Write back what stood in the filter section before the last `apply`, and judge the history by that.
    UsageError where there is nothing to undo, the section was changed by hand since, or the last change in the log is not
    the `act` that somebody saw."""
    with workspace.open_database() as database, database.read() as connection:
        change = store_rules.last_change(connection)
    if change is None:
        raise UsageError("There is nothing to undo: the filter was never changed here, or everything was undone.")
    since = day_of(change.changed_at, workspace.settings.site.zone)
    if section(read_text(path), "filter") != change.after:
        raise UsageError(
            f"The filter section of {path.name} was changed by hand since {since}, and undo would lose that.",
            hint=Hint.APPLY_FILTER,
        )
    staff = settings_in(with_section(read_text(path), "filter", change.before), path).filter

    def forget(connection: Transaction, _digest: str, _reached: int) -> int:
        last = store_rules.last_change(connection)
        if last is None or last.number != change.number or (act is not None and _last_act(connection) != act):
            raise UsageError("Somebody else changed the rules meanwhile. Look at the last changes, then undo there.")
        store_rules.forget(connection, change.number)
        return _note(connection, workspace, Verb.FILTER_UNDO, change.after, change.before, now=now)

    return _turn(workspace, path, staff, change.before, forget, now=now, progress=progress)


def _last_act(connection: Transaction) -> int:
    newest = acts.listed(connection, most=1, verbs=(Verb.FILTER, Verb.FILTER_UNDO))
    return newest[0].number if newest else 0


def _note(connection: Transaction, workspace: Workspace, verb: Verb, before: str, after: str, *, now: datetime) -> int:
    texts = {"text": before}, {"text": after}
    return acts.note(connection, verb, "the filter", actor=workspace.actor, now=now, before=texts[0], after=texts[1])


def _turn(
    workspace: Workspace, path: Path, staff: FilterRules, text: str, record: Callable[[Transaction, str, int], int], *,
    now: datetime, progress: Progress, seen: str | None = None,
) -> Preview:  # fmt: skip
    """Judge, then write the file, then commit: a crash in between leaves the history as it was, and the next refresh says
    that it was judged by other rules."""
    if path.parent != workspace.data:
        refuse_demo(workspace.data)
    digest = digest_of(vocabulary(), staff)
    with workspace.lock(now=now), workspace.open_database() as database:
        with database.write() as connection:
            found = Preview(entries.count(connection))
            for batch in _judged(connection, workspace, staff, progress):
                for kept, after in batch:
                    found.add(kept, after)
                entries.update_verdicts(connection, [(kept.number, after) for kept, after in batch if after != kept.verdict])
                _let_wait(connection, workspace, batch)
            # What a feed's new type changes is judged, and the next refresh need not ask for it.
            feeds.remember_types(connection, workspace.settings.feeds)
            store_rules.rename(connection, digest_of(vocabulary(), workspace.settings.filter), digest)
            found.act = record(connection, digest, found.reached)
            edit(path, lambda live: with_section(live, "filter", text), seen=seen)
        _show(workspace, database, staff, now=now)
    return found.newest_first()


def _let_wait(connection: Transaction, workspace: Workspace, batch: Sequence[tuple[StoredEntry, Verdict]]) -> None:
    """What becomes doubtful and was not shown waits, unless staff accepted it; what is doubtful no longer does not wait for
    that any more."""
    doubtful = newly_doubtful(batch)
    known = decisions.decided(connection, [key for kept in doubtful for key in kept.keys])
    entries.turn(connection, [kept.number for kept in doubtful if known.keys().isdisjoint(kept.keys)], "", decisions.WAITING)
    sure = [kept.number for kept in no_longer_doubtful(batch) if kept.feed not in workspace.settings.reviewed]
    entries.turn(connection, sure, decisions.WAITING, "")


def _show(workspace: Workspace, database: Database, staff: FilterRules, *, now: datetime) -> None:
    group_new(database, now=now)
    publish(replace(workspace, settings=workspace.settings.model_copy(update={"filter": staff})), database, now=now)


def _judged(
    connection: Transaction, workspace: Workspace, staff: FilterRules, progress: Progress, newest: int | None = None
) -> Iterator[list[tuple[StoredEntry, Verdict]]]:
    """Every stored entry about which the rules can decide otherwise, with its new verdict, in batches. Feeds that are no
    longer listed are judged as they were."""
    stored = {feed.url: feed for feed in feeds.stored(connection)}
    known = stored | {feed.url: feed for feed in workspace.settings.feeds}
    listed = {feed.url for feed in workspace.settings.feeds}
    untouched = _untouched(connection, workspace, staff, stored)
    numbers = entries.numbers(connection)
    touched = [number for number in (numbers[-newest:] if newest else numbers) if number not in untouched]
    rules, total, done = make_rules(vocabulary(), staff), len(touched), 0
    for batch in entries.kept(connection, touched):
        yield [
            (kept, judge(kept.entry, kept.keys, as_promised(known[kept.feed], kept, is_listed=kept.feed in listed), rules))
            for kept in batch
        ]
        done += len(batch)
        progress(done, total)


def _untouched(connection: Transaction, workspace: Workspace, staff: FilterRules, stored: Mapping[str, Feed]) -> set[int]:
    """What the live rules decided by its score and has nothing in which `staff`'s differ from them: nearly everything, and
    to tell takes a tenth of judging."""
    live = workspace.settings.filter
    changed = Changed(vocabulary(), live, staff)
    but = judged_by_its_settings(workspace.settings.feeds, stored)
    scored = entries.decided(connection, digest_of(vocabulary(), live), changed.deciding, but=but)
    untouched = {said.number for said in scored if not changed.may_touch(said)}
    return untouched.difference(entries.named(connection, changed.keys))
