"""The log of what staff did. Each act is stored in the transaction of what it did, with the rows that it changed as they
were and as they became, so that the log can be read and an act be taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Table, delete, insert, select, update

from aggregator.errors import UsageError
from aggregator.store import decisions
from aggregator.store.entries import in_batches
from aggregator.store.models import ACT, DECISION, ENTRY, STORY, STORY_DECISION
from aggregator.values.acts import Act, Verb

# The columns of an entry that a decision may change.
_OF_ENTRY = ("standing", "story_id", "story_reason", "staff_topics")
# In the order in which rows may be written: an entry refers to its story.
_TABLES = {table.name: table for table in (STORY, ENTRY, DECISION, STORY_DECISION)}

_Row = dict[str, Any]
_Snapshot = dict[str, dict[str, _Row]]


class Recorder:
    """Watches what an act changes: `watch` the entries that it may reach before they change, `write` the act afterwards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._entries: list[int] = []
        self._before: _Snapshot = {}

    def watch(self, entries: Sequence[int]) -> None:
        """Note how these entries, their stories, and all decisions are now."""
        self._entries = list(entries)
        self._before = _snapshot(self._connection, self._entries)

    def write(self, verb: Verb, about: str, *, actor: str, now: datetime) -> int:
        """Store the act with the difference that it made; its number."""
        before, after = _difference(self._before, _snapshot(self._connection, self._entries, self._before))
        reached = sorted({int(key) for rows in (before, after) for key in rows.get("entry", {})})
        return note(self._connection, verb, about, actor=actor, now=now, reached=reached, before=before, after=after)


def note(
    connection: Connection, verb: Verb, about: str, *, actor: str, now: datetime, reached: Sequence[int] = (),
    before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None, is_open: bool = False,
) -> int:  # fmt: skip
    """Store an act; its number. One that `is_open` is not done yet, until it is closed."""
    row = {"at": now, "actor": actor, "verb": verb.value, "about": about[:500], "reached": list(reached)}
    became = {**(after or {}), **({"is_open": True} if is_open else {})}
    statement = insert(ACT).values(**row, before=before or {}, after=became).returning(ACT.c.id)
    return int(connection.execute(statement).scalar_one())


def close(connection: Connection, number: int, *, is_done: bool) -> None:
    """Close an act that was stored open: it stays where it `is_done`, else it is forgotten."""
    if not is_done:
        connection.execute(delete(ACT).where(ACT.c.id == number))
        return
    after = connection.execute(select(ACT.c.after).where(ACT.c.id == number)).scalar() or {}
    closed = {key: value for key, value in after.items() if key != "is_open"}
    connection.execute(update(ACT).where(ACT.c.id == number).values(after=closed))


def left_open(connection: Connection, *, most: int = 20) -> list[tuple[int, str]]:
    """The numbers of those of the newest acts that were not closed, each with the digest of what was there before."""
    rows = connection.execute(select(ACT.c.id, ACT.c.before, ACT.c.after).order_by(ACT.c.id.desc()).limit(most))
    return [(row.id, str(row.before.get("digest", ""))) for row in rows if row.after.get("is_open")]


def listed(
    connection: Connection, *, most: int, below: int | None = None, actor: str = "", entry: int | None = None,
    about: str = "", verbs: Sequence[Verb] = (),
) -> list[Act]:  # fmt: skip
    """The acts, newest first, at most `most`: those numbered `below`, of this `actor`, on this `entry`, with these letters
    in what they were `about`, or of these `verbs`."""
    query = select(ACT).order_by(ACT.c.id.desc())
    if verbs:
        query = query.where(ACT.c.verb.in_([verb.value for verb in verbs]))
    if below is not None:
        query = query.where(ACT.c.id < below)
    if actor:
        query = query.where(ACT.c.actor == actor)
    if about:
        query = query.where(ACT.c.about.icontains(about, autoescape=True))
    if entry is None:
        return [_act(row) for row in connection.execute(query.limit(most))]
    # Staff's acts are few, and each names few entries: the list of numbers needs no table of its own.
    return [act for row in connection.execute(query) if entry in (act := _act(row)).reached][:most]


def actors(connection: Connection) -> list[str]:
    """Everybody who did something, by name."""
    return list(connection.execute(select(ACT.c.actor).distinct().order_by(ACT.c.actor)).scalars())


def newest(connection: Connection) -> int:
    """The number of the newest act; 0 where there is none."""
    return connection.execute(select(ACT.c.id).order_by(ACT.c.id.desc()).limit(1)).scalar() or 0


def find(connection: Connection, number: int) -> Act:
    """The act with this number; UsageError where there is none."""
    row = connection.execute(select(ACT).where(ACT.c.id == number)).first()
    if row is None:
        raise UsageError(f"The log has no act with the number {number}.")
    return _act(row)


