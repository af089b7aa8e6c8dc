"""The ways by which somebody is told: e-mail, a webhook, a dead man's switch. Their addresses are secrets, so an error names
the way and never the address."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

import httpx

_SECONDS = 10.0


@dataclass(frozen=True, slots=True, repr=False)
class Channels:
    """Addresses, as the environment gives them; a way without one is not used.

    `smtp` is like `smtp://user:password@mail.example.org:587` (`smtps://` where TLS comes first).
    """

    smtp: str | None = None
    mail_from: str | None = None
    webhook: str | None = None
    ping: str | None = None


def send_mail(channels: Channels, recipients: Sequence[str], subject: str, text: str) -> str:
    """Send a plain message; why it could not be sent, or nothing."""
    if channels.smtp is None or not recipients:
        return ""
    try:
        _deliver(channels.smtp, _message(channels, recipients, subject, text))
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return f"The alert could not be sent by e-mail ({_kind(error)}); AGGREGATOR_SMTP_URL says by which server."
    return ""


def _message(channels: Channels, recipients: Sequence[str], subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = channels.mail_from or recipients[0]
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="facial-paralysis-news.invalid")
    # So that no out-of-office reply answers it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _deliver(address: str, message: EmailMessage) -> None:
    parts, context = urlsplit(address), ssl.create_default_context()
    host, is_tls = parts.hostname or "", parts.scheme == "smtps"
    port = parts.port or (465 if is_tls else 25)
    server = (
        smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        if is_tls
        else smtplib.SMTP(host, port, timeout=_SECONDS)
    )
    with server:
        server.ehlo()
        if not is_tls and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def post_webhook(channels: Channels, subject: str, text: str) -> str:
    """Post `{"text": …}`, which most chat services read; why it could not be, or nothing."""
    if channels.webhook is None:
        return ""
    try:
        answer = httpx.post(channels.webhook, json={"text": f"{subject}\n{text}"}, timeout=_SECONDS)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"The alert could not be posted to AGGREGATOR_WEBHOOK_URL ({_kind(error)})."
    return ""


def ping(channels: Channels, signal: str, text: str = "") -> None:
    """Tell the dead man's switch `start` or an exit status, with the report as its body (healthchecks.io's way). It never
    fails a run: where it cannot be reached, it will notice itself."""
    if channels.ping is not None:
        with suppress(httpx.HTTPError, httpx.InvalidURL, ValueError):
            httpx.post(f"{channels.ping.rstrip('/')}/{signal}", content=text.encode()[:10_000], timeout=_SECONDS)


def _kind(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered {error.response.status_code}"
    return type(error).__name__
