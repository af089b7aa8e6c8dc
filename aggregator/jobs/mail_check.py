"""Will the newsletter arrive, and can people leave it: the sender's domain, the mail server, the one-click address."""

from __future__ import annotations

import secrets
import smtplib
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from aggregator.errors import UsageError
from aggregator.jobs.issues import letter_site
from aggregator.jobs.mailing import sender_of
from aggregator.jobs.workspace import Workspace
from aggregator.newsletter.deliverability import Dns, Finding, alignment, sender_findings
from aggregator.smtp import MailServer, PasswordInClearError
from aggregator.values.environment import Environment

_SECONDS = 10.0


def check_mail(workspace: Workspace, environment: Environment) -> list[Finding]:
    """All that was found. UsageError where the sender or the address of sign-up is missing."""
    sender, settings = sender_of(workspace, environment), workspace.settings
    bounces = (settings.signup.bounces or sender.address).rpartition("@")[2]
    try:
        found = sender_findings(Dns(environment.dns), sender.domain, bounces, settings.newsletter.dkim_selector)
    except LookupError as error:
        found = [Finding("DNS", False, str(error))]
    if settings.site.url:
        found.append(alignment(sender.domain, urlsplit(settings.site.url).hostname or ""))
    if settings.newsletter.postal is None:
        found.append(
            Finding("address", False, "“newsletter.postal” is not set; some countries want a postal address in each letter")
        )
    return [*found, server(environment), one_click(letter_site(workspace).signup)]


def server(environment: Environment) -> Finding:
    """Whether the mail server is reached, encrypted, with a certificate that is right, and takes the password."""
    if environment.smtp_url is None:
        return Finding("server", False, "AGGREGATOR_SMTP_URL is not set")
    try:
        with MailServer(environment.smtp_url) as opened:
            is_encrypted = opened.is_encrypted
    except PasswordInClearError:
        return Finding("server", False, "the mail server offers no encryption, so it was not given the password")
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Finding("server", False, f"the mail server cannot be used ({' '.join(str(error).split())[:200]})")
    said = "with encryption" if is_encrypted else "without encryption; use smtps:// or a server that offers STARTTLS"
    return Finding("server", is_encrypted, f"the mail server is reached {said}")


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would make a GET of a POST, and unsubscribe nobody."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """None: it is an answer like any other."""


def one_click(signup: str) -> Finding:
    """Whether the address by which mail programs unsubscribe (RFC 8058) answers as it should, also one that is nobody's.
    UsageError where it is not a web address."""
    address = f"{signup}leave/{secrets.token_urlsafe(16)}"
    if urlsplit(address).scheme not in ("http", "https"):
        raise UsageError("“signup.url” in feeds.yaml is not a web address.")
    request = Request(address, b"List-Unsubscribe=One-Click", method="POST")  # noqa: S310 - looked at above
    try:
        with build_opener(_NoRedirects).open(request, timeout=_SECONDS) as answer:
            status = answer.status
    except HTTPError as error:
        status = error.code
    except (URLError, OSError, ValueError, HTTPException) as error:
        return Finding("one click", False, f"{signup} is not reached ({getattr(error, 'reason', '') or error})")
    if status != 200:
        return Finding(
            "one click", False, f"unsubscribing at {signup} answers {status}, not 200; is sign-up running behind it?"
        )
    if urlsplit(address).scheme != "https":
        return Finding("one click", False, f"{signup} works, but mail programs want https for it")
    return Finding("one click", True, f"unsubscribing with one click works at {signup}")
