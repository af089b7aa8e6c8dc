"""What travels about people who want the newsletter."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Frequency(StrEnum):
    """How often somebody wants the newsletter."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Door(StrEnum):
    """By which way a wish came."""

    FORM = "form"
    CONTACT_FORM = "contact form"
    LETTER = "link in a letter"
    MAIL = "mail"
    STAFF = "staff"
    WEBHOOK = "webhook"


class ReadingResult(StrEnum):
    """What a message is to the newsletter."""

    SUBSCRIBE = "subscribe"
    LEAVE = "leave"
    STAFF = "staff"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants to get. No `topics` means all; `language` is that of letters to them."""

    topics: tuple[str, ...] = ()
    frequency: Frequency = Frequency.WEEKLY
    language: str = "en"
    on_paper: bool = False
    large_type: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in a message: the result, why, and to whom a confirmation would go. `for_staff` says that it has
    something else that a person should answer; `comment` is what was written."""

    result: ReadingResult
    why: str
    address: str = ""
    for_staff: bool = False
    comment: str = ""


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """What staff say about the messages of their contact form: `words` mean the newsletter, `senders` are the form's own
    addresses, `own_domains` the institute's, `email_labels` and `comment_labels` further labels of fields, all folded."""

    words: tuple[str, ...] = ()
    senders: frozenset[str] = frozenset()
    own_domains: frozenset[str] = frozenset()
    email_labels: frozenset[str] = frozenset()
    comment_labels: frozenset[str] = frozenset()
