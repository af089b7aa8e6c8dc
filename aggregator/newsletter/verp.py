"""The envelope address of a letter, by which its bounces name whom it was sent to (VERP), signed so that nobody can forge
one: `bounce+7.42.k3j9x0q2ab@news.example.org` for issue 7 and person 42."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Iterable

# The "issue" of letters to single people; their number is that of the letter.
SINGLE = 0
_LENGTH = 10


def verp_address(base: str, issue: int, number: int, key: bytes) -> str:
    """The address that a bounce of this letter comes to, made from `base`."""
    local, _, domain = base.rpartition("@")
    return f"{local}+{issue}.{number}.{_signature(issue, number, key)}@{domain}"


def verp_in(addresses: Iterable[str], base: str, key: bytes) -> tuple[int, int] | None:
    """The issue and the number that one of the addresses names; None where none is ours."""
    local, _, domain = base.rpartition("@")
    ours = re.compile(rf"{re.escape(local)}\+(\d{{1,9}})\.(\d{{1,9}})\.([a-z2-7]{{{_LENGTH}}})@{re.escape(domain)}", re.I)
    for address in addresses:
        found = ours.fullmatch(address.strip())
        if found and hmac.compare_digest(found[3].lower(), _signature(int(found[1]), int(found[2]), key)):
            return int(found[1]), int(found[2])
    return None


def _signature(issue: int, number: int, key: bytes) -> str:
    digest = hmac.digest(key, f"verp {issue}.{number}".encode("ascii"), "sha256")
    return base64.b32encode(digest).decode("ascii").lower()[:_LENGTH]
