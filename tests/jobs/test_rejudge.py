"""Other rules on the stored history: what is shown first is what is done, and it can be taken back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import load
from aggregator.errors import UsageError
from aggregator.jobs import curation, rejudge
from aggregator.jobs.workspace import Workspace
from aggregator.relevance.judge import Changed
from aggregator.relevance.phrases import Phrases
from aggregator.store.decisions import HIDE
from aggregator.text import fold
from aggregator.topics import vocabulary
from aggregator.values.entries import FilterText
from aggregator.values.preview import Preview
from aggregator.values.settings import FeedType, FilterRules
from tests.conftest import NOW, FeedServer, Town, item, rss

TITLES = (
    "Bell's palsy in pregnancy", "Facial paralysis after ear surgery", "A smile clinic opens downtown", "Parotid surgery at dawn",
    "Goldenhar family day", "Cerebral palsy charity run", "Moebius syndrome in twins", "Hemifacial spasm returns",
    "A miracle cure for Bell's palsy", "The smirk clinic", "City budget passes", "Facial synkinesis and music",
    "Half of her forehead went numb", "Palsy of the dawn", "City on the passes",
)  # fmt: skip
WORDS = (
    "smile clinic",
    "smirk clinic",
    "miracle cure",
    "charity run",
    "city budget",
    "family day",
    "twins",
    "music",
    "surgery",
    "city … passes",
    "(parotid|palsy) … dawn",
    "half … forehead",
)
LIVE = '# Our sources\nsite: {title: News}\n\nfilter:\n  never: ["market report"]  # spam\n\n# The feeds\nfeeds:\n'


@pytest.fixture
def place(town: Town, tmp_path: Path) -> Path:
    """A refreshed workspace with thirty stored entries, and its feeds.yaml."""
    for name in ("A", "B"):
        items = (item(f"{title} {name}", f"https://{name.lower()}.example.com/{n}") for n, title in enumerate(TITLES))
        town.add(name, rss(*items, title=name))
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(LIVE + "".join(f"  - name: {feed.name}\n    url: {feed.url}\n" for feed in town.feeds), "utf-8")
    town.refresh()
    return feeds


def house_of(town: Town, feeds: Path) -> Workspace:
    workspace = town.workspace()
    return Workspace(load(feeds), workspace.data, workspace.templates, workspace.network, workspace.limits)


def verdicts(town: Town) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        return raw.execute("SELECT id, admitted, score, topics, evidence, standing FROM entry ORDER BY id").fetchall()


def rules_of(town: Town) -> set[str]:
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        return {row[0] for row in raw.execute("SELECT rules FROM entry")}


def edited(feeds: Path, section: str) -> Path:
    copy = feeds.with_name("edited.yaml")
    copy.write_text(
        "site: {title: Other}\n" + section + "\n" + feeds.read_text("utf-8").partition("# The feeds\n")[2], "utf-8"
    )
    return copy


def counts(found: Preview) -> tuple[int, int, int, int]:
    return found.total, len(found.added), len(found.removed), len(found.retopiced)


def some_section(random: Random) -> str:
    def some() -> str:
        return "[" + ", ".join(f'"{word}"' for word in random.sample(WORDS, random.randrange(3))) + "]"

    return (
        f"filter:\n  # tried by seed\n  add:\n    people: {some()}\n    reanimation: {some()}\n  never: {some()}\n"
        f'  remove: {{bells-palsy: ["Bell\'s palsy"], parotid: {some()}}}\n  never_from: {random.choice(["[]", "[a.example.com]"])}\n'
        f'  overrule: {{"https://b.example.com/{random.randrange(12)}": {random.choice(["always", "never"])}}}\n'
    )


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 15))])
def test_what_is_shown_is_what_is_done_and_undo_takes_it_back(town: Town, place: Path, seed: int) -> None:
    before, text = verdicts(town), place.read_text("utf-8")
    changed = edited(place, some_section(Random(seed)))

    shown = rejudge.preview(house_of(town, place), load(changed).filter)
    assert verdicts(town) == before
    done = rejudge.apply(house_of(town, place), place, changed, now=NOW)

    assert done == shown
    assert counts(rejudge.preview(house_of(town, place), load(changed).filter)) == (30, 0, 0, 0)
    assert load(place).filter == load(changed).filter
    assert len(rules_of(town)) == 1
    assert "# Our sources\nsite: {title: News}" in place.read_text("utf-8")
    assert "# tried by seed" in place.read_text("utf-8")
    undone = rejudge.undo(house_of(town, place), place, now=NOW)
    assert len(undone.added) == len(done.removed)
    assert verdicts(town) == before
    assert place.read_text("utf-8") == text


def test_the_same_rules_change_nothing(town: Town, place: Path) -> None:
    rejudge.apply(house_of(town, place), place, place, now=NOW)

    assert counts(rejudge.preview(house_of(town, place), load(place).filter)) == (30, 0, 0, 0)


def test_only_what_the_change_can_touch_is_judged_again(town: Town, place: Path) -> None:
    judged: list[int] = []
    rejudge.apply(house_of(town, place), place, edited(place, 'filter: {never: ["market report"]}'), now=NOW)
    staff = FilterRules(never=("market report",), add={"people": ("city charter",)})

    found = rejudge.preview(house_of(town, place), staff, progress=lambda _, total: judged.append(total))

    assert judged == []
    assert counts(found) == (30, 0, 0, 0)
    staff = FilterRules(never=("market report",), add={"people": ("city budget",)})
    found = rejudge.preview(house_of(town, place), staff, progress=lambda _, total: judged.append(total))
    assert judged == [2]
    assert {change.title for change in found.added} == {"City budget passes A", "City budget passes B"}


def test_titles_come_newest_first(town: Town, place: Path) -> None:
    found = rejudge.preview(house_of(town, place), FilterRules(never=("palsy", "paralysis")))

    assert len(found.removed) == 6
    numbers = [change.number for change in found.removed]
    assert numbers == sorted(numbers, reverse=True)


def test_what_staff_decided_survives_a_change_of_the_rules_and_every_refresh(town: Town, place: Path) -> None:
    workspace = house_of(town, place)
    curation.decide(workspace, "https://a.example.com/0", HIDE, now=NOW)
    rejudge.apply(workspace, place, edited(place, 'filter: {overrule: {"https://a.example.com/10": always}}'), now=NOW)
    town.server.answers["/0.xml"].body += b"<!-- touched -->"  # type: ignore[union-attr]
    town.refresh()

    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        rows = {row[0]: row[1:] for row in raw.execute("SELECT url, admitted, standing FROM entry")}
    assert rows["https://a.example.com/0"][1] == "hidden"
    assert rows["https://a.example.com/10"][0]
    assert "pregnancy A" not in town.page()


def test_a_refresh_says_that_the_history_was_judged_by_other_rules(town: Town, place: Path) -> None:
    assert not town.refresh().notes
    rejudge.apply(house_of(town, place), place, edited(place, 'filter: {never: ["twins"]}'), now=NOW)

    assert "30 stored entries were judged by other rules than today's" in " ".join(town.refresh().notes)


def test_undo_with_nothing_to_undo_or_an_edited_section_is_refused(town: Town, place: Path) -> None:
    with pytest.raises(UsageError, match="nothing to undo"):
        rejudge.undo(house_of(town, place), place, now=NOW)
    rejudge.apply(house_of(town, place), place, edited(place, 'filter: {never: ["twins"]}'), now=NOW)
    place.write_text(place.read_text("utf-8").replace("twins", "triplets"), "utf-8")

    with pytest.raises(UsageError, match="changed by hand"):
        rejudge.undo(house_of(town, place), place, now=NOW)


def test_what_stood_in_the_file_already_is_nothing_to_undo(town: Town, place: Path) -> None:
    rejudge.apply(house_of(town, place), place, edited(place, 'filter: {never: ["twins"]}'), now=NOW)
    after = verdicts(town)
    rejudge.apply(house_of(town, place), place, place, now=NOW)

    assert verdicts(town) == after
    rejudge.undo(house_of(town, place), place, now=NOW)
    assert "market report" in place.read_text("utf-8")
    with pytest.raises(UsageError, match="nothing to undo"):
        rejudge.undo(house_of(town, place), place, now=NOW)


def test_a_file_that_cannot_be_written_changes_no_verdict(town: Town, place: Path) -> None:
    before = verdicts(town)
    place.with_name(".feeds.yaml.swp").touch()

    with pytest.raises(UsageError, match="open in an editor"):
        rejudge.apply(house_of(town, place), place, edited(place, 'filter: {never: ["palsy"]}'), now=NOW)
    assert verdicts(town) == before
    assert len(rules_of(town)) == 1


def test_a_section_that_was_not_there_is_put_before_the_feeds_and_taken_away_again(town: Town, place: Path) -> None:
    bare = place.read_text("utf-8").replace('filter:\n  never: ["market report"]  # spam\n\n', "")
    place.write_text(bare, "utf-8")
    rejudge.apply(house_of(town, place), place, edited(place, 'filter: {never: ["twins"]}'), now=NOW)
    assert place.read_text("utf-8").startswith(
        '# Our sources\nsite: {title: News}\n\nfilter: {never: ["twins"]}\n\n# The feeds\nfeeds:'
    )
    rejudge.undo(house_of(town, place), place, now=NOW)

    assert load(place).filter == FilterRules()


# ---- a sold domain ---------------------------------------------------------------------------------------------------


def test_a_batch_that_is_unlike_all_before_waits_for_staff(server: FeedServer, tmp_path: Path) -> None:
    town = Town(server, tmp_path / "data")
    usual = [item(f"Facial palsy news {n}", f"https://charity.example.org/{n}") for n in range(6)]
    casino = [item(f"Casino bonus {n}", f"https://charity.example.org/casino/{n}") for n in range(5)]
    town.add("Charity", rss(*usual), all_on_topic=True)
    town.refresh()
    town.server.answers["/0.xml"].body = rss(*casino, *usual)  # type: ignore[union-attr]
    report = town.refresh()

    assert "Casino" not in town.page()
    assert "Charity: 5 new entries wait for review" in " ".join(report.notes)
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        held = raw.execute("SELECT reasons FROM entry WHERE standing = 'waiting'").fetchall()
    assert len(held) == 5
    assert all("held for staff" in row[0] for row in held)


@pytest.mark.parametrize(("new", "history"), [(4, 6), (5, 3)])
def test_a_few_new_entries_or_a_feed_without_history_are_not_held(
    server: FeedServer, tmp_path: Path, new: int, history: int
) -> None:
    town = Town(server, tmp_path / "data")
    usual = [item(f"Facial palsy news {n}", f"https://charity.example.org/{n}") for n in range(history)]
    others = [item(f"Summer fair {n}", f"https://charity.example.org/fair/{n}") for n in range(new)]
    town.add("Charity", rss(*usual), all_on_topic=True)
    town.refresh()
    town.server.answers["/0.xml"].body = rss(*others, *usual)  # type: ignore[union-attr]
    town.refresh()

    assert "Summer fair" in town.page()


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 20))])
def test_what_the_change_cannot_touch_needs_no_second_judgement(
    town: Town, place: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From one random set of rules to another: the same as when everything is judged again, and less is."""
    random = Random(seed)
    rejudge.apply(house_of(town, place), place, edited(place, some_section(random)), now=NOW)
    changed = edited(place, some_section(random))
    some, everything = [], []

    quick = rejudge.preview(house_of(town, place), load(changed).filter, progress=lambda done, _: some.append(done))
    rejudge.apply(house_of(town, place), place, changed, now=NOW)
    stored = verdicts(town)
    rejudge.undo(house_of(town, place), place, now=NOW)
    monkeypatch.setattr(rejudge, "_untouched", lambda *_: set())
    whole = rejudge.preview(house_of(town, place), load(changed).filter, progress=lambda done, _: everything.append(done))
    rejudge.apply(house_of(town, place), place, changed, now=NOW)

    assert quick == whole
    assert stored == verdicts(town)
    assert everything == [30]
    assert some <= everything


