"""Letters to one person, as mails in plain text: confirm a wish, you are on the list already, confirm a move, leave.

They name nothing of anybody's health, and no name that somebody typed: whoever reads over a shoulder learns that an
institute's newsletter was asked for, and whoever typed a stranger's address can say nothing through us.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from aggregator.render.words import Words

# No line of ours is folded within an address (Python's usual policy encodes a long one beyond recognition).
_POLICY = SMTP.clone(max_line_length=998)
# The page that the link of a letter leads to, and what of it is secret.
_PAGES = {
    "confirm": ("confirm", "code"),
    "move-old": ("confirm", "code"),
    "move-new": ("confirm", "code"),
    "already": ("wishes", "token"),
    "leave": ("leave", "token"),
}


def single_letter(
    kind: str, said: Mapping[str, str], words: Words, *, title: str, url: str, sender: str, message_id: str, now: datetime
) -> bytes:
    """The letter of a kind; `said` has the address and the secret, `url` is where sign-up is reached. RFC 5322, with the
    header by which no out-of-office reply answers it (RFC 3834)."""
    page, secret = _PAGES[kind]
    name = f"signup.letter.{kind.replace('-', '_')}"
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(sender, title)
    message["To"] = Address(addr_spec=said["address"]) if said["address"].isascii() else said["address"]
    message["Subject"] = words.text(f"{name}.subject", title=title)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    link = f"{url}{page}/{said[secret]}?lang={words.language}"
    lines = [words.text(f"{name}.text", title=title), link, words.text(f"{name}.otherwise"), title]
    message.set_content("\n\n".join(lines) + "\n", cte="quoted-printable" if not "".join(lines).isascii() else None)
    return message.as_bytes()


def _address(sender: str, title: str) -> Address:
    name, address = parseaddr(sender)
    return Address(name or title, addr_spec=address)


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
