"""The plugin's rules without WordPress: what of a section is let through, how it is cut, and where its links lead; on the PHP of
this machine and, where npm's PHP for WebAssembly is installed, on each version that the plugin supports."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64encode
from functools import cache
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.conftest import HOME, IS_SHARED_REQUIRED
from tests.publish.conftest import Served
from tests.wordpress.conftest import need

pytestmark = [pytest.mark.slow, pytest.mark.wordpress]

PLUGIN = HOME / "integrations" / "wordpress" / "facial-paralysis-news"
SITE = "https://news.example.org/news/"
VERSIONS = ("7.4", "8.0", "8.1", "8.2", "8.3", "8.4")
# The PHP of npm's @php-wasm/cli, as .ci/run installs it.
WASM = os.environ.get("PHP_WASM")


def wrapped(inside: str) -> str:
    return f'<section class="fpn">{inside}</section>'


# ---- what is let through ---------------------------------------------------------------------------------------------

# Beside each other what is sent and what is left; nothing where the section is refused whole.
HOSTILE: dict[str, tuple[str, str | None]] = {
    "a script": ("<script>alert(1)</script><p>News</p>", "<p>News</p>"),
    "a script that is never closed": ("<p>News</p><script>alert(1)", None),
    "a script in pieces": ("<scr<script>ipt>alert(1)</script>", "ipt&gt;alert&#x28;1&#x29;"),
    "a script in capitals": ("<SCRIPT SRC=//evil.example></SCRIPT >News", "News"),
    "a handler": ('<p onclick="alert(1)" class="fpn-meta">News</p>', '<p class="fpn-meta">News</p>'),
    "a handler without blanks": ('<a/onmouseover="alert(1)"/href="https://a.example/">News</a>', '<a href="https://a.example/">News</a>'),
    "a handler behind a value": ('<p class="fpn-meta"onclick=alert(1)>News</p>', '<p class="fpn-meta">News</p>'),
    "a style": ('<p style="position:fixed">News</p><style>p{color:red}</style>', "<p>News</p>"),
    "an image": ('<img src="x" onerror="alert(1)">News', "News"),
    "a frame": ('<iframe src="https://evil.example/"><p>x</p></iframe>News', "News"),
    "objects": ('<object data="x"><embed src="x"></object><applet></applet>News', "News"),
    "a form": ('<form action="/x"><input name="a"><button>b</button></form>News', "News"),
    "a field": ('<input autofocus onfocus="alert(1)"><label>News</label>', "News"),
    "meta, base and link": ('<meta http-equiv="refresh" content="0"><base href="//e"><link rel="stylesheet" href="//e">News', "News"),
    "javascript": ('<a href="javascript:alert(1)">News</a>', "<a>News</a>"),
    "javascript in entities": ('<a href="&#106;avascript&colon;alert(1)">News</a>', "<a>News</a>"),
    "javascript with a tab": ('<a href="java\tscript:alert(1)">News</a>', "<a>News</a>"),
    "javascript with an entity's line break": ('<a href="java&NewLine;script:alert(1)">News</a>', "<a>News</a>"),
    "javascript behind a control character": ('<a href="\x01javascript:alert(1)">News</a>', "<a>News</a>"),
    "data": ('<a href="data:text/html,<script>alert(1)</script>">News</a>', "<a>News</a>"),
    "an address twice": ('<a href="https://a.example/" href="javascript:alert(1)">N</a>', '<a href="https://a.example/">N</a>'),
    "an svg of ours": (
        '<svg viewBox="0 0 9 9" aria-hidden="true" class="fpn-icon"><path d="M1 2z"/><circle cx="1" cy="2" r="3"/>'
        '<rect x="1" y="2" width="3" height="4" rx="1"></rect></svg>',
        '<svg viewBox="0 0 9 9" aria-hidden="true" class="fpn-icon"><path d="M1 2z"></path><circle cx="1" cy="2" r="3"></circle>'
        '<rect x="1" y="2" width="3" height="4" rx="1"></rect></svg>',
    ),
    "a foreign object": ("<svg><foreignObject><p>x</p><script>alert(1)</script></foreignObject></svg>News", "<svg></svg>News"),
    "a use": ('<svg><use href="//evil.example/x.svg#a"/></svg>News', "<svg></svg>News"),
    "an animation": ('<svg><animate onbegin="alert(1)" attributeName="x"/><a href="https://a.example/">b</a></svg>N', "<svg></svg>N"),
    "an svg's script": ("<svg><script>alert(1)</script><title>x</title></svg>News", "<svg></svg>News"),
    "an svg's handler": ('<svg onload="alert(1)"><path d="M1" onclick="a"/></svg>', '<svg><path d="M1"></path></svg>'),
    "a shape outside an svg": ('<path d="M1"></path>News', "News"),
    "math": ('<math><mtext><img src="x" onerror="alert(1)"></mtext></math>News', "News"),
    "a template": ("<template><p>x</p></template><noscript><p>x</p></noscript>News", "News"),
    "a comment with a tag": ("<!-- <p>x</p> --><p>News</p>", "<p>News</p>"),
    "a comment that ends a conditional": ("<!--[if IE]><script>alert(1)</script><![endif]-->News", "News"),
    "a processing instruction": ("<?php echo 1; ?>News", "News"),
    "classes of the theme": ('<p class="wp-block-cover fpn-meta alignfull">News</p>', '<p class="fpn-meta">News</p>'),
    "ids of the page": ('<p id="wpadminbar">a</p><p id="fpn-a">b</p>', '<p>a</p><p id="fpn-a">b</p>'),
    "attributes for other scripts": ('<p data-wp-bind="x" data-action="y" is="x" slot="y">News</p>', "<p>News</p>"),
    "a shortcode": ("<p>[gallery] &#91;embed]</p>", "<p>&#x5b;gallery&#x5d; &#x5b;embed&#x5d;</p>"),
    "a shortcode in an address": ('<a href="/[x]">N</a>', '<a href="https://news.example.org/%5Bx%5D">N</a>'),
    "smileys and typography": ("(n = 8) \"a\" 3x4 :)", "&#x28;n = 8&#x29; &#x22;a&#x22; 3&#x78;4 &#x3a;&#x29;"),
    "escaped markup": ("<p>&lt;script&gt;alert&lt;/script&gt; &amp;amp;</p>", "<p>&lt;script&gt;alert&lt;/script&gt; &amp;amp&#x3b;</p>"),
    "a lone less-than": ("<p>p < .05, 3 > 2</p>", "<p>p &lt; .05, 3 &gt; 2</p>"),
    "a control character": ("<p>a\x00\x01b</p>", "<p>ab</p>"),
    "elements left open": ("<p><strong>News", "<p><strong>News</strong></p>"),
    "elements closed too often": ("</div></p><p>News</p></article></a>", "<p>News</p>"),
    "an article in an article": ("<article><article>a</article></article>", "<article>a</article>"),
    "a link in a link": ('<a href="/a">b<a href="/c">d</a></a>', '<a href="https://news.example.org/a">bd</a>'),
}  # fmt: skip

# Not a whole section: the last good copy stays.
REFUSED = {
    "nothing": "",
    "another page": "<!doctype html><html><body><p>Not found</p></body></html>",
    "a part": wrapped("<p>News</p>")[:-6],
    "two sections": wrapped("a") + wrapped("b"),
    "something before": "<p>a</p>" + wrapped("b"),
    "something behind": wrapped("a") + "<p>b</p>",
    "a section inside that hides the end": '<section class="fpn"><section>a</section>',
    "an end too many": wrapped("a</section>b"),
    "another class": '<section class="fpnews">a</section>',
    "not UTF-8": wrapped("\udcff"),
}

# ---- how it is cut ---------------------------------------------------------------------------------------------------

DAYS = wrapped(
    "<header>h</header><section><h3>1</h3><article>a</article><article>b</article></section>"
    "<section><h3>2</h3><article>c</article></section><section><h3>Withdrawn</h3><ul><li>w</li></ul></section><footer>f</footer>"
)
CUT: dict[int, str] = {
    0: "<header>h</header><section><h3>Withdrawn</h3><ul><li>w</li></ul></section><footer>f</footer>",
    1: "<header>h</header><section><h3>1</h3><article>a</article></section>"
    "<section><h3>Withdrawn</h3><ul><li>w</li></ul></section><footer>f</footer>",
    2: "<header>h</header><section><h3>1</h3><article>a</article><article>b</article></section>"
    "<section><h3>Withdrawn</h3><ul><li>w</li></ul></section><footer>f</footer>",
    3: DAYS.removeprefix(wrapped("")[:21]).removesuffix("</section>"),
    9: DAYS.removeprefix(wrapped("")[:21]).removesuffix("</section>"),
}

# ---- where its links lead --------------------------------------------------------------------------------------------

ADDRESSES: dict[tuple[str, str], str | None] = {
    ("https://a.example/b?c=d#e", SITE): "https://a.example/b?c=d#e",
    ("HTTP://A.example/", SITE): "HTTP://A.example/",
    ("mailto:web@example.org", SITE): "mailto:web@example.org",
    ("tel:+15550100", SITE): "tel:+15550100",
    ("archive/index.html", SITE): "https://news.example.org/news/archive/index.html",
    ("../about/", SITE): "https://news.example.org/about/",
    ("../../../x", SITE): "https://news.example.org/x",
    ("./a/./b/../c?d=../e#../f", SITE): "https://news.example.org/news/a/c?d=../e#../f",
    ("/ask", SITE): "https://news.example.org/ask",
    ("/", SITE): "https://news.example.org/",
    ("?a=b", SITE): "https://news.example.org/news/?a=b",
    ("//b.example/c", SITE): "https://b.example/c",
    ("archive/", "https://news.example.org"): "https://news.example.org/archive/",
    ("archive/", "http://127.0.0.1:8080/news/"): "http://127.0.0.1:8080/news/archive/",
    ("#fpn-2026-11-24", SITE): "#fpn-2026-11-24",
    ("#content", SITE): None,
    ("", SITE): None,
    ("archive/", ""): None,
    ("archive/", "javascript:alert(1)//"): None,
    ("https:/a", SITE): None,
    ("https:a", SITE): None,
    ("https://", SITE): None,
    ("javascript:alert(1)", SITE): None,
    ("JaVaScRiPt:alert(1)", SITE): None,
    ("data:text/html,x", SITE): None,
    ("vbscript:x", SITE): None,
    ("file:///etc/passwd", SITE): None,
    ("blob:https://a.example/1", SITE): None,
    ("\\\\evil.example", SITE): None,
    ("/\\evil.example", SITE): None,
    ("a b", SITE): None,
    ('"onclick="x', SITE): None,
    ("x" * 2001, SITE): None,
}

NUMBERED = (
    '<section class="fpn" aria-labelledby="fpn-title"><h2 id="fpn-title">a</h2><a href="#fpn-title">b</a><a href="https://a.example/#fpn-x">c</a></section>',
    '<section class="fpn" aria-labelledby="fpn-2-title"><h2 id="fpn-2-title">a</h2><a href="#fpn-2-title">b</a><a href="https://a.example/#fpn-x">c</a></section>',
)


def table() -> list[tuple[str, dict[str, Any], str | None]]:
    """Every case by its name, and what must come of it."""
    read = {"what": "section", "base": SITE}
    rows: list[tuple[str, dict[str, Any], str | None]] = [
        (name, {**read, "text": wrapped(said)}, None if kept is None else wrapped(kept))
        for name, (said, kept) in HOSTILE.items()
    ]
    rows += [(f"refused: {name}", {**read, "text": text}, None) for name, text in REFUSED.items()]
    rows += [(f"cut to {count}", {**read, "text": DAYS, "stories": count}, wrapped(kept)) for count, kept in CUT.items()]
    rows += [
        (f"{href[:60]} at {base}", {"what": "address", "text": href, "base": base}, kept)
        for (href, base), kept in ADDRESSES.items()
    ]
    return [*rows, ("the second on a page", {**read, "text": NUMBERED[0], "number": 2}, NUMBERED[1])]


@cache
def answers(version: str) -> tuple[str, dict[str, str | None]]:
    """What PHP of that version makes of all cases, with its full version; an empty version is this machine's."""
    told = played([case for _, case, _ in table()], version)
    return told["version"], dict(zip([name for name, _, _ in table()], told["answers"], strict=True))


