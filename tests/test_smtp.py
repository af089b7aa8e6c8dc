"""What is known about a message after each thing that a mail server may do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aggregator.smtp import Delivery, MailServer
from tests import receivers

GREETING = ["220 mx", "250 mx"]


@contextmanager
def server(*answers: str) -> Iterator[str]:
    """A server that gives these answers, one to each line, and hangs up behind the last; its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as lines:
            for number, answer in enumerate(answers):
                if number:
                    line = lines.readline()
                    # The message itself is one thing to answer.
                    while answers[number - 1].startswith("354") and line not in (b".\r\n", b""):
                        line = lines.readline()
                if answer:
                    lines.write(answer.encode() + b"\r\n")
                    lines.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"
    thread.join(timeout=10)
    listening.close()


@pytest.mark.parametrize(
    ("answers", "delivery", "is_lost"),
    [
        (["250 ok", "250 ok", "354 go", "250 queued", "221 bye"], Delivery.SENT, False),
        (["250 ok", "250 ok", "354 go", "451 later", "221 bye"], Delivery.LATER, False),
        (["250 ok", "250 ok", "354 go", "554 content", "221 bye"], Delivery.REFUSED, False),
        (["250 ok", "250 ok", "354 go", ""], Delivery.UNKNOWN, True),
        (["250 ok", "550 no such user", "250 reset", "221 bye"], Delivery.REFUSED, False),
        (["250 ok", "450 greylisted", "250 reset", "221 bye"], Delivery.LATER, False),
        (["250 ok", "421 closing"], Delivery.LATER, True),
        (["550 sender refused", "250 reset", "221 bye"], Delivery.LATER, True),
        (["250 ok", "250 ok", "554 no", "250 reset", "221 bye"], Delivery.REFUSED, False),
        (["250 ok", ""], Delivery.LATER, True),
    ],
)
def test_each_answer_says_what_is_known(answers: list[str], delivery: Delivery, is_lost: bool) -> None:
    with server(*GREETING, *answers) as address, MailServer(address, seconds=5) as mail:
        outcome = mail.send("a@example.org", "b@example.org", b"Subject: x\n\ny\n")
    assert (outcome.delivery, outcome.is_lost) == (delivery, is_lost)


def test_lines_that_begin_with_a_dot_arrive() -> None:
    with receivers.MailServer() as mail, MailServer(mail.address) as server:
        server.send("a@example.org", "b@example.org", b"Subject: x\n\n.\n.a\nb\n")
        assert mail.messages[0].get_payload() == ".\r\n.a\r\nb\r\n"
