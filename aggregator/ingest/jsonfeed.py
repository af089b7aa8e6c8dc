"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not read."""

from __future__ import annotations

import json
from typing import Any

from aggregator.errors import FeedError
from aggregator.ingest.raw import RawEntry
from aggregator.urls import resolved


def read_json_feed(body: bytes, address: str) -> tuple[list[RawEntry], str, str | None]:
    """Raw entries, title and language of the JSON Feed at `address`; FeedError if `body` is not one."""
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedError("sends JSON that cannot be read") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise FeedError("sends JSON that is not a JSON Feed (it has no list of items)")
    authors = _names(feed)
    entries = [_raw_entry(item, address, authors) for item in feed["items"] if isinstance(item, dict)]
    return entries, _text(feed.get("title")), _text(feed.get("language")) or None


def _text(value: Any) -> str:
    # Version 1.0 says that a reader should accept a number as an id.
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _names(element: dict[str, Any]) -> tuple[str, ...]:
    """The authors of an item or a feed; `author` is how version 1.0 named a single one."""
    authors = element.get("authors") if isinstance(element.get("authors"), list) else [element.get("author")]
    return tuple(_text(author.get("name")) for author in authors or () if isinstance(author, dict) and author.get("name"))


def _enclosure(item: dict[str, Any]) -> str:
    attachments = item.get("attachments")
    objects = [file for file in attachments if isinstance(file, dict)] if isinstance(attachments, list) else []
    return next((_text(file.get("url")) for file in objects if not _text(file.get("mime_type")).startswith("image/")), "")


def _raw_entry(item: dict[str, Any], base: str, feed_authors: tuple[str, ...]) -> RawEntry:
    """Relative addresses are resolved against the document's own (RFC 3986, 5.1.3): the format names no other base."""
    html, plain = _text(item.get("content_html")), _text(item.get("content_text"))
    # content_text is plain by definition: what looks like a tag in it is text.
    content = html or plain.replace("&", "&amp;").replace("<", "&lt;")
    tags = item.get("tags")
    return RawEntry(
        guid=_text(item.get("id")),
        link=resolved(base, _text(item.get("url")) or _text(item.get("external_url"))),
        enclosure=resolved(base, _enclosure(item)),
        title=_text(item.get("title")),
        title_is_markup=False,
        summary=_text(item.get("summary")) or content,
        content=content,
        authors=_names(item),
        feed_authors=feed_authors,
        categories=tuple(_text(tag) for tag in tags) if isinstance(tags, list) else (),
        language=_text(item.get("language")) or None,
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
    )
