"""What becomes of people whose letters come back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.errors import UsageError
from aggregator.jobs import subscribers as jobs
from aggregator.jobs.bounces import Reported, take_bounces
from aggregator.newsletter.verp import verp_address
from aggregator.subscribers import mailings, people, queue
from aggregator.subscribers.mailboxes import StandardInput
from aggregator.values.settings import Feed, Settings, Signup
from tests.subscribers.desks import Desk

SETTINGS = Settings(
    signup=Signup(bounces="bounce@news.institute.example"), feeds=(Feed(name="News", url="https://www.example.com/feed"),)
)
JANE = "jane@example.com"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data")


def report(
    desk: Desk, status: str, *, issue: int = 1, number: int | None = None, said: str = "", kind: str = "failed"
) -> Reported:
    """Take a report about a letter to Jane."""
    if number is None:
        with desk.desk.store.reading() as rows:
            person = people.person_of(rows, rows.vault.mark(JANE))
        number = person.id if person else 1
    to = verp_address("bounce@news.institute.example", issue, number, desk.desk.store.vault.find)
    content = (
        f"From: MAILER-DAEMON@mx.example.com\nTo: {to}\nMessage-ID: <{desk.now.timestamp()}@mx.example.com>\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\nContent-Type: text/plain\n\nFailed.\n"
        f"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {JANE}\n"
        f"Action: {kind}\nStatus: {status}\nDiagnostic-Code: smtp; 550 {status} {said}\n\n--x--\n"
    )
    desk.later(minutes=1)
    return take_bounces(desk.desk, StandardInput(content.encode()), SETTINGS, now=desk.now)


def complaint(desk: Desk, number: int) -> Reported:
    to = verp_address("bounce@news.institute.example", 1, number, desk.desk.store.vault.find)
    content = (
        f"From: feedback@provider.example\nTo: {to}\nMIME-Version: 1.0\nContent-Type: multipart/report; "
        "report-type=feedback-report; boundary=x\n\n--x\nContent-Type: text/plain\n\nComplaint\n--x\n"
        "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n--x--\n"
    )
    return take_bounces(desk.desk, StandardInput(content.encode()), SETTINGS, now=desk.now)


def test_an_address_that_does_not_exist_is_suspended_at_once(desk: Desk) -> None:
    desk.subscribe(JANE)
    assert report(desk, "5.1.1", said="user unknown").suspended == 1
    assert desk.counts()["suspended"] == 1


def test_two_failures_without_a_reason_suspend(desk: Desk) -> None:
    desk.subscribe(JANE)
    assert report(desk, "5.0.0", said="rejected").suspended == 0
    assert report(desk, "5.0.0", said="rejected").suspended == 1


def test_five_full_mailboxes_within_thirty_days_suspend_and_older_ones_do_not_count(desk: Desk) -> None:
    desk.subscribe(JANE)
    for _ in range(4):
        assert report(desk, "4.2.2", said="mailbox full").suspended == 0
    desk.later(days=31)
    for _ in range(4):
        assert report(desk, "4.2.2", said="mailbox full").suspended == 0
    assert report(desk, "4.2.2", said="mailbox full").suspended == 1


def test_the_same_report_counts_once(desk: Desk) -> None:
    desk.subscribe(JANE)
    report(desk, "5.0.0", said="rejected")
    desk.now -= timedelta(minutes=1)
    assert report(desk, "5.0.0", said="rejected").suspended == 0


def test_who_is_suspended_counts_again_when_they_ask_again(desk: Desk) -> None:
    desk.subscribe(JANE)
    report(desk, "5.1.1", said="user unknown")
    desk.later(days=2)
    desk.subscribe(JANE)
    assert (desk.counts()["confirmed"], desk.counts()["suspended"]) == (1, 0)


def test_who_complains_is_removed_and_never_written_to(desk: Desk) -> None:
    desk.subscribe(JANE)
    with desk.desk.store.reading() as rows:
        person = people.person_of(rows, rows.vault.mark(JANE))
    assert person is not None

    assert complaint(desk, person.id).left == 1
    assert desk.counts() == {"confirmed": 0, "suspended": 0, "pending": 0, "suppressed": 1}
    desk.later(days=2)
    desk.ask(JANE)
    assert desk.letters() == []


def test_a_letter_to_a_mistyped_address_ends_the_request(desk: Desk) -> None:
    desk.ask(JANE)
    desk.letters()
    with desk.desk.store.reading() as rows:
        number = rows.raw.execute("SELECT id FROM mail").fetchone()[0]
        assert queue.mark_of(rows, number) == rows.vault.mark(JANE)

    report(desk, "5.1.1", issue=0, number=number, said="user unknown")
    assert desk.counts()["pending"] == 0


def test_a_report_to_another_address_changes_nothing(desk: Desk) -> None:
    desk.subscribe(JANE)
    content = b"From: MAILER-DAEMON@x.example\nTo: bounce+1.1.aaaaaaaaaa@news.institute.example\nSubject: Undelivered\n\n550 user unknown\n"
    done = take_bounces(desk.desk, StandardInput(content), SETTINGS, now=desk.now)
    assert (done.strangers, desk.counts()["confirmed"]) == (1, 1)


def test_where_bounces_come_to_must_be_set(desk: Desk) -> None:
    with pytest.raises(UsageError, match=r"signup\.bounces"):
        take_bounces(desk.desk, StandardInput(b""), SETTINGS.model_copy(update={"signup": Signup()}), now=desk.now)


def test_nothing_but_the_counts_is_reported(desk: Desk) -> None:
    desk.subscribe(JANE)
    report(desk, "5.1.1", said="user unknown")
    told = jobs.export_person(desk.desk, JANE)
    assert [one["act"] for one in told["log"]][-1] == "suspended"  # type: ignore[attr-defined]
    assert told["bounces"] == [{"at": told["bounces"][0]["at"], "sort": "hard", "code": "5.1.1"}]  # type: ignore[index]


def test_an_issue_that_came_back_counts_as_that(desk: Desk) -> None:
    desk.subscribe(JANE)
    with desk.desk.store.writing() as rows:
        person = people.person_of(rows, rows.vault.mark(JANE))
        assert person is not None
        mailings.guard_of(rows)
        mailings.begin(rows, 1, desk.now, "digest", [person.id], now=desk.now)
        mailings.claim(rows, 1, now=desk.now)
        mailings.mark(rows, 1, person.id, "sent", now=desk.now)

    report(desk, "4.2.2", issue=1, kind="delayed")
    with desk.desk.store.reading() as rows:
        assert mailings.tally(rows, 1) == {"sent": 1}
    report(desk, "5.1.1", issue=1)

    with desk.desk.store.reading() as rows:
        assert mailings.tally(rows, 1) == {"bounced": 1}
    told = jobs.export_person(desk.desk, JANE)["issues"]
    assert [(one["issue"], one["state"]) for one in told] == [(1, "bounced")]  # type: ignore[attr-defined]
