"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not read."""

from __future__ import annotations

import json
from typing import Any

from aggregator.errors import FeedError
from aggregator.ingest.clean import RawDate, RawEntry


def read_json_feed(body: bytes) -> tuple[list[RawEntry], str, str | None]:
    """Raw entries, title and language of a JSON Feed; FeedError where it is none."""
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedError("sends JSON that cannot be read") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise FeedError("sends JSON that is no JSON Feed (it has no list of items)")
    entries = [_raw_entry(item) for item in feed["items"] if isinstance(item, dict)]
    return entries, _text(feed.get("title")), _text(feed.get("language")) or None


def _text(value: Any) -> str:
    # 1.0 says that a reader should take a number for an id where it finds one.
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _names(item: dict[str, Any]) -> tuple[str, ...]:
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    return tuple(_text(author.get("name")) for author in authors or () if isinstance(author, dict) and author.get("name"))


def _raw_entry(item: dict[str, Any]) -> RawEntry:
    html, plain = _text(item.get("content_html")), _text(item.get("content_text"))
    # content_text is plain by definition: what looks like a tag in it is text.
    content = html or plain.replace("&", "&amp;").replace("<", "&lt;")
    tags = item.get("tags")
    return RawEntry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=_text(item.get("title")),
        title_is_markup=False,
        summary=_text(item.get("summary")) or content,
        content=content,
        authors=_names(item),
        categories=tuple(_text(tag) for tag in tags) if isinstance(tags, list) else (),
        language=_text(item.get("language")) or None,
        published=RawDate(_text(item.get("date_published"))),
        updated=RawDate(_text(item.get("date_modified"))),
    )
