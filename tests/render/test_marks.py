"""The three marks of an introduction; everything else is text."""

from __future__ import annotations

import pytest

from aggregator.render.marks import marked_html, marked_text


@pytest.mark.parametrize(
    ("written", "html", "text"),
    [
        ("plain", "plain", "plain"),
        ("**strong** word", "<strong>strong</strong> word", "strong word"),
        ("an *emphasis* here", "an <em>emphasis</em> here", "an emphasis here"),
        ("2 * 3 * 4", "2 * 3 * 4", "2 * 3 * 4"),
        ("a*b*c", "a*b*c", "a*b*c"),
        ("[our page](https://example.org/a?b=1&c=2)", '<a href="https://example.org/a?b=1&amp;c=2">our page</a>',
         "our page (https://example.org/a?b=1&c=2)"),
        ("[**bold** link](https://example.org/)", '<a href="https://example.org/"><strong>bold</strong> link</a>',
         "bold link (https://example.org/)"),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("<b>no</b> & \"quotes\"", "&lt;b&gt;no&lt;/b&gt; &amp; &#34;quotes&#34;", "<b>no</b> & \"quotes\""),
        ('[x](https://example.org/"onmouseover="alert)', '<a href="https://example.org/&#34;onmouseover=&#34;alert">x</a>',
         'x (https://example.org/"onmouseover="alert)'),
        ("[x](https://example.org/Bell_(palsy)) *y*", '<a href="https://example.org/Bell_(palsy)">x</a> <em>y</em>',
         "x (https://example.org/Bell_(palsy)) y"),
        ("[x](https://example.org/*a*)", '<a href="https://example.org/*a*">x</a>', "x (https://example.org/*a*)"),
        ("** not strong **", "** not strong **", "** not strong **"),
    ],
)  # fmt: skip
def test_marks(written: str, html: str, text: str) -> None:
    assert marked_html(written) == html
    assert marked_text(written) == text
