"""Each patch of feedparser still bites, so that none outlives its reason unseen, and changes nothing that is read.

Each patch is a row. Where a newer feedparser has another name or another way, its tests fail and say which patch to look at.
"""

from __future__ import annotations

import inspect
import xml.sax.expatreader
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser
import feedparser.api
import feedparser.mixin
import feedparser.urls
import pytest
from feedparser import FeedParserDict

from aggregator.ingest import feedparser_fast, xmlfeed

HEADERS = {"content-type": "application/xml", "content-location": "https://example.org/feed"}
ITEMS = "".join(
    f"<item><title>{n} &lt; {n + 1} &amp; more\nlines</title><link>https://example.org/{n}</link><guid>g{n}</guid>"
    f"<source url='https://example.org/s'>S{n}</source><description>&lt;p&gt;{n}&lt;/p&gt;</description></item>"
    for n in range(20)
)
FEED = f'<rss version="2.0"><channel><title>T</title>{ITEMS}</channel></rss>'.encode()
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/a/"><title>T</title><entry xml:base="b/">
<title type="html">&lt;b&gt;1&lt;/b&gt; &amp;amp; 2</title><link href="c"/><author><name>A</name></author><id>1</id>
<source><title>S</title><author><name>B</name></author><link href="d"/></source>
<content type="xhtml" xml:lang="de"><div xmlns="http://www.w3.org/1999/xhtml">x<br/>&lt;y</div></content></entry></feed>"""
FEEDS = Path(__file__).parents[1] / "feeds"
FIXTURES = [FEED, ATOM, *(path.read_bytes() for path in sorted(FEEDS.glob("*.xml")))]


_OWN_PARSERS = [one for one in getattr(feedparser.api, "PREFERRED_XML_PARSERS", ()) if one != feedparser_fast.__name__]
_OWN_URI = getattr(getattr(feedparser.mixin, "make_safe_absolute_uri", None), "__wrapped__", None)


@dataclass(frozen=True)
class Patch:
    """`name` of `owner` is replaced by `ours` or, where feedparser has none, added; `own` is feedparser's. It saves the
    calls of `called`, a name and whose it is."""

    owner: Any
    name: str
    own: Any
    ours: Callable[[Any], bool]
    called: tuple[Any, str]

    @property
    def gone(self) -> str:
        return (
            f"feedparser {feedparser.__version__} is no longer what our patch of {self.owner.__name__}.{self.name} expects: "
            "mend the patch in feedparser_fast.py, or take it out with its row here"
        )

    def take_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        if self.own is None:
            monkeypatch.delattr(self.owner, self.name)
        else:
            monkeypatch.setattr(self.owner, self.name, self.own)


PATCHES = {
    "bases of elements are remembered": Patch(
        feedparser.mixin, "make_safe_absolute_uri", _OWN_URI, lambda ours: hasattr(ours, "cache_info"),
        (feedparser.urls, "_urljoin"),
    ),
    "text comes in large pieces": Patch(
        feedparser.api, "PREFERRED_XML_PARSERS", _OWN_PARSERS, lambda ours: ours[0] == feedparser_fast.__name__,
        (xml.sax.expatreader, "create_parser"),
    ),
    "small dictionaries are copied as such": Patch(
        FeedParserDict, "__deepcopy__", None, lambda ours: ours is feedparser_fast._copied,
        (FeedParserDict, "__reduce_ex__"),
    ),
}  # fmt: skip
every_patch = pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES.keys())


@every_patch
def test_feedparser_has_what_a_patch_expects(patch: Patch) -> None:
    assert patch.ours(getattr(patch.owner, patch.name, [None])), patch.gone
    assert hasattr(*patch.called), patch.gone


def test_what_is_replaced_is_what_it_was() -> None:
    """The cache is right for a function of two addresses; our parser comes first in a list of modules' names."""
    uri = PATCHES["bases of elements are remembered"]
    parsers = PATCHES["text comes in large pieces"]

    assert callable(uri.own), uri.gone
    assert list(inspect.signature(uri.own).parameters) == ["base", "rel"], uri.gone
    assert all(isinstance(name, str) for name in parsers.own), parsers.gone


@every_patch
def test_what_a_patch_replaces_is_not_called_with_it_and_is_without(patch: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    xmlfeed.parse_bytes(FEED, HEADERS)
    calls: list[Any] = []
    seen = getattr(*patch.called)

    def counted(*given: Any) -> Any:
        calls.append(given)
        return seen(*given)

    monkeypatch.setattr(*patch.called, counted)
    assert len(xmlfeed.parse_bytes(FEED, HEADERS).entries) == 20
    assert len(calls) == 0, patch.gone

    patch.take_out(monkeypatch)
    assert len(xmlfeed.parse_bytes(FEED, HEADERS).entries) == 20
    assert len(calls) > 0, patch.gone


@every_patch
def test_a_patch_changes_nothing_that_is_read(patch: Patch, monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = [xmlfeed.parse_bytes(body, HEADERS) for body in FIXTURES]
    patch.take_out(monkeypatch)

    for body, known in zip(FIXTURES, with_it, strict=True):
        without = xmlfeed.parse_bytes(body, HEADERS)
        # Exceptions are equal to none but themselves.
        assert repr(without) == repr(known)
        assert without.entries == known.entries
    assert sum(len(one.entries) for one in with_it) > 60


def test_text_comes_in_one_piece_between_two_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    """As expat comes, a text with entities and lines is five pieces and more."""
    pieces: list[str] = []
    seen = feedparser.mixin._FeedParserMixin.handle_data

    def counted(self: Any, text: str, *rest: Any) -> Any:
        pieces.append(text)
        return seen(self, text, *rest)

    monkeypatch.setattr(feedparser.mixin._FeedParserMixin, "handle_data", counted)
    xmlfeed.parse_bytes(FEED, HEADERS)

    assert pieces.count("0 < 1 & more\nlines") == 1


def test_a_name_that_is_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(feedparser.mixin, "make_safe_absolute_uri")
    monkeypatch.setattr(feedparser.api, "PREFERRED_XML_PARSERS", _OWN_PARSERS)

    feedparser_fast.apply()

    assert feedparser.api.PREFERRED_XML_PARSERS[0] == feedparser_fast.__name__
