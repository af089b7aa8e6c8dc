"""The rules of an issue's content, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.errors import UsageError
from aggregator.newsletter.issue import (
    content_digest,
    edited,
    has_something,
    notices_of,
    preheader_of,
    safe_part,
    to_pull,
    told_by,
    wanted,
)
from aggregator.newsletter.slots import last_slot
from aggregator.values.issues import (
    Issue,
    IssueNotice,
    IssueRecord,
    IssueState,
    IssueStory,
    Period,
    as_json,
    days_before,
    from_json,
)
from aggregator.values.settings import Site
from aggregator.values.stories import Notice, Story
from tests.publish.conftest import stories

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


def story(number: int, **changes: Any) -> IssueStory:
    told = IssueStory(
        number, number, f"Title {number}", f"https://example.org/{number}", "The Herald", "What it says.", "news",
        ("bells-palsy",), date(2026, 11, 24), "en",
    )  # fmt: skip
    return replace(told, **changes)


def issue(*told: IssueStory, **changes: Any) -> Issue:
    made = Issue(3, Period.WEEK, date(2026, 11, 23), date(2026, 11, 29), told, subject="The week")
    return replace(made, **changes)


NOTICE = IssueNotice(9, "retraction", date(2026, 11, 20), "Retracted: A study", "https://example.org/n", 2, ("synkinesis",))


@pytest.mark.parametrize(
    ("period", "on", "days"),
    [
        (Period.WEEK, "2026-11-30", ("2026-11-23", "2026-11-29")),
        (Period.WEEK, "2026-11-29", ("2026-11-16", "2026-11-22")),
        (Period.WEEK, "2026-12-06", ("2026-11-23", "2026-11-29")),
        (Period.WEEK, "2027-01-01", ("2026-12-21", "2026-12-27")),
        (Period.MONTH, "2026-11-30", ("2026-10-01", "2026-10-31")),
        (Period.MONTH, "2026-12-01", ("2026-11-01", "2026-11-30")),
        (Period.MONTH, "2028-03-01", ("2028-02-01", "2028-02-29")),
        (Period.MONTH, "2027-01-15", ("2026-12-01", "2026-12-31")),
    ],
)
def test_the_newest_period_that_is_over(period: Period, on: str, days: tuple[str, str]) -> None:
    assert tuple(map(str, days_before(period, date.fromisoformat(on)))) == days


def test_an_issue_comes_back_from_json_as_it_was() -> None:
    made = issue(
        story(1), story(2, on=None, language=None, others=("A", "B"), is_safe=False), notices=(NOTICE,),
        dropped=(story(4),), pulled=(1,), pulled_late=(2,), preheader="P", intro="One\n\ntwo",
    )  # fmt: skip

    assert from_json(as_json(made)) == made
    assert from_json({**as_json(made), "later": 1, "stories": [{**as_json(made)["stories"][0], "new": 2}]}).told == ()


@pytest.mark.parametrize(
    ("topics", "told", "notices"),
    [((), [1, 2], 1), (("synkinesis",), [2], 1), (("bells-palsy",), [1], 0), (("parotid",), [], 0), (("parotid", "synkinesis"), [2], 1)],
)  # fmt: skip
def test_somebody_gets_what_is_on_their_topics(topics: tuple[str, ...], told: list[int], notices: int) -> None:
    made = issue(story(1), story(2, topics=("synkinesis", "facial-nerve")), notices=(NOTICE,))

    theirs = wanted(made, topics)

    assert [one.story for one in theirs.stories] == told
    assert len(theirs.notices) == notices
    assert has_something(theirs) == bool(told or notices)


def test_an_issue_of_which_all_was_pulled_has_nothing() -> None:
    assert not has_something(issue(story(1), pulled=(1,)))
    assert has_something(issue(story(1), story(2), pulled=(1,)))
    assert has_something(issue(notices=(NOTICE,)))


def test_the_safe_part() -> None:
    made = issue(story(1, is_safe=False), story(2), story(3, is_safe=False), dropped=(story(4),))

    safe = safe_part(made)

    assert [one.story for one in safe.stories] == [2]
    assert [one.story for one in safe.dropped] == [4, 1, 3]
    # What inboxes show beside the subject is not what was left out.
    assert (preheader_of(made), preheader_of(safe)) == ("Title 1", "Title 2")
    assert preheader_of(replace(made, preheader="Ours")) == "Ours"
    assert preheader_of(issue()) == ""


def test_the_order_of_a_changed_draft() -> None:
    made = issue(*map(story, range(1, 6)))

    assert [one.story for one in edited(made, first=[4, 2]).stories] == [4, 2, 1, 3, 5]
    assert [one.story for one in edited(made, drop=[1], first=[5]).stories] == [5, 2, 3, 4]
    assert [one.story for one in edited(made, order=[3, 1, 2, 5, 4]).stories] == [3, 1, 2, 5, 4]
    assert [one.story for one in edited(edited(made, drop=[1, 3]), restore=[3]).stories] == [2, 4, 5, 3]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"drop": [9]}, "does not have story 9; it has 1, 2"),
        ({"restore": [1]}, "Story 1 was not dropped"),
        ({"first": [7]}, "does not have story 7"),
        ({"drop": [1], "first": [1]}, "does not have story 1; it has 2"),
        ({"subject": " "}, "subject is empty"),
        ({"subject": "x" * 151}, "at most 150"),
        ({"preheader": "x" * 201}, "at most 200"),
        ({"intro": "x" * 3001}, "at most 3000"),
    ],
)
def test_what_a_draft_cannot_become(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        edited(issue(story(1), story(2)), **changes)


def test_texts_are_one_line_and_an_introduction_keeps_its_paragraphs() -> None:
    made = edited(issue(story(1)), subject="A\r\nBcc: x@example.org", intro=" One\u202e line\r\n\r\n\n\n two \n three\x07 ")

    assert made.subject == "A Bcc: x@example.org"
    assert made.intro == "One line\n\ntwo three"


def known(number: int, *notices: Notice) -> Story:
    made = stories(1)[0]
    return replace(made, id=number, articles=(replace(made.articles[0], entry=number),), notices=notices)


def notice(sort: str, on: str = "2026-11-25") -> Notice:
    return Notice(1, sort, date.fromisoformat(on), "https://example.org/notice")


def test_what_must_not_go_out_any_more() -> None:
    made = issue(*map(story, range(1, 7)), pulled=(6,))
    now = {
        1: known(1), 2: known(2, notice("retraction")), 3: known(3, notice("concern")), 4: known(4, notice("correction")),
        5: replace(known(5), articles=(replace(known(5).articles[0], entry=77),)), 6: known(6, notice("retraction")),
    }  # fmt: skip

    assert to_pull(made, now) == (2, 3, 5)
    assert to_pull(made, {}) == (1, 2, 3, 4, 5)
    assert to_pull(replace(made, pulled_late=(2,)), now) == (3, 5)


def test_what_stands_on_top() -> None:
    told = {1: 4, 2: 4, 3: 5}
    found = [
        known(1, notice("retraction", "2026-11-25"), notice("concern", "2026-11-20")),
        known(2, notice("correction")),
        known(3, notice("concern", "2026-11-27")),
    ]

    on_top = notices_of(told, found, {(1, "concern")}, Site())

    assert [(one.story, one.sort, one.told_in) for one in on_top] == [(3, "concern", 5), (1, "retraction", 4)]


def test_the_newest_issue_that_told_a_story() -> None:
    records = [
        IssueRecord(replace(issue(story(1), story(2)), number=number, pulled=pulled), IssueState.APPROVED, NOW)
        for number, pulled in ((5, (2,)), (4, ()))
    ]

    assert told_by(records) == {1: 5, 2: 4}
    # Who got it before a story was taken out was told of it.
    late = replace(records[0], issue=replace(records[0].issue, pulled=(), pulled_late=(2,)))
    assert told_by([late]) == {1: 5, 2: 5}
    # Staff merged the story of entry 1 with story 9.
    assert told_by(records, {1: 9, 2: 2}) == {9: 5, 2: 4}


def test_the_digest_is_that_of_what_was_approved() -> None:
    made = issue(story(1), story(2))
    digest = content_digest(made, "html", "text")

    assert content_digest(replace(made, pulled=(1,)), "html", "text") == digest
    assert content_digest(made, "html", "other") != digest
    assert content_digest(replace(made, preheader="x"), "html", "text") != digest


@pytest.mark.parametrize(
    ("slot", "now", "found"),
    [
        ("monday 07:00", "2026-11-30T15:00", "2026-11-30T15:00"),  # 7 o'clock in Los Angeles
        ("monday 07:00", "2026-11-30T14:59", "2026-11-23T15:00"),
        ("sunday 23:30", "2026-11-30T08:00", "2026-11-30T07:30"),
        ("1 07:00", "2026-11-30T15:00", "2026-11-01T15:00"),
        ("28 07:00", "2026-03-01T15:00", "2026-02-28T15:00"),
        # The clock jumps from 2 to 3 on 8 March, and goes back from 2 to 1 on 1 November.
        ("sunday 02:30", "2026-03-08T12:00", "2026-03-08T10:30"),
        ("sunday 01:30", "2026-11-01T12:00", "2026-11-01T08:30"),
    ],
)
def test_the_newest_time_of_a_slot(slot: str, now: str, found: str) -> None:
    at = last_slot(slot, ZoneInfo("America/Los_Angeles"), datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert at == datetime.fromisoformat(found).replace(tzinfo=UTC)
