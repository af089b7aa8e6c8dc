"""Write an edition as feeds for others: Atom (RFC 4287) and JSON Feed 1.1. Only if `site.url` is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

from aggregator.render.views import foreign, marked_title, notice_view, story_file
from aggregator.render.words import words_of
from aggregator.values.settings import Site
from aggregator.values.stories import DatedStory, Edition

# The `updated` of an empty feed: required, and always the same (RFC 4287, 4.2.15).
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)
_ATOM = "http://www.w3.org/2005/Atom"


def _id_of(placed: DatedStory, site_url: str) -> str:
    """A tag URI (RFC 4151), which identifies the story whatever becomes of its addresses."""
    return f"tag:{urlsplit(site_url).hostname},2026:story-{placed.story.id}"


def _about(placed: DatedStory, site: Site) -> str:
    """The story's text in a feed: its notices first, the other sources last."""
    lead, words = placed.story.lead, words_of(site.language)
    notices = [notice_view(notice, words).text for notice in placed.story.notices]
    others = [article.source for article in placed.story.others]
    reports = words.text("also_by", names=words.listed(others)) if others else ""
    language = words.language_name(foreign(lead, site))
    return " · ".join(filter(None, (*notices, lead.source, language, words.label(lead.evidence), lead.summary, reports)))


def _page_of(placed: DatedStory, site_url: str) -> str:
    """The address that a feed links to: the story's own page, which has its notices and reports, else the publisher's."""
    own_page = story_file(placed.story)
    return urljoin(site_url, own_page) if own_page else placed.story.lead.url or site_url


def _categories(placed: DatedStory, site: Site) -> list[str]:
    return [words_of(site.language).topic(topic) for topic in placed.story.topics]


def _home_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else ""


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    element.text = text
    return element


def atom(
    shown: Sequence[DatedStory], site: Site, site_url: str, *, path: str = "feed.xml", title: str | None = None
) -> bytes:
    """Stories as an Atom feed at `path`. An entry's `updated` is its story's own time or its last notice's, so that only
    real change shows."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": site.language})
    newest = max((placed.changed_at for placed in shown), default=_NEVER)
    name = "news" if path == "feed.xml" else path.removesuffix(".xml")
    _add(feed, "id", f"tag:{urlsplit(site_url).hostname},2026:{name}")
    _add(feed, "title", title or site.title)
    _add(feed, "subtitle", words_of(site.language).text("description"))
    _add(feed, "icon", urljoin(site_url, "static/icon-64.png"))
    _add(feed, "updated", _stamp(newest))
    _add(feed, "link", rel="self", type="application/atom+xml", href=urljoin(site_url, path))
    _add(feed, "link", rel="alternate", type="text/html", href=site_url)
    _add(_add(feed, "author"), "name", site.title)
    for placed in shown:
        _add_entry(feed, placed, site, site_url)
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def _add_entry(feed: ET.Element, placed: DatedStory, site: Site, site_url: str) -> None:
    lead = placed.story.lead
    language = {"xml:lang": lead.language} if lead.language else {}
    entry = ET.SubElement(feed, f"{{{_ATOM}}}entry", language)
    _add(entry, "id", _id_of(placed, site_url))
    _add(entry, "title", marked_title(placed.story, words_of(site.language)))
    _add(entry, "updated", _stamp(placed.changed_at))
    if placed.is_dated:
        _add(entry, "published", _stamp(placed.at))
    _add_links(entry, placed, site, site_url)
    _add(_add(entry, "author"), "name", lead.source)
    _add(entry, "summary", _about(placed, site))
    for name in _categories(placed, site):
        _add(entry, "category", term=name)
    if home := _home_of(lead.url):
        # The feed that the entry comes from (RFC 4287, 4.2.11).
        source = _add(entry, "source")
        _add(source, "id", home)
        _add(source, "title", lead.source)
        _add(source, "updated", _stamp(placed.at))


def _add_links(entry: ET.Element, placed: DatedStory, site: Site, site_url: str) -> None:
    """Link the entry's page, the publisher's (RFC 4287, 4.2.7.2: `via`) and those of the notices."""
    page, url = _page_of(placed, site_url), placed.story.lead.url
    _add(entry, "link", rel="alternate", href=page)
    if url and url != page:
        _add(entry, "link", rel="via", href=url)
    for notice in placed.story.notices:
        if notice.url:
            _add(entry, "link", rel="related", href=notice.url, title=notice_view(notice, words_of(site.language)).text)


def json_feed(edition: Edition, site: Site, site_url: str) -> bytes:
    """The edition as JSON Feed 1.1."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "description": words_of(site.language).text("description"),
        "home_page_url": site_url,
        "feed_url": urljoin(site_url, "feed.json"),
        "icon": urljoin(site_url, "static/icon-512.png"),
        "favicon": urljoin(site_url, "static/icon-64.png"),
        "language": site.language,
        "items": [_item(placed, site, site_url) for placed in (*edition.placed, *edition.withdrawn)],
    }
    # "<" is written as an escape, so that the file is harmless wherever it is pasted.
    return json.dumps(feed, ensure_ascii=False, indent=1).replace("<", "\\u003c").encode("utf-8")


def _item(placed: DatedStory, site: Site, site_url: str) -> dict[str, Any]:
    lead = placed.story.lead
    item: dict[str, Any] = {
        "id": _id_of(placed, site_url),
        "url": _page_of(placed, site_url),
        "title": marked_title(placed.story, words_of(site.language)),
        "content_text": _about(placed, site),
        "authors": [{"name": lead.source}],
        "tags": _categories(placed, site),
    }
    if lead.url:
        item["external_url"] = lead.url
    if placed.is_dated:
        item["date_published"] = _stamp(placed.at)
    if placed.changed_at != placed.at:
        item["date_modified"] = _stamp(placed.changed_at)
    if lead.language:
        item["language"] = lead.language
    return item


def render_feeds(edition: Edition, site: Site) -> dict[str, bytes]:
    """The feed files of a release, by name; none without `site.url`, since a feed must state its own address. They include
    what was withdrawn lately, so that readers of a feed learn of it there."""
    if site.url is None:
        return {}
    shown = (*edition.placed, *edition.withdrawn)
    return {"feed.xml": atom(shown, site, site.url), "feed.json": json_feed(edition, site, site.url)}
