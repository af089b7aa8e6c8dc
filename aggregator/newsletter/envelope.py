"""A letter as a message (RFC 5322, MIME): composed once for all who have the same wishes, addressed in a moment.

Headers by which mail programs offer to unsubscribe with one click: RFC 2369, RFC 8058. What answers automatically must not
answer it: RFC 3834. Bodies are quoted-printable, so that no server has to know 8BITMIME and no line is too long.
"""

from __future__ import annotations

import quopri
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import blake2b

from aggregator.newsletter.letter import Letter


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom a letter is from: a name, or the site's title where it is empty, and an address in ASCII. `signup` is where its
    links lead."""

    name: str
    address: str
    title: str
    signup: str

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2] or "localhost"

    @property
    def named(self) -> Address:
        """The address with its name."""
        return Address(self.name or self.title, addr_spec=self.address)


@dataclass(frozen=True, slots=True)
class Composed:
    """A letter as bytes, in pieces: the headers that are the same for all, and the body, cut where a secret belongs."""

    address: str
    domain: str
    signup: str
    head: bytes
    body: tuple[bytes, ...]

    def to(self, address: str, secret: str, message_id: str) -> bytes:
        """The message for one person; `secret` is that of their links. UnicodeEncodeError for an address that no server
        without SMTPUTF8 takes."""
        leave = f"{self.signup}leave/{secret}"
        own = [
            f"To: {address}",
            f"Message-ID: <{message_id}@{self.domain}>",
            f"List-Unsubscribe: <{leave}>, <mailto:{self.address}?subject=unsubscribe>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        ]
        return "\r\n".join(own).encode("ascii") + b"\r\n" + self.head + secret.encode("ascii").join(self.body)


def compose(letter: Letter, sender: Sender, *, issue: int, now: datetime) -> Composed:
    """The message of a letter, for whoever it goes to. ValueError where the sender is not an address."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender.named
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["List-Id"] = f"{_phrase(sender.title)}<newsletter.{sender.domain}>"
    message["Feedback-ID"] = f"issue{issue}:newsletter:{sender.domain}"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    boundary = f"=_{blake2b(f'{letter.text}{letter.html}'.encode('utf-8', 'replace'), digest_size=15).hexdigest()}"
    mime = f'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    # A secret stands between two soft line breaks, so that its length changes no line.
    marked = (_encoded("plain", letter.text, letter.secret), _encoded("html", letter.html, letter.secret))
    pieces = [b"".join(one) for one in _joined(marked, boundary)]
    head = message.as_bytes().rstrip(b"\r\n") + b"\r\n" + mime.encode("ascii")
    return Composed(sender.address, sender.domain, sender.signup, head, tuple(pieces))


def _encoded(kind: str, text: str, secret: str) -> list[bytes]:
    """A part with its headers, in quoted-printable (RFC 2045, 6.7), cut at the secret."""
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    pieces = [_quoted(piece) for piece in text.split(secret)]
    last = len(pieces) - 1
    soft = [(b"=\r\n" if at else b"") + piece + (b"=\r\n" if at < last else b"") for at, piece in enumerate(pieces)]
    return [head.encode("ascii") + soft[0], *soft[1:]]


def _quoted(text: str) -> bytes:
    quoted = quopri.encodestring(text.encode("utf-8", "replace"), quotetabs=False)
    return quoted.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _joined(parts: tuple[list[bytes], ...], boundary: str) -> list[list[bytes]]:
    """The pieces of a multipart body: those of its parts, the last of one and the first of the next in one piece."""
    line, found = f"--{boundary}".encode("ascii"), [list[bytes]()]
    for part in parts:
        found[-1] += [line, b"\r\n", part[0]]
        found += [[piece] for piece in part[1:]]
        found[-1].append(b"\r\n")
    found[-1] += [line, b"--\r\n"]
    return found


def _phrase(title: str) -> str:
    """A title as a phrase (RFC 5322, 3.2.5): in quotation marks, which encoded words must not stand in; so none where it
    needs those."""
    return '"' + title.replace("\\", " ").replace('"', "'") + '" ' if title.isascii() else ""


def message_id(issue: int, person: int, key: bytes) -> str:
    """The left side of the Message-ID of a letter: the same whenever it is made, so that a mail server's log can tell
    whether it was taken; it tells nothing of the person."""
    return blake2b(f"issue {issue}.{person}".encode("ascii"), key=key[:64], digest_size=16).hexdigest()
