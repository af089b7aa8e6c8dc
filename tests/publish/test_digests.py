"""Whatever a page says of a story decides whether the page of the release before can be taken over."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from aggregator.edition import as_shown
from aggregator.jobs.archive import record_of
from aggregator.publish import digests
from aggregator.publish.digests import archive_digest, story_digest
from aggregator.render.templates import Templates
from aggregator.values.settings import Site
from aggregator.values.stories import ListedStory, Notice, Story, StoryRecord
from tests.conftest import HOME, NOW
from tests.test_edition import article, story

TOLD = story(7, article(1), article(2))


def record(told: Story) -> StoryRecord:
    return record_of(told, as_shown(told, Site()))


LISTED = ListedStory(record(TOLD), NOW.date(), NOW, is_dated=True)


def with_report(**changes: object) -> Story:
    lead, report = TOLD.articles
    return replace(TOLD, articles=(lead, replace(report, **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        # Its own page is named by its number.
        replace(TOLD, id=8),
        replace(TOLD, articles=TOLD.articles[:1]),
        replace(TOLD, articles=TOLD.articles[::-1]),
        replace(TOLD, more=3),
        replace(TOLD, notices=(Notice(1, "correction", date(2026, 3, 9), ""),)),
        with_report(title="Another"),
        with_report(url="https://example.com/else"),
        with_report(source="Another"),
        with_report(summary="Another"),
        with_report(language="de"),
        with_report(evidence="trial"),
        with_report(topics=("parotid",)),
        with_report(dated_at=NOW - timedelta(days=1)),
        with_report(is_dated=False),
    ],
)
def test_what_a_page_shows_is_in_its_digest(changed: Story) -> None:
    assert story_digest(changed, NOW) != story_digest(TOLD, NOW)


def test_what_no_page_shows_is_not_in_its_digest() -> None:
    """A story without a page of its own is named nowhere by its number."""
    alone = replace(TOLD, articles=TOLD.articles[:1])

    assert story_digest(with_report(weight=2.0, feed="Another"), NOW) == story_digest(TOLD, NOW)
    assert story_digest(replace(alone, id=8), NOW) == story_digest(alone, NOW)


def test_where_a_story_stands_is_in_its_digest() -> None:
    """Where its publisher said so by that date, else by its place among the others."""
    earlier = NOW - timedelta(minutes=1)
    dated = [ListedStory(record(story(7, article(1, at))), at.date(), at, is_dated=True) for at in (NOW, earlier)]
    undated = [LISTED._replace(at=at, is_dated=False) for at in (NOW, earlier)]

    assert len({one.digest for one in (*dated, *undated)}) == 4
    assert LISTED.digest != LISTED._replace(record=record(with_report(title="Another"))).digest


@pytest.mark.parametrize("file", ["topics.yaml", "topics.py", "text.py", "urls.py", "values/settings.py"])
def test_another_program_makes_every_page_anew(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of what pages hang on was kept by hand once, and lacked all but the first of these."""
    copied = tmp_path / "aggregator"
    shutil.copytree(HOME / "aggregator", copied, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(digests, "__file__", str(copied / "publish" / "digests.py"))
    pages, found = Templates(HOME / "templates"), set()
    for end in ("", "\n# Another line.\n"):
        with (copied / file).open("a", encoding="utf-8") as source:
            source.write(end)
        digests._program_digest.cache_clear()
        found.add(archive_digest(pages, Site(), is_sample=False))
    digests._program_digest.cache_clear()

    assert len(found) == 2
