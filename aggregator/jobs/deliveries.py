"""Send the letters to single people that wait: each claimed, sent, marked; one process at a time, at most sixty an hour."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.errors import MessageError
from email.utils import parseaddr

from filelock import FileLock, Timeout

from aggregator.jobs.subscribers import SubscriberDesk
from aggregator.newsletter.single_letters import single_letter
from aggregator.newsletter.verp import SINGLE, verp_address
from aggregator.render.words import words_of
from aggregator.smtp import Delivery, MailServer, Outcome, PasswordInClearError
from aggregator.subscribers import queue
from aggregator.subscribers.addresses import address_in
from aggregator.subscribers.queue import Letter
from aggregator.values.environment import Environment
from aggregator.values.settings import Settings

# So that nobody bombs mailboxes through us: of the whole site.
MOST_AN_HOUR = 60
# What operators read where a letter of any kind cannot go out.
NO_ENCRYPTION = (
    "No letter was sent: the mail server offers no encryption (STARTTLS), so it was not given the password. Use smtps:// in "
    "AGGREGATOR_SMTP_URL, or a server that offers it."
)
NO_SENDER = (
    "No letter can be sent: AGGREGATOR_MAIL_FROM is not an address. Write it like news@example.org, or with a name in "
    'quotation marks: "The Institute, Inc." <news@example.org>.'
)
NO_SIGNUP = "No letter can be sent: “signup.url” is missing in feeds.yaml, the address that its links lead to."
NO_SERVER = "No letter can be sent: set AGGREGATOR_SMTP_URL and AGGREGATOR_MAIL_FROM."


@dataclass
class Delivered:
    """What became of the letters that waited, by outcome; `problem` is a sentence where the server could not be reached."""

    outcomes: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    # The server's words about the last letter that it did not take.
    answer: str = ""


def deliver(desk: SubscriberDesk, environment: Environment, settings: Settings, *, now: datetime) -> Delivered:
    """Send what waits. Nothing where another process is at it, or no mail server is set."""
    done = Delivered()
    if environment.smtp_url is None or not _sender(environment, settings):
        done.problem = NO_SERVER
        return done
    if not address_in(parseaddr(_sender(environment, settings))[1]):
        done.problem = NO_SENDER
        return done
    if not desk.url:
        done.problem = NO_SIGNUP
        return done
    with _alone(desk) as is_alone:
        if not is_alone:
            return done
        with desk.store.writing() as rows:
            queue.settle_claimed(rows)
        _send_all(desk, environment, settings, done, now=now)
    return done


def _send_all(desk: SubscriberDesk, environment: Environment, settings: Settings, done: Delivered, *, now: datetime) -> None:
    with desk.store.reading() as rows:
        if not queue.is_due(rows, now=now):
            return
    try:
        with MailServer(environment.smtp_url or "") as server:
            while (letter := _claimed(desk, now=now)) is not None:
                outcome = _sent(desk, server, letter, environment, settings, now=now)
                done.outcomes[outcome.delivery.value] = done.outcomes.get(outcome.delivery.value, 0) + 1
                done.answer = outcome.answer if outcome.delivery is not Delivery.SENT else done.answer
                _mark(desk, letter, outcome.delivery, now=now)
                if outcome.is_lost:
                    break
    except PasswordInClearError:
        done.problem = NO_ENCRYPTION
    except (OSError, smtplib.SMTPException, ValueError) as error:
        said = " ".join(str(error).split())[:200]
        done.problem = (
            f"No letter was sent: the mail server of AGGREGATOR_SMTP_URL cannot be used ({said or type(error).__name__})."
        )


def _sent(
    desk: SubscriberDesk, server: MailServer, letter: Letter, environment: Environment, settings: Settings, *, now: datetime
) -> Outcome:
    sender = _sender(environment, settings)
    try:
        content = _content(desk, letter, sender, settings, now=now)
    except (ValueError, LookupError, MessageError) as error:
        return Outcome(Delivery.REFUSED, f"it cannot be written ({type(error).__name__})")
    return server.send(_envelope(desk, letter, environment, settings), letter.said["address"], content)


def _claimed(desk: SubscriberDesk, *, now: datetime) -> Letter | None:
    with desk.store.writing() as rows:
        if queue.sent_since(rows, now - timedelta(hours=1)) >= MOST_AN_HOUR:
            return None
        return queue.claim(rows, now=now)


def _mark(desk: SubscriberDesk, letter: Letter, delivery: Delivery, *, now: datetime) -> None:
    with desk.store.writing() as rows:
        if delivery is Delivery.LATER:
            queue.put_off(rows, letter, now=now)
        else:
            queue.finish(rows, letter, delivery.value, now=now)


def _content(desk: SubscriberDesk, letter: Letter, sender: str, settings: Settings, *, now: datetime) -> bytes:
    words = words_of(str(letter.said.get("language", settings.site.language)))
    return single_letter(
        letter.kind, letter.said, words, title=settings.site.title, url=desk.url, sender=sender,
        message_id=letter.message_id, now=now,
    )  # fmt: skip


def _envelope(desk: SubscriberDesk, letter: Letter, environment: Environment, settings: Settings) -> str:
    """The address that a bounce of this letter comes to."""
    base = settings.signup.bounces
    if base is None:
        return parseaddr(_sender(environment, settings))[1]
    return verp_address(base, SINGLE, letter.id, desk.store.vault.find)


def _sender(environment: Environment, settings: Settings) -> str:
    return environment.mail_from or settings.site.contact or ""


@contextmanager
def _alone(desk: SubscriberDesk) -> Iterator[bool]:
    """Whether no other process sends. The kernel holds the lock, so a killed one leaves none behind."""
    lock = FileLock(desk.data / "subscribers-mail.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
