"""The key to subscribers.db: addresses and wishes are sealed (AES-256-GCM, NIST SP 800-38D), people are found by a keyed
hash (HMAC-SHA-256) of their address. Without the key the file says how many there are, and nothing about anybody.

The key that staff keep wraps two others that stand in the file: one seals and is renewed by a rotation, one makes the marks.
The marks of people who left without a trace but the wish never to be written to could not be made again, so theirs stays.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aggregator.errors import Hint, StoreError, UsageError
from aggregator.subscribers.addresses import same_address

_BYTES = 32
_NONCE = 12
# Bytes to a multiple of which contents are filled up.
_PAGE = 256


def new_key() -> str:
    """A key as it is written into the environment or a file: 32 random bytes in base64."""
    return base64.urlsafe_b64encode(os.urandom(_BYTES)).decode("ascii").rstrip("=")


def read_keys(written: str | None, file: Path | None) -> tuple[bytes, ...]:
    """The keys that the environment gives, the one in force first, earlier ones behind it. UsageError where there is none,
    or one that cannot be read."""
    text = written or ""
    if not text and file is not None:
        try:
            text = file.read_text("ascii")
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not plain text"
            raise UsageError(f"The key of the subscribers cannot be read from {file}: {reason}.") from error
    keys = tuple(_key(part) for part in re.split(r"[\s,]+", text.strip()) if part)
    if not keys:
        raise UsageError(
            "The list of subscribers needs a key: set AGGREGATOR_SUBSCRIBERS_KEY, or AGGREGATOR_SUBSCRIBERS_KEY_FILE to a "
            "file that holds it.",
            hint=Hint.NEW_KEY,
        )
    return keys


def _key(written: str) -> bytes:
    try:
        key = bytes.fromhex(written) if len(written) == 64 else base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != _BYTES:
        raise UsageError(
            "A key of the subscribers has 32 bytes, written in base64 or as 64 hexadecimal digits.", hint=Hint.NEW_KEY
        )
    return key


def sealed(key: bytes, content: bytes, about: bytes) -> bytes:
    """`content`, readable only with `key`, and only as what it is `about`."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, about)


def opened(key: bytes, content: bytes, about: bytes) -> bytes | None:
    """What was sealed; None where the key or what it is about is another."""
    try:
        return AESGCM(key).decrypt(content[:_NONCE], content[_NONCE:], about)
    except (InvalidTag, ValueError):
        return None


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """The two keys of a file: `seal` makes contents unreadable, `find` makes marks."""

    seal: bytes
    find: bytes

    @classmethod
    def new(cls) -> Vault:
        """Fresh keys."""
        return cls(os.urandom(_BYTES), os.urandom(_BYTES))

    def renewed(self) -> Vault:
        """Another key that seals; marks stay."""
        return Vault(os.urandom(_BYTES), self.find)

    def wrapped(self, key: bytes) -> bytes:
        """Both, sealed with the key that staff keep."""
        return sealed(key, self.seal + self.find, b"vault")

    @classmethod
    def unwrapped(cls, keys: tuple[bytes, ...], wrapped: bytes) -> Vault:
        """The keys of a file; StoreError where none of staff's keys fits."""
        for key in keys:
            both = opened(key, wrapped, b"vault")
            if both is not None:
                return cls(both[:_BYTES], both[_BYTES:])
        raise StoreError(
            "subscribers.db was made with another key. Set the one that it was made with; if it is lost, nobody can read "
            "the list."
        )

    def mark(self, address: str) -> bytes:
        """By what an address is found: 32 bytes that tell nothing without the key."""
        return self.digest("address", same_address(address))

    def digest(self, what: str, text: str) -> bytes:
        """A keyed hash of anything: a network, a message."""
        return hmac.digest(self.find, f"{what}\0{text}".encode("utf-8", "surrogatepass"), "sha256")

    def token(self, mark: bytes) -> str:
        """The secret of the links in letters to an address: the same when somebody comes back, so that old letters keep
        working."""
        return base64.urlsafe_b64encode(hmac.digest(self.find, b"token\0" + mark, "sha256")[:16]).decode("ascii").rstrip("=")

    def put(self, value: Any, about: str, mark: bytes) -> bytes:
        """A JSON value, sealed as a column `about` of the row of `mark`."""
        content = json.dumps(value, ensure_ascii=False).encode()
        # Filled up, so that its length does not tell how many conditions somebody chose.
        return sealed(self.seal, content.ljust(-(-len(content) // _PAGE) * _PAGE), about.encode() + mark)

    def get(self, content: bytes, about: str, mark: bytes) -> Any:
        """What `put` sealed; StoreError where it was sealed for something else."""
        text = opened(self.seal, content, about.encode() + mark)
        if text is None:
            raise StoreError("A row of subscribers.db cannot be read with this key; restore a copy.")
        return json.loads(text)


def secret_hash(secret: str) -> bytes:
    """By what a secret of a link is found; the secret itself has 128 random bits, so a plain hash tells nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
