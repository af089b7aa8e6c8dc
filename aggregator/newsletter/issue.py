"""What an issue tells: chosen stories become its content, staff change it, and what was withdrawn is taken out. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from aggregator.errors import UsageError
from aggregator.render.views import marked_title
from aggregator.render.words import words_of
from aggregator.text import one_line, shorten
from aggregator.values.issues import Issue, IssueNotice, IssueRecord, IssueStory, Period, as_json
from aggregator.values.settings import Site
from aggregator.values.stories import DOUBTS, DatedStory, Story

# What goes out without a person's look must not be about a patient who can be known, not reviewed, or advertising.
_UNSAFE = ("patient-story", "preprint", "press-release")
# How many sources are named beside the lead's.
_OTHERS = 3
LONGEST_SUBJECT, LONGEST_PREHEADER, LONGEST_INTRO = 150, 200, 3000


def issue_of(
    number: int, period: Period, days: tuple[date, date], chosen: Sequence[DatedStory], notices: Sequence[IssueNotice],
    site: Site, *, reviewed: Collection[str] = (),
) -> Issue:  # fmt: skip
    """A draft of the `chosen` stories, in their order; those of `reviewed` feeds (their addresses) are not safe."""
    stories = tuple(_story(one, site, reviewed) for one in chosen)
    made = Issue(number, period, *days, stories, tuple(notices))
    return replace(made, subject=usual_subject(made, site, site.language))


def preheader_of(issue: Issue) -> str:
    """What inboxes show beside the subject: staff's, else the title of the first story that this letter has."""
    return issue.preheader or next((shorten(one.title, LONGEST_PREHEADER) for one in issue.told), "")


def usual_subject(issue: Issue, site: Site, language: str) -> str:
    """The subject of an issue to which staff gave none, in `language`."""
    words = words_of(language)
    subject = words.text(f"newsletter.subject.{issue.period.value}", title=site.title, day=words.day(issue.last))
    return shorten(subject, LONGEST_SUBJECT)


def _story(placed: DatedStory, site: Site, reviewed: Collection[str]) -> IssueStory:
    story, lead = placed.story, placed.story.lead
    return IssueStory(
        story=story.id, entry=lead.entry, title=marked_title(story, words_of(site.language)), url=lead.url,
        source=lead.source, summary=lead.summary, evidence=lead.evidence, topics=story.topics,
        on=placed.day if placed.is_dated else None, language=lead.language,
        others=tuple(one.source for one in story.others[:_OTHERS]),
        is_safe=lead.evidence not in _UNSAFE and lead.feed not in reviewed,
    )  # fmt: skip


def notices_of(
    told_in: Mapping[int, int], stories: Sequence[Story], known: Collection[tuple[int, str]], site: Site
) -> tuple[IssueNotice, ...]:
    """What must stand on top: retractions and concerns of `stories` that issues told (`told_in` gives the newest issue of
    each) and that no issue told yet (`known` as story and sort); the newest first."""
    words, found = words_of(site.language), []
    for story in stories:
        for notice in story.notices:
            if notice.sort in DOUBTS and (story.id, notice.sort) not in known:
                title = marked_title(story, words)
                found.append(
                    IssueNotice(story.id, notice.sort, notice.on, title, notice.url, told_in[story.id], story.topics)
                )
    newest = {(one.story, one.sort): one for one in sorted(found, key=lambda one: one.on)}
    return tuple(sorted(newest.values(), key=lambda one: (-one.on.toordinal(), one.story)))


