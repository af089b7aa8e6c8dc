"""Turn feedparser's dictionary of an element into a `RawEntry`; the dictionary goes no further than here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aggregator.ingest.raw import RawEntry
from aggregator.urls import resolved

# The plain dictionary's `get`: feedparser's costs five times as much, gives `published` for a missing `updated`, and warns.
_get = dict.get


def raw_entries(parsed: Any, address: str) -> list[RawEntry]:
    """All entries of a document at `address` that feedparser has parsed."""
    # RSS has an editor for the whole channel, who wrote none of its items.
    is_atom = str(_get(parsed, "version") or "").startswith("atom")
    authors = _authors(_get(parsed, "feed") or {}) if is_atom else ()
    return [_raw_entry(entry, authors, address) for entry in parsed.entries]


def _raw_entry(entry: Any, feed_authors: tuple[str, ...], address: str) -> RawEntry:
    title = _get(entry, "title_detail") or {}
    source = _get(entry, "source") or {}
    contents = _get(entry, "content") or []
    return RawEntry(
        guid=_string(_get(entry, "id")),
        link=_link(entry, _string(_get(title, "base")) or address),
        enclosure=_enclosure(_get(entry, "links") or ()),
        title=_string(_get(entry, "title")),
        title_is_markup=_get(title, "type", "text/html") != "text/plain",
        summary=_string(_get(entry, "summary")),
        content=max((_string(_get(content, "value")) for content in contents), key=len, default=""),
        authors=_authors(entry),
        # RFC 4287 4.2.1: the authors of the entry's source come before those of the feed.
        feed_authors=_authors(source) or feed_authors,
        categories=tuple(filter(None, map(_category, _get(entry, "tags") or ()))),
        source=_string(_get(source, "title")) or _string(_get(entry, "news_source")) or _string(_get(entry, "dc_source")),
        language=_string(_get(entry, "language")) or _get(title, "language"),
        published=_first(entry, "published", "created", "dc_date"),
        updated=_first(entry, "updated"),
        identifiers=tuple(
            filter(None, (_string(_get(entry, key)) for key in ("prism_doi", "dc_identifier", "citation_doi")))
        ),
    )


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _first(entry: Any, *names: str) -> str:
    return next(filter(None, (_string(_get(entry, name)) for name in names)), "")


def _authors(element: Any) -> tuple[str, ...]:
    return tuple(_string(_get(author, "name")) for author in _get(element, "authors") or () if _get(author, "name"))


def _category(tag: Any) -> str:
    """The human-readable label (RFC 4287 4.2.2.3), else the term, which may be a number."""
    return _string(_get(tag, "label")) or _string(_get(tag, "term"))


def _link(entry: Any, base: str) -> str:
    """The article's address. `entry.link` may be an enclosure or another article (97 of 100 entries of one real feed),
    so the first alternate link is preferred; FeedBurner gives the true address in an element of its own."""
    for key in ("feedburner_origlink", "pheedo_origlink"):
        if _get(entry, key):
            return _string(_get(entry, key))
    links = [link for link in _get(entry, "links") or () if _string(_get(link, "href"))]
    for link in links:
        if _get(link, "rel", "alternate") == "alternate" and "html" in _get(link, "type", "text/html"):
            return _string(link["href"])
    for link in links:
        if _get(link, "rel", "alternate") in ("alternate", "self", "via"):
            return _string(link["href"])
    # What is left is a guid that is a link, possibly relative.
    return "" if links else resolved(base, _string(_get(entry, "link")))


def _enclosure(links: Sequence[Any]) -> str:
    """The address of the first enclosure that is not a picture; empty if there is none."""
    attached = (link for link in links if _get(link, "rel") == "enclosure" and _string(_get(link, "href")))
    return next((_string(link["href"]) for link in attached if not _string(_get(link, "type")).startswith("image/")), "")