def test_an_entry_whose_feed_is_now_promised_to_be_on_topic_is_judged_again(town: Town, place: Path) -> None:
    place.write_text(place.read_text("utf-8").replace("  - name: A\n", "  - name: A\n    all_on_topic: true\n"), "utf-8")

    found = rejudge.preview(house_of(town, place), load(place).filter)

    assert "City budget passes A" in [change.title for change in found.added]


def test_what_was_judged_under_another_type_is_judged_again(town: Town, place: Path) -> None:
    bare = place.read_text("utf-8").replace('filter:\n  never: ["market report"]  # spam\n\n', "")
    place.write_text(bare.replace("  - name: A\n", "  - name: A\n    type: video\n"), "utf-8")
    before_any_refresh = judged_by(town, place)
    town.feeds[0] = town.feeds[0].model_copy(update={"type": FeedType.VIDEO})
    report = town.refresh()

    assert "15 stored entries were judged by other rules" in " ".join(report.notes)
    assert before_any_refresh == judged_by(town, place) == len(TITLES)
    rejudge.apply(house_of(town, place), place, edited(place, "filter: {}"), now=NOW)
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        videos = raw.execute(
            "SELECT count(*) FROM entry WHERE admitted AND evidence = 'video' AND title LIKE '% A'"
        ).fetchone()
        assert videos == raw.execute("SELECT count(*) FROM entry WHERE admitted AND title LIKE '% A'").fetchone()
    assert judged_by(town, place) == 0


