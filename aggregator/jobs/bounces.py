"""Read what mail servers and providers say about our letters, and write no more to whom it would be no use or no welcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

from aggregator.errors import UsageError
from aggregator.jobs.subscribers import SubscriberDesk
from aggregator.newsletter.bounces import Bounce, BounceSort, read_bounce
from aggregator.newsletter.verp import SINGLE, verp_in
from aggregator.subscribers import copies, mailings, people, queue, seen
from aggregator.subscribers.database import Rows
from aggregator.subscribers.mailboxes import Mailbox
from aggregator.values.settings import Settings

# Where a mail server writes the address that a message came to.
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
# So many hard ones ever, or soft ones within the time, and an address is written to no more.
_HARD, _SOFT, _SOFT_WITHIN = 2, 5, timedelta(days=30)
_LARGEST = 1_000_000


@dataclass
class Reported:
    """What a run did: reports by sort, those that were not about a letter of ours, and how many addresses it ended."""

    sorts: dict[BounceSort, int] = field(default_factory=lambda: dict.fromkeys(BounceSort, 0))
    strangers: int = 0
    suspended: int = 0
    left: int = 0


def take_bounces(desk: SubscriberDesk, mailbox: Mailbox, settings: Settings, *, now: datetime) -> Reported:
    """Read a mailbox of reports. One counts only if it came to the address that the letter was sent from, signed by us.
    UsageError where no such address is set."""
    base, done = bounce_address(settings), Reported()
    for item in mailbox.items():
        message = _parsed(item.content)
        with desk.store.writing() as rows:
            letter = verp_in(_addresses(message), base, desk.store.vault.find)
            mark = _mark_of(rows, *letter) if letter is not None else None
            bounce = _read(message) if mark is not None else Bounce(BounceSort.NONE)
            digest = rows.vault.digest("bounce", item.content.decode("latin-1"))
            if mark is None:
                done.strangers += 1
            elif seen.is_new(rows, digest, "bounce", bounce.sort.value, now=now):
                done.sorts[bounce.sort] += 1
                if letter is not None and letter[0] != SINGLE and bounce.sort is BounceSort.HARD:
                    mailings.bounced(rows, *letter, code=bounce.code[:20], now=now)
                _act(desk, rows, mark, bounce, done, now=now)
        mailbox.done(item, for_staff=mark is None)
    return done


def _parsed(content: bytes) -> EmailMessage:
    """A message; an empty one where it cannot be parsed."""
    try:
        message = message_from_bytes(content[:_LARGEST], policy=default)
    except Exception:  # the standard library stumbles over what strangers send
        return EmailMessage()
    return message if isinstance(message, EmailMessage) else EmailMessage()


def _read(message: EmailMessage) -> Bounce:
    try:
        return read_bounce(message)
    except Exception:  # see above: what cannot be read says nothing
        return Bounce(BounceSort.NONE)


def bounce_address(settings: Settings) -> str:
    """The address that bounces come to. UsageError where none is set."""
    if settings.signup.bounces is None:
        raise UsageError("“signup.bounces” is missing in feeds.yaml: the address that bounces come to.")
    return settings.signup.bounces


def _addresses(message: EmailMessage) -> Iterator[str]:
    for name, value in message.raw_items():
        if name in _TO or name.title() in _TO:
            yield from (address for _, address in getaddresses([" ".join(str(value).split())]))


def _mark_of(rows: Rows, issue: int, number: int) -> bytes | None:
    """Whose letter it was; None where it is not known any more."""
    return queue.mark_of(rows, number) if issue == SINGLE else people.mark_of(rows, number)


def _act(desk: SubscriberDesk, rows: Rows, mark: bytes, bounce: Bounce, done: Reported, *, now: datetime) -> None:
    if bounce.sort is BounceSort.NONE:
        return
    if bounce.sort is BounceSort.COMPLAINT:
        copies.note_departure(desk.journal, "complained", mark, now=now)
        people.remove(rows, mark)
        people.suppress(rows, mark, "complained", now=now)
        people.log_consent(rows, mark, "complained", door="report", now=now)
        done.left += 1
        return
    people.add_bounce(rows, mark, bounce.sort.value, bounce.code, now=now)
    if bounce.sort is BounceSort.HARD:
        # Somebody mistyped an address: nobody waits for the letter.
        people.drop_requests(rows, mark)
    hard = people.bounces_since(rows, mark, "hard", since=None)
    soft = people.bounces_since(rows, mark, "soft", since=now - _SOFT_WITHIN)
    if bounce.is_unknown or hard >= _HARD or soft >= _SOFT:
        done.suspended += people.suspend(rows, mark)
        people.log_consent(rows, mark, "suspended", door="report", now=now)
