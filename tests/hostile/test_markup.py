"""Markup where text should be: every payload, in every field, in every kind of feed; none of it may reach a reader."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.ingest.parse import ParseTask
from aggregator.ingest.pool import parse_within_limits
from aggregator.ingest.raw import FeedSpec
from aggregator.publish.front import render_front, view
from aggregator.publish.outfeeds import render_feeds
from aggregator.render.templates import Templates
from aggregator.values.entries import Entry
from aggregator.values.feeds import Document
from aggregator.values.settings import Site
from aggregator.values.stories import Article, DatedStory, Edition, Freshness, Story
from tests.conftest import HOME, NOW, Answer, KeptPool, Town
from tests.hostile.fuzz import UNSAFE, check_entry
from tests.hostile.material import lines, tool

pytestmark = [pytest.mark.hostile, pytest.mark.slow]

SITE = Site(url="https://www.example.org/news/")
ON_A_PAGE = 500


def corpus(hostile: Path, folder: Path, *options: str) -> list[dict[str, Any]]:
    """The payloads in feeds, written to `folder`: its manifest."""
    done = tool(hostile / "xss" / "make_feeds.py", "--out", folder, *options)
    assert done.returncode == 0, done.stderr
    return lines(folder / "manifest.jsonl")


def placed(entries: Iterable[Entry]) -> list[DatedStory]:
    """The entries as stories of two sources each, so that every text stands as a headline and among the reports."""
    articles = [
        Article(
            entry=number, title=entry.title, url=entry.url, source=entry.source, summary=entry.summary, language=entry.language,
            dated_at=NOW - timedelta(hours=1), is_dated=True, first_seen_at=NOW, evidence="news", topics=("bells-palsy",),
        )
        for number, entry in enumerate(entries, start=1)
    ]  # fmt: skip
    pairs = zip(articles, [*articles[1:], *articles[:1]], strict=True)
    return [DatedStory(Story(one.entry, (one, other)), NOW.date(), NOW, is_dated=True) for one, other in pairs]


def published(stories: Sequence[DatedStory]) -> Iterator[dict[str, bytes]]:
    """Releases that show all of them."""
    pages = Templates(HOME / "templates")
    for start in range(0, len(stories), ON_A_PAGE):
        edition = Edition(NOW.date(), NOW, tuple(stories[start : start + ON_A_PAGE]), Freshness(NOW, 1))
        yield render_front(pages, view(edition, SITE, is_sample=False), SITE) | render_feeds(edition, SITE)


def harmless() -> list[Entry]:
    """What makes every part of the page that is ours."""
    return [
        Entry("1", "https://www.example.com/1", "A title", "A summary", source="One", language="en"),
        Entry("2", "https://www.example.com/2", "Un título", "Un resumen", source="Two", language="es"),
        Entry("3", "", "A title without an address", "", source="Three", language=None),
        Entry("4", "https://www.example.com/4", "Another title", "A summary", source="Four", language="en"),
    ]


def strings(value: Any) -> Iterator[str]:
    """All strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


def check_feeds(files: dict[str, bytes]) -> int:
    """Nothing but plain text and web addresses in the feeds that we publish; how many strings."""
    elements = list(ET.fromstring(files["feed.xml"]).iter())  # noqa: S314 - our own
    found = [text for element in elements for text in (element.text, *element.attrib.values())]
    found += strings(json.loads(files["feed.json"]))
    texts = [text for text in found if text]
    for text in texts:
        assert not UNSAFE.search(text), text
    addresses = [item["url"] for item in json.loads(files["feed.json"])["items"]]
    assert all(re.match(r"https?://", address) for address in addresses)
    tags = {element.tag for element in elements}
    assert all(tag.startswith("{http://www.w3.org/2005/Atom}") for tag in tags)
    return len(texts)


_OUR_DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)


def without_our_data(page: bytes) -> str:
    """The page without the block of data for search engines, which is checked here: it differs from page to page."""
    text = page.decode("utf-8")
    for block in _OUR_DATA.findall(text):
        assert "<" not in block
        for one in strings(json.loads(block)):
            assert not UNSAFE.search(one), one
    assert len(_OUR_DATA.findall(text)) <= 1
    return _OUR_DATA.sub("", text)


# Public names that lead inside only by the answer of a name server, which a reader of feeds does not ask.
_ADDRESS_ONLY = re.compile(r"E-HOST\s+a\[href\]=.*(?:nip\.io|localtest\.me)")


def unsafe_in(hostile: Path, page: Path, *options: str | Path) -> list[str]:
    """What the page holds that the harmless one beside it does not, and that is unsafe."""
    place: list[str | Path] = ["--baseline", page.with_name("harmless.html"), "--show", "10000", "--own-prefix", "archive/"]
    done = tool(hostile / "xss" / "check_html.py", page, *place, *options)
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    return re.findall(r"^\s*(E-.*)", done.stdout, re.M)


