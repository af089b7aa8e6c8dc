"""Issues from a real store: what they tell, in which order, what is pulled, what stands on top, what is frozen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")
pytest.importorskip("cryptography", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.edition import choose
from aggregator.errors import UsageError
from aggregator.jobs import issues
from aggregator.jobs.publish import publish
from aggregator.store import stories
from aggregator.values.issues import Issue, IssueState, Period
from aggregator.values.settings import CallToAction
from aggregator.values.stories import Candidates, Freshness
from tests.newsletter.offices import Office


def shown(issue: Issue) -> list[int]:
    return [one.story for one in issue.stories]


def test_an_issue_tells_each_event_once_and_no_withdrawn_study(office: Office) -> None:
    week, month = office.draft(Period.WEEK), office.draft(Period.MONTH)

    with office.store() as database, database.read() as connection:
        withdrawn = {
            one.id for one in stories.between(connection, office.now - timedelta(90), office.now) if one.is_withdrawn
        }
    assert withdrawn
    for issue in (week, month):
        told = shown(issue)
        assert 0 < len(told) <= 8
        assert len(set(told)) == len(told)
        assert len({one.url for one in issue.stories}) == len(told)
        assert withdrawn.isdisjoint(told)
        assert all(issue.first <= one.on <= issue.last for one in issue.stories if one.on)


@pytest.mark.parametrize("most", [3, 8, 40])
def test_an_issue_has_the_stories_and_the_order_of_the_page(office: Office, most: int) -> None:
    office.newsletter = office.newsletter.model_copy(update={"stories": most})
    issue = office.draft(Period.WEEK)

    site = office.workspace.settings.site.model_copy(update={"stories": most})
    with office.store() as database, database.read() as connection:
        found = stories.between(connection, office.now - timedelta(90), office.now)
    of_week = [
        one for one in found
        if not one.is_withdrawn
        and issue.first <= min(a.dated_at for a in one.articles if a.dated_at).astimezone(site.zone).date() <= issue.last
    ]  # fmt: skip
    evening = max(a.dated_at for one in of_week for a in one.articles if a.dated_at)
    end = evening.astimezone(site.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    end += timedelta(days=(issue.last - end.date()).days + 1)
    page = choose(Candidates(tuple(of_week)), site, Freshness(None, 0), now=end)

    assert shown(issue) == [one.story.id for one in page.placed]


def test_a_second_issue_tells_nothing_again_and_what_came_late(office: Office) -> None:
    first = office.draft()
    office.approve()
    told = set(shown(first))
    office.later(days=7)

    second = office.draft()

    assert second.number == 2
    assert told.isdisjoint(shown(second))
    assert all(one.on and one.on >= second.first for one in second.stories)

    # A feed brings, too late, what is dated in the week before.
    with office.store() as database, database.write() as connection:
        issues_of_two = sorted(told | set(shown(second)))
        connection.exec_driver_sql(
            "UPDATE entry SET first_seen_at = ? WHERE story_id NOT IN (SELECT value FROM json_each(?))",
            (office.now.strftime("%Y-%m-%d %H:%M:%S.000000"), str(issues_of_two)),
        )
    with office.store() as database:
        issues.cancel(office.workspace, database, 2, now=office.now)
    office.newsletter = office.newsletter.model_copy(update={"stories": 40})
    third = office.draft()

    assert told.isdisjoint(shown(third))
    assert any(one.on and one.on < third.first for one in third.stories)


def test_a_study_that_an_issue_told_and_that_was_withdrawn_stands_on_top_of_the_next(office: Office) -> None:
    told = office.draft(Period.MONTH)
    office.approve()
    withdraw(office, told.stories[0].story)
    office.later(days=31)
    refreshed_again(office)

    issue = office.draft(Period.MONTH)

    assert [(one.story, one.sort, one.told_in) for one in issue.notices] == [(told.stories[0].story, "retraction", 1)]
    with office.store() as database:
        letter = issues.show(office.workspace, database, issue.number).letter
    assert letter.text.index("It was retracted on") < letter.text.index(f"1. {issue.stories[0].title[:30]}")
    assert "Withdrawn since we told you about it" in letter.html
    office.approve(2)
    office.later(days=31)
    refreshed_again(office)
    assert office.draft(Period.MONTH).notices == ()


def refreshed_again(office: Office) -> None:
    """Date everything that no issue told as if it were of the last weeks."""
    with office.store() as database, database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE entry SET dated_at = datetime(dated_at, '+31 days') || '.000000', "
            "published_at = datetime(published_at, '+31 days') || '.000000' WHERE admitted"
        )


def withdraw(office: Office, story: int) -> None:
    """Let the lead of a story be retracted."""
    with office.store() as database, database.write() as connection:
        (entry,) = connection.exec_driver_sql(
            "SELECT id FROM entry WHERE story_id = ? AND admitted ORDER BY id LIMIT 1", (story,)
        ).one()
        (notice,) = connection.exec_driver_sql(
            "SELECT id FROM entry WHERE notice = 'retraction' ORDER BY id LIMIT 1"
        ).one()  # fmt: skip
        connection.exec_driver_sql("UPDATE notice SET of_id = ? WHERE entry_id = ?", (entry, notice))


def hide(office: Office, entry: int) -> None:
    """Take an entry off the page."""
    with office.store() as database, database.write() as connection:
        connection.exec_driver_sql("UPDATE entry SET standing = 'hidden' WHERE id = ?", (entry,))


def test_what_was_withdrawn_or_hidden_since_the_draft_is_not_approved(office: Office) -> None:
    draft = office.draft()
    withdraw(office, draft.stories[0].story)
    hide(office, draft.stories[1].entry)

    approved = office.approve()

    assert shown(approved) == shown(draft)[2:]
    assert [one.story for one in approved.dropped] == shown(draft)[:2]


def test_what_was_withdrawn_since_it_was_approved_is_pulled(office: Office) -> None:
    issue = office.draft()
    office.approve()
    withdraw(office, issue.stories[0].story)

    with office.store() as database:
        record, titles = issues.pull(office.workspace, database, 1)
        again = issues.pull(office.workspace, database, 1)

    assert record.issue.pulled == (issue.stories[0].story,)
    assert titles == (issue.stories[0].title,)
    assert [one.story for one in record.issue.told] == shown(issue)[1:]
    assert again == (record, ())


def test_an_approved_issue_is_the_letter_that_was_looked_at(office: Office) -> None:
    office.draft()
    office.approve()
    feeds = office.feeds
    with office.store() as database:
        changed = office.workspace.settings.model_copy(
            update={
                "site": office.workspace.settings.site.model_copy(update={"call_to_action": CallToAction(text="Buy now")})
            }
        )
        other = replace(office.workspace, settings=changed)

        with pytest.raises(UsageError, match="another than the one that was approved"):
            issues.pull(other, database, 1)
        issues.approve(other, database, 1, now=office.now)
        issues.pull(other, database, 1)
    assert feeds


def test_a_draft_can_be_changed_and_an_approved_issue_cannot(office: Office) -> None:
    draft = office.draft()
    one, two, three = shown(draft)[:3]
    with office.store() as database:
        edited = issues.edit(office.workspace, database, 1, drop=[one], first=[three], subject="Ours", intro="Dear **all**,")
        assert shown(edited.issue)[:2] == [three, two]
        assert (edited.issue.subject, edited.issue.intro) == ("Ours", "Dear **all**,")
        assert "Dear <strong>all</strong>," in edited.letter.html
        assert "Dear all," in edited.letter.text
        back = issues.edit(office.workspace, database, 1, restore=[one])
        assert shown(back.issue)[-1] == one
        office.approve()
        with pytest.raises(UsageError, match="only a draft"):
            issues.edit(office.workspace, database, 1, subject="Other")


def test_one_issue_for_the_same_days(office: Office) -> None:
    office.draft()

    with pytest.raises(UsageError, match="Issue 1 covers these days already"):
        office.draft()
    with office.store() as database:
        issues.cancel(office.workspace, database, 1, now=office.now)
    assert office.draft(above=7).number == 8


def test_the_archive_shows_approved_issues_with_later_notices(office: Office) -> None:
    site = office.data / "site"
    draft = office.draft()
    assert not (site / "newsletter").exists()

    office.approve()

    page = (site / "newsletter" / "1.html").read_text("utf-8")
    assert draft.stories[0].title[:40] in page.replace("&#39;", "'")
    assert "Issue 1" in (site / "newsletter" / "1.txt").read_text("utf-8")
    assert "newsletter/index.html" in (site / "index.html").read_text("utf-8")
    assert "newsletter/index.html" in (site / "topics" / "bells-palsy.html").read_text("utf-8")
    assert "was retracted" not in page

    withdraw(office, draft.stories[0].story)
    with office.store() as database:
        publish(office.workspace, database, now=office.now)

    assert "This study was retracted on" in (site / "newsletter" / "1.html").read_text("utf-8")
    assert "This study was retracted on" in (site / "newsletter" / "1.txt").read_text("utf-8")


def test_what_staff_hide_leaves_the_archive_too(office: Office) -> None:
    """A patient may ask for it."""
    draft = office.draft()
    office.approve()
    hide(office, draft.stories[0].entry)
    with office.store() as database:
        publish(office.workspace, database, now=office.now)

    title = draft.stories[0].title[:30]
    files = {path.name: path.read_text("utf-8") for path in (office.data / "site" / "newsletter").iterdir()}
    assert [name for name, text in files.items() if title in text] == []
    assert draft.stories[1].title[:30] in files["1.txt"].replace("\n   ", " ")


def test_somebody_who_looks_at_an_old_page_decides_nothing(office: Office) -> None:
    draft = office.draft()
    with office.store() as database:
        seen = issues.version_of(issues.stored(database, 1).issue)
        issues.edit(office.workspace, database, 1, drop=[draft.stories[0].story])

        with pytest.raises(UsageError, match="Somebody else changed"):
            issues.approve(office.workspace, database, 1, seen=seen, now=office.now)
        with pytest.raises(UsageError, match="Somebody else changed"):
            issues.edit(office.workspace, database, 1, seen=seen, intro="Mine")
        issues.approve(
            office.workspace, database, 1, seen=issues.version_of(issues.stored(database, 1).issue), now=office.now
        )  # fmt: skip


def test_notices_are_those_of_the_issues_that_their_readers_got(office: Office) -> None:
    week = office.draft(Period.WEEK)
    office.approve(1)
    office.draft(Period.MONTH)
    office.approve(2)
    withdraw(office, week.stories[0].story)
    office.later(days=31)
    refreshed_again(office)

    assert [one.told_in for one in office.draft(Period.WEEK).notices] == [1]


def test_a_cancelled_issue_leaves_the_archive(office: Office) -> None:
    office.draft()
    office.approve()
    with office.store() as database:
        issues.cancel(office.workspace, database, 1, now=office.now)

    assert not (office.data / "site" / "newsletter").exists()


def test_an_issue_is_written_for_another_system(office: Office, tmp_path: Path) -> None:
    office.draft()
    with office.store() as database, pytest.raises(UsageError, match="not approved"):
        issues.export(office.workspace, database, 1, tmp_path / "out", unsubscribe="*|UNSUB|*")
    office.approve()
    with office.store() as database:
        files = issues.export(office.workspace, database, 1, tmp_path / "out", unsubscribe="*|UNSUB|*")

    texts = {file.name: file.read_text("utf-8") for file in files}
    assert sorted(texts) == ["letter.html", "letter.txt", "preheader.txt", "subject.txt"]
    assert "*|UNSUB|*" in texts["letter.html"]
    assert "*|UNSUB|*" in texts["letter.txt"]
    assert "signup.institute.example" not in "".join(texts.values())


def test_who_decided_is_recorded(office: Office) -> None:
    office.draft()
    office.approve()
    with office.store() as database:
        record = issues.stored(database, 1)

    assert (record.state, record.decided_by, record.decided_at) == (IssueState.APPROVED, "cli:anna", office.now)
