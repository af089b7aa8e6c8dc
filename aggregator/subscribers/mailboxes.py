"""Where messages come from: a Maildir, a folder of an IMAP server, standard input. Nothing is deleted, nobody is answered;
what was read is marked, so that the next run passes it by, and what staff must answer stays unread for them."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from aggregator.errors import StoreError, UsageError
from aggregator.values.subscribers import Door

# Messages of one run: cron comes again.
MOST = 200
# Bytes of a message that are read.
LARGEST = 1_000_000
# The keyword by which messages on an IMAP server are known as read by us.
KEYWORD = "$NewsSeen"
_SECONDS = 30.0
# The flag of a file in a Maildir: lower-case letters are keywords (as Dovecot writes them).
_FLAG = "z"


@dataclass(frozen=True, slots=True)
class Item:
    """A message as it came; `place` says where it stands."""

    key: str
    content: bytes
    place: str


class Mailbox(Protocol):
    """What messages are read from."""

    door: str

    def items(self) -> Iterator[Item]:
        """The messages that were not yet read, at most so many."""

    def done(self, item: Item, *, for_staff: bool) -> None:
        """Mark a message as read by us; what is `for_staff` stays unread for people."""

    def close(self) -> None:
        """End the connection, if there is one."""


class Maildir:
    """A Maildir (qmail's, Dovecot's): `new` and `cur`. UsageError where there is none."""

    door = Door.MAIL.value

    def __init__(self, folder: Path) -> None:
        if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
            raise UsageError(f"{folder} is not a Maildir: it has no folders “new” and “cur”.")
        self._folder = folder

    def items(self) -> Iterator[Item]:
        """See `Mailbox`."""
        names = [(path.name.partition(":")[0], path) for name in ("new", "cur") for path in (self._folder / name).iterdir()]
        found = 0
        for key, path in sorted(names):
            if path.name.startswith(".") or _FLAG in path.name.partition(":2,")[2]:
                continue
            if found == MOST:
                return
            try:
                content = path.read_bytes()[: LARGEST + 1]
            except OSError:
                continue  # A mail program moved it meanwhile.
            found += 1
            yield Item(str(path), content, f"Maildir {key}")

    def done(self, item: Item, *, for_staff: bool) -> None:
        """Renames the file: into `cur` with our flag, and with that of a message seen unless it is for staff."""
        path = Path(item.key)
        name, _, flags = path.name.partition(":2,")
        flags = "".join(sorted({*flags, _FLAG, *("" if for_staff else "S")}))
        # Somebody may have moved it meanwhile: the next run finds it known.
        with suppress(OSError):
            path.rename(self._folder / "cur" / f"{name}:2,{flags}")

    def close(self) -> None:
        """There is no connection."""


class StandardInput:
    """One message that a mail server pipes in."""

    door = Door.MAIL.value

    def __init__(self, content: bytes) -> None:
        self._content = content

    def items(self) -> Iterator[Item]:
        """See `Mailbox`."""
        yield Item("-", self._content, "standard input")

    def done(self, item: Item, *, for_staff: bool) -> None:
        """Nothing can be marked."""

    def close(self) -> None:
        """There is no connection."""


class Imap:
    """A folder of an IMAP server, at an address like `imaps://user:password@mail.example.org/INBOX` (`imap://` where TLS
    comes after, or on this machine). StoreError where it cannot be reached, UsageError where the address is none."""

    door = Door.MAIL.value

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise UsageError("AGGREGATOR_IMAP_URL is not like imaps://user:password@mail.example.org/INBOX.")
        self._folder = unquote(parts.path.strip("/")) or "INBOX"
        try:
            self._server = _imap(parts.scheme, parts.hostname, parts.port)
        except (OSError, imaplib.IMAP4.error) as error:
            raise StoreError(f"The mailbox cannot be opened ({' '.join(str(error).split())[:200]}).") from error
        try:
            self._server.login(unquote(parts.username), unquote(parts.password or ""))
            self._said(self._server.select(f'"{self._folder}"'))
        except (OSError, imaplib.IMAP4.error, StoreError) as error:
            self._server.shutdown()
            raise StoreError(f"The mailbox cannot be opened ({' '.join(str(error).split())[:200]}).") from error

    def close(self) -> None:
        """See `Mailbox`."""
        with suppress(OSError, imaplib.IMAP4.error):
            self._server.logout()

    def items(self) -> Iterator[Item]:
        """See `Mailbox`."""
        found = self._said(self._asked("SEARCH", f"UNKEYWORD {KEYWORD}"))
        numbers = found[0].split() if found and isinstance(found[0], bytes) else []
        for number in numbers[:MOST]:
            # Read without being marked as seen: staff may not have read it.
            answer = self._said(self._asked("FETCH", number.decode("ascii"), f"(BODY.PEEK[]<0.{LARGEST + 1}>)"))
            content = next((part[1] for part in answer if isinstance(part, tuple)), None)
            if isinstance(content, bytes):
                yield Item(number.decode("ascii"), content, f"{self._folder}, message {number.decode('ascii')}")

    def done(self, item: Item, *, for_staff: bool) -> None:
        """Sets our keyword, and that of a message seen unless it is for staff."""
        flags = KEYWORD if for_staff else rf"{KEYWORD} \Seen"
        self._said(self._asked("STORE", item.key, "+FLAGS.SILENT", f"({flags})"))

    def _asked(self, command: str, *arguments: str) -> tuple[str, Sequence[Any]]:
        try:
            return self._server.uid(command, *arguments)
        except (OSError, imaplib.IMAP4.error) as error:
            raise StoreError(f"The mail server broke off ({' '.join(str(error).split())[:200]}).") from error

    def _said(self, answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
        kind, said = answer
        if kind != "OK":
            raise StoreError(f"The mail server refused something ({said!r:.200}).")
        return said


def _imap(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=ssl.create_default_context(), timeout=_SECONDS)
    server = imaplib.IMAP4(host, port or 143, timeout=_SECONDS)
    if host not in ("localhost", "127.0.0.1", "::1"):
        server.starttls(ssl.create_default_context())
    return server
