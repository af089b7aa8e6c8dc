"""E-mail to a real SMTP server, a webhook and a ping to a real HTTP server; addresses are never told."""

from __future__ import annotations

import json
from email.message import EmailMessage

import pytest

from aggregator.monitoring.channels import Channels, ping, post_webhook, send_mail
from aggregator.smtp import may_log_in
from tests.receivers import MailServer, Posts


def test_a_message_arrives_as_it_was_meant(mail: MailServer) -> None:
    sent = send_mail(
        Channels(smtp=mail.address), ("a@example.org", "b@example.org"), "1 thing needs a look", "“Läuft” nicht."
    )

    assert sent == ""
    message, same = mail.messages
    assert isinstance(message, EmailMessage)
    assert message.as_bytes() == same.as_bytes()
    assert message["To"] == "a@example.org, b@example.org"
    assert message["Subject"] == "1 thing needs a look"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().strip() == "“Läuft” nicht."


def test_a_server_that_wants_a_password_gets_it(mail: MailServer) -> None:
    send_mail(
        Channels(smtp=mail.address.replace("//", "//user:pa%40ss@"), mail_from="n@example.org"), ("a@example.org",), "x", "y"
    )

    assert mail.logins == [("user", "pa@ss")]
    assert mail.messages[0]["From"] == "n@example.org"


@pytest.mark.parametrize(
    ("peer", "is_tls", "expected"),
    [
        ("127.0.0.1", False, True), ("127.8.0.1", False, True), ("::1", False, True), ("192.0.2.7", True, True),
        ("192.0.2.7", False, False), ("10.0.0.1", False, False), ("fe80::1%eth0", False, False), ("", False, False),
    ],
)  # fmt: skip
def test_a_password_is_sent_encrypted_or_to_this_machine(peer: str, is_tls: bool, expected: bool) -> None:
    assert may_log_in(peer, is_tls=is_tls) is expected


def test_a_server_elsewhere_that_offers_no_encryption_gets_no_password(
    mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine's own server stands for it."""
    monkeypatch.setattr("aggregator.smtp.may_log_in", lambda peer, is_tls: is_tls)

    error = send_mail(Channels(smtp=mail.address.replace("//", "//user:secret@")), ("a@example.org",), "x", "y")

    assert "no encryption" in error
    assert "secret" not in error
    assert (mail.logins, mail.messages) == ([], [])


@pytest.mark.parametrize("address", ["smtp://user:secret@127.0.0.1:1", "smtp://", "nonsense", "smtp://127.0.0.1:99999"])
def test_a_message_that_cannot_be_sent_is_said_without_the_address(address: str) -> None:
    error = send_mail(Channels(smtp=address), ("a@example.org",), "x", "y")

    assert "could not be sent" in error
    assert "secret" not in error


def test_a_webhook_gets_the_text(posts: Posts) -> None:
    assert post_webhook(Channels(webhook=posts.url("/hook")), "2 things", "A.\n\nB.") == ""
    assert [(path, json.loads(body)) for path, body in posts.received] == [("/hook", {"text": "2 things\nA.\n\nB."})]


def test_a_webhook_that_fails_is_said_without_its_address(posts: Posts) -> None:
    for address in (posts.url("/fails/token"), "http://127.0.0.1:1/token", "nonsense/token"):
        error = post_webhook(Channels(webhook=address), "x", "y")
        assert "could not be posted" in error
        assert "token" not in error


def test_a_dead_man_s_switch_is_told_start_and_end(posts: Posts) -> None:
    channels = Channels(ping=posts.url("/uuid"))
    ping(channels, "start")
    ping(channels, "3", "Degraded: …")

    assert [(path, body.decode()) for path, body in posts.received] == [("/uuid/start", ""), ("/uuid/3", "Degraded: …")]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/uuid", "nonsense", "ftp://example.org/"])
def test_a_switch_that_cannot_be_reached_fails_nothing(address: str) -> None:
    ping(Channels(ping=address), "0", "fine")


def test_secrets_do_not_show() -> None:
    assert "secret" not in repr(
        Channels(smtp="smtp://user:secret@host", webhook="https://host/secret", ping="https://host/secret")
    )
