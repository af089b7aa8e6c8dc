"""The channels for alerts: e-mail, a webhook, a dead man's switch. Their addresses are secrets, so an error names the
channel and never the address."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr

import httpx

from aggregator.smtp import Delivery, MailServer, PasswordInClearError

_SECONDS = 10.0


@dataclass(frozen=True, slots=True, repr=False)
class Channels:
    """Addresses, as the environment gives them; a channel without one is not used.

    `smtp` is like `smtp://user:password@mail.example.org:587` (`smtps://` where TLS comes first).
    """

    smtp: str | None = None
    mail_from: str | None = None
    webhook: str | None = None
    ping: str | None = None


def send_mail(channels: Channels, recipients: Sequence[str], subject: str, text: str) -> str:
    """Send a plain-text message; the reason if it could not be sent, else an empty string."""
    if channels.smtp is None or not recipients:
        return ""
    try:
        content = _message(channels, recipients, subject, text)
        with MailServer(channels.smtp) as server:
            outcomes = [server.send(_bare(channels.mail_from or recipients[0]), _bare(one), content) for one in recipients]
    except PasswordInClearError:
        return (
            "The alert could not be sent by e-mail: the mail server offers no encryption (STARTTLS), so it was not given "
            "the password. Use smtps:// in AGGREGATOR_SMTP_URL, or a server that offers it."
        )
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return f"The alert could not be sent by e-mail ({_kind(error)}); AGGREGATOR_SMTP_URL says by which server."
    refused = [one.answer for one in outcomes if one.delivery is not Delivery.SENT]
    return f"The alert could not be sent by e-mail to {len(refused)} of {len(outcomes)} ({refused[0]})." if refused else ""


def _bare(address: str) -> str:
    """An address without the name of its owner."""
    return parseaddr(address)[1] or address


def _message(channels: Channels, recipients: Sequence[str], subject: str, text: str) -> bytes:
    message = EmailMessage()
    message["From"] = channels.mail_from or recipients[0]
    message["To"] = ", ".join(recipients)
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="facial-paralysis-news.invalid")
    # So that no out-of-office reply answers it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message.as_bytes(policy=SMTP)


def post_webhook(channels: Channels, subject: str, text: str) -> str:
    """Post `{"text": …}`, which most chat services read; the reason if it could not be, else an empty string."""
    if channels.webhook is None:
        return ""
    try:
        answer = httpx.post(channels.webhook, json={"text": f"{subject}\n{text}"}, timeout=_SECONDS)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return f"The alert could not be posted to AGGREGATOR_WEBHOOK_URL ({_kind(error)})."
    return ""


def ping(channels: Channels, signal: str, text: str = "") -> None:
    """Send `start` or an exit status to the dead man's switch, with at most 10,000 bytes of `text` (healthchecks.io's
    format). Never raises: a switch that cannot be reached notices the silence."""
    if channels.ping is not None:
        with suppress(httpx.HTTPError, httpx.InvalidURL, ValueError):
            httpx.post(f"{channels.ping.rstrip('/')}/{signal}", content=text.encode()[:10_000], timeout=_SECONDS)


def _kind(error: Exception) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"it answered {error.response.status_code}"
    return type(error).__name__
