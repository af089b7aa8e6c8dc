"""The telling words of titles, and what each is worth."""

from __future__ import annotations

import math

import pytest

from aggregator.stories.terms import (
    Weights,
    address_terms,
    field_words,
    is_calendar,
    is_our_own,
    names,
    prior,
    stem,
    terms,
    topic_words,
)
from aggregator.values.stories import WordCounts


@pytest.mark.parametrize(
    ("word", "stemmed"),
    [
        ("studies", "study"), ("dies", "die"), ("flies", "fly"), ("misses", "miss"), ("patients", "patient"), ("bus", "bus"), ("basis", "basis"),
        ("class", "class"), ("gas", "gas"), ("running", "run"), ("hopping", "hop"), ("treating", "treat"), ("falling", "fall"),
        ("telling", "tell"), ("smiled", "smil"), ("smile", "smil"), ("freed", "fre"), ("need", "need"), ("used", "used"),
        ("string", "string"), ("red", "red"), ("2024s", "2024"), ("2020", "2020"), ("the", "the"), ("buzzing", "buzz"),
        ("ties", "tie"), ("tree", "tre"), ("missed", "miss"), ("eggs", "egg"), ("egging", "egg"), ("adding", "add"),
        ("walked", "walk"), ("stopped", "stop"), ("slipped", "slip"),
    ],
)  # fmt: skip
def test_stems(word: str, stemmed: str) -> None:
    assert stem(word) == stemmed


def test_words_that_say_nothing_are_no_terms() -> None:
    assert terms("The new study of Bell's palsy and its patients") == ["study", "bell", "palsy", "patient"]


def test_names_have_a_capital_where_no_sentence_begins_or_a_figure() -> None:
    text = "Mayor Ada Quill met 12 people. Then She left “Quoted words” in Rome, paid $30"

    assert names(text) == ["ada", "quill", "12", "rom", "30"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://x.example/2026/11/24/mayor-quill_returns-to-work.html", ["mayor", "quill", "return", "work"]),
        ("https://x.example/news/short-title", []),
        ("https://x.example/news/not-so-short", ["short"]),
        ("https://x.example/a-better-story-123456-deadbeef99", ["better", "story"]),
        ("https://x.example/mayor-1234-words", ["mayor", "1234", "word"]),
        ("https://x.example/", []),
    ],
)
def test_words_of_an_address(url: str, found: list[str]) -> None:
    assert [word for word in address_terms(url) if word != "b"] == found


@pytest.mark.parametrize(
    ("word", "ours", "topic"),
    [
        ("bells", True, True),
        ("schwannoma", True, True),
        ("nerve", False, True),
        ("smile", False, True),
        ("nervio", False, True),
        ("mayor", False, False),
    ],
)
def test_words_of_our_topic(word: str, ours: bool, topic: bool) -> None:
    assert (is_our_own(stem(word)), stem(word) in topic_words()) == (ours, topic)


def test_words_of_the_vocabulary_are_known_by_their_stems() -> None:
    assert {stem("neurectomy"), stem("synkinesis"), stem("parotidectomy")} <= field_words()
    assert "mayor" not in field_words()


def test_the_prior_is_what_we_ship() -> None:
    assert len(prior()) > 5_000
    assert prior()["year"] > prior()["hospital"] > prior()["mayor"] >= 20


def test_a_word_weighs_by_how_few_titles_have_it() -> None:
    weights = Weights()

    assert weights.of("quillfeather") == pytest.approx(math.log((198_509 * 0.2 + 1) / 0.5) ** 0.9)
    assert weights.of("quillfeather") > weights.of("mayor") > weights.of("palsy")
    # Rare in the prior, but on our page every title has it.
    assert weights.of("synkinesis") < 2


def test_our_own_titles_count_besides_the_prior() -> None:
    weights, counted = Weights(), Weights(WordCounts(100, {"quillfeather": 50}))
    before = weights.of("quillfeather")
    for _ in range(50):
        weights.count(["quillfeather", "quillfeather"])

    assert weights.of("quillfeather") < before
    assert (weights.documents, weights.counts["quillfeather"]) == (50, 50)
    assert counted.of("quillfeather") == pytest.approx(math.log((198_509 * 0.2 + 101) / 50.5) ** 0.9)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("january", True), ("march", True), ("monday", True), ("easter", True), ("weeks", True), ("seasons", True), ("2014", True), ("1999", True),
     ("clinic", False), ("2150", False), ("20", False), ("20145", False), ("marched", True)],
)  # fmt: skip
def test_what_names_a_time(word: str, expected: bool) -> None:
    assert is_calendar(stem(word)) == expected


def test_a_word_of_the_calendar_weighs_half() -> None:
    counted = Weights(WordCounts(1000, {stem("easter"): 3, "quillfeather": 3}))

    assert prior().get(stem("easter"), 0) >= prior().get("quillfeather", 0)
    assert counted.of(stem("easter")) < 0.6 * counted.of("quillfeather")


def test_a_word_that_nearly_every_title_has_still_weighs_something() -> None:
    assert Weights(WordCounts(1_000_000, {"x": 1_000_000})).of("x") == pytest.approx(math.log(1.5) ** 0.9)
