"""The log: each act has the difference that it made, and taking it back restores what was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from aggregator.errors import UsageError
from aggregator.store import acts, decisions, entries, front, stories
from aggregator.store.acts import Recorder
from aggregator.store.models import DECISION, ENTRY, STORY, STORY_DECISION
from aggregator.values.acts import Act, Verb
from aggregator.values.stories import Grouping
from tests.conftest import NOW
from tests.store.conftest import Rows

LATER = NOW + timedelta(hours=1)


def state(rows: Rows) -> dict[str, list[tuple[object, ...]]]:
    """All that a decision may change."""
    columns = (ENTRY.c.id, ENTRY.c.standing, ENTRY.c.story_id, ENTRY.c.story_reason, ENTRY.c.staff_topics)
    # A story without entries is only a number that no other gets.
    used = select(STORY).where(STORY.c.id.in_(select(ENTRY.c.story_id)))
    queries = {
        "entry": select(*columns), "decision": select(DECISION), "story": used, "story_decision": select(STORY_DECISION),
    }  # fmt: skip
    return {name: sorted(map(tuple, rows.connection.execute(query)), key=repr) for name, query in queries.items()}


def hide(rows: Rows, entry: int, decision: str = decisions.HIDE, *, verb: Verb = Verb.HIDE) -> int:
    recorder = Recorder(rows.connection)
    recorder.watch(decisions.concerned(rows.connection, [entry]))
    decisions.decide(rows.connection, [entry], decision, actor="anna", now=NOW)
    return recorder.write(verb, "“A title”", actor="anna", now=NOW)


@pytest.fixture
def pair(rows: Rows) -> tuple[int, int]:
    """One article under two feeds, and a third that has nothing to do with it."""
    first = rows.entry(rows.feed("One"), "a", title="Smiles", keys=["doi:10.1/x"])
    second = rows.entry(rows.feed("Two"), "b", title="Smiles again", keys=["doi:10.1/x"])
    rows.entry(rows.feed("Two"), "c", title="Something else")
    for entry in (first, second):
        stories.keep(rows.connection, [Grouping(entry, None, "alone")], now=NOW)
    return first, second


def test_an_act_names_who_when_and_what_it_reached(rows: Rows, pair: tuple[int, int]) -> None:
    number = hide(rows, pair[0])
    act = acts.find(rows.connection, number)

    assert (act.actor, act.at, act.verb, act.about, act.reached) == ("anna", NOW, "hide", "“A title”", pair)
    assert act.change == ("shown", "hidden")
    assert act.can_be_undone


@pytest.mark.parametrize("verb", ["hide", "accept", "split", "merge", "topics"])
def test_what_is_undone_is_as_it_was(rows: Rows, pair: tuple[int, int], verb: str) -> None:
    one, other = pair
    if verb == "accept":
        entries.turn(rows.connection, list(pair), "", decisions.WAITING)
    if verb == "split":
        stories.merge(rows.connection, one, other, now=NOW)
    before = state(rows)
    recorder = Recorder(rows.connection)
    recorder.watch([*pair])
    if verb == "hide":
        decisions.decide(rows.connection, [one], decisions.HIDE, now=NOW)
    elif verb == "accept":
        decisions.decide(rows.connection, [one], decisions.ACCEPT, now=NOW)
    elif verb == "split":
        stories.split(rows.connection, other, now=NOW)
    elif verb == "merge":
        stories.merge(rows.connection, one, other, now=NOW)
    else:
        entries.set_topics(rows.connection, [one, other], ["synkinesis"])
    number = recorder.write(Verb(verb), "it", actor="anna", now=NOW)
    changed = state(rows)
    undone = acts.undo(rows.connection, number, actor="ben", now=LATER)

    assert changed != before
    assert state(rows) == before
    assert acts.find(rows.connection, number).undone_by == undone.number
    assert undone.actor == "ben"


def test_an_undone_act_can_be_done_again_by_undoing_the_undo(rows: Rows, pair: tuple[int, int]) -> None:
    number = hide(rows, pair[0])
    changed = state(rows)
    undone = acts.undo(rows.connection, number, actor="ben", now=LATER)
    acts.undo(rows.connection, undone.number, actor="ben", now=LATER)

    assert state(rows) == changed


def test_a_decision_that_stood_before_is_back(rows: Rows, pair: tuple[int, int]) -> None:
    hide(rows, pair[0], decisions.ACCEPT, verb=Verb.ACCEPT)
    before = state(rows)
    number = hide(rows, pair[1])
    acts.undo(rows.connection, number, actor="anna", now=LATER)

    assert state(rows) == before


def test_an_act_is_undone_once(rows: Rows, pair: tuple[int, int]) -> None:
    number = hide(rows, pair[0])
    acts.undo(rows.connection, number, actor="anna", now=LATER)

    with pytest.raises(UsageError, match="was undone already"):
        acts.undo(rows.connection, number, actor="anna", now=LATER)


def test_what_was_decided_again_since_is_not_undone(rows: Rows, pair: tuple[int, int]) -> None:
    number = hide(rows, pair[0])
    decisions.forget(rows.connection, [pair[0]], ())
    before = state(rows)

    with pytest.raises(UsageError, match="changed again since"):
        acts.undo(rows.connection, number, actor="anna", now=LATER)
    assert state(rows) == before


def test_an_unknown_act_is_named(rows: Rows) -> None:
    with pytest.raises(UsageError, match="no act with the number 77"):
        acts.undo(rows.connection, 77, actor="anna", now=NOW)


def test_texts_are_not_undone_from_the_log(rows: Rows) -> None:
    number = acts.note(rows.connection, Verb.FILTER, "the filter", actor="anna", now=NOW, after={"text": "filter: {}"})

    with pytest.raises(UsageError, match="cannot be undone from the log"):
        acts.undo(rows.connection, number, actor="anna", now=LATER)


def test_the_log_is_read_by_person_entry_words_and_page(rows: Rows, pair: tuple[int, int]) -> None:
    hidden = hide(rows, pair[0])
    notes = [acts.note(rows.connection, Verb.FEED_ADD, f"100%_{n}", actor="ben", now=NOW) for n in range(3)]

    def numbers(**asked: object) -> list[int]:
        found: list[Act] = acts.listed(rows.connection, most=asked.pop("most", 50), **asked)  # type: ignore[arg-type]
        return [act.number for act in found]

    assert numbers() == [*reversed(notes), hidden]
    assert numbers(actor="anna") == [hidden]
    assert numbers(entry=pair[1]) == [hidden]
    assert numbers(entry=999) == []
    assert numbers(about="100%_1") == [notes[1]]
    assert numbers(most=2) == [notes[2], notes[1]]
    assert numbers(most=2, below=notes[1]) == [notes[0], hidden]
    assert acts.actors(rows.connection) == ["anna", "ben"]
    assert acts.newest(rows.connection) == notes[-1]


def test_what_the_front_page_shows_is_replaced_as_a_whole(rows: Rows) -> None:
    front.replace(rows.connection, [(1, 11), (2, 22)])
    front.replace(rows.connection, [(3, 33)])

    assert front.leads(rows.connection) == [33]


@pytest.mark.parametrize("is_done", [True, False])
def test_an_act_that_was_left_open_is_closed_by_what_became_of_it(rows: Rows, is_done: bool) -> None:
    def add(*, is_open: bool) -> int:
        before, after = {"digest": "abc"}, {"text": "x"}
        return acts.note(
            rows.connection, Verb.FEED_ADD, "it", actor="anna", now=NOW, before=before, after=after, is_open=is_open
        )

    add(is_open=False)
    number = add(is_open=True)
    assert acts.left_open(rows.connection) == [(number, "abc")]

    acts.close(rows.connection, number, is_done=is_done)

    assert acts.left_open(rows.connection) == []
    assert [act.after for act in acts.listed(rows.connection, most=9)] == [{"text": "x"}] * (1 + is_done)


def test_a_copy_that_came_after_a_hide_is_back_after_its_undo(rows: Rows, pair: tuple[int, int]) -> None:
    number = hide(rows, pair[0])
    later = rows.entry(rows.feed("Three"), "d", title="Smiles, once more", keys=["doi:10.1/x"], standing="hidden")
    again = acts.undo(rows.connection, number, actor="ben", now=LATER)

    def standing() -> str:
        return str(rows.connection.execute(select(ENTRY.c.standing).where(ENTRY.c.id == later)).scalar_one())

    assert standing() == ""
    acts.undo(rows.connection, again.number, actor="ben", now=LATER)
    assert standing() == "hidden"


def test_a_split_whose_story_is_gone_is_not_undone(rows: Rows, pair: tuple[int, int]) -> None:
    one, other = pair
    third = rows.entry(rows.feed("One"), "e", title="An older one")
    rows.connection.execute(ENTRY.update().where(ENTRY.c.id == third).values(story_id=None))
    stories.keep(rows.connection, [Grouping(third, None, "alone")], now=NOW)
    stories.merge(rows.connection, third, other, now=NOW)
    stories.merge(rows.connection, one, other, now=NOW)
    recorder = Recorder(rows.connection)
    recorder.watch([one, other, third])
    stories.split(rows.connection, one, now=NOW)
    number = recorder.write(Verb.SPLIT, "it", actor="anna", now=NOW)
    home = rows.connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == other)).scalar_one()
    fresh = rows.entry(rows.feed("Two"), "f", title="Elsewhere")
    stories.keep(rows.connection, [Grouping(fresh, None, "alone")], now=NOW)
    elsewhere = rows.connection.execute(select(ENTRY.c.story_id).where(ENTRY.c.id == fresh)).scalar_one()
    rows.connection.execute(ENTRY.update().where(ENTRY.c.story_id == home).values(story_id=elsewhere))
    rows.connection.execute(STORY.delete().where(STORY.c.id == home))

    with pytest.raises(UsageError, match="is gone: it was merged since"):
        acts.undo(rows.connection, number, actor="anna", now=LATER)
