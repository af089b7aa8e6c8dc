"""Is everything in order before tomorrow: the settings, and the templates on an edition that has everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from aggregator.config import where_in
from aggregator.edition import choose
from aggregator.errors import ConfigError
from aggregator.jobs.archive import archive_in_memory
from aggregator.jobs.publish import broken_links, render
from aggregator.jobs.workspace import Workspace
from aggregator.publish.archive import render_archive
from aggregator.publish.link_check import broken, broken_in
from aggregator.publish.newsletter import render_newsletter
from aggregator.publish.site import current_release
from aggregator.render.templates import Templates
from aggregator.render.words import LANGUAGES
from aggregator.topics import vocabulary
from aggregator.values.issues import Issue, IssueNotice, IssueRecord, IssueState, IssueStory, Period
from aggregator.values.stories import Article, Candidates, Freshness, Notice, Story


def check_templates(workspace: Workspace, *, now: datetime) -> None:
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
    fourth = replace(first, entry=4, title="A study that was retracted")
    retracted = Story(3, (fourth,), (Notice(4, "retraction", now.date(), "https://www.example.org/retraction"),))
    candidates = Candidates((Story(1, (first, third), (notice,)), Story(2, (second,))), (retracted,))
    templates, site = Templates(workspace.templates), workspace.settings.site
    # Without a release before it, so that every template is rendered.
    sections, load = archive_in_memory((*candidates.stories, retracted), site, now=now)
    archive = render_archive(templates, sections, load, site, None, is_sample=True, has_issues=True)
    told = {one.id: one for one in (*candidates.stories, retracted)}
    issue = IssueRecord(_sample_issue(now.date()), IssueState.APPROVED, now)
    archive |= render_newsletter(
        templates, [issue], told, site, None, is_sample=True, signup=workspace.settings.signup.url
    )  # fmt: skip
    for freshness in (Freshness(now, 3), Freshness(None, 0, is_stale=True)):
        files = render(
            choose(candidates, site, freshness, now=now), archive, templates, site, is_sample=True, has_issues=True
        )
        if wrong := broken(files):
            raise broken_links(wrong)


def _sample_issue(day: date) -> Issue:
    told = IssueStory(
        1, 1, "A <study> of “smiles” & 3 others", "https://www.example.org/a?b=1&c=2", "Example", "What it found.", "trial",
        ("facial-nerve",), day, "es", ("Third",),
    )  # fmt: skip
    bare = IssueStory(2, 2, "Without date, address and text", "", "Other", "", "unlabelled", ())
    notice = IssueNotice(3, "retraction", day, "A study", "https://www.example.org/retraction", 1)
    return Issue(2, Period.WEEK, day, day, (told, bare), (notice,), intro="**Dear** readers", subject="A subject")


def broken_in_site(workspace: Workspace) -> list[str]:
    """A sentence for each link of the published site that leads nowhere."""
    site = current_release(workspace.data)
    return [f"{one.file} links to {one.address}, which is not there" for one in broken_in(site)] if site is not None else []


def refuse_unspoken(path: Path, language: str) -> None:
    """ConfigError where the templates that come with the program have no words in the site's language: a screen reader
    would read English words with another language's voice (WCAG 2.2, 3.1.1)."""
    if language.lower().partition("-")[0] not in LANGUAGES:
        raise ConfigError(
            path,
            [
                f"{where_in(path, ('site', 'language'))}: the pages have words in {', '.join(LANGUAGES[:-1])} and "
                f"{LANGUAGES[-1]} only, not in “{language}”. Write one of these, or add a language (docs/homepage.md)."
            ],
        )


def remarks(workspace: Workspace) -> list[str]:
    """What is not a mistake and still worth saying."""
    settings = workspace.settings
    found = []
    if settings.site.url is None:
        found.append("site.url is not set: feed.xml and feed.json are not written until it is.")
    if settings.site.contact is None:
        found.append("site.contact is not set: publishers who mind being read cannot write to you.")
    if settings.newsletter.model_fields_set and settings.signup.url is None:
        found.append("newsletter is set and signup.url is not: no letter can be sent, for its links would lead nowhere.")
    if settings.newsletter.model_fields_set and settings.signup.bounces is None:
        found.append("signup.bounces is not set: nobody notices which addresses take no letters any more.")
    bare = [topic.slug for topic in vocabulary().topics if settings.site.topic(topic.slug).page is None]
    if len(bare) < len(vocabulary().topics) and bare:
        found.append(f"site.topics names no page of yours on {', '.join(bare)}.")
    return found
