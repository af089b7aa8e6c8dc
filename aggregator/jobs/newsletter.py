"""What staff do about the sending of issues: pause, go on, resolve, count; and what is due by the clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from aggregator.errors import AggregatorError, AlreadySendingError, Hint, NothingToTellError, UsageError
from aggregator.jobs.deliveries import NO_SERVER
from aggregator.jobs.issues import Drafted, approve, cancel, draft, every_issue, letter_for, stored
from aggregator.jobs.mailing import OpenTransport, Sent, send, sender_of, settle_left_over
from aggregator.jobs.people import FEWEST
from aggregator.jobs.subscribers import SubscriberDesk
from aggregator.jobs.workspace import Clock, Store, Workspace
from aggregator.monitoring.channels import Channels, send_mail
from aggregator.newsletter.envelope import compose, message_id
from aggregator.newsletter.issue import safe_part
from aggregator.newsletter.slots import last_slot
from aggregator.smtp import Delivery, MailServer
from aggregator.subscribers import mailings, people
from aggregator.subscribers.addresses import address_in
from aggregator.subscribers.database import Rows
from aggregator.values.environment import Environment
from aggregator.values.issues import IssueRecord, IssueState, MailingState, Period, days_before
from aggregator.values.settings import IssueTimes

# A sending that ended early is gone on with by the clock after so long.
_AGAIN = timedelta(minutes=5)
# So long after its time an issue is still drafted or sent by the clock.
_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the sending of an issue stands: None where it did not begin."""

    number: int
    state: MailingState | None
    tally: dict[str, int]
    next_at: datetime | None = None


def standing(desk: SubscriberDesk, number: int) -> Standing:
    """How the sending of an issue stands."""
    return standings(desk, [number])[0]


def standings(desk: SubscriberDesk, numbers: Iterable[int]) -> list[Standing]:
    """How the sending of each of these issues stands, in their order; the list is opened once for all."""
    settle_left_over(desk)
    with desk.store.reading() as rows:
        return [_standing(rows, number) for number in numbers]


def _standing(rows: Rows, number: int) -> Standing:
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
    """Send no more of an issue, and never again; how many got it or may have. One that somebody has stays in the archive.
    UsageError where there is none with this number, or all of it was sent."""
    record = stored(database, number)
    settle_left_over(desk)
    with desk.store.writing() as rows:
        mailing = mailings.mailing_of(rows, number)
        # Another one went out under this number where the store of the news was restored.
        is_its = mailing is not None and mailing.made_at == record.made_at
        told = mailings.tally(rows, number) if is_its else {}
        if is_its and mailing is not None and mailing.state is MailingState.DONE:
            raise UsageError(f"Issue {number} was sent to everybody; it cannot be called back.")
        if is_its:
            mailings.set_state(rows, number, MailingState.CANCELLED, now=now)
            mailings.skip_rest(rows, number)
    got = sum(told.get(state, 0) for state in ("sent", "sending", "unknown", "bounced"))
    if not got:
        cancel(workspace, database, number, now=now)
    return got


# ---- unknown ---------------------------------------------------------------------------------------------------------


def unknown_of(desk: SubscriberDesk, number: int) -> list[tuple[int, datetime | None]]:
    """Of whom nobody knows whether they got an issue: their numbers, and when it was sent to them."""
    settle_left_over(desk)
    with desk.store.reading() as rows:
        return mailings.of_state(rows, number)


def resolve(desk: SubscriberDesk, number: int, *, again: bool, refused: bool = False, now: datetime) -> int:
    """Send an issue once more to whom nobody knows about (`again`), or count them as having it; with `refused`, send it once
    more to those whom the mail server refused. How many. UsageError where it is not being sent and was not."""
    with desk.store.writing() as rows:
        mailing = mailings.mailing_of(rows, number)
        if mailing is None or mailing.state is MailingState.CANCELLED:
            raise UsageError(f"Issue {number} is not being sent.", hint=Hint.NEWSLETTER_STATUS)
        was = "refused" if refused else "unknown"
        found = [person for person, _ in mailings.of_state(rows, number, was)]
        is_again = again or refused
        changed = mailings.resolve(rows, number, found, "todo" if is_again else "sent", was=was, now=now)
        if is_again and changed and mailing.state is MailingState.DONE:
            # Not touched: whoever sends what is old is asked first.
            mailings.set_state(rows, number, MailingState.SENDING)
    return changed


