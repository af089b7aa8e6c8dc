"""Finding a site's feed: what its page names, then the usual places."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from aggregator.urls import is_web

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "application/json")
_USUAL = ("feed/", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss", "feeds/posts/default", "feed.json")
_MOST = 12


class _Links(HTMLParser):
    """The feeds that a page names in its head, and the links that look like one."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.named: list[str] = []
        self.likely: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        href = found.get("href", "").strip()
        if tag == "base" and href and not self.base:
            self.base = href
        kind = found.get("type", "").lower().split(";")[0]
        is_named = "alternate" in found.get("rel", "").lower().split() and kind in _TYPES
        if tag == "link" and href and is_named and "comment" not in found.get("title", "").lower():
            self.named.append(href)
        if tag == "a" and re.search(r"(?:/feed/?$|\.rss$|rss\.xml$|atom\.xml$|feed\.xml$|/rss/?$|feed\.json$)", href, re.I):
            self.likely.append(href)


def feeds_of_page(page: bytes, url: str) -> list[str]:
    """The addresses that may be the feed of the site to which `page`, at `url`, belongs; the surest first."""
    links = _Links()
    links.feed(page[:1_000_000].decode("utf-8", "replace"))
    base = urljoin(url, links.base)
    folder = url if url.endswith("/") else url + "/"
    root = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/"
    usual = [urljoin(place, path) for place in dict.fromkeys((folder, root)) for path in _USUAL]
    found = [urljoin(base, href) for href in (*links.named, *links.likely[:4])] + usual
    return [address for address in dict.fromkeys(found) if is_web(address)][:_MOST]
