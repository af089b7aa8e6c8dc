"""Passwords, hashed by argon2id. Each hash takes 64 MB, so only two are made at a time."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106, section 4, the second recommended option: 64 MB, three passes, four lanes.
_HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
_TURN = BoundedSemaphore(2)
# What is compared where a name is unknown, so that the answer takes as long.
_NOBODYS = _HASHER.hash("the password of nobody")


def hashed(password: str) -> str:
    """The hash of a password, with its parameters."""
    with _TURN:
        return _HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether this is the password of a stored hash. An empty hash matches nothing, and takes as long."""
    with _TURN:
        try:
            _HASHER.verify(stored or _NOBODYS, password)
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored)
