"""Publish: choose from what is stored, render, release. On an empty store it makes a complete, honest page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.edition import choose, shelve
from aggregator.jobs.house import House
from aggregator.publish.archive import render_archive
from aggregator.publish.outfeeds import render_feeds
from aggregator.publish.pages import Pages, check_links, render_pages, view
from aggregator.publish.reuse import INPUTS, digest_of, whole
from aggregator.publish.site import current_release, release
from aggregator.store import runs, stories
from aggregator.store.database import Database
from aggregator.values.settings import Site
from aggregator.values.stories import Edition, Freshness


@dataclass(frozen=True, slots=True)
class Published:
    """What was published, and where its first page lies."""

    edition: Edition
    page: Path


def publish(house: House, database: Database, *, now: datetime, freshness: Freshness | None = None) -> Published:
    """A new release from the store. `freshness` is the run's own; without one it is the last good run's."""
    site, before, pages = house.settings.site, current_release(house.data), Pages(house.templates)
    with database.read() as connection:
        candidates = stories.candidates(connection)
        inputs = digest_of(pages, site, stories.archive_digest(connection), is_sample=house.is_sample)
        archive: dict[str, bytes | Path] = {**whole(before, inputs)}
        if not archive:
            shelves = shelve(stories.archive(connection), site, now=now)
            archive |= {**render_archive(pages, shelves, site, before, is_sample=house.is_sample), INPUTS: inputs.encode()}
        if freshness is None:
            freshness = last_freshness(house, runs.last_good_at(connection))
    edition = choose(candidates, site, freshness, now=now)
    release(house.data, f"{now:%Y%m%dT%H%M%SZ}", render(edition, archive, pages, site, is_sample=house.is_sample))
    with database.write() as connection:
        stories.mark_shown(connection, [one.entry for placed in edition.placed for one in placed.story.articles], now=now)
    return Published(edition, house.data / "site" / "index.html")


def render(
    edition: Edition, archive: Mapping[str, bytes | Path], pages: Pages, site: Site, *, is_sample: bool
) -> dict[str, bytes | Path]:
    """Every file of a release, looked over; PublishError says what is wrong."""
    front = render_pages(pages, view(edition, site, is_sample=is_sample), site)
    files = {**front, **render_feeds(edition, site), **pages.static_files(), **archive}
    check_links(front["index.html"].decode("utf-8"), files)
    return files


def last_freshness(house: House, refreshed_at: datetime | None, *, is_stale: bool = False) -> Freshness:
    """How fresh the store is, by its last good refresh."""
    return Freshness(refreshed_at, len(house.settings.enabled_feeds), is_stale)
