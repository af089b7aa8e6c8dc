"""The newsletter's archive: a page that lists the issues, and each issue as a page and as plain text, with what became known
of its studies since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aggregator.publish.digests import archive_digest, page_digest
from aggregator.publish.reuse import unchanged
from aggregator.publish.verify import verify
from aggregator.render.issues import IssueView, issue_text, issue_view
from aggregator.render.templates import Templates
from aggregator.render.views import NoticeView, file_of_story, notice_view
from aggregator.render.words import words_of
from aggregator.values.issues import Issue, IssueRecord
from aggregator.values.settings import Site
from aggregator.values.stories import Story

INDEX = "newsletter/index.html"


@dataclass(frozen=True, slots=True)
class IssueLink:
    """An issue as the list names it."""

    number: str
    days: str
    subject: str
    file: str


def render_newsletter(
    templates: Templates, records: Sequence[IssueRecord], known: Mapping[int, Story], site: Site, before: Path | None, *,
    is_sample: bool, signup: str | None,
) -> dict[str, bytes | Path]:  # fmt: skip
    """The pages of approved issues (`records`, the newest first), by file name; none where there is no issue. `known` has,
    by the leading entry, their stories as they are now. A page that has not changed since the release `before` is the path
    of its file there."""
    if not records:
        return {}
    common = f"{archive_digest(templates, site, is_sample=is_sample, has_issues=True)}|{signup}"
    always = {"site": site, "is_sample": is_sample, "root": "../", "t": words_of(site.language), "signup": signup}
    files: dict[str, bytes | Path] = {}
    links = []
    for record in sorted(records, key=lambda one: (one.issue.last, one.issue.number), reverse=True):
        file = f"newsletter/{record.issue.number}.html"
        issue = _without_hidden(record.issue, known)
        view, notices = issue_view(issue, site, site.language), _later(issue, known, site)
        pages = {one.story: file_of_story(known[one.entry].id) for one in issue.told if _has_page(known.get(one.entry))}
        digest = page_digest(common, f"{issue}|{notices}|{pages}")
        kept = unchanged(before, file, digest)
        if kept is None:
            text = templates.render(
                "pages/issue.html", digest=digest, view=view, later=notices, pages=pages,
                text_file=f"{issue.number}.txt", **always,
            )  # fmt: skip
            verify("issue.html", text)
        files[file] = kept or text.encode("utf-8")
        files[f"newsletter/{issue.number}.txt"] = _plain(view, notices, is_sample=is_sample)
        links.append(IssueLink(view.number, view.days, issue.subject, file))
    index = templates.render("pages/issues.html", links=links, **always)
    verify("issues.html", index)
    return {**files, INDEX: index.encode("utf-8")}


def _without_hidden(issue: Issue, known: Mapping[int, Story]) -> Issue:
    """The issue without what staff took off the page since: it must be gone from here too. What some people got before it
    was withdrawn stays, with its notice."""
    late = tuple(one for one in issue.stories if one.story in issue.pulled_late)
    stories = tuple(one for one in (*issue.told, *late) if not one.is_hidden_in(known.get(one.entry)))
    ordered = tuple(one for one in issue.stories if one in stories)
    return replace(issue, stories=ordered, pulled=(), pulled_late=())


def _has_page(story: Story | None) -> bool:
    return story is not None and story.has_page


def _later(issue: Issue, known: Mapping[int, Story], site: Site) -> dict[int, tuple[NoticeView, ...]]:
    """The notices on the stories of an issue, by the story."""
    words = words_of(site.language)
    found = {one.story: known[one.entry].notices for one in issue.told if one.entry in known}
    return {story: tuple(notice_view(one, words) for one in notices) for story, notices in found.items() if notices}


def _plain(view: IssueView, later: Mapping[int, Sequence[NoticeView]], *, is_sample: bool) -> bytes:
    words = view.words
    sample = f"{words.text('sample')} {words.text('sample_about')}" if is_sample else ""
    titles = {one.story: one.title for one in view.stories}
    said = [f"* {titles[story]}\n  {notice.text}\n  {notice.url}" for story, notices in later.items() for notice in notices]
    return issue_text(view, sample=sample, footer=[words.text("newsletter.since"), *said] if said else ()).encode("utf-8")
