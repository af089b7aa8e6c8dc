"""The words around the news: the same keys in each language, with the same values in them, and natural dates and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from aggregator.render.views import GROUPS
from aggregator.render.words import LANGUAGES, Text, words_of
from aggregator.topics import vocabulary
from aggregator.values.entries import EVIDENCE_WORDS
from tests.conftest import HOME

SUNDAY = date(2026, 11, 22)


def leaves(texts: Mapping[str, Text], place: str = "") -> Iterator[tuple[str, str]]:
    for key, text in texts.items():
        if isinstance(text, str):
            yield f"{place}{key}", text
        else:
            yield from leaves(text, f"{place}{key}.")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def told(language: str) -> dict[str, str]:
    return {key: text for key, text in leaves(words_of(language).texts) if not key.startswith("topics.")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text_with_the_same_values(language: str) -> None:
    english, own = told("en"), told(language)

    assert own.keys() == english.keys()
    assert {key: fields(own[key]) ^ fields(english[key]) for key in own if not key.endswith(".one")} == {
        key: set() for key in own if not key.endswith(".one")
    }
    assert [key for key, text in own.items() if not text and not key.startswith("kinds.unlabelled")] == []
    assert [key for key, text in own.items() if language != "en" and len(text) > 25 and text == english[key]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_every_topic(language: str) -> None:
    words = words_of(language)

    assert all(words.topic(topic.slug) and words.about(topic.slug).endswith(".") for topic in vocabulary().topics)
    if language != "en":
        assert {topic.slug for topic in vocabulary().topics} == words.texts["topics"].keys()  # type: ignore[union-attr]


def test_every_kind_has_a_label_a_meaning_and_a_group() -> None:
    grouped = {kind for kinds in GROUPS.values() for kind in kinds}

    assert grouped | {"unlabelled"} == EVIDENCE_WORDS.keys()
    # Staff read the same words in the terminal.
    assert {kind: words_of("en").label(kind) for kind in EVIDENCE_WORDS} == EVIDENCE_WORDS
    assert all(words_of("en").label(kind) and words_of("en").text(f"kinds.{kind}.meaning") for kind in grouped)


def test_every_text_is_used_and_no_other_is_asked_for() -> None:
    sources = [
        *(HOME / "templates").rglob("*.html"),
        *(HOME / "templates").rglob("*.js"),
        *(HOME / "aggregator").rglob("*.py"),
    ]
    code = "\n".join(path.read_text("utf-8") for path in sources)
    keys = {key.partition(".")[0] for key in told("en")} - {
        "dates",
        "kinds",
        "groups",
        "newest",
        "notices",
        "recruitment",
        "scripts",
    }
    asked = set(re.findall(r"""(?:\bt|\bwords\.text)\(\s*"(\w+)["]""", code))

    assert {key for key in keys if not re.search(rf"""["']{key}["']""", code) and not key.startswith("n_")} == set()
    assert asked - keys == set()


@pytest.mark.parametrize(
    ("language", "day", "weekday", "month", "clock"),
    [
        ("en", "22 November 2026", "Sunday, 22 November 2026", "November 2026", "9:05 am PST"),
        ("de", "22. November 2026", "Sonntag, 22. November 2026", "November 2026", "9:05 Uhr PST"),
        ("es", "22 de noviembre de 2026", "domingo, 22 de noviembre de 2026", "Noviembre de 2026", "9:05 PST"),
        ("fr", "22 novembre 2026", "dimanche 22 novembre 2026", "Novembre 2026", "9:05 PST"),
    ],
)
def test_dates_are_written_as_the_language_writes_them(
    language: str, day: str, weekday: str, month: str, clock: str
) -> None:
    words = words_of(language)

    assert words.day(SUNDAY) == day
    assert words.weekday(SUNDAY) == weekday
    assert words.month(SUNDAY) == month
    assert words.clock(datetime(2026, 11, 22, 9, 5, tzinfo=ZoneInfo("America/Los_Angeles"))) == clock


@pytest.mark.parametrize(
    ("language", "names", "expected"),
    [
        ("en", [], ""),
        ("en", ["A"], "A"),
        ("en", ["A", "B"], "A and B"),
        ("en", ["A", "B", "C", "D"], "A, B, C and D"),
        ("en", list("ABCDEF"), "A, B, C and 3 more"),
        ("de", ["A", "B"], "A und B"),
        ("es", ["A", "B"], "A y B"),
        ("fr", list("ABCDEF"), "A, B, C et 3 autres"),
    ],
)
def test_names_are_listed(language: str, names: list[str], expected: str) -> None:
    assert words_of(language).listed(names) == expected


@pytest.mark.parametrize(
    ("page", "tag", "expected"),
    [
        ("en", "de", "in German"),
        ("en", "de-CH", "in German"),
        ("en", "DE", "in German"),
        ("en", "xx", "in another language"),
        ("en", None, ""),
        ("en", "", ""),
        ("de", "en", "auf Englisch"),
        ("es", "de", "en alemán"),
        ("fr", "de", "en allemand"),
    ],
)
def test_a_language_is_named_in_the_pages_own(page: str, tag: str | None, expected: str) -> None:
    assert words_of(page).language_name(tag) == expected


@pytest.mark.parametrize(("tag", "language"), [("es-MX", "es"), ("DE", "de"), ("ja", "en"), ("en-US", "en")])
def test_a_region_has_its_languages_words(tag: str, language: str) -> None:
    assert words_of(tag).language == language


@pytest.mark.parametrize(("n", "expected"), [(1, "1 story"), (0, "0 stories"), (2, "2 stories"), (12345, "12,345 stories")])
def test_numbers_choose_their_form(n: int, expected: str) -> None:
    assert words_of("en").text("n_stories", n=n) == expected


def test_a_value_is_escaped_in_a_page_and_markup_of_ours_is_not() -> None:
    words = words_of("en")

    assert words("contact") == "Is something wrong here? Tell us:"
    assert words("also_by", names="<b>") == "Also reported by &lt;b&gt;"
    assert words("updated", when=Markup("<time>now</time>")) == "Updated <time>now</time>"


def test_a_text_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        words_of("en")("no_such_text")
    with pytest.raises(KeyError):
        words_of("en")("today.none")


def test_the_words_of_a_script_cannot_end_its_element() -> None:
    assert "<" not in words_of("en").script("search")
    assert words_of("de").script("freshness").startswith('var words = {"language": "de"')
