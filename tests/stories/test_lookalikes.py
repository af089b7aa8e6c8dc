"""Headlines that follow one pattern and tell two things."""

from __future__ import annotations

from itertools import count

import pytest

from aggregator.stories.lookalikes import tell_different_things
from aggregator.stories.terms import Weights
from aggregator.values.stories import GroupingEntry
from tests.conftest import NOW

_NUMBERS = count(1)


def member(title: str, *keys: str, source: str = "A") -> GroupingEntry:
    return GroupingEntry(next(_NUMBERS), title, "", source, "", NOW, keys)


TWO = [
    ("FDA approves device for facial palsy", "FDA rejects device for facial palsy"),
    ("Facial palsy therapy helps children", "Facial palsy therapy helps adults"),
    ("Number of facial palsy cases rises", "Number of facial palsy cases falls"),
    ("Facial nerve regeneration seen", "Facial nerve degeneration seen"),
    ("Living with facial palsy, part 1", "Living with facial palsy, part 2"),
    ("Facial palsy digest for March with many words", "Facial palsy digest for April with many words"),
    ("Facial palsy clinic opens in Drumnakil", "Facial palsy clinic opens in Velderby"),
    ("Facial palsy clinic treats 120 patients", "Facial palsy clinic treats 340 patients"),
    # One decision about two products, or about one product and two conditions.
    ("Regulator approves Smilavir for Bell's palsy", "Regulator approves Facelumin for Bell's palsy"),
    ("Smilavir approved for Bell's palsy by regulator", "Facelumin approved for Bell's palsy by regulator"),
    ("Solmar recalls Ocutear for dry eye", "Corvane recalls Lidpad after burns to eyelids"),
    ("Regulator clears Smilavir for Bell's palsy", "Regulator clears Smilavir for hemifacial spasm"),
    ("Teenager with Moebius syndrome graduates", "Teenager with Ramsay Hunt syndrome graduates"),
    # One chain in two places.
    ("Meridian Smile opens palsy clinic in Drumnakil", "Meridian Smile opens palsy clinic in Velderby"),
    ("Nerve transfer helps girl smile", "Nerve transfer helps boy smile"),
    ("Man, 34, wakes up with half his face paralysed", "Woman, 52, wakes up with half her face paralysed"),
]
ONE = [
    ("Facial palsy clinic opens in Drumnakil", "Drumnakil opens its clinic for facial palsy"),
    ("Facial palsy clinic opens in Drumnakil", "Facial palsy clinic opens"),
    # Not about our topic: headlines have many patterns there.
    ("Bakery opens in Drumnakil today", "Bakery opens in Velderby today"),
    ("FDA approves device for hips", "FDA rejects device for hips"),
    # They name the same person.
    ("Mayor Quillfeather of Drumnakil has facial palsy", "Mayor Quillfeather of Velderby has facial palsy"),
    ("FDA approves Smilavir for facial palsy", "Smilavir approved by FDA for facial palsy in adults"),
    ("Trial compares Bell's palsy with stroke", "Stroke or Bell's palsy: trial compares signs"),
    ("Girl with palsy saved by boy next door", "Boy saved girl with palsy"),
    ("Mayor Quillfeather of Drumnakil has Bell's palsy", "Quillfeather, mayor of Drumnakil, had a stroke of face"),
    # Only one of them is a part of several.
    ("Facial palsy clinic opens in Drumnakil, part 1", "Drumnakil opens its clinic for facial palsy"),
    # Most long words have a capital, so a word that is not rare is no name.
    ("Palsy Clinic at the Edge of the Farm is to be Open", "Palsy Clinic at the Edge of the Lake is to be Open"),
    # They share too little to follow one pattern.
    ("Facial palsy ended the career of singer Oona Brack", "Facial surgeon Ulf Tander repairs smiles of many"),
]


@pytest.mark.parametrize(("one", "other"), TWO)
def test_one_pattern_and_two_things(one: str, other: str) -> None:
    assert tell_different_things(member(one), member(other), Weights())
    assert tell_different_things(member(other), member(one), Weights())


@pytest.mark.parametrize(("one", "other"), ONE)
def test_what_may_be_one_thing(one: str, other: str) -> None:
    assert not tell_different_things(member(one), member(other), Weights())
    assert not tell_different_things(member(other), member(one), Weights())


def test_identifiers_that_differ_tell_two_things_under_one_title() -> None:
    title = "Facial palsy in spring"

    assert tell_different_things(member(title, "doi:10.1/a"), member(title, "doi:10.1/b"), Weights())
    assert not tell_different_things(member(title, "doi:10.1/a"), member(title, "doi:10.1/a"), Weights())


def test_an_outlet_behind_a_headline_is_no_name_in_it() -> None:
    one = member("Facial palsy clinic opens in town today - Drumnakil Post", source="Drumnakil Post")
    other = member("Facial palsy clinic opens in town today - Velderby News", source="Velderby News")

    assert not tell_different_things(one, other, Weights())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Three words in common make a pattern, two do not.
        ("Palsy clinic opens Drumnakil", "Palsy clinic opens Velderby", True),
        ("Palsy clinic Drumnakil", "Palsy clinic Velderby", False),
        # Three of eight words are too few, three of seven are enough.
        ("Palsy clinic opens Drumnakil red blue green yellow", "Palsy clinic opens Velderby one1 two2 three3 four4", False),
        ("Palsy clinic opens Drumnakil red blue green", "Palsy clinic opens Velderby one1 two2 three3", True),
    ],
)
def test_how_much_two_headlines_share_where_they_follow_one_pattern(one: str, other: str, expected: bool) -> None:
    assert tell_different_things(member(one), member(other), Weights()) == expected
