"""The rules of accounts and sessions, as pure functions: names, passwords, how long a session lasts, how long a person who
guesses waits (OWASP ASVS 5.0, V6 and V7)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.errors import UsageError

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
SETUP = timedelta(hours=24)
# A clock that was set back by more than this revives no session.
_AHEAD = timedelta(minutes=5)

LEAST_LETTERS, MOST_LETTERS = 15, 1000

# Failures are counted for so long. So many are free; after that each doubles the wait, up to the longest.
COUNTED_FOR = timedelta(minutes=15)
_FREE_BY_NAME, _LONGEST_BY_NAME = 5, 10
_FREE_BY_ADDRESS, _LONGEST_BY_ADDRESS = 20, 60


def account_name(written: str) -> str:
    """The name of an account as it is stored; UsageError where it cannot be one."""
    name = unicodedata.normalize("NFC", written).strip().casefold()
    if not re.fullmatch(r"[^\W_][\w.@+-]{0,59}", name):
        raise UsageError(f"“{written}” cannot be a name: use letters, digits and . @ + - _, at most 60.")
    return name


def checked_password(written: str, name: str) -> str:
    """A password as it is hashed, in one Unicode form (RFC 8265); UsageError where it is too short, too long, or guessed at
    once. It is never cut, and any character is allowed."""
    password = normal_password(written)
    if len(password) < LEAST_LETTERS:
        raise UsageError(f"A password needs at least {LEAST_LETTERS} characters: four or five words are easy to remember.")
    if len(password) > MOST_LETTERS:
        raise UsageError(f"A password may have at most {MOST_LETTERS} characters.")
    if len(set(password)) < 5 or (name in password.casefold() and len(password) - len(name) < LEAST_LETTERS - 5):
        raise UsageError("This password is too easy to guess: use several words that do not belong together.")
    return password


def normal_password(written: str) -> str:
    """The same password, however a keyboard composes its letters."""
    return unicodedata.normalize("NFC", written)


def is_alive(begun_at: datetime, seen_at: datetime, *, now: datetime) -> bool:
    """Whether a session still holds: used within twelve hours, at most fourteen days old, and not from the future."""
    return now - IDLE < seen_at <= now + _AHEAD and now - ABSOLUTE < begun_at <= now + _AHEAD


def seconds_to_wait(by_name: Sequence[datetime], by_address: Sequence[datetime], *, now: datetime) -> int:
    """How many seconds somebody who failed at these times must wait before they may try again; 0 where they need not. It
    grows with each failure and ends: nobody is locked out."""
    return max(
        _wait(by_name, _FREE_BY_NAME, _LONGEST_BY_NAME, now), _wait(by_address, _FREE_BY_ADDRESS, _LONGEST_BY_ADDRESS, now)
    )


def _wait(failures: Sequence[datetime], free: int, longest: int, now: datetime) -> int:
    lately = [at for at in failures if now - COUNTED_FOR < at <= now + _AHEAD]
    if len(lately) < free:
        return 0
    delay = min(1 << min(len(lately) - free + 1, 10), longest)
    return max(0, delay - int((now - max(lately)).total_seconds()))
