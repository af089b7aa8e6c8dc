"""A link's text goes off the end of a shown summary; a sentence never does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.ingest.tails import whole, without_tail

TITLE = "New exercises for the face"


@pytest.mark.parametrize(
    "tail",
    [
        "Read more", "Read More", "READ MORE", "Read more »", "Read more...", "Read more…", "[Read more]", "(Read more...)",
        "Read more about eye care", "Read more at Example News", "Read the full story", "Read the full article here",
        "Read full article", "Read the rest of this entry »", "Read the whole thing", "Read the original article →",
        "Read this article", "View full post on Example Clinic", "See full story", "See more", "Learn more", "Learn more about it",
        "Find out more", "Continue reading", "Continue reading →", f"Continue reading {TITLE}", f"Continue reading “{TITLE}”",
        f"Continue reading {TITLE} →", "Keep reading", "Click here to read more", "Full story", "More", "More »", "[More]",
        "Comments", "Comment", "»", ">>", "→",
        "Leer más", "Leer más sobre el tema", "Seguir leyendo", "Sigue leyendo →", "Continuar leyendo", "Ver más",
        "Weiterlesen", "Weiterlesen »", "Mehr erfahren", "Zum Artikel", "Lire la suite", "Lire la suite →", "En savoir plus",
        "Leia mais", "Saiba mais", "Continue lendo", "Leggi tutto", "Continua a leggere", "Lees meer", "Lees verder",
        f"The post {TITLE} appeared first on Example Clinic.", f"The post {TITLE} first appeared on example.com.",
        f"La entrada {TITLE} se publicó primero en Ejemplo.", f"Der Beitrag {TITLE} erschien zuerst auf Beispiel.",
        f"L’article {TITLE} est apparu en premier sur Exemple.", f"O post {TITLE} apareceu primeiro em Exemplo.",
        f"L’articolo {TITLE} proviene da Esempio.", f"Het bericht {TITLE} verscheen eerst op Voorbeeld.",
        f"Read more… The post {TITLE} appeared first on Example Clinic.",
    ],
)  # fmt: skip
def test_a_link_at_the_end_goes(tail: str) -> None:
    assert without_tail(f"Five minutes a day are enough. {tail}", TITLE) == "Five minutes a day are enough."
    assert without_tail(tail, TITLE) == ""


@pytest.mark.parametrize(
    "tail", ["Continue reading…", "Continue reading...", "Read more »", "Weiterlesen …", "Lire la suite →"]
)
def test_a_marked_link_goes_behind_a_paragraph_without_a_full_stop(tail: str) -> None:
    assert without_tail(f"All you need to know about the eye {tail}", TITLE) == "All you need to know about the eye"


@pytest.mark.parametrize(
    "text",
    [
        "Why Doctors See More…",
        "Children who read more…",
        "Most patients see full recovery within nine months.",
        "It was a long way. See full recovery within nine months.",
        "See full recovery within nine months",
        "Doctors see more patients in winter, a study finds",
        "Winter is here. See more patients in the clinic every day.",
        "We aimed to learn more about quality of life. We surveyed 120 adults",
        "We surveyed 120 adults. Learn more about their quality of life in our paper.",
        "Nobody knows why. Learn more about quality of life and about what patients say of it",
        "Read more books! It helps.",
        "Read the report that nobody at the ministry wanted to be published this year",
        "Children read more",
        "They continue reading",
        "I could not read the full text",
        "There is no more",
        "He wants to see more.",
        "She had comments",
        "Full story of a nerve: how it grew back",
        "More than half recovered",
        "The post she had held for years appeared first on a list. Then it went.",
        "Lire la suite des événements est difficile.",
        "Weiterlesen hilft nicht.",
        "Read more. That is what the therapist says.",
        "Continue reading for as long as both of your eyes stay moist, and then stop.",
    ],
)
def test_a_sentence_stays(text: str) -> None:
    assert without_tail(text, TITLE) == text


def test_nothing_before_the_last_of_a_long_text_is_touched() -> None:
    text = "Read more » " + "word " * 300

    assert without_tail(text, TITLE) == text.strip()


def test_a_sentence_need_not_begin_where_the_piece_does() -> None:
    """The last 600 characters begin in the middle of a word here."""
    text = "x" * 100 + "Read more" + " " + "»" * 590

    assert without_tail(text, TITLE).startswith("x" * 100 + "Read more")


@given(st.text(alphabet="aR ead.more»…[(", max_size=80))
def test_what_is_left_is_how_the_text_begins(text: str) -> None:
    assert text.strip().startswith(without_tail(text, TITLE))


@pytest.mark.parametrize("mark", ["…", "...", "[…]", " [...]"])
def test_the_mark_of_a_cut_is_known(mark: str) -> None:
    assert whole(f"It began{mark}") == "It began"
