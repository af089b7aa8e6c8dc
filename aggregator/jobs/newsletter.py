"""What staff do about the sending of issues: pause, go on, resolve, count; and what is due by the clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aggregator.errors import AggregatorError, Hint, UsageError
from aggregator.jobs.issues import Drafted, approve, cancel, draft, last_of, letter_for, stored
from aggregator.jobs.mailing import OpenTransport, Sent, send, sender_of
from aggregator.jobs.subscribers import SubscriberDesk
from aggregator.jobs.workspace import Clock, Store, Workspace
from aggregator.monitoring.channels import Channels, send_mail
from aggregator.newsletter.envelope import compose, message_id
from aggregator.newsletter.issue import safe_part
from aggregator.newsletter.slots import last_slot
from aggregator.smtp import Delivery, MailServer
from aggregator.subscribers import mailings, people
from aggregator.subscribers.addresses import address_in
from aggregator.values.environment import Environment
from aggregator.values.issues import IssueState, MailingState, Period

# A sending that ended early is gone on with by the clock after so long.
_AGAIN = timedelta(minutes=5)
# So long after its time an issue is still sent by the clock.
_SENT_WITHIN = timedelta(hours=48)
# Fewer than this could be known people.
FEW = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sending of an issue stands: None where it did not begin."""

    number: int
    state: MailingState | None
    tally: dict[str, int]
    next_at: datetime | None = None


def standing(desk: SubscriberDesk, number: int) -> Standing:
    """How the sending of an issue stands."""
    with desk.store.reading() as rows:
        mailing = mailings.mailing_of(rows, number)
        if mailing is None:
            return Standing(number, None, {})
        return Standing(number, mailing.state, mailings.tally(rows, number), mailings.next_due(rows, number))


def highest_sent(desk: SubscriberDesk) -> int:
    """The highest number of an issue that was ever sent from this list."""
    with desk.store.reading() as rows:
        return mailings.last_issue(rows)


def pause(desk: SubscriberDesk, number: int, *, now: datetime) -> None:
    """Stop after the letter that is being sent. UsageError where the issue is not being sent."""
    _change(desk, number, MailingState.SENDING, MailingState.PAUSED, "is not being sent", now=now)


def resume(desk: SubscriberDesk, number: int, *, now: datetime) -> None:
    """Let a sending go on that was paused. UsageError where it was not."""
    _change(desk, number, MailingState.PAUSED, MailingState.SENDING, "is not paused", now=now)


def _change(
    desk: SubscriberDesk, number: int, was: MailingState, becomes: MailingState, problem: str, *, now: datetime
) -> None:
    with desk.store.writing() as rows:
        mailing = mailings.mailing_of(rows, number)
        if mailing is None or mailing.state is not was:
            raise UsageError(f"Issue {number} {problem}.", hint=Hint.NEWSLETTER_STATUS)
        mailings.set_state(rows, number, becomes, now=now)


def cancel_all(desk: SubscriberDesk, workspace: Workspace, database: Store, number: int, *, now: datetime) -> int:
    """Send no more of an issue, and never again; how many got it or may have. UsageError where there is none with this
    number, or all of it was sent."""
    stored(database, number)
    with desk.store.writing() as rows:
        mailing = mailings.mailing_of(rows, number)
        if mailing is not None and mailing.state is MailingState.DONE:
            raise UsageError(f"Issue {number} was sent to everybody; it cannot be called back.")
        if mailing is not None:
            mailings.set_state(rows, number, MailingState.CANCELLED, now=now)
        told = mailings.tally(rows, number)
    if mailing is None:
        cancel(workspace, database, number, now=now)
    return sum(told.get(state, 0) for state in ("sent", "sending", "unknown", "bounced"))


# ---- unknown ---------------------------------------------------------------------------------------------------------


def unknown_of(desk: SubscriberDesk, number: int) -> list[tuple[int, datetime | None]]:
    """Of whom nobody knows whether they got an issue: their numbers, and when it was sent to them."""
    with desk.store.reading() as rows:
        return mailings.unknown(rows, number)


def resolve(desk: SubscriberDesk, number: int, *, again: bool, now: datetime) -> int:
    """Send an issue once more to whom nobody knows about (`again`), or count them as having it; how many."""
    with desk.store.writing() as rows:
        found = [person for person, _ in mailings.unknown(rows, number)]
        changed = mailings.resolve(rows, number, found, "todo" if again else "sent", now=now)
        if again and changed:
            mailings.set_state(rows, number, MailingState.SENDING, now=now)
    return changed