def undo(connection: Connection, number: int, *, actor: str, now: datetime, reviewed: Collection[str] = ()) -> Act:
    """Write back what an act changed, which is an act of its own; the new one. Later copies of its articles follow; those of
    the feeds `reviewed` (addresses) wait for staff again. UsageError where it was taken back already,
    where the log cannot take it back, or where what it changed is another by now: nothing is changed then."""
    act = find(connection, number)
    if act.undone_by is not None:
        raise UsageError(f"What was done about {act.about} was undone already (act {act.undone_by}).")
    if not act.can_be_undone:
        raise UsageError(f"What was done about {act.about} cannot be undone from the log.")
    _refuse_changed(connection, act)
    _refuse_lost_stories(connection, act)
    for name, table in _TABLES.items():
        _write_back(connection, table, act.before.get(name, {}), act.after.get(name, {}))
    for key, row in act.after.get(STORY.name, {}).items():
        if row is not None and act.before[STORY.name].get(key) is None:
            _delete_if_empty(connection, int(key))
    decisions.follow(connection, sorted(act.after.get(DECISION.name, {})), reviewed, but=act.reached)
    fresh = note(
        connection, Verb.UNDO, act.about, actor=actor, now=now, reached=act.reached, before=act.after, after=act.before
    )
    connection.execute(update(ACT).where(ACT.c.id == number).values(undone_by=fresh))
    return find(connection, fresh)


def _refuse_changed(connection: Connection, act: Act) -> None:
    now = _snapshot(connection, act.reached)
    for name in (ENTRY.name, DECISION.name, STORY_DECISION.name):
        for key, row in act.after.get(name, {}).items():
            found = now[name].get(key)
            if (found is None) != (row is None) or (row and any(found[column] != row[column] for column in row)):  # type: ignore[index]
                raise UsageError(f"{act.about} was changed again since. Undo that first, or decide anew.")


def _refuse_lost_stories(connection: Connection, act: Act) -> None:
    """An entry cannot go back to a story that is gone, unless this act deleted it."""
    wanted = {row["story_id"] for row in act.before.get(ENTRY.name, {}).values() if row and row.get("story_id") is not None}
    wanted -= {int(key) for key, row in act.before.get(STORY.name, {}).items() if row is not None}
    found = connection.execute(select(STORY.c.id).where(STORY.c.id.in_(sorted(wanted)))).scalars().all()
    if wanted - set(found):
        raise UsageError(f"The story to which {act.about} belonged is gone: it was merged since. Merge or split anew.")


def _write_back(connection: Connection, table: Table, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    key_column = next(iter(table.primary_key.columns))
    for key in after:
        row, was = after[key], before.get(key)
        name = key if table is DECISION else int(key)
        if row is not None and was is None and table is not STORY:
            connection.execute(delete(table).where(key_column == name))
        elif was is not None and row is not None:
            connection.execute(update(table).where(key_column == name).values(_from_json(table, was)))
        elif was is not None and not connection.execute(select(key_column).where(key_column == name)).first():
            connection.execute(insert(table).values({key_column.name: name, **_from_json(table, was)}))


def _delete_if_empty(connection: Connection, story: int) -> None:
    """The newest story is kept for its number: that is never given to another one."""
    is_last = connection.execute(select(STORY.c.id).order_by(STORY.c.id.desc()).limit(1)).scalar() == story
    is_used = connection.execute(select(ENTRY.c.id).where(ENTRY.c.story_id == story).limit(1)).first()
    if not is_last and not is_used:
        connection.execute(delete(STORY).where(STORY.c.id == story))


def _snapshot(connection: Connection, entries: Sequence[int], earlier: _Snapshot | None = None) -> _Snapshot:
    """The rows as they are now, of the stories in `earlier` too."""
    found: _Snapshot = {name: {} for name in _TABLES}
    columns = [ENTRY.c[name] for name in _OF_ENTRY]
    for batch in in_batches(entries):
        for row in connection.execute(select(ENTRY.c.id, *columns).where(ENTRY.c.id.in_(batch))):
            found[ENTRY.name][str(row.id)] = {name: getattr(row, name) for name in _OF_ENTRY}
    stories = {row["story_id"] for row in found[ENTRY.name].values() if row["story_id"] is not None}
    stories |= {int(key) for key in (earlier or {}).get(STORY.name, {})}
    for batch in in_batches(sorted(stories)):
        found[STORY.name] |= _rows(connection, STORY, STORY.c.id.in_(batch))
    found[DECISION.name] = _rows(connection, DECISION)
    found[STORY_DECISION.name] = _rows(connection, STORY_DECISION)
    return found


def _rows(connection: Connection, table: Table, which: Any = None) -> dict[str, _Row]:
    key = next(iter(table.primary_key.columns)).name
    query = select(table) if which is None else select(table).where(which)
    return {str(row[key]): _as_json(row, key) for row in connection.execute(query).mappings()}


def _as_json(row: Any, key: str) -> _Row:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items() if name != key}


def _from_json(table: Table, row: Mapping[str, Any]) -> _Row:
    return {
        name: datetime.fromisoformat(value) if value is not None and isinstance(table.c[name].type, _INSTANTS) else value
        for name, value in row.items()
    }


_INSTANTS = (DateTime, type(ACT.c.at.type))


def _difference(before: _Snapshot, after: _Snapshot) -> tuple[_Snapshot, _Snapshot]:
    """The rows that differ, as they were and as they are; of an entry, the columns that differ."""
    was: dict[str, Any] = {}
    became: dict[str, Any] = {}
    for name in _TABLES:
        for key in before[name].keys() | after[name].keys():
            old, new = before[name].get(key), after[name].get(key)
            if old == new:
                continue
            if old is not None and new is not None:
                changed = [column for column in old if old[column] != new[column]]
                old, new = ({column: row[column] for column in changed} for row in (old, new))
            was.setdefault(name, {})[key], became.setdefault(name, {})[key] = old, new
    return was, became


def _act(row: Any) -> Act:
    return Act(
        row.id, row.at, row.actor, row.verb, row.about, tuple(row.reached), row.before, row.after, row.undone_by,
    )  # fmt: skip
