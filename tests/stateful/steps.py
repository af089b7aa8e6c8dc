"""What can be done to an aggregator, each thing at any time: where there is nothing to do it to, nothing happens.

Numbers choose what it is done to. Each step is written down in words, done, remembered, and looked at.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import timedelta

import pytest

from aggregator.errors import UsageError
from aggregator.jobs import curation, rejudge, safekeeping
from aggregator.jobs.regroup import merge, regroup, split
from aggregator.store.decisions import ACCEPT, HIDE
from tests.stateful.checks import check_verdicts, related, settle
from tests.stateful.offer import CHANGES, CITIES, Source
from tests.stateful.page import check_anew, check_links
from tests.stateful.stored import Row, everything
from tests.stateful.world import FAR, Snapshot, World

_MOST_SOURCES = 5


def look_closer(world: World) -> None:
    """What is looked at now and then, for it takes longer."""
    check_anew(world)
    check_links(world)


# ---- refreshes -------------------------------------------------------------------------------------------------------


def refresh(world: World, changes: Sequence[tuple[int, int, int]], hours: int) -> None:
    """Some hours later, after changes of the feeds (which, of which, what of it), everything is asked."""
    world.now += timedelta(hours=hours)
    told = [
        sentence
        for what, which, choice in changes
        if (sentence := getattr(world.offer, CHANGES[what % len(CHANGES)])(_of(world.listed, which), choice, world.now))
    ]
    world.tell("; ".join(["Refresh", *told]))
    _refresh(world)


def refresh_in_2100(world: World) -> None:
    """A refresh while the clock is wrong."""
    world.tell("Refresh with a clock that shows the year 2100")
    _refresh(world, is_far=True)


def _refresh(world: World, *, is_far: bool = False) -> None:
    world.report = world.refresh(FAR + (world.now - world.now.replace(month=1, day=1)) if is_far else None)
    settle(world, world.report)


def _of(sources: Sequence[Source], number: int) -> Source:
    return sources[number % len(sources)]


# ---- feeds.yaml ------------------------------------------------------------------------------------------------------


def add_feed(world: World) -> None:
    """Another feed."""
    number = len(world.offer.sources)
    if number < _MOST_SOURCES:
        new = Source(f"Feed {'ABCDEFG'[number]}", f"/{number}.xml", review=number % 2 == 1)
        world.tell(f"{new.name} is added, which brings {world.offer.own(new, number, world.now)}")
        world.offer.sources.append(new)
        world.write()


def rename_feed(world: World, which: int) -> None:
    """Another name for the same address."""
    source = _of(world.listed, which)
    if source.is_known_as_is:
        world.tell(f"{source.name} is called {source.name}' from now on")
        source.name, source.is_known_as_is = f"{source.name}'", False
        world.write()


def move_feed(world: World, which: int) -> None:
    """Another address for the same name."""
    source = _of(world.listed, which)
    if source.is_known_as_is:
        source.path, source.is_known_as_is = f"/moved{world.offer.number()}.xml", False
        world.tell(f"{source.name} has moved to {source.path}")
        world.write()


def remove_feed(world: World, which: int) -> None:
    """A feed is taken out of feeds.yaml; the last one stays."""
    source = _of(world.listed, which)
    if len(world.listed) > 1:
        world.tell(f"{source.name} is removed")
        source.is_listed = False
        world.write()


def return_feed(world: World, which: int) -> None:
    """A feed that was removed is back."""
    gone = [one for one in world.offer.sources if not one.is_listed]
    if gone:
        source = _of(gone, which)
        world.tell(f"{source.name} is listed again")
        source.is_listed = True
        world.write()


# ---- entries ---------------------------------------------------------------------------------------------------------


def hide(world: World, number: int) -> None:
    """Staff hide an entry."""
    row = _one(world, number, [*world.memory.rows.values()])
    if row is not None:
        world.tell(f"Hide {_named(row)}")
        curation.decide(world.workspace(), str(row.number), HIDE, now=world.now)
        _remember_hidden(world, row)


def unhide(world: World, number: int) -> None:
    """Staff take it back."""
    memory = world.memory
    row = _one(world, number, [row for row in memory.rows.values() if row.number in memory.hidden])
    if row is not None:
        world.tell(f"Unhide {_named(row)}")
        curation.forget(world.workspace(), str(row.number), now=world.now)
        rows = world.rows()
        shown = {one for one in memory.hidden if rows[one].standing != "hidden"}
        assert row.number in shown, f"unhidden and still hidden: {rows[row.number]}"
        assert shown <= related(rows, row.number), f"unhidden with another: {[rows[one] for one in shown]}"
        memory.hidden -= shown
        memory.accepted -= shown
        settle(world)


def accept(world: World, number: int) -> None:
    """Staff let an entry through that waits."""
    row = _one(world, number, _waiting(world))
    if row is not None:
        world.tell(f"Accept {_named(row)}")
        curation.decide(world.workspace(), str(row.number), ACCEPT, now=world.now, must_wait=True)
        world.memory.accepted.add(row.number)
        settle(world)


def reject(world: World, number: int) -> None:
    """Staff refuse an entry that waits."""
    row = _one(world, number, _waiting(world))
    if row is not None:
        world.tell(f"Reject {_named(row)}")
        curation.decide(world.workspace(), str(row.number), HIDE, now=world.now, must_wait=True)
        _remember_hidden(world, row)


def _waiting(world: World) -> list[Row]:
    return [row for row in world.memory.rows.values() if row.standing == "waiting" and row.is_admitted]


def _remember_hidden(world: World, row: Row) -> None:
    rows = world.rows()
    same = {one.number for one in rows.values() if one.url == row.url and row.url not in world.offer.shared}
    hidden = {one.number for one in rows.values() if one.standing == "hidden"}
    assert same | {row.number} <= hidden, f"hidden and still there: {[rows[one] for one in same - hidden]}"
    assert hidden - world.memory.hidden <= related(rows, row.number), "hidden with another"
    world.memory.hidden |= hidden
    world.memory.accepted -= hidden
    settle(world)


def _one(world: World, number: int, rows: Sequence[Row]) -> Row | None:
    return rows[number % len(rows)] if rows else None


def _named(row: Row) -> str:
    return f"entry {row.number}, {row.guid} of {row.feed.rpartition('/')[2]}"


# ---- stories ---------------------------------------------------------------------------------------------------------


def split_off(world: World, number: int) -> None:
    """Staff take an entry out of its story."""
    rows, members = world.memory.rows, _members(world)
    row = _one(world, number, [row for row in _grouped(world) if len(members[row.story]) > 1])
    if row is not None:
        world.tell(f"Split {_named(row)} off")
        split(world.workspace(), str(row.number), now=world.now)
        pairs = {frozenset((row.number, other)) for other in members[row.story] if other != row.number and other in rows}
        world.memory.apart |= pairs
        world.memory.together -= pairs
        settle(world)


def put_together(world: World, number: int, other_number: int) -> None:
    """Staff make two stories one."""
    one, other = (_one(world, chosen, _grouped(world)) for chosen in (number, other_number))
    if one is None or other is None or one.number == other.number:
        return
    world.tell(f"Merge {_named(one)} and {_named(other)}")
    merge(world.workspace(), str(one.number), str(other.number), now=world.now)
    members = _members(world)
    world.memory.apart -= {frozenset((a, b)) for a in members[one.story] for b in members[other.story]}
    world.memory.together.add(frozenset((one.number, other.number)))
    settle(world)


def group_anew(world: World) -> None:
    """The whole history is grouped anew."""
    world.tell("Regroup")
    regroup(world.workspace(), now=world.now, is_preview=False)
    settle(world)


def _grouped(world: World) -> list[Row]:
    return [row for row in world.memory.rows.values() if row.is_admitted and row.story is not None]


def _members(world: World) -> dict[int | None, list[int]]:
    """The entries of each story."""
    members: dict[int | None, list[int]] = {}
    for row in world.memory.rows.values():
        members.setdefault(row.story, []).append(row.number)
    return members


# ---- the filter ------------------------------------------------------------------------------------------------------


def overrule(world: World, number: int, decision: str) -> None:
    """Staff write a decision on an entry into feeds.yaml, and have it applied."""
    rows = [row for row in world.memory.rows.values() if "doi.org" not in row.url]
    row = _one(world, number, rows)
    if row is not None:
        world.tell(f"Overrule {_named(row)}: {decision}")
        world.overruled[row.url] = decision
        world.write()
        _apply(world)


def refuse_city(world: World, number: int) -> None:
    """A changed copy of feeds.yaml, in which a city is never on topic or all are again, is applied."""
    before, city = world.section(), CITIES[number % len(CITIES)]
    world.never = () if city in world.never else (*world.never, city)
    world.tell(f"Apply a filter that refuses {world.never}")
    _apply(world)
    if world.section() != before:
        world.memory.applied.append((before, world.section()))


def _apply(world: World) -> None:
    changed = world.folder / "changed.yaml"
    changed.write_text(world.text(), "utf-8")
    rejudge.apply(world.workspace(), world.settings_file, changed, now=world.now)
    _was_judged(world)


def _was_judged(world: World) -> None:
    world.memory.judged_by = world.section()
    workspace = world.workspace()
    assert world.settings_file.read_text("utf-8").count("filter:") == bool(world.section())
    left = rejudge.preview(workspace, workspace.settings.filter)
    assert [left.added, left.removed, left.retopiced] == [[], [], []], f"applied, and not all was judged: {left}"
    settle(world)
    check_verdicts(world)


def undo(world: World) -> None:
    """The last applied change is taken back, where feeds.yaml is still as that left it."""
    memory, before = world.memory, (world.overruled, world.never)
    world.tell("Undo the last change of the filter")
    if not memory.applied or memory.applied[-1][1] != world.section():
        with pytest.raises(UsageError):
            rejudge.undo(world.workspace(), world.settings_file, now=world.now)
        assert (world.overruled, world.never) == before
        return
    was, _ = memory.applied.pop()
    rejudge.undo(world.workspace(), world.settings_file, now=world.now)
    world.read_section(was)
    _was_judged(world)


# ---- copies ----------------------------------------------------------------------------------------------------------


def back_up(world: World) -> None:
    """A copy is made, and taken elsewhere."""
    world.tell("Back up")
    made = safekeeping.back_up(world.workspace(), now=world.now)
    kept = made.rename(world.folder / f"{len(world.snapshots)}.db.gz")
    world.snapshots.append(Snapshot(kept, everything(world.data / "news.db"), copy.deepcopy(world.memory)))
    settle(world)


def restore(world: World, number: int) -> None:
    """A copy is put in the store's place."""
    if not world.snapshots:
        return
    snapshot = world.snapshots[number % len(world.snapshots)]
    world.tell(f"Restore copy {snapshot.file.name}")
    _, aside = safekeeping.restore(world.workspace(), snapshot.file, now=world.now)
    if aside is not None:
        aside.unlink()
    assert everything(world.data / "news.db") == snapshot.told, "the copy is not what was copied"
    world.memory, world.report = copy.deepcopy(snapshot.memory), None
    _forget_numbers(world)
    world.publish()
    settle(world)


def _forget_numbers(world: World) -> None:
    """Which entry is which is known again where guid and address are those of the copy."""
    places = {(row.feed, row.guid): row.number for row in world.memory.rows.values()}
    for source in world.offer.sources:
        source.is_known_as_is = False
        for one in (*source.items, *source.dropped):
            one.entry = places.get((world.server.url(source.path), one.guid))


def move_house(world: World) -> None:
    """Everything is exported, and taken into an empty data folder, which is used from now on."""
    world.tell("Export everything and import it elsewhere")
    before, file = everything(world.data / "news.db"), world.folder / "all.jsonl"
    safekeeping.export_all(world.workspace(), file)
    world.move_in()
    safekeeping.import_all(world.workspace(), file, now=world.now)
    assert everything(world.data / "news.db") == before, "what was imported is not what was exported"
    world.publish()
    settle(world)