def played(cases: list[dict[str, Any]], version: str = "") -> Any:
    """What pure.php says of these cases."""
    bytewise = [{**case, "text": b64encode(case["text"].encode("utf-8", "surrogateescape")).decode()} for case in cases]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "cases.json"
        path.write_text(json.dumps(bytewise), "utf-8")
        php = ["node", str(WASM)] if version else ["php"]
        command = [*php, str(HOME / "tests/wordpress/pure.php"), str(PLUGIN), str(path)]
        done = subprocess.run(command, capture_output=True, env={**os.environ, "PHP": version}, timeout=120, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return json.loads(done.stdout)


@pytest.mark.parametrize(("name", "kept"), [(name, kept) for name, _, kept in table()])
def test_the_rules_on_this_machine_s_php(name: str, kept: str | None) -> None:
    need("php")

    assert answers("")[1][name] == kept


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_of_php_gives_the_same(version: str) -> None:
    if WASM is None and not IS_SHARED_REQUIRED:
        pytest.skip("npm's PHP for WebAssembly is not here (PHP_WASM)")
    told, given = answers(version)

    assert told.startswith(version)
    assert [name for name, _, kept in table() if given[name] != kept] == []


LONG = {
    "quotation marks that do not end": '<a "' * 100_000,
    "less-than": "<" * 400_000,
    "comments that do not end": "<!--" * 100_000,
    "deep": "<p>" * 130_000,
    "stories": "<article><p>a</p></article>" * 14_000,
    "deep stories": ("<div>" * 30 + "<article>a</article>" + "</div>" * 30) * 1_000,
    "attributes": f"<p {'a=b ' * 100_000}>",
    "a value": f'<p class="{"fpn-a " * 60_000}">',
    "a name": f"<{'a' * 400_000}>",
    "shapes": f"<svg>{'<g/>' * 100_000}</svg>",
    "brackets": "[" * 400_000,
}


@pytest.mark.parametrize("name", LONG)
def test_what_is_long_takes_no_long_time(name: str) -> None:
    need("php")
    case = {"what": "section", "base": SITE, "text": wrapped(LONG[name]), "stories": 3}

    assert played([case])["seconds"] < 5


def test_every_published_section_gets_through_whole(served: Served) -> None:
    """What a template begins to use must be allowed in the plugin too."""
    need("php")
    section = served.files["section.html"].decode()
    kept = played([{"what": "section", "base": served.url(), "text": section}])["answers"][0]

    assert unescape(kept) == unescape(section.strip())
