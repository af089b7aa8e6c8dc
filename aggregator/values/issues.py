"""An issue of the newsletter: one frozen choice of stories, approved by staff, then sent, archived and printed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from aggregator.values.stories import Story


class Period(StrEnum):
    """How much time an issue covers."""

    WEEK = "week"
    MONTH = "month"


class IssueState(StrEnum):
    """How far staff are with an issue."""

    DRAFT = "draft"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class MailingState(StrEnum):
    """How far the sending of an issue is."""

    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class IssueStory:
    """A story as an issue tells it. `others` are the sources that report the same; `on` is empty where nobody dated it;
    `is_safe` says that it may go out although nobody on staff looked at it."""

    story: int
    entry: int
    title: str
    url: str
    source: str
    summary: str
    evidence: str
    topics: tuple[str, ...]
    on: date | None = None
    language: str | None = None
    others: tuple[str, ...] = ()
    is_safe: bool = True

    def is_hidden_in(self, story: Story | None) -> bool:
        """Whether staff took its leading entry off the page; `story` is the one that this belongs to now."""
        return story is None or self.entry not in {one.entry for one in story.articles}


@dataclass(frozen=True, slots=True)
class IssueNotice:
    """That a study which issue `told_in` told of was retracted, or its editors have doubts."""

    story: int
    sort: str
    on: date
    title: str
    url: str
    told_in: int
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """The content of an issue: the `stories` in their order, those that staff `dropped`, and those taken out after approval
    because they were withdrawn or taken off the page: before anybody got the issue (`pulled`), or when some had it already
    (`pulled_late`). `first` and `last` are the days that it covers, both included. Without a `preheader` it is the title of
    the first story."""

    number: int
    period: Period
    first: date
    last: date
    stories: tuple[IssueStory, ...]
    notices: tuple[IssueNotice, ...] = ()
    dropped: tuple[IssueStory, ...] = ()
    pulled: tuple[int, ...] = ()
    pulled_late: tuple[int, ...] = ()
    subject: str = ""
    preheader: str = ""
    intro: str = ""

    @property
    def told(self) -> tuple[IssueStory, ...]:
        """The stories that go out: without those that were taken out."""
        return tuple(one for one in self.stories if one.story not in (*self.pulled, *self.pulled_late))


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """An issue as it is stored. `digest` is that of the letter which was approved, empty before."""

    issue: Issue
    state: IssueState
    made_at: datetime
    digest: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


def days_before(period: Period, on: date) -> tuple[date, date]:
    """The first and the last day of the newest week (Monday to Sunday) or month that ended before the day `on`."""
    if period is Period.WEEK:
        last = on - timedelta(days=on.weekday() + 1)
        return last - timedelta(days=6), last
    last = on.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def as_json(issue: Issue) -> dict[str, Any]:
    """The content of an issue as JSON values; dates are written like 2026-11-30."""
    return _plain(asdict(issue))  # type: ignore[no-any-return]


def from_json(content: dict[str, Any]) -> Issue:
    """The issue that `as_json` wrote; keys of a later version are left out."""
    known = {field.name for field in fields(Issue)}
    said = {name: value for name, value in content.items() if name in known}
    return replace(
        Issue(**{**said, "stories": (), "notices": (), "dropped": ()}),
        period=Period(said["period"]),
        first=date.fromisoformat(said["first"]),
        last=date.fromisoformat(said["last"]),
        stories=tuple(map(_story, said["stories"])),
        dropped=tuple(map(_story, said.get("dropped", ()))),
        notices=tuple(map(_notice, said.get("notices", ()))),
        pulled=tuple(said.get("pulled", ())),
        pulled_late=tuple(said.get("pulled_late", ())),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _story(said: dict[str, Any]) -> IssueStory:
    known = {field.name for field in fields(IssueStory)}
    told = {name: value for name, value in said.items() if name in known}
    on = date.fromisoformat(told["on"]) if told.get("on") else None
    return IssueStory(**{**told, "on": on, "topics": tuple(told["topics"]), "others": tuple(told.get("others", ()))})


def _notice(said: dict[str, Any]) -> IssueNotice:
    known = {field.name for field in fields(IssueNotice)}
    told = {name: value for name, value in said.items() if name in known}
    return IssueNotice(**{**told, "on": date.fromisoformat(told["on"]), "topics": tuple(told.get("topics", ()))})
