"""An edition becomes feeds for others: Atom (RFC 4287) and JSON Feed 1.1. Written only where `site.url` is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

from aggregator.publish.pages import story_file
from aggregator.topics import vocabulary
from aggregator.values.entries import EVIDENCE_WORDS
from aggregator.values.settings import Site
from aggregator.values.stories import Edition, Placed

# What an empty feed says: it must say something, and always the same (RFC 4287, 4.2.15).
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
_ATOM = "http://www.w3.org/2005/Atom"


def _id_of(placed: Placed, site_url: str) -> str:
    """A tag URI (RFC 4151) that stays the story's own whatever becomes of its addresses."""
    return f"tag:{urlsplit(site_url).hostname},2026:story-{placed.story.id}"


def _about(placed: Placed) -> str:
    lead = placed.story.lead
    label = EVIDENCE_WORDS.get(lead.evidence, "")
    return " · ".join(filter(None, (lead.source, label, lead.summary)))


def _categories(placed: Placed) -> list[str]:
    return [vocabulary().name(topic) for topic in placed.story.topics]


def _home_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else ""


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def atom(shown: Sequence[Placed], site: Site, site_url: str, *, path: str = "feed.xml", title: str | None = None) -> bytes:
    """Stories as an Atom feed at `path`. An entry's `updated` is its story's own time, so that only real change shows."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": site.language})

    def add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
        element.text = text
        return element

    newest = max((placed.at for placed in shown), default=_NEVER)
    name = "news" if path == "feed.xml" else path.removesuffix(".xml")
    add(feed, "id", f"tag:{urlsplit(site_url).hostname},2026:{name}")
    add(feed, "title", title or site.title)
    add(feed, "updated", _stamp(newest))
    add(feed, "link", rel="self", type="application/atom+xml", href=urljoin(site_url, path))
    add(feed, "link", rel="alternate", type="text/html", href=site_url)
    add(add(feed, "author"), "name", site.title)
    for placed in shown:
        lead = placed.story.lead
        entry = add(feed, "entry")
        add(entry, "id", _id_of(placed, site_url))
        add(entry, "title", lead.title)
        add(entry, "updated", _stamp(placed.at))
        if placed.is_dated:
            add(entry, "published", _stamp(placed.at))
        add(entry, "link", rel="alternate", href=lead.url or site_url)
        add(add(entry, "author"), "name", lead.source)
        add(entry, "summary", _about(placed))
        for name in _categories(placed):
            add(entry, "category", term=name)
        if home := _home_of(lead.url):
            # Whose words these are (RFC 4287, 4.2.11).
            source = add(entry, "source")
            add(source, "id", home)
            add(source, "title", lead.source)
            add(source, "updated", _stamp(placed.at))
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def json_feed(edition: Edition, site: Site, site_url: str) -> bytes:
    """The edition as JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "home_page_url": site_url,
        "feed_url": urljoin(site_url, "feed.json"),
        "language": site.language,
        "items": [_item(placed, site_url) for placed in edition.placed],
    }
    # "<" is written as an escape, so that the file is harmless wherever it is pasted.
    return json.dumps(feed, ensure_ascii=False, indent=1).replace("<", "\\u003c").encode("utf-8")


def _item(placed: Placed, site_url: str) -> dict[str, Any]:
    lead = placed.story.lead
    own_page = story_file(placed.story)
    item: dict[str, Any] = {
        "id": _id_of(placed, site_url),
        "url": urljoin(site_url, own_page) if own_page else lead.url or site_url,
        "title": lead.title,
        "content_text": _about(placed),
        "authors": [{"name": lead.source}],
        "tags": _categories(placed),
    }
    if lead.url:
        item["external_url"] = lead.url
    if placed.is_dated:
        item["date_published"] = _stamp(placed.at)
    if lead.language:
        item["language"] = lead.language
    return item


def render_feeds(edition: Edition, site: Site) -> dict[str, bytes]:
    """The feed files of a release; none without `site.url`, since a feed must name where it lives."""
    if site.url is None:
        return {}
    return {"feed.xml": atom(edition.placed, site, site.url), "feed.json": json_feed(edition, site, site.url)}
