"""Phrases in a text: whole words, the longest, in either spelling, with small words in a gap."""

from __future__ import annotations

import pytest

from aggregator.relevance.phrases import Hit, Phrases, alternatives, variants

X, Y = frozenset({"x"}), frozenset({"y"})


def hits(phrases: Phrases, text: str) -> list[tuple[str, int, int, str]]:
    return [(hit.phrase, hit.start, hit.end, "".join(sorted(hit.meaning))) for hit in phrases.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("facial palsy", [("facial palsy", 0, 12, "x")]),
        ("a facial palsy here", [("facial palsy", 2, 14, "x")]),
        ("facial palsyx", []),
        ("xfacial palsy", []),
        ("facial", []),
        ("facial palsies", [("facial palsies", 0, 14, "x")]),
        ("acute facial palsy", [("acute facial palsy", 0, 18, "xy")]),
        ("facial palsy facial palsy", [("facial palsy", 0, 12, "x"), ("facial palsy", 13, 25, "x")]),
        ("", []),
    ],
)
def test_what_is_found_where_and_what_it_stands_for(text: str, expected: list[tuple[str, int, int, str]]) -> None:
    phrases = Phrases({"facial palsy": X, "acute facial palsy": Y})

    assert hits(phrases, text) == expected
    assert phrases.is_in(text) == bool(expected)


def test_of_phrases_that_overlap_the_first_is_found() -> None:
    phrases = Phrases({"one two": X, "two three": Y, "three four five": Y})

    assert [one[0] for one in hits(phrases, "one two three four five")] == ["one two", "three four five"]


def test_a_phrase_stands_for_nothing_that_stands_before_or_behind_it() -> None:
    phrases = Phrases({"smile": X, "facial palsy": Y})

    assert [one[3] for one in hits(phrases, "smile facial palsy smile")] == ["x", "y", "x"]


def test_nothing_is_found_where_there_is_no_phrase() -> None:
    assert hits(Phrases({}), "facial palsy") == []
    assert not Phrases({}).is_in("facial palsy")
    assert not Phrases({}).may_be_written_in("facial palsy")


def test_what_staff_remove_stands_for_that_topic_no_more() -> None:
    phrases = Phrases({"facial palsy": X | Y, "smile": X}, {"x": frozenset({"facial palsy", "smile"})})

    assert hits(phrases, "facial palsy smile") == [("facial palsy", 0, 12, "y")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [((0, 5), (0, 5), True), ((1, 4), (0, 5), True), ((0, 6), (0, 5), False), ((1, 6), (2, 6), False)],
)
def test_what_stands_inside(one: tuple[int, int], other: tuple[int, int], expected: bool) -> None:
    assert Hit("a", *one, X).is_inside(Hit("b", *other, X)) == expected


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("palsy", {"palsy", "palsies", "palsys"}),
        ("ray", {"ray"}),
        ("paralysis", {"paralysis", "paralyses", "paralyzis", "paralyzes"}),
        ("schwannoma", {"schwannoma", "schwannomas"}),
        ("nerve", {"nerve", "nerves"}),
        ("nerves", {"nerves"}),
        ("tumour", {"tumour", "tumours", "tumor", "tumors"}),
        ("tumor", {"tumour", "tumours", "tumor", "tumors"}),
        ("gray", {"gray"}),
        ("delay", {"delay", "delays"}),
        ("face", {"face"}),
        ("faces", {"faces"}),
    ],
)
def test_plurals_and_spellings(phrase: str, found: set[str]) -> None:
    assert variants(phrase) == found


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("facial palsy", ["facial palsy"]),
        ("(facial|face) palsy", ["facial palsy", "face palsy"]),
        ("(a|b) (c|d)", ["a c", "a d", "b c", "b d"]),
        ("(a|) b", ["a b", " b"]),
    ],
)
def test_all_that_brackets_stand_for(phrase: str, found: list[str]) -> None:
    assert list(alternatives(phrase)) == found


@pytest.mark.parametrize(("choices", "is_written_out"), [(500, True), (501, False)])
def test_brackets_that_stand_for_too_many_are_taken_as_they_are(choices: int, is_written_out: bool) -> None:
    phrase = f"({'|'.join(map(str, range(choices)))}) palsy"

    assert (list(alternatives(phrase)) != [phrase]) == is_written_out


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("face is paralysed", "face is paralysed"),
        ("face is suddenly paralyzed", "face is suddenly paralyzed"),
        ("his face of the left side paralysed", "face of the left side paralysed"),
        ("face of the left side of paralysed", "face of the left side of paralysed"),
        ("face of the left side of the paralysed", None),
        ("face paralysed", None),
        ("face red paralysed", None),
        ("face is", None),
    ],
)
def test_a_gap_is_one_to_five_small_words(text: str, phrase: str | None) -> None:
    found = Phrases({"face … paralysed": X})

    assert [one[0] for one in hits(found, text)] == ([phrase] if phrase else [])


def test_a_gap_at_an_end_is_no_gap() -> None:
    assert Phrases({"face …": X}).is_in("face")
    assert Phrases({"… face": X}).is_in("face")


def test_a_phrase_with_a_gap_inside_a_longer_one_adds_its_meaning() -> None:
    phrases = Phrases({"face … paralysed": X, "her face … paralysed": Y})

    assert hits(phrases, "her face is paralysed") == [("her face is paralysed", 0, 21, "xy")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("FACIAL palsy", True), ("fac'ial palsy", True), ("Nothing", False), ("Ñothing", True), ("palsy", False)],
)
def test_a_look_at_a_text_that_is_not_folded_never_misses(text: str, expected: bool) -> None:
    """It looks for the longest word, and says yes to everything that is not plain ASCII."""
    assert Phrases({"facial palsy": X}).may_be_written_in(text) == expected


def test_umlauts_may_be_written_out() -> None:
    phrases = Phrases({"Gesichtslähmung": X, "Gesicht … gelähmt": X})

    assert phrases.is_in("gesichtslahmung")
    assert phrases.is_in("gesichtslaehmung")
    assert phrases.is_in("gesicht ist gelaehmt")


def test_a_removed_phrase_is_removed_in_both_spellings() -> None:
    phrases = Phrases({"Gesichtslähmung": X, "Parese": X}, {"x": frozenset({"gesichtslahmung"})})

    assert not phrases.is_in("gesichtslahmung")
    assert not phrases.is_in("gesichtslaehmung")
