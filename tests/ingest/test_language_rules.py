"""In which language an entry is written: the script first, then common words, then what the feed claims."""

from __future__ import annotations

import pytest

from aggregator.ingest.language import language_of, tidy_tag


@pytest.mark.parametrize(
    ("claimed", "tag"),
    [
        ("en", "en"), ("EN_us", "en-US"), (" en-gb ", "en-GB"), ("zh-hans-CN", "zh-Hans-CN"), ("es-419", "es-419"),
        ("en-US-x-private", "en-US"), ("English", "en"), ("español", "es"), ("Deutsch", "de"), ("gsw", "gsw"), ("", None),
        (None, None), ("e", None), ("no language", None), ("1234", None),
    ],
)  # fmt: skip
def test_tags_as_bcp_47_writes_them(claimed: str | None, tag: str | None) -> None:
    assert tidy_tag(claimed) == tag


@pytest.mark.parametrize(
    ("text", "claimed", "language"),
    [
        ("顔面神経麻痺のリハビリ", "en", "ja"),
        ("안면 마비 치료", None, "ko"),
        ("面神经麻痹的治疗", "ja", "ja"),
        ("面神经麻痹的治疗", "en", "zh"),
        ("شلل الوجه النصفي", "fa", "fa"),
        ("شلل الوجه النصفي", None, "ar"),
        ("שיתוק פנים", None, "he"),
        ("Паралич лицевого нерва", "uk", "uk"),
        ("Паралич лицевого нерва", "en", "ru"),
        ("Παράλυση προσωπικού νεύρου", None, "el"),
        # A few letters of another script decide nothing.
        ("The role of β and γ in the repair of nerves", "en", "en"),
        # A claim of another script than the letters is not believed.
        ("Smile", "ja", None),
        ("The smile is back with the help of friends", "es", "en"),
        ("La sonrisa de los pacientes con parálisis", "en", "es"),
        ("Smile", "fr", "fr"),
        ("Smile", None, None),
        ("123", "de", "de"),
        ("", None, None),
    ],
)
def test_the_language_of_a_text(text: str, claimed: str | None, language: str | None) -> None:
    assert language_of(text, claimed) == language
