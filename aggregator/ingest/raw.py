"""An element of a feed as its publisher wrote it, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """The settings of a feed that parsing needs."""

    url: str
    name: str
    language: str | None = None
    # Only an entry of a search feed may name its publisher.
    is_search: bool = False


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One element of a feed as received: HTML stays HTML, dates are as written, nothing is checked. `enclosure` is the
    address of its audio, video or document; `feed_authors` are the feed's, for an entry without authors."""

    guid: str = ""
    link: str = ""
    enclosure: str = ""
    title: str = ""
    title_is_markup: bool = True
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    feed_authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    source: str = ""
    language: str | None = None
    published: str = ""
    updated: str = ""
    identifiers: tuple[str, ...] = ()
