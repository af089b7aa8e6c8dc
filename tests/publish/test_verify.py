"""A page or a style sheet that must not be published is refused, with its template and the reason."""

from __future__ import annotations

import pytest

from aggregator.errors import PublishError
from aggregator.publish.verify import verify, verify_style

POLICY = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"""


def page(body: str = "<p>A story</p>", policy: str = POLICY) -> str:
    return f'<html lang="en"><head>{policy}<title>T</title></head><body>{body}</body></html>'


@pytest.mark.parametrize(
    "body",
    [
        '<a href="https://x.example/">A</a>', '<a href="mailto:a@x.example">A</a>', '<img src="static/a.png" alt="">',
        '<script type="application/ld+json">{"a": 1}</script>', "<script>ours</script>", '<input disabled value="a">',
    ],
)  # fmt: skip
def test_what_a_page_may_have(body: str) -> None:
    verify("index.html", page(body), scripts=["ours"])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<script>theirs</script>", "a script that is not ours"),
        ('<img src="https://x.example/a.png" alt="">', "asks x.example for <img>"),
        ('<img src="//x.example/a.png" alt="">', "asks x.example"),
        ('<a href="javascript:x">A</a>', "a javascript: address"),
        ('<a href="http://[x/">A</a>', "cannot be read"),
        ("<a href=x>A</a>", "a value without quotes in <a>"),
        ('<p style="color: red">A</p>', "a style or a handler in <p>"),
        ('<p onclick="x">A</p>', "a style or a handler in <p>"),
        ("<style>a</style>", "with <style>"),
        ("<iframe></iframe>", "with <iframe>"),
        ('<meta http-equiv="refresh" content="1">', "<meta http-equiv=refresh>"),
    ],
)
def test_what_a_page_may_not_have(body: str, told: str) -> None:
    with pytest.raises(PublishError, match=r"templates/pages/index\.html") as error:
        verify("index.html", page(body), scripts=["ours"])

    assert told in str(error.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (page().removesuffix("</html>"), "without its end"),
        (page(policy=""), "without its Content-Security-Policy"),
        (page("x" * 50_000_000), "50000 kB"),
    ],
)
def test_a_page_that_is_not_whole(text: str, told: str) -> None:
    with pytest.raises(PublishError, match=told):
        verify("index.html", text)


def test_a_part_of_a_page_needs_neither_end_nor_policy() -> None:
    verify("section.html", "<section><p>A</p></section>", is_whole=False)


@pytest.mark.parametrize(
    ("body", "is_seen"),
    [
        ("<p>A  story\n here</p>", True),
        ("<p>Another</p>", False),
        ("<p hidden>A story here</p>", False),
        ("<div hidden><p>A story here</p></div>", False),
        ("<noscript>A story here</noscript>", False),
        ("<p hidden>x</p><p>A story here</p>", True),
    ],
)
def test_every_story_must_be_seen(body: str, is_seen: bool) -> None:
    if is_seen:
        verify("index.html", page(body), titles=["A story here"])
        return
    with pytest.raises(PublishError, match="leaves out the story “A story here”"):
        verify("index.html", page(body), titles=["A story here"])


@pytest.mark.parametrize(
    ("style", "is_refused"),
    [
        ("a { color: red }", False),
        ('a { background: url("data:image/png;base64,//x") }', False),
        ("/* see https://x.example */ a {}", False),
        ("@import 'x.css';", True),
        ("a { background: url(https://x.example/a.png) }", True),
        ("a { background: url(//x.example/a.png) }", True),
    ],
)
def test_a_style_sheet_asks_nobody(style: str, is_refused: bool) -> None:
    if not is_refused:
        verify_style("static/news.css", style)
        return
    with pytest.raises(PublishError, match=r"templates/static/news\.css asks for"):
        verify_style("static/news.css", style)
