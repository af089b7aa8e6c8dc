"""What leaves `text` is one line of plain text; what folds alike is matched alike."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text import fold, one_line, plain_text, shorten


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br>two<br/>three", "one two three"),
        ("x<b>y</b>z", "xyz"),
        ("p < 0.05 and n > 3", "p < 0.05 and n > 3"),
        ("Convert StringDedup to use Atomic<T>", "Convert StringDedup to use Atomic<T>"),
        ("&lt;pre&gt; in &lt;description&gt;", "<pre> in <description>"),
        ("It&#8217;s", "It’s"),
        ("It&amp;#8217;s", "It’s"),
        ("Q&amp;amp;A", "Q&A"),
        ("&lt;p&gt;Hello&lt;/p&gt; &lt;img src=x onerror=alert(1)&gt;", "Hello"),
        ("&amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt;", "bold"),
        ("<script>alert(1)</script>after", "after"),
        ("<style>p{}</style>after", "after"),
        ("<iframe>inside</iframe>after", "after"),
        ("<!-- hidden -->shown", "shown"),
        ("a\u202eb\u200bc\ufeffd\u00ade", "abcde"),
        ("red \x1b[31malert\x1b[0m now", "red alert now"),
        ("tab\tnew\nline\u2028sep", "tab new line sep"),
        ("<jats:p>Background</jats:p>", "Background"),
        ("A &nbsp; B", "A B"),
        ("", ""),
    ],
)
def test_html_becomes_plain_text(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Using <script> tags", "Using <script> tags"),
        ("a <b>bold</b> claim", "a bold claim"),
        ("AT&amp;T", "AT&T"),
    ],
)
def test_text_that_is_said_to_be_plain_keeps_what_only_looks_like_markup(value: str, text: str) -> None:
    assert plain_text(value, is_markup=False) == text


@given(st.text(max_size=300))
def test_plain_text_is_one_clean_line(value: str) -> None:
    text = plain_text(value)

    assert text == text.strip()
    assert "  " not in text
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co") for letter in text)


def test_every_control_and_format_character_goes() -> None:
    hidden = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Co")]

    assert len(hidden) > 100_000
    assert one_line("a" + "a".join(hidden) + "a").replace(" ", "").strip("a") == ""


def test_what_a_repair_of_the_encoding_brings_to_light_is_cleaned_too() -> None:
    assert plain_text("\u00db\x9d") == ""  # U+06DD, a format character, encoded twice


@given(st.text(max_size=200))
def test_one_line_changes_nothing_the_second_time(value: str) -> None:
    assert one_line(one_line(value)) == one_line(value)


@pytest.mark.parametrize(
    "written", ["Bell’s palsy", "Bell's palsy", "BELL´S PALSY", "Bells palsy", "Bell`s-palsy", "Bellʼs\u00a0palsy"]
)
def test_apostrophes_capitals_and_dashes_fold_away(written: str) -> None:
    assert fold(written) == "bells palsy"


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Möbius–Syndrome", "mobius syndrome"),
        ("Parálisis facial", "paralisis facial"),
        ("Ramsay-Hunt", "ramsay hunt"),
        ("Groß", "gross"),
    ],
)
def test_accents_fold_away(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_a_long_text_is_cut_between_words() -> None:
    assert shorten("one two three four", 12) == "one two…"
    assert shorten("short", 12) == "short"
    assert len(shorten("x" * 50, 12)) == 12
