"""What the front says beside its list of stories: the lead, the day in a few headlines, trials, topics, the week. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from aggregator.values.stories import Article, DatedStory, Headline, Overview, is_foreign

# The lead is of the newest days that are shown.
_LEAD_DAYS = timedelta(days=1)
# A paper with nobody's report on it, in the terms of its field, is hard to read; what several report concerns many.
_REPORTED = 0.75
_FOREIGN = 3.0
# Who writes headlines for everybody.
_LAY = frozenset(("news", "patient-story", "press-release"))
_LINES = 3
_TRIALS = 4
_MONTH = timedelta(days=30)
_WEEK = timedelta(days=7)


def overview(
    shown: Sequence[DatedStory], recent: Sequence[DatedStory], points: Mapping[int, float], *, today: date, language: str
) -> Overview:
    """The overview of an edition that shows `shown`, in order, in a page in `language`; `recent` has all stories that it
    chose from, `points` says what each one that is shown is worth."""
    return Overview(
        lead_of(shown, points, language=language),
        brief(shown, language=language),
        trials(recent, today=today),
        topics(recent, today=today),
        week(recent, today=today),
    )


def lead_of(shown: Sequence[DatedStory], points: Mapping[int, float], *, language: str) -> DatedStory | None:
    """The story that leads: of those of the newest day and the day before it, the one with the most points; what several
    report, what says something in its summary, and what is in the page's language come before the rest."""
    newest = max((one.day for one in shown if one.is_dated), default=None)
    if newest is None:
        return None
    fresh = [one for one in shown if one.is_dated and newest - one.day <= _LEAD_DAYS]
    return max(fresh, key=lambda one: (_weight(one, points[one.story.id], language), one.at, -one.story.id))


def _weight(one: DatedStory, points: float, language: str) -> float:
    lead = one.story.lead
    reported = _REPORTED * min(len(one.story.others), 4)
    return points + reported + bool(lead.summary) - _FOREIGN * is_foreign(lead.language, language)


def brief(shown: Sequence[DatedStory], *, language: str) -> tuple[Headline, ...]:
    """The newest days in at most three headlines that were written for everybody, in the page's language: of each story the
    first of its reports that has one; none where there would be one line only. They are other people's words."""
    newest = max((one.day for one in shown), default=date.min)
    found = [
        Headline(article.title, article.url)
        for one in shown
        if newest - one.day <= _LEAD_DAYS
        for article in [next((one for one in one.story.articles if _is_lay(one, language)), None)]
        if article is not None
    ]
    return tuple(found[:_LINES]) if len(found) > 1 else ()


def _is_lay(article: Article, language: str) -> bool:
    return bool(article.url) and article.evidence in _LAY and not is_foreign(article.language, language)


def trials(recent: Sequence[DatedStory], *, today: date) -> tuple[DatedStory, ...]:
    """The newest registrations of trials of the last 30 days, at most four."""
    found = [one for one in recent if one.story.lead.evidence == "registration" and _is_within(one, today, _MONTH)]
    return tuple(sorted(found, key=lambda one: (-one.at.timestamp(), one.story.id))[:_TRIALS])


def topics(recent: Sequence[DatedStory], *, today: date) -> dict[str, int]:
    """How many stories of the last 30 days each topic has, the most first."""
    counts = Counter(topic for one in recent if _is_within(one, today, _MONTH) for topic in one.story.topics)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def week(recent: Sequence[DatedStory], *, today: date) -> dict[str, int]:
    """How many stories of the last seven days each kind of evidence has."""
    return dict(Counter(one.story.lead.evidence for one in recent if _is_within(one, today, _WEEK)))


def _is_within(one: DatedStory, today: date, span: timedelta) -> bool:
    return one.is_dated and today - one.day < span