def test_no_payload_in_any_field_of_any_kind_of_feed_reaches_a_page(
    hostile: Path, tmp_path: Path, kept_pool: KeptPool
) -> None:
    folder = tmp_path / "feeds"
    manifest = corpus(hostile, folder, "--where", "all")
    wrappings = sorted({one["wrap"] for one in manifest})
    # A title of a feed is the same in each wrapping, and a file of its own for each payload.
    asked = [one for one in manifest if one["where"] != "feed-title" or one["wrap"] == "rss-escaped"]
    payloads = {name for one in asked for name in one["ids"]}
    assert len(wrappings) == 10
    assert len(payloads) > 900

    spec = FeedSpec("https://t.example/feed", "A feed")
    waiting = [
        kept_pool.submit(
            parse_within_limits, ParseTask((folder / one["file"]).read_bytes(), one["content_type"], spec.url, spec, NOW)
        )
        for one in asked
    ]
    shown: dict[tuple[str, ...], Entry] = {}
    missing, count = [], 0
    for one, future in zip(asked, waiting, strict=True):
        document = future.result()
        assert isinstance(document, Document), (one["file"], document)
        assert not UNSAFE.search(document.title)
        missing += [one["file"]] if len(document.entries) < len(one["ids"]) else []
        count += len(document.entries)
        for entry in document.entries:
            check_entry(entry)
            shown.setdefault((entry.title, entry.url, entry.source, entry.summary, entry.language or ""), entry)
        if document.title:
            titled = Entry(one["file"], "https://t.example/", document.title, document.title, source=document.title)
            shown.setdefault((document.title,), titled)
    print(f"{len(payloads)} payloads, {len(asked)} feeds, {count} entries, {len(shown)} of them different, {missing}")  # noqa: T201

    (baseline,) = published(placed(harmless()))
    (tmp_path / "harmless.html").write_text(without_our_data(baseline["index.html"]), "utf-8")
    must_see = tmp_path / "must-see"
    checked = 0
    names = list(shown.values())
    for number, files in enumerate(published(placed(names))):
        checked += check_feeds(files)
        page = tmp_path / f"page-{number}.html"
        page.write_text(without_our_data(files["index.html"]), "utf-8")
        here = [
            entry.title for entry in names[number * ON_A_PAGE :][:ON_A_PAGE] if re.fullmatch(r"Item [\w-]+", entry.title)
        ]
        must_see.write_text("\n".join(here[:50] or ["not medical advice"]), "utf-8")
        unsafe = unsafe_in(hostile, page, "--must-see-file", must_see)
        assert [line for line in unsafe if not _ADDRESS_ONLY.match(line)] == []
    assert checked > len(names)


def on_topic(hostile: Path, folder: Path, town: Town) -> None:
    """A town with a feed for each file of one payload in each entry, all of which is on topic; refreshed once."""
    options = ["--wrap", "rss-encoded", "--where", "primary", "--per-feed", "200", "--now", NOW.isoformat()]
    for one in corpus(hostile, folder, *options):
        if one["where"] != "feed-title" or len(town.feeds) < 20:
            feed = town.add(one["file"], (folder / one["file"]).read_bytes(), all_on_topic=True)
            town.server.answers[feed.url.removeprefix(town.server.url(""))] = Answer(
                (folder / one["file"]).read_bytes(), headers={"Content-Type": one["content_type"]}
            )
    # A page instead of a feed: its title is told to staff.
    town.add("A page", "<html><title>\x1b[31mred &#x1b;[2J \u202eder</title></html>".encode())
    town.site = Site(url="https://www.example.org/news/", stories=100)
    town.refresh()


def test_the_page_the_feeds_and_the_terminal_show_payloads_as_plain_text(hostile: Path, tmp_path: Path, town: Town) -> None:
    on_topic(hostile, tmp_path / "feeds", town)
    (baseline,) = published(placed(harmless()))
    (tmp_path / "harmless.html").write_text(without_our_data(baseline["index.html"]), "utf-8")
    site = town.data / "site"
    (tmp_path / "page.html").write_text(without_our_data((site / "index.html").read_bytes()), "utf-8")
    unsafe = unsafe_in(hostile, tmp_path / "page.html", "--own-id", r"fpn-\d+-\d+-\d+", "--must-see", "not medical advice")
    assert [line for line in unsafe if not _ADDRESS_ONLY.match(line)] == []
    assert town.page().count('class="fpn-story') > 50
    assert check_feeds({name: (site / name).read_bytes() for name in ("feed.xml", "feed.json")}) > 50

    written = "".join(f"  - name: {feed.name}\n    url: {feed.url}\n" for feed in town.feeds)
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n{written}", "utf-8")
    place: list[str | Path] = ["--feeds", tmp_path / "feeds.yaml", "--data", town.data]
    said = ""
    for command in (
        ["status"],
        ["review", "list"],
        ["feeds", "list"],
        *(["filter", "explain", str(n)] for n in (1, 50, 300, 700)),
    ):
        done = tool(HOME / "run.py", *place, *command)
        said += done.stdout + done.stderr
        assert "Traceback" not in said
    assert "answers with a web page" in said
    assert not UNSAFE.search(said), UNSAFE.findall(said)


@pytest.mark.browser
def test_no_payload_runs_in_a_browser_whatever_is_clicked(hostile: Path, tmp_path: Path, town: Town) -> None:
    pytest.importorskip("playwright", reason="needs the `browser` dependency group")
    on_topic(hostile, tmp_path / "feeds", town)
    page = town.data / "site" / "index.html"
    done = tool(
        hostile / "xss" / "browser_check.py", page, "--interact", "--must-see", "not medical advice",
        "--allow-request", r"static/(news\.css|icon\.svg)|favicon|feed\.(xml|json)",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
