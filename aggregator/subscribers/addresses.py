"""E-mail addresses, checked for what a mail server could deliver (RFC 5321, RFC 6531), and folded for comparing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import getaddresses

import idna

_LONGEST, _LONGEST_LOCAL = 254, 64
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ANY = re.compile(r"[^\s@<>()\[\]\\,;:\"'“”|*=][^\s@<>()\[\]\\,;:\"“”|*=]*@[^\s@<>()\[\]\\,;:\"'“”|*=]+")


def address_in(written: str) -> str:
    """The one address that somebody wrote, its domain in ASCII and small letters; empty where it is none."""
    text = re.sub(r"^mailto:", "", written.strip(), flags=re.I).strip("<>").strip()
    local, at, domain = text.rpartition("@")
    # Letters other than ASCII need a mail server with SMTPUTF8; "=?" begins a word in code, which a header would decode.
    if not text.partition("@")[0].isascii() or "=?" in text:
        return ""
    if not at or len(text) > _LONGEST or not 0 < len(local.encode()) <= _LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        return ""
    if local[0] == "." or local[-1] == "." or ".." in local:
        return ""
    ascii_domain = _ascii(domain.rstrip("."))
    return f"{local}@{ascii_domain}" if ascii_domain else ""


def _ascii(domain: str) -> str:
    try:
        encoded = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""
    labels = encoded.split(".")
    is_name = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return encoded if is_name and len(encoded) <= 253 else ""


def same_address(address: str) -> str:
    """An address as it is compared: in small letters. By RFC 5321 the part before the @ may differ by case alone; no
    provider uses that, and two letters to one person would be worse."""
    return address.lower()


def domain_of(address: str) -> str:
    """What stands behind the @."""
    return address.rpartition("@")[2].lower()


def addresses_in(text: str) -> list[str]:
    """All addresses in a running text, each once."""
    # Word by word, so that a long text without an address costs nothing.
    words = [word for word in text.split() if "@" in word and len(word) < 1000]
    found = (address_in(written.rstrip(".!?…’'")) for word in words for written in _ANY.findall(word))
    return list({same_address(one): one for one in found if one}.values())


def without_addresses(text: str) -> str:
    """A text without the addresses in it."""
    return " ".join(_ANY.sub(" ", word) if "@" in word and len(word) < 1000 else word for word in text.split(" "))


def addresses_of(headers: Iterable[str]) -> list[str]:
    """The addresses in headers such as From and Reply-To, each once."""
    found = (address_in(address) for _, address in getaddresses([*headers]))
    return list({same_address(one): one for one in found if one}.values())
