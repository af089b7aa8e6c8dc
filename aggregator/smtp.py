"""Hand a message to the mail server. One recipient at a time, and an answer that says what is known about it.

`smtplib.send_message` is not used: it hides at which step a connection was lost. Before the message was sent whole, nothing
can have been delivered; after that and before the answer, nobody knows.
"""

from __future__ import annotations

import ipaddress
import re
import smtplib
import ssl
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

SECONDS = 10.0


class PasswordInClearError(Exception):
    """The password would be sent without encryption."""


class Delivery(StrEnum):
    """What became of a message."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message, and the server's words."""

    delivery: Delivery
    answer: str
    # Whether the connection is of no more use.
    is_lost: bool = False


class MailServer:
    """A connection to the server at an address like `smtp://user:password@mail.example.org:587` (`smtps://` where TLS comes
    first). Opening it raises OSError, smtplib.SMTPException, ValueError or PasswordInClearError."""

    def __init__(self, address: str, *, seconds: float = SECONDS, patience: float | None = None) -> None:
        """`seconds` are those that each answer may take, `patience` those of the answer to a message (RFC 5321, 4.5.3.2.6:
        ten minutes, for a server may look through it first)."""
        self._server = _connected(address, seconds)
        self._seconds, self._patience = seconds, patience or seconds

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can read what is sent."""
        return isinstance(self._server.sock, ssl.SSLSocket)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # An error at the farewell changes nothing about what was delivered.
        try:
            self._server.quit()
        except (OSError, smtplib.SMTPException):
            self._server.close()

    def send(self, sender: str, recipient: str, content: bytes) -> Outcome:
        """Send one message; `sender` gets the bounces. Never raises for what the server or the line does: after UNKNOWN, and
        after LATER where the line was lost, the connection is of no more use."""
        server, is_sender = self._server, True
        try:
            code, words = server.mail(sender, ["body=8bitmime"] if server.has_extn("8bitmime") else [])
            if code == 250:
                is_sender = False
                code, words = server.rcpt(recipient)
            if code in (250, 251):
                code, words = server.docmd("data")
            if code != 354:
                server.rset()
        except UnicodeError as error:
            return Outcome(Delivery.REFUSED, _words(error), is_lost=True)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Delivery.LATER, _words(error), is_lost=True)
        if code != 354:
            # What is refused of the sender says nothing about this recipient: staff mend it, and the letter goes out later.
            return Outcome(Delivery.LATER if is_sender else _refusal(code), _said(code, words), is_lost=is_sender)
        try:
            server.send(_quoted(content))
            if server.sock is not None:
                server.sock.settimeout(self._patience)
            code, words = server.getreply()
            if server.sock is not None:
                server.sock.settimeout(self._seconds)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Delivery.UNKNOWN, _words(error), is_lost=True)
        return Outcome(Delivery.SENT if code == 250 else _refusal(code), _said(code, words))


def _quoted(content: bytes) -> bytes:
    """A message as DATA wants it: CRLF, and a dot before each that begins a line (RFC 5321, 4.5.2)."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return re.sub(rb"(?m)^\.", b"..", lines).removesuffix(b"\r\n") + b"\r\n.\r\n"


def _refusal(code: int) -> Delivery:
    return Delivery.REFUSED if 500 <= code < 600 else Delivery.LATER


def _said(code: int, words: bytes) -> str:
    return f"{code} {' '.join(words.decode('utf-8', 'replace').split())}"[:300]


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def _connected(address: str, seconds: float) -> smtplib.SMTP:
    parts, context = urlsplit(address), ssl.create_default_context()
    host, is_tls = parts.hostname or "", parts.scheme == "smtps"
    port = parts.port or (465 if is_tls else 25)
    server = (
        smtplib.SMTP_SSL(host, port, timeout=seconds, context=context)
        if is_tls
        else smtplib.SMTP(host, port, timeout=seconds)
    )
    try:
        server.ehlo()
        if not is_tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
            is_tls = True
        if parts.username:
            peer = server.sock.getpeername()[0] if server.sock is not None else ""
            _refuse_in_clear(peer, is_tls=is_tls)
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _refuse_in_clear(peer: str, *, is_tls: bool) -> None:
    if not may_log_in(peer, is_tls=is_tls):
        raise PasswordInClearError


def may_log_in(peer: str, *, is_tls: bool) -> bool:
    """Whether a password may be sent to the server at the address `peer`: if it is encrypted, or stays on this machine."""
    try:
        return is_tls or ipaddress.ip_address(peer.partition("%")[0]).is_loopback
    except ValueError:
        return False