def resolve_by_log(desk: SubscriberDesk, number: int, log: Iterable[str], *, now: datetime) -> int:
    """Count as sent what the log of the mail server says was taken: it names the Message-ID of each (as Postfix, Exim and
    OpenSMTPD log it); how many."""
    named = {found for line in log for found in _MESSAGE_ID.findall(line)}
    with desk.store.writing() as rows:
        key = desk.store.vault.find
        taken = [person for person, _ in mailings.unknown(rows, number) if message_id(number, person, key) in named]
        return mailings.resolve(rows, number, taken, "sent", now=now)


_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@")


# ---- numbers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known without tracking anybody: events by month (`2026-11`), and people by topic, by frequency and by
    language. Numbers below five are only said to be that."""

    months: dict[str, dict[str, str]]
    topics: dict[str, str]
    frequencies: dict[str, str]
    languages: dict[str, str]


def numbers(desk: SubscriberDesk) -> Numbers:
    """Sent, bounced, left and the like, by month; who wants what, now."""
    with desk.store.reading() as rows:
        months: dict[str, Counter[str]] = {}
        for month, what, count in mailings.by_month(rows):
            months.setdefault(month, Counter())[what] += count
        everybody = [one.wishes for one in people.everybody(rows) if one.state == "confirmed"]
    topics = Counter(topic for wishes in everybody for topic in wishes.topics or ("all",))
    return Numbers(
        {month: _rough(found) for month, found in sorted(months.items(), reverse=True)},
        _rough(topics),
        _rough(Counter(wishes.frequency.value for wishes in everybody)),
        _rough(Counter(wishes.language for wishes in everybody)),
    )


def _rough(found: Counter[str]) -> dict[str, str]:
    return {name: str(count) if count >= FEW else f"< {FEW}" for name, count in sorted(found.items())}


# ---- to staff --------------------------------------------------------------------------------------------------------


def send_test(
    workspace: Workspace, database: Store, environment: Environment, number: int, written: str, *, now: datetime
) -> str:
    """Send an issue to one address of staff, marked as a test; why it could not be, or nothing. UsageError where the address
    or the mail server is missing. OSError and the like where the server cannot be reached."""
    address = address_in(written)
    if not address:
        raise UsageError("No mail can be sent to that address.")
    if environment.smtp_url is None:
        raise UsageError("No letter can be sent: set AGGREGATOR_SMTP_URL and AGGREGATOR_MAIL_FROM.")
    sender, letter = sender_of(workspace, environment), letter_for(workspace, stored(database, number).issue)
    composed = compose(replace(letter, subject=f"[Test] {letter.subject}"), sender, issue=number, now=now)
    content = composed.to(address, letter.secret, message_id(number, 0, now.isoformat().encode("ascii")))
    try:
        with MailServer(environment.smtp_url) as server:
            outcome = server.send(sender.address, address, content)
    except Exception as error:  # whatever the line does, staff read a sentence
        return f"The mail server of AGGREGATOR_SMTP_URL cannot be used ({' '.join(str(error).split())[:200]})."
    return "" if outcome.delivery is Delivery.SENT else f"The mail server did not take it ({outcome.answer})."


def tell_staff(workspace: Workspace, environment: Environment, drafted: Drafted, *, send_at: str = "") -> str:
    """Mail a draft to whom `alerts.email_to` names; why it could not be sent, or nothing."""
    issue, settings = drafted.issue, workspace.settings
    unsafe = [one for one in issue.stories if not one.is_safe]
    lines = [
        f"Issue {issue.number} of the newsletter waits for you. It covers {issue.first} to {issue.last}; it has "
        f"{len(issue.stories)} stories.",
        "Drop, raise and order its stories, write its introduction, send yourself a test, and approve it.",
    ]
    if settings.newsletter.if_unapproved == "send_safe" and send_at:
        lines.append(f"Unless you do, it is sent on {send_at} without {len(unsafe)} of them that a person must look at.")
    elif send_at:
        lines.append(f"It is to be sent on {send_at}, and waits for you.")
    text = "\n\n".join([*lines, drafted.letter.text])
    return _mail(workspace, environment, f"Newsletter, issue {issue.number}: draft", text)


def tell_pulled(workspace: Workspace, environment: Environment, number: int, titles: Iterable[str]) -> str:
    """Tell staff what was taken out of an approved issue; why they could not be told, or nothing."""
    lines = [f"Taken out of issue {number} after it was approved, because a study was withdrawn or a story hidden:", *titles]
    return _mail(workspace, environment, f"Newsletter, issue {number}: stories taken out", "\n\n".join(lines))


def _mail(workspace: Workspace, environment: Environment, subject: str, text: str) -> str:
    channels = Channels(environment.smtp_url, environment.mail_from)
    return send_mail(channels, workspace.settings.alerts.email_to, subject, text)


# ---- by the clock ----------------------------------------------------------------------------------------------------


@dataclass
class Due:
    """What was done because it was due: sentences, and those that a person must act on."""

    done: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def do_due(
    desk: SubscriberDesk, workspace: Workspace, database: Store, environment: Environment, *,
    open_transport: Callable[[], OpenTransport], clock: Clock,
) -> Due:  # fmt: skip
    """Draft and send what feeds.yaml says is due, and go on with what is being sent."""
    told = Due()
    times = {Period.WEEK: workspace.settings.newsletter.week, Period.MONTH: workspace.settings.newsletter.month}
    for period, slots in times.items():
        if slots is not None:
            _draft_due(desk, workspace, database, environment, period, slots.draft_at, slots.send_at, told, now=clock())
            number = _to_send(workspace, database, desk, period, slots.send_at, told, now=clock())
            if number:
                _send(desk, workspace, database, environment, number, open_transport, told, clock)
    with desk.store.reading() as rows:
        waiting = [
            number for number in mailings.under_way(rows)
            if (one := mailings.mailing_of(rows, number)) and clock() - one.touched_at >= _AGAIN
            and (at := mailings.next_due(rows, number)) and at <= clock()
        ]  # fmt: skip
    for number in waiting:
        _send(desk, workspace, database, environment, number, open_transport, told, clock)
    return told


def _draft_due(
    desk: SubscriberDesk, workspace: Workspace, database: Store, environment: Environment, period: Period, draft_at: str,
    send_at: str, told: Due, *, now: datetime,
) -> None:  # fmt: skip
    """Draft the issue whose time came, and tell staff. One whose time was missed by more than two days is left out."""
    zone = workspace.settings.site.zone
    slot = last_slot(draft_at, zone, now)
    last = last_of(database, period)
    if now - slot > _SENT_WITHIN or (last is not None and last.made_at >= slot):
        return
    try:
        made = draft(
            workspace, database, period, on=slot.astimezone(zone).date(), above=highest_sent(desk), now=now
        )  # fmt: skip
    except UsageError:
        # Nothing happened, or somebody drafted it before its time.
        return
    told.done.append(f"Issue {made.issue.number} was drafted ({len(made.issue.stories)} stories).")
    told.problems += filter(None, [tell_staff(workspace, environment, made, send_at=send_at)])


def _to_send(
    workspace: Workspace, database: Store, desk: SubscriberDesk, period: Period, send_at: str, told: Due, *, now: datetime
) -> int:
    """The issue whose time to be sent came, approved if staff said so or let the safe part go; 0 where there is none."""
    slot, last = last_slot(send_at, workspace.settings.site.zone, now), last_of(database, period)
    if last is None or last.made_at > slot or now - slot > _SENT_WITHIN:
        return 0
    number = last.issue.number
    if standing(desk, number).state is not None:
        return 0
    if last.state is IssueState.APPROVED:
        return number
    if workspace.settings.newsletter.if_unapproved == "wait":
        return 0
    if not safe_part(last.issue).stories:
        told.problems.append(f"Issue {number} was not sent: nobody approved it, and nothing of it may go out unseen.")
        return 0
    approve(workspace, database, number, now=now, is_safe_only=True)
    told.done.append(f"Nobody approved issue {number}, so its safe part is sent.")
    return number


def _send(
    desk: SubscriberDesk, workspace: Workspace, database: Store, environment: Environment, number: int,
    open_transport: Callable[[], OpenTransport], told: Due, clock: Clock,
) -> None:  # fmt: skip
    try:
        sent = send(desk, workspace, database, environment, number, open_transport=open_transport(), clock=clock)
    except AggregatorError as error:
        told.problems.append(str(error))
        return
    told.done.append(in_words(number, sent))
    told.problems += filter(None, [sent.problem])
    if sent.pulled:
        told.problems += filter(None, [tell_pulled(workspace, environment, number, sent.pulled)])


def in_words(number: int, sent: Sent) -> str:
    """What a run did, in a sentence."""
    counted = ", ".join(f"{count} {outcome}" for outcome, count in sent.outcomes.items()) or "nothing was due"
    return f"Issue {number}: {counted}."
