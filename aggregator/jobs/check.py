"""Is everything in order before tomorrow: the settings, and the templates on an edition that has everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.edition import choose, shelve
from aggregator.jobs.house import House
from aggregator.jobs.publish import render
from aggregator.publish.archive import render_archive
from aggregator.publish.pages import Pages
from aggregator.values.stories import Article, Candidates, Freshness, Notice, Story


def check_templates(house: House, *, now: datetime) -> None:
    """Render every page of an invented edition; PublishError names what is wrong."""
    first = Article(
        entry=1, title="A <study> of “smiles” & 3 others", url="https://www.example.org/a?b=1&c=2", source="Example",
        summary="What it found.", language="es", dated_at=now, is_dated=True, first_seen_at=now, evidence="trial",
        topics=("facial-nerve",),
    )  # fmt: skip
    second = Article(
        entry=2, title="Without date, address and text", url="", source="Other", summary="", language=None,
        dated_at=now - timedelta(days=3), is_dated=False, first_seen_at=now, evidence="unlabelled", topics=(),
    )  # fmt: skip
    third = replace(first, entry=3, title="News of the same", source="Third", evidence="news", language=None)
    notice = Notice(1, "correction", now.date(), "https://www.example.org/notice")
    candidates = Candidates((Story(1, (first, third), (notice,)), Story(2, (second,))))
    pages, site = Pages(house.templates), house.settings.site
    # Without a release before it, so that every template is rendered.
    archive = render_archive(pages, shelve(candidates.stories, site, now=now), site, None, is_sample=True)
    for freshness in (Freshness(now, 3), Freshness(None, 0, is_stale=True)):
        render(choose(candidates, site, freshness, now=now), archive, pages, site, is_sample=True)


def remarks(house: House) -> list[str]:
    """What is no mistake and yet worth saying."""
    settings = house.settings
    found = []
    if settings.site.url is None:
        found.append("site.url is not set: feed.xml and feed.json are not written until it is.")
    if settings.site.contact is None:
        found.append("site.contact is not set: publishers who mind being read cannot write to you.")
    return found