def resolve_by_log(desk: SubscriberDesk, number: int, log: Iterable[str], *, now: datetime) -> int:
    """Count as sent what the log of the mail server says was taken, as Postfix and Exim write it; how many."""
    named = taken_by(log)
    with desk.store.writing() as rows:
        key = desk.store.vault.find
        taken = [person for person, _ in mailings.of_state(rows, number) if message_id(number, person, key) in named]
        return mailings.resolve(rows, number, taken, "sent", now=now)


def taken_by(log: Iterable[str]) -> set[str]:
    """The left sides of the Message-IDs of letters of ours that a mail server took. Postfix names one while the letter comes
    in, which may be broken off, and says later, by its own number, that it is in the queue; Exim says both in one line."""
    named: dict[str, str] = {}
    queued, taken = set[str](), set[str]()
    for line in log:
        if found := _POSTFIX_NAMES.search(line):
            named[found[1]] = found[2]
        elif found := _POSTFIX_TAKES.search(line):
            queued.add(found[1])
        elif found := _EXIM_TAKES.search(line):
            taken.add(found[1])
    return taken | {named[number] for number in queued if number in named}


_POSTFIX_NAMES = re.compile(r"\b(\w{5,20}): (?:resent-)?message-id=<([0-9a-f]{32})@")
_POSTFIX_TAKES = re.compile(
    r"\b(\w{5,20}): (?:from=<[^>]*>, size=\d+, nrcpt=\d+ \(queue active\)|to=<.*\bstatus=(?:sent|deferred|bounced)\b)"
)
_EXIM_TAKES = re.compile(r" <= .* id=([0-9a-f]{32})@")


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
        _parted(Counter(wishes.frequency.value for wishes in everybody)),
        _parted(Counter(wishes.language for wishes in everybody)),
    )


def _rough(found: Counter[str]) -> dict[str, str]:
    return {name: str(count) if count >= FEWEST else f"< {FEWEST}" for name, count in sorted(found.items())}


def _parted(found: Counter[str]) -> dict[str, str]:
    """Parts of a whole that is known elsewhere: where one is small, the next is hidden too, or the rest would tell it."""
    told, small = _rough(found), [name for name, count in found.items() if count < FEWEST]
    others = sorted((count, name) for name, count in found.items() if count >= FEWEST)
    return told | ({others[0][1]: f"{FEWEST} or more"} if len(small) == 1 and others else {})


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
        raise UsageError(NO_SERVER)
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
    count = f"{len(issue.stories)} {'story' if len(issue.stories) == 1 else 'stories'}"
    lines = [
        f"Issue {issue.number} of the newsletter waits for you: {count}, {issue.first} to {issue.last}.",
        "Drop, raise and order its stories, write its introduction, send yourself a test, and approve it.",
    ]
    if settings.newsletter.if_unapproved == "send_safe" and send_at:
        left = f" The {len(unsafe)} that need a person's look are left out." if unsafe else ""
        lines.append(f"If nobody approves it first, it is sent on {send_at}.{left}")
    elif send_at:
        lines.append(f"It is sent on {send_at} if somebody has approved it by then.")
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

    @contextmanager
    def step(self) -> Iterator[None]:
        """Whatever goes wrong in it is a problem, and the rest goes on."""
        try:
            yield
        except AggregatorError as error:
            self.problems.append(str(error))