def edited(
    issue: Issue, *, drop: Sequence[int] = (), restore: Sequence[int] = (), first: Sequence[int] = (),
    order: Sequence[int] = (), subject: str | None = None, preheader: str | None = None, intro: str | None = None,
) -> Issue:  # fmt: skip
    """The draft as staff changed it: stories dropped, taken back, put first, or all put in an `order`; new texts. UsageError
    for a story that it does not have, or a text that is too long."""
    _refuse_strangers(drop, issue.stories)
    for number in restore:
        if number not in {one.story for one in issue.dropped}:
            raise UsageError(f"Story {number} was not dropped from this issue.")
    stories = [one for one in issue.stories if one.story not in drop]
    stories += [one for one in issue.dropped if one.story in restore]
    _refuse_strangers([*first, *order], stories)
    places = {number: at for at, number in enumerate([*first, *(one for one in order if one not in first)])}
    stories.sort(key=lambda one: places.get(one.story, len(places)))
    dropped = [one for one in issue.dropped if one.story not in restore]
    dropped += [one for one in issue.stories if one.story in drop]
    return replace(
        issue,
        stories=tuple(stories),
        dropped=tuple(dropped),
        subject=_line(subject, issue.subject, "subject", LONGEST_SUBJECT),
        preheader=_line(preheader, issue.preheader, "preheader", LONGEST_PREHEADER),
        intro=issue.intro if intro is None else _text(intro),
    )


def _refuse_strangers(numbers: Sequence[int], stories: Sequence[IssueStory]) -> None:
    known = {one.story for one in stories}
    for number in numbers:
        if number not in known:
            has = ", ".join(map(str, sorted(known))) or "none"
            raise UsageError(f"The issue does not have story {number}; it has {has}.")


def _line(said: str | None, before: str, name: str, most: int) -> str:
    if said is None:
        return before
    line = one_line(said)
    if len(line) > most:
        raise UsageError(f"The {name} has {len(line)} characters; at most {most} are sent.")
    if name == "subject" and not line:
        raise UsageError("The subject is empty; a mail without one is taken for spam.")
    return line


def _text(said: str) -> str:
    """Plain text with its paragraphs: control characters gone, line ends plain."""
    paragraphs = [one_line(part) for part in said.replace("\r\n", "\n").split("\n\n")]
    text = "\n\n".join(part for part in paragraphs if part)
    if len(text) > LONGEST_INTRO:
        raise UsageError(f"The introduction has {len(text)} characters; at most {LONGEST_INTRO} are sent.")
    return text


def safe_part(issue: Issue) -> Issue:
    """The issue without the stories that must not go out unseen."""
    unsafe = tuple(one for one in issue.stories if not one.is_safe)
    return replace(
        issue,
        stories=tuple(one for one in issue.stories if one.is_safe),
        dropped=(*issue.dropped, *unsafe),
    )


def to_pull(issue: Issue, now: Mapping[int, Story | None]) -> tuple[int, ...]:
    """The stories of an issue that must not go out any more, by number: staff took them off the page, or a study of them was
    retracted or doubted. `now` has, by that number, the story that their leading entry belongs to now."""
    gone = [one.story for one in issue.stories if is_gone(one, now.get(one.story))]
    return tuple(number for number in gone if number not in (*issue.pulled, *issue.pulled_late))


def is_gone(told: IssueStory, story: Story | None) -> bool:
    """Whether a story that an issue has must not be told any more."""
    return told.is_hidden_in(story) or (story is not None and story.is_withdrawn)


def wanted(issue: Issue, topics: Collection[str]) -> Issue:
    """The issue for somebody who chose `topics`; none means all. A story or a notice is theirs if it has one of them."""
    if not topics:
        return issue
    return replace(
        issue,
        stories=tuple(one for one in issue.stories if not set(topics).isdisjoint(one.topics)),
        notices=tuple(one for one in issue.notices if not set(topics).isdisjoint(one.topics)),
    )


def has_something(issue: Issue) -> bool:
    """Whether there is anything to send."""
    return bool(issue.told or issue.notices)


def content_digest(issue: Issue, *texts: str) -> str:
    """By what an approved issue is known again: its content but for what was pulled, and the letter made from it."""
    content = json.dumps(as_json(replace(issue, pulled=(), pulled_late=())), sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b("\0".join((content, *texts)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def told_by(records: Sequence[IssueRecord], now: Mapping[int, int] | None = None) -> dict[int, int]:
    """Of each story that somebody got in one of these issues, the newest that told it. `now` gives, by the leading entry,
    the number that a story has now: staff may have merged it with another."""
    return {
        (now or {}).get(one.entry, one.story): record.issue.number
        for record in sorted(records, key=lambda record: record.issue.number)
        for one in record.issue.stories
        if one.story not in record.issue.pulled
    }
