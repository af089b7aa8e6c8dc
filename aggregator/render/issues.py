"""An issue of the newsletter as templates and plain text show it: in the letter, in the archive, on paper."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from aggregator.render.marks import marked_html, marked_text
from aggregator.render.words import Words, words_of
from aggregator.values.issues import Issue, IssueNotice, IssueStory
from aggregator.values.settings import CallToAction, Site
from aggregator.values.stories import is_foreign

# Characters in a line of plain text (RFC 3676, 4.2, recommends 78 at most).
_COLUMNS = 72


@dataclass(frozen=True, slots=True)
class StoryLine:
    """A story or a notice as an issue shows it. `language` is set if it is not the issue's; `origin` is source, day and
    language in words; `sentence` is what a notice says."""

    story: int
    title: str
    url: str
    language: str | None = None
    label: str = ""
    summary: str = ""
    origin: str = ""
    also: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue in the words of a language."""

    words: Words
    title: str
    number: str
    days: str
    paragraphs: tuple[str, ...]
    notices: tuple[StoryLine, ...]
    stories: tuple[StoryLine, ...]
    action: CallToAction | None
    # The language of the introduction, where it is not that of the letter.
    written_in: str | None = None

    @property
    def intro(self) -> list[Markup]:
        """The paragraphs of the introduction as HTML."""
        return [Markup(marked_html(one)) for one in self.paragraphs]  # noqa: S704 - escaped there


def issue_view(issue: Issue, site: Site, language: str) -> IssueView:
    """The issue without what was pulled, in `language` where the interface has it."""
    words = words_of(language)
    return IssueView(
        words,
        site.title,
        words.text("newsletter.number", n=issue.number),
        words.text("newsletter.days", first=words.day(issue.first), last=words.day(issue.last)),
        tuple(part for part in issue.intro.split("\n\n") if part),
        tuple(_notice_line(one, words) for one in issue.notices),
        tuple(_story_line(one, words, site) for one in issue.told),
        site.call_to_action,
        site.language if is_foreign(site.language, words.language) else None,
    )


def _story_line(one: IssueStory, words: Words, site: Site) -> StoryLine:
    # What no feed names is taken to be in the site's language.
    spoken = one.language or site.language
    foreign = spoken if is_foreign(spoken, words.language) else None
    when = words.day(one.on) if one.on else words.text("no_date")
    origin = " · ".join(filter(None, (one.source, when, words.language_name(foreign))))
    also = words.text("also_by", names=words.listed(one.others)) if one.others else ""
    return StoryLine(one.story, one.title, one.url, foreign, words.label(one.evidence), one.summary, origin, also)


def _notice_line(one: IssueNotice, words: Words) -> StoryLine:
    sentence = words.text(f"newsletter.told.{one.sort}", n=one.told_in, day=words.day(one.on))
    return StoryLine(one.story, one.title, one.url, sentence=sentence)


class _Links:
    """Numbers addresses in the order in which they come."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def number(self, address: str) -> str:
        if not address:
            return ""
        self.addresses.append(address)
        return f" [{len(self.addresses)}]"


def issue_text(view: IssueView, *, sample: str = "", footer: Sequence[str] = ()) -> str:
    """The issue as plain text in lines of 72 characters, the addresses numbered at its end; those of the `footer`, each a
    label and an address, stand in it."""
    words, links = view.words, _Links()
    parts = [_underlined(view.title), f"{view.number}\n{view.days}"]
    parts += [wrapped(one) for one in (sample, *map(marked_text, view.paragraphs)) if one]
    if view.notices:
        parts.append(_underlined(words.text("newsletter.withdrawn")))
        parts += [_item("* ", [one.title + links.number(one.url), one.sentence]) for one in view.notices]
    if view.stories:
        parts.append(_underlined(words.text("newsletter.news")))
        parts += [_told(at, one, links) for at, one in enumerate(view.stories, start=1)]
    parts += _action(view)
    if footer:
        parts += ["-" * 20, *footer]
    if links.addresses:
        parts.append(_underlined(words.text("newsletter.links")))
        parts.append("\n".join(f"[{at}] {address}" for at, address in enumerate(links.addresses, start=1)))
    return "\n\n".join(parts) + "\n"


def _told(at: int, one: StoryLine, links: _Links) -> str:
    lines = [one.title + links.number(one.url), one.summary, " · ".join(filter(None, (one.label, one.origin))), one.also]
    return _item(f"{at}. ", [line for line in lines if line])


def _action(view: IssueView) -> list[str]:
    if view.action is None:
        return []
    lines = [view.action.text, *filter(None, (view.action.phone, view.action.hours, view.action.url))]
    return [_underlined(view.words.text("newsletter.get_in_touch")), "\n".join(map(wrapped, lines))]


def _underlined(text: str) -> str:
    lines = wrapped(text).split("\n")
    return "\n".join([*lines, "-" * min(_COLUMNS, max(map(len, lines)))])


def wrapped(text: str) -> str:
    """A paragraph in lines of 72 characters; an address is never broken."""
    return textwrap.fill(text, _COLUMNS, break_long_words=False, break_on_hyphens=False)


def _item(mark: str, lines: Sequence[str]) -> str:
    beneath = " " * len(mark)
    return "\n".join(
        textwrap.fill(
            line, _COLUMNS, initial_indent=beneath if at else mark, subsequent_indent=beneath, break_long_words=False,
            break_on_hyphens=False,
        )
        for at, line in enumerate(lines)
    )  # fmt: skip