def test_what_was_applied_under_a_new_type_is_not_asked_for_again(town: Town, place: Path) -> None:
    town.feeds[0] = town.feeds[0].model_copy(update={"type": FeedType.VIDEO})
    place.write_text(place.read_text("utf-8").replace("  - name: A\n", "  - name: A\n    type: video\n"), "utf-8")
    rejudge.apply(house_of(town, place), place, edited(place, "filter: {}"), now=NOW)

    assert "judged by other rules" not in " ".join(town.refresh().notes)


def test_a_feed_that_moved_since_is_shown_as_it_is_done(town: Town, place: Path) -> None:
    moved = place.read_text("utf-8").replace("/0.xml", "/moved.xml")
    place.write_text(moved.replace("  - name: A\n", "  - name: A\n    all_on_topic: true\n"), "utf-8")
    changed = edited(place, 'filter: {never: ["twins"]}')

    shown = rejudge.preview(house_of(town, place), load(changed).filter)

    assert shown == rejudge.apply(house_of(town, place), place, changed, now=NOW)


def test_what_is_removed_without_the_mark_of_its_gap_may_touch_what_has_words_in_it() -> None:
    removed = FilterRules(remove={"facial-nerve": ("paralysed my face",)})

    assert Changed(vocabulary(), FilterRules(), removed).may_touch(FilterText(1, "Paralysed in my face", "", ()))
    assert not Changed(vocabulary(), FilterRules(), removed).may_touch(FilterText(1, "Paralysed in the face", "", ()))


