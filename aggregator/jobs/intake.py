"""Read the messages of the institute's contact form, and do what those ask that mean the newsletter. Everything else stays
where it is, for staff."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.errors import UsageError
from aggregator.jobs.subscribers import SubscriberDesk, ask_to_leave_within, ask_within
from aggregator.relevance.judge import make_rules
from aggregator.subscribers import seen
from aggregator.subscribers.database import Rows
from aggregator.subscribers.intake import read_message
from aggregator.subscribers.mailboxes import LARGEST, Imap, Mailbox, Maildir, StandardInput
from aggregator.text import fold, one_line
from aggregator.topics import vocabulary
from aggregator.values.environment import Environment
from aggregator.values.settings import FilterRules, Settings
from aggregator.values.subscribers import Door, IntakeRules, Reading, ReadingResult, Wishes


@dataclass
class Taken:
    """What a run of the intake did: how many messages it read, and what they were."""

    read: int = 0
    results: dict[ReadingResult, int] = field(default_factory=lambda: dict.fromkeys(ReadingResult, 0))
    known: int = 0


def rules_of(settings: Settings) -> IntakeRules:
    """How the messages of a site are read; without settings, its own domains are those of its address and its contact."""
    signup, site = settings.signup, settings.site
    own = {(urlsplit(site.url or "").hostname or "").removeprefix("www."), (site.contact or "").rpartition("@")[2].lower()}
    return IntakeRules(
        words=tuple(map(fold, signup.words)),
        senders=frozenset(sender.lower() for sender in signup.senders),
        own_domains=frozenset(domain.lower() for domain in signup.own_domains) or frozenset(own - {""}),
        email_labels=frozenset(map(fold, signup.fields.get("email", ()))),
        comment_labels=frozenset(map(fold, signup.fields.get("comment", ()))),
    )


def read_bytes(content: bytes, rules: IntakeRules) -> Reading:
    """What a message is to the newsletter. One that is too large, or cannot be read, is for staff."""
    if len(content) > LARGEST:
        return Reading(ReadingResult.STAFF, f"it is larger than {LARGEST // 1_000_000} MB", for_staff=True)
    try:
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)  # noqa: S101 - what the policy makes
        return read_message(message, rules)
    except Exception as error:
        # The parsers of the standard library stumble over what strangers send.
        return Reading(ReadingResult.STAFF, f"it cannot be read ({type(error).__name__})", for_staff=True)


def try_file(path: Path, settings: Settings) -> Reading:
    """What a message in a file is to the newsletter; nothing is done. UsageError where the file cannot be read."""
    try:
        return read_bytes(path.read_bytes(), rules_of(settings))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def topics_offered(reading: Reading) -> tuple[str, ...]:
    """The conditions that a message names, as the form would offer them ticked; they are never set without being asked."""
    rules, folded = make_rules(vocabulary(), FilterRules()), fold(reading.comment)
    return tuple(dict.fromkeys(slug for hit in rules.strong.find(folded) for slug in sorted(hit.meaning)))


def open_mailbox(environment: Environment, *, maildir: Path | None, content: bytes | None) -> Mailbox:
    """A Maildir, one message from standard input, or the mailbox that the environment names. UsageError where it is none,
    StoreError where it cannot be reached."""
    if maildir is not None:
        return Maildir(maildir)
    if content is not None:
        return StandardInput(content)
    if environment.imap_url is None:
        raise UsageError("AGGREGATOR_IMAP_URL is not set; it is like imaps://user:password@mail.example.org/INBOX.")
    return Imap(environment.imap_url)


def take_in(desk: SubscriberDesk, mailbox: Mailbox, settings: Settings, *, now: datetime) -> Taken:
    """Read a mailbox: start a double opt-in for who asks for the newsletter, queue the link for who wants it no more, list
    what staff must look at. A message is marked as read after the list has it; killed between, the next run finds it
    known."""
    rules, taken = rules_of(settings), Taken()
    for item in mailbox.items():
        reading = read_bytes(item.content, rules)
        with desk.store.writing() as rows:
            is_new = seen.is_new(rows, _digest(rows, item.content), mailbox.door, reading.result.value, now=now)
            is_queued = not is_new or _act(rows, reading, mailbox.door, item.place, settings.site.language, now=now)
        taken.read += 1
        taken.known += not is_new
        taken.results[reading.result] += is_new
        is_for_staff = reading.for_staff or reading.result is ReadingResult.IGNORE or not is_queued
        mailbox.done(item, for_staff=is_for_staff)
    return taken


def take_in_form(desk: SubscriberDesk, content: bytes, settings: Settings, *, now: datetime) -> ReadingResult:
    """The same for what a webhook posted, as a message that it was made into."""
    reading = read_bytes(content, rules_of(settings))
    with desk.store.writing() as rows:
        # Nothing tells two posts of a form apart but their day.
        digest = _digest(rows, f"{now.date()}\n".encode() + content)
        if seen.is_new(rows, digest, Door.WEBHOOK, reading.result.value, now=now):
            _act(rows, reading, Door.WEBHOOK.value, "webhook", settings.site.language, now=now)
    return reading.result


def _digest(rows: Rows, content: bytes) -> bytes:
    """By what a message is known again: its Message-ID, whatever each delivery adds; all of it where it has none."""
    found = re.search(rb"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^>\s]{3,500}>)", content[:20_000])
    return rows.vault.digest("message", (found[1] if found else content).decode("latin-1"))


def _act(rows: Rows, reading: Reading, door: str, place: str, language: str, *, now: datetime) -> bool:
    """Do what a message asks; False where it asks for a letter that does not go out, so that a person must look."""
    is_queued, why = True, reading.why
    if reading.result is ReadingResult.SUBSCRIBE:
        is_queued = ask_within(rows, reading.address, Wishes(language=language), door=Door.CONTACT_FORM, now=now)
        why = why if is_queued else f"{why}; no letter went out: one did today, or the address is never written to"
    if reading.result is ReadingResult.LEAVE:
        is_queued = ask_to_leave_within(rows, reading.address, now=now)
        why = why if is_queued else f"{why}; no letter went out: the address is not on the list, or got one today"
    if (reading.for_staff or not is_queued) and reading.result is not ReadingResult.IGNORE:
        seen.add_for_staff(rows, door, one_line(why), place, now=now)
    return is_queued


def posted(fields: Iterable[tuple[str, str]]) -> bytes:
    """What a webhook posts, as the message that the same form would send."""
    message = EmailMessage()
    message["Subject"] = "Webhook"
    message["From"] = "noreply@webhook.invalid"
    message.set_content(
        "\n".join(f"{one_line(label)}: {value.encode('utf-8', 'replace').decode('utf-8')}" for label, value in fields)
    )
    return message.as_bytes()