def do_due(
    desk: SubscriberDesk, workspace: Workspace, database: Store, environment: Environment, *,
    open_transport: Callable[[], OpenTransport], clock: Clock,
) -> Due:  # fmt: skip
    """Draft and send what feeds.yaml says is due, and go on with what is being sent. What goes wrong with one stops no
    other."""
    told = Due()
    times = {Period.WEEK: workspace.settings.newsletter.week, Period.MONTH: workspace.settings.newsletter.month}
    numbers: list[int] = []
    for period, slots in times.items():
        if slots is not None:
            with told.step():
                _draft_due(desk, workspace, database, environment, period, slots, told, now=clock())
            with told.step():
                numbers += _to_send(workspace, database, desk, period, slots, told, now=clock())
    with told.step(), desk.store.reading() as rows:
        numbers += [
            number for number in mailings.under_way(rows)
            if (one := mailings.mailing_of(rows, number)) and clock() - one.touched_at >= _AGAIN
            and (at := mailings.next_due(rows, number)) and at <= clock()
        ]  # fmt: skip
    for number in dict.fromkeys(numbers):
        with told.step():
            _send(desk, workspace, database, environment, number, open_transport, told, clock)
    return told


def _draft_due(
    desk: SubscriberDesk, workspace: Workspace, database: Store, environment: Environment, period: Period,
    slots: IssueTimes, told: Due, *, now: datetime,
) -> None:  # fmt: skip
    """Draft the issue whose time came, and tell staff. One whose time was missed by more than two days is left out."""
    zone = workspace.settings.site.zone
    slot = last_slot(slots.draft_at, zone, now)
    on = slot.astimezone(zone).date()
    if now - slot > _WITHIN or any(_is_for(one, period, on) for one in every_issue(database)):
        return
    try:
        made = draft(workspace, database, period, on=on, above=highest_sent(desk), now=now)
    except NothingToTellError:
        return
    told.done.append(f"Issue {made.issue.number} was drafted ({len(made.issue.stories)} stories).")
    told.problems += filter(None, [tell_staff(workspace, environment, made, send_at=slots.send_at)])


def _is_for(record: IssueRecord, period: Period, on: date) -> bool:
    """Whether an issue covers what was over on a day; a cancelled one too, for staff did not want it."""
    return record.issue.period is period and record.issue.last == days_before(period, on)[1]


def _to_send(
    workspace: Workspace, database: Store, desk: SubscriberDesk, period: Period, slots: IssueTimes, told: Due, *,
    now: datetime,
) -> list[int]:  # fmt: skip
    """The issue whose time to be sent came, approved if staff said so or let the safe part go. It is the one that covers
    what was over at the time of the draft before."""
    zone = workspace.settings.site.zone
    slot = last_slot(slots.send_at, zone, now)
    on = last_slot(slots.draft_at, zone, slot).astimezone(zone).date()
    found = [one for one in every_issue(database) if _is_for(one, period, on) and one.state is not IssueState.CANCELLED]
    if not found or now - slot > _WITHIN or standing(desk, found[0].issue.number).state is not None:
        return []
    record, number = found[0], found[0].issue.number
    if record.state is IssueState.APPROVED:
        return [number]
    # Staff had no time to look at one that was drafted late.
    if workspace.settings.newsletter.if_unapproved == "wait" or record.made_at > slot:
        return []
    if not safe_part(record.issue).stories:
        told.problems.append(f"Issue {number} was not sent: nobody approved it, and all of it needs a person's look.")
        return []
    approve(workspace, database, number, now=now, is_safe_only=True)
    told.done.append(f"Nobody approved issue {number}, so its safe part is sent.")
    return [number]


def _send(
    desk: SubscriberDesk, workspace: Workspace, database: Store, environment: Environment, number: int,
    open_transport: Callable[[], OpenTransport], told: Due, clock: Clock,
) -> None:  # fmt: skip
    def on_pulled(titles: tuple[str, ...]) -> None:
        told.problems += filter(None, [tell_pulled(workspace, environment, number, titles)])

    try:
        sent = send(
            desk, workspace, database, environment, number, open_transport=open_transport(), clock=clock,
            on_pulled=on_pulled,
        )  # fmt: skip
    except AlreadySendingError:
        # By hand, or since the last time that this was asked.
        return
    told.done.append(in_words(number, sent))
    told.problems += filter(None, [sent.problem])


def in_words(number: int, sent: Sent) -> str:
    """What a run did, in a sentence."""
    counted = ", ".join(f"{count} {outcome}" for outcome, count in sent.outcomes.items()) or "nothing was due"
    return f"Issue {number}: {counted}."
