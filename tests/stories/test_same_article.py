"""The same article: keys, bare headlines and headlines that are evidently one."""

from __future__ import annotations

import pytest

from aggregator.keys import Identifiers
from aggregator.stories.same_article import bare_title, conflicts, is_instalment, is_same_article, is_series, same_title
from aggregator.values.entries import Entry
from aggregator.values.stories import GroupingEntry
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("one", "other", "is_conflict"),
    [
        (["doi:10.1/a"], ["doi:10.1/b"], True),
        (["pmid:1"], ["pmid:2"], True),
        (["nct:nct00000001"], ["nct:nct00000002"], True),
        (["doi:10.1/a", "pmid:1"], ["doi:10.1/a", "pmid:2"], True),
        (["doi:10.1/a"], ["doi:10.1/a"], False),
        (["doi:10.1/a", "doi:10.1/b"], ["doi:10.1/b"], False),
        (["doi:10.1/a"], ["pmid:1"], False),
        (["pmid:1"], [], False),
        ([], ["pmid:1"], False),
        (["url:a"], ["url:b"], False),
    ],
)
def test_different_identifiers_of_one_sort_keep_articles_apart(one: list[str], other: list[str], is_conflict: bool) -> None:
    assert conflicts(one, other) == conflicts(other, one) == is_conflict


def test_keys_come_strongest_first_and_an_address_last() -> None:
    own = Identifiers(doi="10.5555/A", pmid="7", pmcid="PMC8", nct="NCT00000009")

    keys = Entry(guid="g", url="https://www.example.com/a?utm_source=x", title="T", identifiers=own).keys

    assert [key.split(":")[0] for key in keys] == ["doi", "pmid", "pmcid", "nct", "url"]
    assert keys[0] == "doi:10.5555/a"
    assert keys[-1] == "url:example.com/a"


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        (Entry(guid="g", url="", title="T"), ()),
        (Entry(guid="g", url="https://example.com/a", title="T", page="example.com/b"), ("url:example.com/b",)),
        (Entry(guid="g", url="https://example.com/a", title="T", is_url_own=False), ()),
    ],
    ids=["no address", "the page is known", "shared address"],
)
def test_an_address_is_a_key_where_it_is_the_entry_s_own(entry: Entry, keys: tuple[str, ...]) -> None:
    assert entry.keys == keys


@pytest.mark.parametrize(
    ("title", "source", "bare"),
    [
        ("UPDATE 1-Drug works", "", "Drug works"),
        ("VIDEO: A smile", "", "A smile"),
        ("WATCH | A smile", "", "A smile"),
        ("Study: Steroids help", "", "Steroids help"),
        ("Breaking news: A smile", "", "A smile"),
        ("(AP) A smile", "", "A smile"),
        ("A smile returns (video)", "", "A smile returns"),
        ("A smile returns (2)", "", "A smile returns"),
        ("A smile returns - study finds", "", "A smile returns"),
        ("A smile returns - The Daily Tale", "Daily Tale", "A smile returns"),
        ("A smile returns - Tale", "The Daily Tale", "A smile returns"),
        ("A smile returns - The Daily Tale", "Other", "A smile returns - The Daily Tale"),
        ("A smile returns - The Daily Tale", "", "A smile returns - The Daily Tale"),
        ("Video:", "", "Video:"),
    ],
)
def test_a_headline_without_what_stands_around_it(title: str, source: str, bare: str) -> None:
    assert bare_title(title, source) == bare


@pytest.mark.parametrize(
    ("title", "instalment", "series"),
    [
        ("Smile: part 2", True, False),
        ("Letters", True, True),
        ("Issue 3", True, True),
        ("Season 2", False, True),
        ("The second part of life", False, False),
    ],
)
def test_titles_that_come_again(title: str, instalment: bool, series: bool) -> None:
    assert (is_instalment(title), is_series(title)) == (instalment, series)


