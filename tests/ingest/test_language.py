"""The words of an entry say its language where its feed says nothing, or says it wrongly; too few words say nothing."""

from __future__ import annotations

import pytest

from aggregator.ingest.language import language_of, tidy_tag

SENTENCES = [
    ("en", "What helps when one side of the face does not move? A new study from Leeds"),
    ("en", "Children with facial palsy: results of a survey of parents"),
    ("de", "Was hilft, wenn sich eine Seite des Gesichts nicht bewegt? Neue Studie aus Bonn"),
    ("de", "Fazialisparese: Übungen für das Gesicht"),
    ("de", "Behandlung der Gesichtslähmung bei Kindern"),
    ("fr", "Que faire quand un côté du visage ne bouge plus ? Une étude de Lyon"),
    ("fr", "Paralysie faciale : les exercices qui aident"),
    ("fr", "La chirurgie de l’œil dans la paralysie faciale"),
    ("es", "Qué hacer cuando un lado de la cara no se mueve: estudio en Sevilla"),
    ("es", "Parálisis facial: los ejercicios que ayudan"),
    ("es", "Reconstrucción del nervio con una nueva técnica"),
    ("it", "Che cosa fare quando un lato del viso non si muove: uno studio di Bologna"),
    ("it", "Paralisi facciale: gli esercizi che aiutano"),
    ("it", "La chirurgia del nervo nella paralisi dei bambini"),
    ("pt", "O que fazer quando um lado do rosto não se move: um estudo do Porto"),
    ("pt", "Paralisia facial: os exercícios que ajudam"),
    ("pt", "Reconstrução do nervo com uma nova técnica"),
    ("nl", "Wat te doen als één kant van het gezicht niet beweegt? Onderzoek uit Utrecht"),
    ("nl", "Aangezichtsverlamming: oefeningen die helpen bij kinderen"),
]


@pytest.mark.parametrize(("language", "text"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_words_tell_where_the_feed_does_not(language: str, text: str) -> None:
    assert language_of(text, None) == language


@pytest.mark.parametrize(("language", "text"), SENTENCES, ids=[text for _, text in SENTENCES])
def test_the_feed_s_own_tag_stands_where_the_words_agree(language: str, text: str) -> None:
    assert language_of(text, f"{language}-x") == language
    assert language_of(text, f"{language}_ch") == f"{language}-CH"


@pytest.mark.parametrize(
    ("language", "text"),
    [pair for pair in SENTENCES if len(pair[1]) > 60],
    ids=[text for _, text in SENTENCES if len(text) > 60],
)
def test_many_words_win_against_a_wrong_claim(language: str, text: str) -> None:
    assert language_of(text, "es" if language != "es" else "en") == language


@pytest.mark.parametrize(
    "text", ["Moebius", "Botox", "Goldenhar", "A", "La La Land", "In memoriam", "De la", "2026", "Café", ""]
)
@pytest.mark.parametrize("claimed", [None, "en", "sv"])
def test_too_little_text_says_nothing(text: str, claimed: str | None) -> None:
    assert language_of(text, claimed) == claimed


@pytest.mark.parametrize(
    ("text", "claimed", "expected"),
    [
        ("Ansiktsförlamning och övningar som hjälper barn att le", "sv", "sv"),
        ("Porażenie nerwu twarzowego u dzieci", None, None),
        ("Näonärvi halvatus ja selle ravi lastel", None, None),
        ("顔面神経麻痺のリハビリ", None, "ja"),
        ("面神经麻痹的康复", "zh-CN", "zh-CN"),
        ("Лечение пареза лицевого нерва", "uk", "uk"),
        ("Лечение пареза лицевого нерва", "en", "ru"),
        ("What helps when the face does not move", "ru", "en"),
    ],
)
def test_other_languages_and_scripts(text: str, claimed: str | None, expected: str | None) -> None:
    assert language_of(text, claimed) == expected


@pytest.mark.parametrize(
    ("claimed", "tag"),
    [
        ("en_us", "en-US"), ("EN", "en"), ("zh-hans-cn", "zh-Hans-CN"), ("Deutsch", "de"), ("Nederlands", "nl"), ("es-419", "es-419"),
        ("", None), (None, None), ("a language", None), ("x", None),
    ],
)  # fmt: skip
def test_a_tag_is_written_as_bcp_47_writes_it(claimed: str | None, tag: str | None) -> None:
    assert tidy_tag(claimed) == tag
