"""Mutants of our own test feeds, through parse, judge and render.

    python -m tests.hostile.fuzz --seconds 3600 [--seed N] [--keep FOLDER]

Prints what it did; each input that raised, or gave a page that is no longer ours, is written to the folder.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

from aggregator.edition import choose
from aggregator.ingest.parse import ParseTask, parse
from aggregator.ingest.raw import FeedSpec
from aggregator.publish.front import render_front, view
from aggregator.publish.outfeeds import render_feeds
from aggregator.relevance.judge import Rules, judge, make_rules
from aggregator.render.templates import Templates
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry, Verdict
from aggregator.values.feeds import Document
from aggregator.values.settings import Feed, FilterRules, Site
from aggregator.values.stories import Article, Candidates, Freshness, Story

HOME = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
_MOST_SHOWN = 100
_TYPES = ("application/rss+xml", "application/atom+xml; charset=utf-8", "text/html; charset=latin-1", "", "application/json")


@dataclass
class Found:
    """What a round of fuzzing came to. `slowest` is in seconds."""

    executions: int = 0
    read: int = 0
    entries: int = 0
    crashes: int = 0
    slowest: float = 0.0
    kinds: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        told = f"{self.executions} executions, {self.read} read, {self.entries} entries, {self.crashes} crashes, "
        return (
            told + f"slowest {self.slowest:.2f} s" + "".join(f"\n  {count} x {kind}" for kind, count in self.kinds.items())
        )


def fuzz(*, seconds: float, folder: Path, seed: int, say: Callable[[str], None] = lambda text: None) -> Found:
    """Mutate, run, note; for so many seconds."""
    chance, chain, found = random.Random(seed), Chain(), Found()
    pool = [path.read_bytes() for path in sorted((HOME / "tests" / "feeds").glob("*.xml"))]
    pool += [path.read_bytes() for path in sorted((HOME / "tests" / "feeds").glob("*_feed.json"))]
    ends_at = time.monotonic() + seconds
    told_at = time.monotonic()
    while time.monotonic() < ends_at:
        body = mutant(chance, pool)
        began = time.process_time()
        try:
            count = chain.run(body, chance.choice(_TYPES))
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            kind = f"{type(error).__name__} in {Path(where.filename).name}, {where.name}: {str(error)[:100]}"
            found.crashes += 1
            found.kinds[kind] = found.kinds.get(kind, 0) + 1
            if found.kinds[kind] == 1:
                _keep(folder, f"crash-{seed}-{found.executions}.xml", body)
        else:
            found.read += count > 0
            found.entries += count
        taken = time.process_time() - began
        if taken > max(1.0, found.slowest):
            _keep(folder, f"slow-{seed}-{found.executions}.xml", body)
        found.slowest = max(found.slowest, taken)
        found.executions += 1
        if time.monotonic() - told_at > 60:
            told_at = time.monotonic()
            say(str(found))
    return found


def _keep(folder: Path, name: str, body: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(body)


# ---- what is run -----------------------------------------------------------------------------------------------------


class Chain:
    """parse, judge, render, as a refresh does it; without network and store."""

    feed = Feed(name="A feed", url="https://www.example.com/feed.xml", all_on_topic=True)
    site = Site(url="https://www.example.org/news/", stories=_MOST_SHOWN)

    @cached_property
    def rules(self) -> Rules:
        return make_rules(vocabulary(), FilterRules())

    @cached_property
    def pages(self) -> Templates:
        return Templates(HOME / "templates")

    @cached_property
    def skeleton(self) -> set[tuple[str, str]]:
        """The elements and attributes of a page with every part of ours."""
        entry = Entry(
            "1",
            "https://www.example.com/1",
            "Bell's palsy: a randomised trial",
            "A summary",
            source="A",
            published_at=NOW,
            language="es",
        )
        other = Entry("2", "https://www.example.com/2", "Título", "Un resumen", source="B", language="en")
        verdict = judge(entry, (), self.feed, self.rules)
        articles = [article_of(number, one, verdict, at=NOW) for number, one in enumerate((entry, other), start=1)]
        bare = article_of(3, Entry("3", "", "Title without a link", source="C"), verdict, at=NOW)
        return shape(self.publish([Story(1, (articles[0], bare)), Story(2, (bare, articles[1])), Story(3, (bare,))])) | {
            ("a", "dir"), ("p", "lang"), ("h3", "lang"), ("h4", "lang"),
        }  # fmt: skip

    def publish(self, stories: Sequence[Story]) -> dict[str, bytes]:
        """The files of an edition of these stories."""
        edition = choose(Candidates(tuple(stories)), self.site, Freshness(NOW, 1), now=NOW)
        shown = view(edition, self.site, is_sample=False)
        return render_front(self.pages, shown, self.site) | render_feeds(edition, self.site)

    def run(self, body: bytes, content_type: str) -> int:
        """How many entries were read. What is raised, or a page with something in it that is not ours, is a crash."""
        document = parse(ParseTask(body, content_type, self.feed.url, FeedSpec(self.feed.url, self.feed.name), NOW))
        if not isinstance(document, Document):
            return 0
        stories = []
        for number, entry in enumerate(document.entries[:_MOST_SHOWN], start=1):
            check_entry(entry)
            verdict = judge(entry, entry.keys, self.feed, self.rules)
            stories.append(Story(number, (article_of(number, entry, verdict, at=entry.published_at or NOW),)))
        if strange := shape(self.publish(stories)) - self.skeleton:
            raise ValueError(f"the page holds {sorted(strange)}")
        return len(document.entries)


def article_of(number: int, entry: Entry, verdict: Verdict, *, at: datetime) -> Article:
    """The entry as a page shows it."""
    return Article(
        number, entry.title, entry.url, entry.source, entry.summary, entry.language, at, entry.published_at is not None,
        NOW, verdict.evidence, verdict.topics,
    )  # fmt: skip


# Controls, and what turns or hides text.
UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb]")


def check_entry(entry: Entry) -> None:
    """Refuse an entry that is not plain text with a web address."""
    for name in ("title", "summary", "source", "url"):
        value = getattr(entry, name)
        if found := UNSAFE.search(value):
            raise ValueError(f"{name} holds {found[0]!r}")
    if entry.url and not entry.url.startswith(("http://", "https://")):
        raise ValueError(f"the address is {entry.url[:40]}")
    if entry.published_at is not None and entry.published_at > NOW:
        raise ValueError("it is dated in the future")


class _Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {(tag, name) for name, _ in [("", None), *attrs]}
        self.found |= {(tag, f"{name}={value[:11]}") for name, value in attrs if value and _ODD_ADDRESS.match(value)}


_ODD_ADDRESS = re.compile(r"\s*[a-z]+:(?!//)", re.I)


def shape(files: dict[str, bytes]) -> set[tuple[str, str]]:
    """Which elements with which attributes the pages hold."""
    parser = _Shape()
    for name in ("index.html", "section.html"):
        parser.feed(files[name].decode("utf-8"))
    parser.close()
    return parser.found


# ---- mutants ---------------------------------------------------------------------------------------------------------

_PIECES = [
    b"<", b">", b"&", b"&amp;", b"&#0;", b"&#xD83D;", b"&#8238;", b"&lt;b&gt;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"</", b"/>",
    b"\0", b"\x1b[31m", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\n", b'"', b"'", b" xml:base='//['",
    b"<item>", b"</item>", b"<entry>", b"</entry>", b"</channel>", b"</rss>", b"<title>", b"</title>", b"<link/>", b"<guid/>",
    b"<link href='http://[::1'/>", b"<pubDate>32 Foo 99999</pubDate>", b"<content type='xhtml'><div>", b"<source url=''>",
    b"<img src=x onerror=y>", b"&lt;script&gt;", b"javascript:x", b"http://", b"https://a@b:99999999/", b"xn--", b"%00", b"9" * 40,
    b"<a:b xmlns:a='urn:x'>", b"<?xml version='1.0' encoding='utf-16'?>", "Bell’s palsy ".encode(), b"10.1000/182", b"PMID: 1",
]  # fmt: skip
_ELEMENT = re.compile(rb"<([\w:]+)(?:\s[^<>]*)?>[^<]*</\1>")
_TAG = re.compile(rb"</?[\w:]+[^<>]*>")
_TEXT = re.compile(rb">([^<>]+)<")
_ITEM = re.compile(rb"<(item|entry)[\s>].*?</\1>", re.S)


def mutant(chance: random.Random, pool: Sequence[bytes]) -> bytes:
    """One of the documents with one to eight changes."""
    body = chance.choice(pool)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        if not body:
            break
        body = chance.choice(_CHANGES)(chance, body, pool)[:200_000]
    return body


def _flip(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + bytes([body[at] ^ 1 << chance.randrange(8)]) + body[at + 1 :]


def _cut(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + body[at + chance.choice((1, 4, 30, 300)) :]


def _end(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    return body[: chance.randrange(len(body))]


def _insert(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(body))
    return body[:at] + chance.choice(_PIECES) * chance.choice((1, 1, 1, 2, 50)) + body[at:]


def _splice(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    other = chance.choice(pool)
    return body[: chance.randrange(len(body))] + other[chance.randrange(len(other)) :]


def _places(chance: random.Random, pattern: re.Pattern[bytes], body: bytes) -> re.Match[bytes] | None:
    found = list(pattern.finditer(body))
    return chance.choice(found) if found else None


def _repeat_item(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    found = _places(chance, _ITEM, body)
    return body if found is None else body[: found.end()] + found[0] * chance.choice((1, 3, 40)) + body[found.end() :]


def _foreign_item(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    here, there = _places(chance, _ITEM, body), _places(chance, _ITEM, chance.choice(pool))
    return body if here is None or there is None else body[: here.start()] + there[0] + body[here.end() :]


def _move_element(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    here, there = _places(chance, _ELEMENT, body), _places(chance, _TAG, body)
    return body if here is None or there is None else body[: there.end()] + here[0] + body[there.end() :]


def _drop_tag(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    found = _places(chance, _TAG, body)
    return body if found is None else body[: found.start()] + body[found.end() :]


def _nest(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    found, depth = _places(chance, _ELEMENT, body), chance.choice((1, 2, 30, 400))
    if found is None:
        return body
    name = found[1]
    return body[: found.start()] + (b"<%s>" % name) * depth + found[0] + (b"</%s>" % name) * depth + body[found.end() :]


def _rewrite_text(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    found = _places(chance, _TEXT, body)
    if found is None:
        return body
    text = b"".join(chance.choices([*_PIECES, found[1], b" "], k=chance.choice((1, 2, 6, 20))))
    return body[: found.start(1)] + text + body[found.end(1) :]


def _escape_text(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    found = _places(chance, _ELEMENT, body)
    if found is None:
        return body
    text = found[0].replace(b"&", b"&amp;").replace(b"<", b"&lt;")
    return body[: found.start()] + b"<description>" + text + b"</description>" + body[found.end() :]


def _recode(chance: random.Random, body: bytes, pool: Sequence[bytes]) -> bytes:
    text = body.decode("utf-8", "replace")
    return text.encode(
        chance.choice(("utf-16", "utf-16-le", "latin-1", "cp1252", "shift-jis", "utf-7")), "xmlcharrefreplace"
    )


_CHANGES: Sequence[Callable[[random.Random, bytes, Sequence[bytes]], bytes]] = (
    _flip, _cut, _end, _insert, _insert, _splice, _repeat_item, _foreign_item, _move_element, _drop_tag, _nest, _rewrite_text,
    _rewrite_text, _escape_text, _recode,
)  # fmt: skip


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("crashes"), help="the folder for inputs that raised")
    options = parser.parse_args()

    def say(text: str) -> None:
        print(text, flush=True)  # noqa: T201 - a command

    found = fuzz(seconds=options.seconds, folder=options.keep, seed=options.seed, say=say)
    say(str(found))
    return 1 if found.crashes else 0


if __name__ == "__main__":
    sys.exit(main())
