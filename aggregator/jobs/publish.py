"""Publish: choose from what is stored, render, release. On an empty store it makes a complete, honest page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.edition import choose, shelve
from aggregator.jobs.house import House
from aggregator.publish.archive import render_archive
from aggregator.publish.outfeeds import render_feeds
from aggregator.publish.pages import Pages, check_links, render_pages, view
from aggregator.publish.site import current_release, release
from aggregator.store import runs, stories
from aggregator.store.database import Database
from aggregator.values.stories import Edition, Freshness, Story


@dataclass(frozen=True, slots=True)
class Published:
    """What was published, and where its first page lies."""

    edition: Edition
    page: Path


def publish(house: House, database: Database, *, now: datetime, freshness: Freshness | None = None) -> Published:
    """A new release from the store. `freshness` is the run's own; without one it is the last good run's."""
    with database.read() as connection:
        candidates = stories.candidates(connection)
        everything = stories.archive(connection)
        if freshness is None:
            freshness = last_freshness(house, runs.last_good_at(connection))
    edition = choose(candidates, house.settings.site, freshness, now=now)
    pages = Pages(house.templates)
    shown = view(edition, house.settings.site, is_sample=house.is_sample)
    files = (
        render_pages(pages, shown, house.settings.site) | render_feeds(edition, house.settings.site) | pages.static_files()
    )
    shelves = shelve(everything, house.settings.site, now=now)
    before = current_release(house.data)
    files |= render_archive(pages, shelves, house.settings.site, before, is_sample=house.is_sample)
    check_links(files)
    release(house.data, f"{now:%Y%m%dT%H%M%SZ}", files)
    with database.write() as connection:
        stories.mark_shown(connection, [one.entry for placed in edition.placed for one in placed.story.articles], now=now)
    return Published(edition, house.data / "site" / "index.html")


def render(
    edition: Edition, everything: Sequence[Story], house: House, *, now: datetime, is_sample: bool
) -> dict[str, bytes]:
    """Every file of a release, looked over; PublishError says what is wrong."""
    pages, site = Pages(house.templates), house.settings.site
    files = render_pages(pages, view(edition, site, is_sample=is_sample), site)
    files |= render_feeds(edition, site) | pages.static_files()
    before = current_release(house.data)
    files |= render_archive(pages, shelve(everything, site, now=now), site, before, is_sample=is_sample)
    check_links(files)
    return files


def last_freshness(house: House, refreshed_at: datetime | None, *, is_stale: bool = False) -> Freshness:
    """How fresh the store is, by its last good refresh."""
    return Freshness(refreshed_at, len(house.settings.enabled_feeds), is_stale)
