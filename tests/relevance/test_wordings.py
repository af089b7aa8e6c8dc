"""Patterns of words: what each sign of their notation stands for."""

from __future__ import annotations

import pytest

from aggregator.relevance.wordings import Wordings, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", [":"]),
        ("A case: one girl", [":", "a", "case", ":", "one", "girl", ":"]),
        ("«Io» – l’inizio (video)", [":", "io", ":", "l", "inizio", ":", "video", ":"]),
        ("Follow-up of 12.5 % [new]", [":", "follow", "up", "of", "12", "5", ":", "new", ":"]),
        ("‘Mijn’ zoon", [":", "mijn", "zoon", ":"]),
    ],
)
def test_a_text_is_words_and_breaks(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        ("case report", "A case report of palsy", True),
        ("case report", "A case of a report", False),
        ("case report", "A case: report", False),
        ("case report*", "Case reporting", True),
        ("meta-analys*", "A meta-analysis", True),
        ("meta-analys*", "Meta", False),
        ("(one|two|) cases", "Cases of palsy", True),
        ("(one|two|) cases of", "two cases of", True),
        ("(|*) review", "Review", True),
        ("a * review", "a short review", True),
        ("a * review", "a review", False),
        ("a * review", "a: review", False),
        ("in # patients", "in 3 patients", True),
        ("in # patients", "in three patients", False),
        ("in ## patients", "in 3 patients", False),
        ("in ## patients", "in 40 patients", True),
        ("## patients", "40 patients", True),
        (": video :", "Video: a smile", True),
        (": video :", "A smile (video)", True),
        (": video :", "A video of a smile", False),
        ("randomised … trial", "randomised trial", True),
        ("randomised … trial", "randomised and placebo-controlled trial", True),
        ("randomised … trial", "randomised one two three four five six trial", False),
        ("randomised … trial", "randomised: a trial", False),
        ("Übersicht", "Eine Übersicht", True),
        ("Übersicht", "Eine Uebersicht", True),
        ("étude de cas", "etude de cas", True),
        ("l'histoire de *", "L’histoire de Léa", True),
        ("Cochrane(|-)(Review|Übersicht*)", "Cochrane-Übersichten", True),
    ],
)
def test_what_a_pattern_finds(pattern: str, text: str, is_found: bool) -> None:
    assert (Wordings({"it": [pattern]}).found_in(words_of(text)) == {"it"}) == is_found


def test_all_that_a_text_says_is_found() -> None:
    wordings = Wordings({"trial": ["randomised"], "review": ["review*"], "lab": ["mice"]})

    assert wordings.found_in(words_of("A randomised trial: reviewed")) == {"trial", "review"}
    assert wordings.found_in([]) == frozenset()