SAME = [
    ("Three patients smile again after surgery", "3 patients smile again after surgery"),
    ("Steroids help recovery from facial palsy", "Steroids help recovry from facial palsy"),
    ("Steroids help recovery from facial palsy", "From facial palsy steroids help recovery"),
    ("Steroids help patients recover from facial palsy", "Study: Steroids help patients recover from facial palsy, study finds"),
    ("Early steroids help adults with facial palsy recover", "Early steroids help adults with facial palsy rec"),
    ("Steroids help adults with palsy", "Steroids help adults with palsy recover"),
    ("The smile clinic of our town", "The smile clinic of our town"),
    ("The clinic of the town", "The clinic of the town"),
    ("Steroids cut 20 percent of palsies in large trial", "Steroids cut 20pct of palsies in large trial"),
    ("U.S. approves new drug for facial palsy", "US approves new drug for facial palsy"),
    ("$3 billion for facial nerve research in Europe", "$3bn for facial nerve research in Europe"),
    ("$2m for research into facial palsy", "$2 million for research into facial palsy"),
    ("Second operation brings back girl's smile", "2nd operation brings back girl's smile"),
    ("Food and Drug Administration approves facial palsy drug", "FDA approves facial palsy drug"),
    ("Palsy spreads to capital of Velderby", "Velderby: palsy spreads to capital"),
    ("One two three four five six", "zero One two three four five six"),
    ("One two three four five six", "zero nought One two three four five six"),
    ("Facial palsy round-up from all our clinics in the north", "Facial palsy round-up from all our clinics in the north!"),
]  # fmt: skip
DIFFERENT = [
    # One letter apart at the beginning is another word.
    ("Nerve regeneration after facial palsy in adults", "Nerve degeneration after facial palsy in adults"),
    ("Four of 10 recover from facial palsy early", "Five of 10 recover from facial palsy early"),
    ("Steroids help recovery from facial palsy", "Steroids help healing from facial palsy"),
    # The same words in another order, and more than one part moved.
    ("Patients praise surgeons after strike", "Surgeons praise patients after strike"),
    ("Children recover faster than adults from palsy", "Adults recover faster than children from palsy"),
    ("Steroids beat surgery in large trial", "Surgery beats steroids in large trial"),
    ("Nerve moved from leg to face of boy", "Nerve moved from face to leg of boy"),
    ("Ill patients smile again after surgery now", "Still patients smile again after surgery now"),
    ("Round-up: steroids help adults with palsy recover now", "Steroids help adults with palsy recover now"),
    ("The round-up of our town and of more", "The round-up of our town and of more"),
    ("Facial palsy round-up from clinics", "Facial palsy round-up from clinics"),
    ("Steroids help recovery from palsy", "Steroids help early recovery from facial palsy at last"),
    ("Steroids help adults with palsy", "Steroids help adults with palsyx recover"),
    ("One two three four five six", "zero nought none One two three four five six"),
    ("Smile clinic", "Smile clinic"),
    ("The clinic of town", "The clinic of town"),
    # One letter is much of a word of four.
    ("Facial palsy surgeon joins bank on Monday", "Facial palsy surgeon joins band on Monday"),
    ("Weekly round-up", "Weekly round-up"),
    ("Facial palsy round-up from all our clinics in the north", "Facial palsy round-up from all our clinics in the south"),
    ("Facial palsy podcast from all our clinics, season 2", "Facial palsy podcast from all our clinics, season 2"),
    ("Patients smile after nerve 7 surgery", "Patients smile after nerve 8 surgery"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_headlines_that_are_one(one: str, other: str) -> None:
    assert same_title(one, other, one_source="A", other_source="B")
    assert same_title(other, one, one_source="B", other_source="A")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_headlines_that_are_two(one: str, other: str) -> None:
    assert not same_title(one, other, one_source="A", other_source="B")
    assert not same_title(other, one, one_source="B", other_source="A")


def test_a_round_up_of_one_source_is_another_one_each_time() -> None:
    title = "Facial palsy round-up from all our clinics in the north"

    assert not same_title(title, title, one_source="A", other_source="a")


LONG = "Westmere clinic opens a ward for facial surgery"


@pytest.mark.parametrize(
    ("title", "keys", "notice", "expected"),
    [
        (LONG, (), None, True),
        ("Another title of the same article", ("doi:10.1/a",), None, True),
        ("Another title of another article", ("url:b",), None, False),
        (LONG, ("doi:10.1/b",), None, False),
        (LONG, ("doi:10.1/a",), "retraction", False),
    ],
    ids=["title", "key", "neither", "other identifiers", "a notice"],
)
def test_two_entries_are_one_article(title: str, keys: tuple[str, ...], notice: str | None, expected: bool) -> None:
    one = GroupingEntry(1, LONG, "", "Wire", "", NOW, ("doi:10.1/a", "url:a"))
    other = GroupingEntry(2, title, "", "Wire", "", NOW, keys, notice=notice)

    assert is_same_article(one, other) == is_same_article(other, one) == expected
