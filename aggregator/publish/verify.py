"""Check a page before it is published: a template that staff changed must neither blank the page nor make it unsafe.

Text from feeds is escaped wherever it is shown, so the faults looked for here are the template's: a value where escaping
does not help (in a script, a style, a handler, an attribute without quotes), a third party's resource, or a page without
its stories.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from html.parser import HTMLParser
from urllib.parse import urlsplit

from aggregator.errors import PublishError

# Characters of a hundred stories with twenty reports each, of the longest titles and addresses: only a template in a runaway
# loop makes more, so a story with much to say stops no page.
_LARGEST_PAGE = 50_000_000
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_REFUSED = frozenset("base embed frame frameset iframe math object portal style".split())
_ADDRESSES = frozenset("href src srcset action formaction poster data".split())
_UNSEEN = frozenset("head script style template title noscript".split())
_SCHEMES = frozenset(("", "http", "https", "mailto", "tel"))
# Relations that name an address and fetch nothing.
_LINKS = frozenset(("canonical", "alternate"))
# Drawings of our own: shapes, and nothing that asks for an address, carries a script or another namespace's elements.
_SHAPES = frozenset("svg path circle rect line polyline".split())
_DRAWING = frozenset("aria-hidden class cx cy d focusable height points r rx viewbox width x x1 x2 y y1 y2".split())
_POLICY = "Content-Security-Policy"
# A start tag whose attribute values all have quotes: text written into a value without quotes may end the value.
_BARE = re.compile(r"""^<[^\s>/]+(?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?|\s*/)*\s*/?>$""")


def verify(
    name: str, page: str, *, titles: Iterable[str] = (), scripts: Collection[str] = (), is_whole: bool = True
) -> None:
    """Refuse a page that is not as it should be; PublishError names its template.

    `titles` are those that a reader must see, `scripts` the texts of the scripts that it may carry. A page that is not
    `is_whole` is a part of another one.
    """

    def refuse(why: str) -> None:
        raise PublishError(f"templates/pages/{name} {why}; nothing was published.")

    if len(page) > _LARGEST_PAGE:
        refuse(f"makes a page of {len(page) // 1000} kB")
    if is_whole and not page.rstrip().endswith("</html>"):
        refuse("makes a page without its end (</html>)")
    reader = _Reader(scripts)
    reader.feed(page)
    reader.close()
    if reader.wrong:
        refuse(f"makes a page {reader.wrong[0]}")
    if is_whole and not reader.policy.startswith("default-src 'none'"):
        refuse(f"makes a page without its {_POLICY} (default-src 'none')")
    seen = " ".join("".join(reader.seen).split())
    for title in titles:
        if " ".join(title.split()) not in seen:
            refuse(f"leaves out the story “{title[:60]}”, or hides it")


_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_EMBEDDED = re.compile(r"""url\(\s*(?:"data:[^"]*"|'data:[^']*'|data:[^)]*)\s*\)""", re.I)
_ELSEWHERE = re.compile(r"@import\b[^;]*|(?:[a-z][a-z+.-]*:)?//[^\s\"')]*", re.I)


def verify_style(name: str, style: str) -> None:
    """Refuse a style sheet that refers to any address: a page of the institute's own that includes it is not under our
    policy. PublishError names the file."""
    match = _ELSEWHERE.search(_EMBEDDED.sub("", _COMMENT.sub("", style)))
    if match:
        raise PublishError(f"templates/{name} asks for {match[0][:60]}; nothing was published.")


class _Reader(HTMLParser):
    """Collects what a reader sees of a page, and what is wrong with it."""

    def __init__(self, scripts: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.seen: list[str] = []
        self.policy = ""
        self._scripts = scripts
        self._open: list[tuple[str, bool]] = []
        self._script: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._look_at(tag, values)
        if tag == "script" and values.get("type") != "application/ld+json" and "src" not in values:
            self._script = []
        if tag not in _VOID:
            is_hidden = bool(self._open and self._open[-1][1]) or tag in _UNSEEN or "hidden" in values
            self._open.append((tag, is_hidden))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            if "".join(self._script) not in self._scripts:
                self._refuse("with a script that is not ours")
            self._script = None
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        elif not (self._open and self._open[-1][1]):
            self.seen.append(data)

    def _refuse(self, why: str) -> None:
        self.wrong.append(f"{why} (its line {self.getpos()[0]})")

    def _look_at(self, tag: str, values: dict[str, str]) -> None:
        is_drawing = any(name == "svg" for name, _ in self._open)
        if tag in _REFUSED or (tag in _SHAPES - {"svg"} and not is_drawing) or (is_drawing and tag not in _SHAPES):
            self._refuse(f"with <{tag}>")
        if tag in _SHAPES and (odd := set(values) - _DRAWING):
            self._refuse(f"with the attribute {min(odd)} in <{tag}>")
        if not _BARE.match(self.get_starttag_text() or ""):
            self._refuse(f"with a value without quotes in <{tag}>")
        if "style" in values or any(name.startswith("on") for name in values):
            self._refuse(f"with a style or a handler in <{tag}>")
        if tag == "meta" and "http-equiv" in values:
            if values["http-equiv"] == _POLICY:
                self.policy = values.get("content", "")
            else:
                self._refuse(f"with <meta http-equiv={values['http-equiv'][:30]}>")
        for name in _ADDRESSES & set(values):
            is_link = tag == "a" or values.get("rel") in _LINKS
            self._look_at_address(tag, values[name], is_link=is_link)

    def _look_at_address(self, tag: str, address: str, *, is_link: bool) -> None:
        try:
            parts = urlsplit(address)
        except ValueError:
            self._refuse(f"with an address in <{tag}> that cannot be read")
            return
        if parts.scheme not in _SCHEMES:
            self._refuse(f"with a {parts.scheme[:20]}: address")
        elif not is_link and (parts.scheme or parts.netloc):
            self._refuse(f"that asks {parts.netloc[:60]} for <{tag}>")
