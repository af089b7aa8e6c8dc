"""Find a site's feed from its page: the feeds that the page names, links that look like one, then the usual places.

Pure. The names follow the RSS Advisory Board's autodiscovery, the WHATWG's link types (`alternate`, `feed`) and what
Mozilla's test page for feed discovery expects (bug 377611).
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from aggregator.urls import web_address

_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json"}
# Types that feeds share with other documents.
_VAGUE_TYPES = {"application/rdf+xml", "application/xml", "text/xml", "application/rss", "text/rss", "application/json"}
_ROOT_PLACES = (
    "feed/", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss", "feeds/posts/default", "feed.json", "?feed=rss2",
)  # fmt: skip
_FOLDER_PLACES = ("feed/", "rss.xml", "feed.xml", "atom.xml", "index.xml", "rss")
_LINK = re.compile(
    r"/(?:feed|rss|atom)/?$|\.(?:rss|atom|rdf)$|(?:rss|atom|feed|index)[\w-]*\.(?:xml|json)$|/(?:rss|feeds?)/[\w./-]+\.xml$|"
    r"rss[\w-]*\.(?:aspx?|php|cfm)|/feed\.aspx|/rss\?|[?&](?:feed|format|output|type|alt)=(?:rss|atom)|"
    r"/action/showFeed\?|/feed/rss/|/feeds/(?:posts|videos)",
    re.I,
)
_COMMENTS = re.compile(r"\bcomments?\b|kommentar|commentaires?\b|comentario", re.I)
_MOST_NAMED, _MOST_LIKELY = 20, 8


class _Links(HTMLParser):
    """Collects the feeds that a page names in its head, certain (`named`) or possible (`vague`), and links that look like
    one."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.named: list[str] = []
        self.vague: list[str] = []
        self.likely: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        href = attributes.get("href", "").strip()
        if not href or _COMMENTS.search(f"{attributes.get('title', '')} {href}"):
            return
        if tag == "base" and not self.base:
            self.base = href
        elif tag == "link":
            self._take_link(href, attributes)
        elif tag == "a" and _LINK.search(href.partition("#")[0]):
            self.likely.append(href)

    def _take_link(self, href: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("type", "").split(";")[0].strip().lower()
        relations = attributes.get("rel", "").lower().split()
        is_alternate = "alternate" in relations and "stylesheet" not in relations
        if "feed" in relations or (is_alternate and kind in _TYPES):
            self.named.append(href)
        elif is_alternate and kind in _VAGUE_TYPES:
            self.vague.append(href)


def feeds_of_page(page: bytes, url: str) -> list[str]:
    """The possible feed addresses of the site that `page`, at `url`, belongs to; the most certain first."""
    text = _text(page)
    links = _Links()
    # html.parser raises AssertionError at a marked section that it does not know.
    links.feed(text.replace("<![", "<!"))
    base = _joined(url, links.base) or url
    root = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}/"
    folder = urljoin(url, urlsplit(url).path.rstrip("/") + "/")
    vague = [href for href in links.vague if "wp-json" not in href]
    addresses = [
        *_of_known_page(text, url),
        *(_joined(base, href) for href in (*links.named, *vague)[:_MOST_NAMED]),
        *(_joined(base, href) for href in links.likely[:_MOST_LIKELY]),
        *(folder + place for place in _FOLDER_PLACES),
        *(root + place for place in _ROOT_PLACES),
        # WordPress names its REST API this way, which is no feed; tried last, in case another site's is one.
        *(_joined(base, href) for href in links.vague[:1] if "wp-json" in href),
    ]
    return _distinct(addresses)


def _text(page: bytes) -> str:
    """The page's text. UTF-16 is recognised by its mark or its zero bytes; in all other encodings links are ASCII."""
    start = page[:1_000_000]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return start.decode("utf-16", "replace")
    if start[:200].count(0) > len(start[:200]) // 4:
        return start.decode("utf-16-be" if start[0] == 0 else "utf-16-le", "replace")
    return start.decode("utf-8", "replace")


def _joined(base: str, href: str) -> str:
    """`href` as an absolute address; an empty string if it is invalid (“http://[bad”)."""
    try:
        return urljoin(base, href)
    except ValueError:
        return ""


def _distinct(addresses: Iterable[str]) -> list[str]:
    return [address for address in dict.fromkeys(addresses) if _is_listable(address)]


def _is_listable(address: str) -> bool:
    """Whether feeds.yaml could have this address: a web address without quotation marks, blanks or a password."""
    try:
        return bool(web_address(address))
    except ValueError:
        return False


# ---- pages that name their feed in a way of their own ----------------------------------------------------------------

_CHANNEL = r"(UC[\w-]{22})"
_CHANNELS = (
    re.compile(rf'<meta itemprop="(?:channelId|identifier)" content="{_CHANNEL}"'),
    re.compile(rf'<link rel="canonical" href="https://www\.youtube\.com/channel/{_CHANNEL}"'),
    re.compile(rf'"(?:externalId|externalChannelId)":\s*"{_CHANNEL}"'),
    re.compile(rf'"channelId":\s*"{_CHANNEL}"'),
)
_ISSN = re.compile(r'"issn"\s*:\s*"(\d{4})-?(\d{3}[\dX])"|\bISSN[^\d<]{0,20}(\d{4})-?(\d{3}[\dX])\b', re.I)


def _of_known_page(text: str, url: str) -> list[str]:
    """The feed of a YouTube channel (from a handle's or a video's page) and of a journal at ScienceDirect."""
    host = urlsplit(url).hostname or ""
    if host == "youtu.be" or host.endswith("youtube.com"):
        channel = next((match[1] for pattern in _CHANNELS if (match := pattern.search(text))), None)
        return [f"https://www.youtube.com/feeds/videos.xml?channel_id={channel}"] if channel else []
    if host.endswith("sciencedirect.com"):
        match = _ISSN.search(text)
        issn = "".join(filter(None, match.groups())) if match else ""
        return [f"https://rss.sciencedirect.com/publication/science/{issn.upper()}"] if issn else []
    return []


def feed_in_lookup(body: bytes) -> str | None:
    """The feed's address in the answer of Apple's lookup (see `patterns.lookup_of`), or None."""
    try:
        results = json.loads(body)["results"]
        feeds = [result["feedUrl"] for result in results if isinstance(result.get("feedUrl"), str)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return feeds[0] if feeds and _is_listable(feeds[0]) else None
