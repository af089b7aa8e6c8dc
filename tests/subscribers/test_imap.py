"""The intake against a real IMAP server: Debian's Dovecot."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from aggregator.errors import StoreError, UsageError
from aggregator.subscribers.mailboxes import KEYWORD, Imap

pytestmark = pytest.mark.slow


@dataclass
class Server:
    """A server that runs, with one user."""

    port: int

    @property
    def address(self) -> str:
        """As AGGREGATOR_IMAP_URL names it."""
        return f"imap://contact:se%40cret@127.0.0.1:{self.port}/INBOX"

    def connect(self) -> imaplib.IMAP4:
        """As a mail program of staff."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login("contact", "se@cret")
        client.select("INBOX")
        return client

    def put(self, *messages: bytes) -> None:
        """Deliver messages."""
        client = self.connect()
        for message in messages:
            client.append("INBOX", "", "", message)
        client.logout()

    def flags(self) -> list[set[str]]:
        """The flags of each message."""
        client = self.connect()
        _, told = client.fetch("1:*", "(FLAGS)")
        client.logout()
        return [{flag.decode() for flag in imaplib.ParseFlags(line)} for line in told if isinstance(line, bytes)]


_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
first_valid_gid = 0
passdb {{
  driver = static
  args = password=se@cret
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
"""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None or os.getuid() != 0:
        pytest.skip("Dovecot (Debian's dovecot-imapd) is not installed, or this is not root")
    # Its sockets have short names only.
    folder = Path(f"/tmp/imap-{os.getpid()}")  # noqa: S108
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    account = pwd.getpwnam("nobody")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("mail", "state"):
        (folder / name).mkdir()
        os.chown(folder / name, account.pw_uid, account.pw_gid)
    (folder / "dovecot.conf").write_text(_CONFIG.format(folder=folder, port=port, user="nobody", group="nogroup"))
    process = subprocess.Popen([program, "-F", "-c", str(folder / "dovecot.conf")])
    try:
        _wait_for(port, process)
        yield Server(port)
    finally:
        process.terminate()
        process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + 20
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            continue
        return
    pytest.fail("Dovecot does not start")


def message(number: int) -> bytes:
    return f"From: wordpress@institute.example\r\nMessage-ID: <{number}@x>\r\nSubject: Contact\r\n\r\nMessage {number}\r\n".encode()


def test_messages_are_read_once_and_stay_unread_for_staff(server: Server) -> None:
    server.put(message(1), message(2))
    with closing(Imap(server.address)) as mailbox:
        _read_twice(server, mailbox)
    with closing(Imap(server.address)) as again:
        assert list(again.items()) == []
        server.put(message(3))
    with closing(Imap(server.address)) as later:
        assert [item.place for item in later.items()] == ["INBOX, message 3"]


def _read_twice(server: Server, mailbox: Imap) -> None:
    items = list(mailbox.items())
    assert [b"Message 1" in items[0].content, b"Message 2" in items[1].content] == [True, True]
    assert all("\\Seen" not in flags for flags in server.flags())

    mailbox.done(items[0], for_staff=False)
    mailbox.done(items[1], for_staff=True)
    assert [flags - {"\\Recent"} for flags in server.flags()] == [{"\\Seen", KEYWORD}, {KEYWORD}]


def test_what_cannot_be_opened_is_told(server: Server) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Imap(server.address.replace("cret", "other"))
    with pytest.raises(StoreError, match="cannot be opened"):
        Imap(server.address.replace("INBOX", "None"))
    with pytest.raises(StoreError, match="cannot be opened"):
        Imap("imap://a:b@127.0.0.1:1/INBOX")
    for wrong in ("", "http://a:b@example.org", "imaps://example.org"):
        with pytest.raises(UsageError, match="AGGREGATOR_IMAP_URL"):
            Imap(wrong)
