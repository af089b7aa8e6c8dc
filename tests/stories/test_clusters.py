"""Entries that tell one event in other words, and the bounds within which they are joined."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.stories.clusters import Cluster, Stream, Table, cluster_of, day_of, in_time
from aggregator.stories.grouping import group, group_days, words_of
from aggregator.stories.terms import Weights, stem
from aggregator.values.stories import Grouping, GroupingEntry, GroupingInput, WordCounts
from tests.conftest import NOW

DAY = timedelta(days=1)
FIRST = "Mayor Quillfeather returns to Drumnakil after Bell's palsy"
OTHER = "Drumnakil mayor Quillfeather back at work after Bell's palsy"
ELSE = "Zoo of Velderby names its newborn otter after a singer"


def member(
    number: int, title: str, *, days: float = 0, summary: str = "", source: str = "", keys: tuple[str, ...] = ()
) -> GroupingEntry:
    return GroupingEntry(number, title, summary, source or f"Source {number}", "", NOW + days * DAY, keys)


def grouped(*ungrouped: GroupingEntry, candidates: tuple[GroupingEntry, ...] = (), **pins: object) -> dict[int, Grouping]:
    window = GroupingInput(ungrouped, candidates, WordCounts(), **pins)  # type: ignore[arg-type]
    return {one.entry: one for one in group(window)}


def joins(*ungrouped: GroupingEntry, candidates: tuple[GroupingEntry, ...] = (), **pins: object) -> dict[int, int | None]:
    return {entry: one.joins for entry, one in grouped(*ungrouped, candidates=candidates, **pins).items()}


def test_one_event_in_other_words_is_joined_and_another_event_is_not() -> None:
    assert joins(member(1, FIRST), member(2, OTHER), member(3, ELSE)) == {1: None, 2: 1, 3: None}


def test_a_join_by_likeness_names_the_words_and_the_time() -> None:
    found = grouped(member(1, FIRST), member(2, OTHER, days=0.25))

    assert found[1].reason == "nothing like it before"
    assert found[2].reason.startswith("shares “")
    assert "Quillfeather" in found[2].reason
    assert found[2].reason.endswith(f"with “{FIRST}” (Source 1) within 6 h")


def test_after_two_days_a_join_names_the_days() -> None:
    found = grouped(member(1, FIRST), member(2, OTHER, days=2))

    assert found[2].reason.endswith("within 2 days")


@pytest.mark.parametrize(("days", "is_joined"), [(1, True), (14, True), (15, False), (20, False)])
def test_an_event_is_taken_up_again_within_two_weeks(days: float, is_joined: bool) -> None:
    old = replace(member(1, FIRST), story=7)

    assert joins(member(2, OTHER, days=days), candidates=(old,)) == {2: 1 if is_joined else None}


@pytest.mark.parametrize(("days", "is_joined"), [(14, True), (15, False), (-14, True), (-15, False)])
def test_nothing_is_compared_over_more_than_two_weeks_however_alike_it_is(days: float, is_joined: bool) -> None:
    stream = Stream(Weights(), GroupingInput((), (), WordCounts()))
    old = member(1, "Ombrosi Quillfeather Drumnakil Tanvar palsy")
    stream.clusters[7] = cluster_of(stream, old, is_new=False)

    list(group_days(stream, [member(2, "Tanvar Drumnakil Quillfeather Ombrosi palsy", days=days)]))

    assert (stream.home(stream.story[2]) == 7) == is_joined


@pytest.mark.parametrize(("days", "is_joined"), [(1, True), (2, True), (3, False), (6, False)])
def test_a_story_that_was_quiet_is_taken_up_by_what_is_much_more_like_it(days: float, is_joined: bool) -> None:
    old = replace(member(1, "Clinic treats stiff smiles by needles, doctors tell"), story=7)
    new = member(2, "Needles for smiles: a clinic opens its doors", days=days)

    assert joins(new, candidates=(old,)) == {2: 1 if is_joined else None}


def test_what_staff_put_apart_is_never_joined_and_what_they_put_together_is() -> None:
    one, two, three = member(1, FIRST), member(2, OTHER), member(3, ELSE)
    apart = {1: frozenset({2}), 2: frozenset({1})}
    together = {1: frozenset({3}), 3: frozenset({1})}

    assert joins(one, two, three, apart=apart) == {1: None, 2: None, 3: None}
    found = grouped(one, two, three, together=together)
    assert (found[3].joins, found[3].reason) == (1, "staff put them together")


def test_a_paper_is_never_joined_by_likeness() -> None:
    assert joins(member(1, FIRST), member(2, OTHER, keys=("doi:10.5555/a",))) == {1: None, 2: None}


def test_a_notice_is_never_joined_with_its_paper() -> None:
    paper = member(1, FIRST, keys=("doi:10.5555/a",))
    notice = replace(member(2, FIRST, keys=("doi:10.5555/a",)), notice="retraction")

    assert joins(paper, notice) == {1: None, 2: None}


def test_a_preprint_and_its_journal_version_are_one_by_title_and_first_author() -> None:
    title = "Selective neurectomy for synkinesis of the platysma"
    preprint = replace(member(1, title, keys=("doi:10.1101/a",)), is_preprint=True, authors=("Lindqvist E", "B"))
    paper = replace(member(2, title, keys=("doi:10.5555/b",)), authors=("Eva Lindqvist",))

    assert joins(preprint, paper) == {1: None, 2: 1}
    assert joins(replace(preprint, is_preprint=False), paper) == {1: None, 2: None}
    assert joins(preprint, replace(paper, authors=("Otherby C",))) == {1: None, 2: None}
    assert joins(preprint, replace(paper, authors=())) == {1: None, 2: None}


def test_two_stories_of_the_last_days_that_turn_out_to_be_one_become_the_older() -> None:
    one = replace(member(1, "Mayor Quillfeather hurt", days=-1), story=5)
    two = replace(member(2, "Drumnakil celebrates its bells", days=-1), story=6)
    bridge = member(3, "Mayor Quillfeather hurt as Drumnakil celebrates its bells")

    found = grouped(bridge, candidates=(one, two))

    assert found[3].joins == 1
    if 2 in found:
        assert found[2] == Grouping(2, 1, "turned out to be one event with “Mayor Quillfeather hurt”")


def test_a_story_keeps_its_number_when_an_older_entry_comes_late() -> None:
    stored = replace(member(1, FIRST), story=7)
    late = member(2, OTHER, days=-1)

    found = grouped(late, candidates=(stored,))

    assert found[2].joins in (1, None)
    assert all(one.joins != 2 for one in found.values())


def test_a_day_is_utc_and_the_older_comes_first() -> None:
    late = replace(member(1, FIRST), at=NOW.replace(hour=23, minute=59))
    early = replace(member(2, FIRST), at=NOW.replace(hour=0, minute=0))

    assert day_of(late) == day_of(early)
    assert in_time(early) < in_time(late)
    assert in_time(replace(early, entry=3)) > in_time(early)


def test_a_cluster_is_of_unit_length_and_knows_its_names() -> None:
    stream = Stream(Weights(), GroupingInput((), (), WordCounts()))
    one = cluster_of(stream, member(1, FIRST, summary="He met Oona Brack in Velderby."), is_new=True)

    assert sum(weight * weight for weight in one.vector.values()) == pytest.approx(1)
    assert {"quillfeather", "drumnakil", "brack"} <= one.names
    assert one.is_ours
    assert one.is_new
    assert not cluster_of(stream, member(2, ELSE), is_new=False).is_ours
    # A word of the title weighs more than a name of the summary, and that more than another word of it.
    weights = stream.weights
    shares = {word: one.vector[word] / weights.of(word) for word in ("quillfeather", "brack", "met")}
    assert shares["quillfeather"] > shares["brack"] > shares["met"]


def test_a_word_of_the_address_weighs_less_than_one_of_the_title_and_more_than_one_of_the_summary() -> None:
    stream = Stream(Weights(), GroupingInput((), (), WordCounts()))
    told = replace(member(1, FIRST, summary="He met voters."), url="https://x.example/mayor-baked-pancakes")
    vector = cluster_of(stream, told, is_new=True).vector
    title, address, summary = (vector[word] / stream.weights.of(word) for word in ("quillfeather", "pancak", "met"))

    assert title > address > summary


def test_clusters_that_are_joined_add_up() -> None:
    stream = Stream(Weights(), GroupingInput((), (), WordCounts()))
    one = cluster_of(stream, member(1, FIRST), is_new=False)
    other = cluster_of(stream, member(2, ELSE, days=2), is_new=True)
    before = dict(one.vector)

    one.take(other)

    assert one.size == 2
    assert (one.born, one.last) == (day_of(member(1, FIRST)), day_of(member(2, ELSE, days=2)))
    assert (one.is_new, one.is_ours) == (False, True)
    assert one.vector["quillfeather"] == before["quillfeather"]
    assert one.norm == pytest.approx(sum(weight * weight for weight in one.vector.values()) ** 0.5)


@pytest.mark.parametrize(("one", "other", "both"), [(True, True, True), (True, False, False), (False, True, False)])
def test_clusters_that_are_joined_are_new_where_both_are(one: bool, other: bool, both: bool) -> None:
    joined = cluster(1, 1, {WORD: 1.0}, is_new=one)
    joined.take(cluster(2, 1, {WORD: 1.0}, is_new=other))

    assert joined.is_new == both


def test_the_words_that_count_are_those_of_title_and_address() -> None:
    one = replace(member(1, "A smile"), url="https://x.example/mayor-quill-returns")

    assert words_of(one) == {"smil", "mayor", "quill", "return"}


def test_a_join_by_likeness_names_three_words_at_most() -> None:
    assert grouped(member(1, FIRST), member(2, OTHER))[2].reason.split(" with “")[0].count("“") == 3


def test_a_notice_is_not_joined_by_likeness_and_two_words_say_nothing() -> None:
    assert joins(member(1, FIRST), replace(member(2, OTHER), notice="concern")) == {1: None, 2: None}
    assert joins(member(1, "Quillfeather Drumnakil"), member(2, "Drumnakil Quillfeather")) == {1: None, 2: None}


@pytest.mark.parametrize(("words", "is_joined"), [(5, True), (4, False)])
def test_a_headline_of_five_words_is_an_entry_s_own(words: int, is_joined: bool) -> None:
    title = " ".join("Alpha Beta Gamma Delta Epsilon".split()[:words])
    one, other = member(1, title, keys=("doi:10.5555/a",)), member(2, title, keys=("pmid:7",))

    assert joins(one, other) == {1: None, 2: 1 if is_joined else None}


def test_a_shared_address_makes_no_version_of_two_papers_with_two_titles() -> None:
    preprint = replace(member(1, FIRST, keys=("doi:10.1101/a", "url:x")), is_preprint=True, authors=("Lindqvist E",))
    paper = replace(member(2, ELSE, keys=("doi:10.5555/b", "url:x")), authors=("Lindqvist E",))

    assert joins(preprint, paper) == {1: None, 2: None}


# ---- the table of a day

TODAY = day_of(member(1, FIRST))
WORD, RIVAL, REST = "quillfeather", "drumnakil", "velderby"


def cluster(
    first: int, size: int, vector: dict[str, float], *, born: int = 0, last: int = 0, is_new: bool = False
) -> Cluster:
    members = [member(first + n, f"Zoo {first + n}") for n in range(size)]
    return Cluster(vector, members, TODAY + born, TODAY + last, is_new, is_ours=False, names=frozenset())


def table(**clusters: Cluster) -> Table:
    made = Table(Stream(Weights(), GroupingInput((), (), WordCounts())), TODAY)
    for name, one in clusters.items():
        made.add({"few": -1, "stored": 3, "large": 7, "rival": 8, "third": 9}[name], one)
    return made


@pytest.mark.parametrize(
    ("few", "large", "likeness", "rival", "is_taken"),
    [
        ({}, {}, 0.15, 0.0, True),
        ({}, {}, 0.149, 0.0, False),
        ({"size": 3}, {}, 0.15, 0.0, False),
        ({"born": -1}, {}, 0.15, 0.0, False),
        ({}, {"size": 7}, 0.15, 0.0, False),
        ({}, {"last": -2}, 0.15, 0.0, True),
        ({}, {"last": -3}, 0.15, 0.0, False),
        ({}, {}, 0.17, 0.106, True),
        ({}, {}, 0.17, 0.107, False),
    ],
    ids=["like", "less", "three", "of yesterday", "seven", "quiet for two days", "for three", "a rival", "a near rival"],
)
def test_a_large_story_takes_the_day_s_few_that_are_like_it_and_like_no_other(
    few: dict[str, int], large: dict[str, int], likeness: float, rival: float, is_taken: bool
) -> None:
    vector = {WORD: likeness, RIVAL: rival, REST: 0.1}
    made = table(
        few=cluster(1, few.get("size", 2), vector, born=few.get("born", 0), is_new=True),
        large=cluster(10, large.get("size", 8), {WORD: 1.0}, born=-9, last=large.get("last", -1)),
        rival=cluster(30, 8, {RIVAL: 1.0}, born=-9, last=-1),
    )

    made.absorb()

    assert (-1 not in made.alive) == is_taken
    assert made.stream.moved == ({-1: 7} if is_taken else {})
    if is_taken:
        assert [one.entry for one in made.alive[7].members] == [*range(10, 18), 1, 2]
        assert made.alive[7].last == TODAY
        # Its words are not what the story is known by.
        assert made.alive[7].vector == {WORD: 1.0}


def test_of_three_large_stories_the_most_alike_takes_the_day_s_few() -> None:
    made = table(
        few=cluster(1, 2, {WORD: 0.3, RIVAL: 0.1, REST: 0.09}, is_new=True),
        large=cluster(10, 8, {WORD: 1.0}, born=-9, last=-1),
        rival=cluster(30, 8, {RIVAL: 1.0}, born=-9, last=-1),
        third=cluster(50, 8, {REST: 1.0}, born=-9, last=-1),
    )

    made.absorb()

    assert made.stream.moved == {-1: 7}


@pytest.mark.parametrize(("is_new", "are_joined"), [(True, True), (False, False)])
def test_stories_that_were_compared_yesterday_are_not_compared_again(is_new: bool, are_joined: bool) -> None:
    vector = {WORD: 0.6, RIVAL: 0.6, REST: 0.5}
    made = table(
        stored=cluster(1, 1, dict(vector), born=-1, last=-1, is_new=is_new),
        large=cluster(2, 1, dict(vector), born=-1, last=-1),
    )

    made.merge_all()

    assert (len(made.alive) == 1) == are_joined


@pytest.mark.parametrize(
    ("word", "is_rare"),
    [("quillfeather", True), ("mayor", False), (stem("neurectomy"), False), ("palsy", False)],
    ids=["a name", "in the news", "in our field", "our topic"],
)
def test_which_word_is_rare_enough_to_be_the_name_of_an_event(word: str, is_rare: bool) -> None:
    assert table()._is_rare(word) == is_rare


@pytest.mark.parametrize(
    ("word", "is_ours", "names", "places", "is_named"),
    [
        (WORD, True, {WORD}, set(), True),
        (WORD, False, {WORD}, set(), False),
        (WORD, True, set(), set(), False),
        ("mayor", True, {"mayor"}, set(), False),
        (WORD, True, {WORD}, {WORD}, False),
    ],
    ids=["a name", "not our topic", "no name", "not rare", "a place"],
)
def test_which_shared_word_names_an_event(
    word: str, is_ours: bool, names: set[str], places: set[str], is_named: bool
) -> None:
    one = replace(cluster(1, 1, {word: 0.5}), is_ours=is_ours, names=frozenset(names), places=frozenset(places))
    other = cluster(2, 1, {word: 1.0})
    expected = (0.0 if is_named else 0.5, is_named)

    assert table()._says_most(one, other) == table()._says_most(other, one) == expected


def test_a_stored_story_is_never_taken_in_by_another() -> None:
    made = table(
        stored=cluster(1, 2, {WORD: 0.5}, is_new=True), large=cluster(10, 8, {WORD: 1.0}, born=-9, last=-1)
    )  # fmt: skip

    made.absorb()

    assert set(made.alive) == {3, 7}


@pytest.mark.parametrize(
    ("quiet", "is_named", "share"),
    [(0, False, 1.0), (1, False, 0.94), (2, False, 0.88), (3, False, 0.2 * 0.94**3), (3, True, 0.82), (-1, False, 1.0)],
)
def test_likeness_fades_with_the_days_and_falls_where_a_story_was_quiet(quiet: int, is_named: bool, share: float) -> None:
    one, other = cluster(1, 1, {WORD: 1.0}), cluster(2, 1, {WORD: 1.0}, born=-9, last=-quiet)

    assert table()._decay(one, other, is_named) == pytest.approx(share)
    assert table()._decay(other, one, is_named) == pytest.approx(share)


@pytest.mark.parametrize(
    ("born", "is_new", "may"), [(-2, False, True), (-3, False, False), (-3, True, True), (-9, False, False)]
)
def test_after_three_days_two_stories_stay_two(born: int, is_new: bool, may: bool) -> None:
    one, other = cluster(1, 1, {WORD: 1.0}, born=-9), cluster(2, 1, {WORD: 1.0}, born=born, is_new=is_new)

    both = table(stored=one, large=other)

    assert both._may_merge(3, 7) == both._may_merge(7, 3) == may


@pytest.mark.parametrize(
    ("shared", "may"),
    [((WORD,), True), (("palsy", "facial", "nerv"), False), (("year",), False), (("year", "mayor"), True)],
)
def test_what_is_shared_must_tell_something(shared: tuple[str, ...], may: bool) -> None:
    one, other = (cluster(n, 1, dict.fromkeys(shared, 1.0), is_new=True) for n in (1, 2))

    assert table(stored=one, large=other)._may_merge(3, 7) == may


@pytest.mark.parametrize(("one", "other", "kept"), [(-1, 3, 3), (3, -1, 3), (3, 7, 7), (7, 3, 7)])
def test_of_two_stories_the_older_stays_and_a_stored_one_before_a_new_one(one: int, other: int, kept: int) -> None:
    made = table(
        few=cluster(1, 1, {WORD: 1.0}, born=-5), stored=cluster(2, 1, {WORD: 1.0}, born=-1),
        large=cluster(3, 1, {WORD: 1.0}, born=-4),
    )  # fmt: skip

    assert made._merge(one, other) == kept
    gone = one if kept == other else other
    assert made.stream.moved == {gone: kept}
    assert made.alive[kept].vector == {WORD: 2.0}
    assert gone not in made.alive