def judged_by(town: Town, place: Path) -> int:
    """How many entries the same rules judge again."""
    done = [0]
    rejudge.preview(house_of(town, place), load(place).filter, progress=lambda number, _: done.append(number))
    return done[-1]


TEXTS = st.lists(st.sampled_from([*"abcs1_ -'`’´ßé\u0308", " of the ", " her "]), max_size=20).map("".join)


@given(st.lists(st.sampled_from([*"abcs -'’éß", " … ", "(a|b)"]), max_size=8).map("".join), TEXTS)
def test_a_phrase_that_may_not_be_written_in_a_text_is_not_in_it(phrase: str, text: str) -> None:
    phrase = f"b{phrase}"
    rules, said = FilterRules(add={"people": (phrase,)}), FilterText(1, "", text, ())
    found = Phrases({phrase: frozenset({"people"})}).is_in(fold(text))

    assert Changed(vocabulary(), FilterRules(), rules).may_touch(said) or not found


def test_who_changed_the_rules_is_stored_with_what_that_reached(town: Town, place: Path) -> None:
    workspace = replace(house_of(town, place), actor="cli:anna")

    done = rejudge.apply(workspace, place, edited(place, 'filter: {never: ["twins"]}'), now=NOW)

    with closing(sqlite3.connect(workspace.database_path)) as store:
        assert store.execute("SELECT actor, reached FROM filter_change").fetchall() == [("cli:anna", done.reached)]
    assert done.reached == 2
