"""What a message in the institute's mailbox is to the newsletter: a wish, a farewell, something for staff, or nothing.

The word counts only in the comment, the subject field or a box of the form: its footer says “sign up for our newsletter”
under every message. The address is that of the form's field, else Reply-To; never From, which is the website's own, unless a
person wrote the message themselves.
"""

from __future__ import annotations

import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage

from aggregator.subscribers.addresses import (
    address_in,
    addresses_in,
    addresses_of,
    domain_of,
    same_address,
    without_addresses,
)
from aggregator.subscribers.form_mail import Field, FormMail, form_mail
from aggregator.subscribers.wishes import Wish, wish_in
from aggregator.text import fold, one_line
from aggregator.values.subscribers import IntakeRules, Reading, ReadingResult

_REPLY = re.compile(r"\s*(?:(?:re|aw|rv|fwd?|sv)\s*:\s*)+", re.I)
_ROBOTS = re.compile(
    r"(?:wordpress|no-?reply|do-?not-?reply|donotreply|mailer(?:-daemon)?|postmaster|notifications?|forms?|bounces?|daemon)(?:[+._-].*)?",
    re.I,
)
_YES = frozenset("yes y true on 1 x checked selected accepted agree agreed si ok yes please subscribe".split()) | {
    "yes please", "si por favor", "opt in", "sign me up", "si quiero", "acepto", "marcado", "subscribed", "i agree",
    "aceptado",
}  # fmt: skip
_FORWARDED = re.compile(
    r"^[ \t]*-{3,} ?(?:forwarded message|mensaje reenviado|begin forwarded message).*$|^begin forwarded message:$",
    re.I | re.M,
)
_ORIGINAL = re.compile(r"^\s*-{3,} ?(?:original message|mensaje original).*$", re.I | re.M)
_BLOCK = re.compile(r"^[ \t]*\**(?:from|de):.*\n(?:.*\n){0,3}?[ \t]*\**(?:sent|enviado(?: el)?):", re.I | re.M)
_AUTOMATIC = re.compile(
    r"\s*(?:auto(?:matic)?[- ]?reply|out of (?:the )?office|respuesta autom[aá]tica|fuera de la oficina)\b", re.I
)
_IS_FORWARD = re.compile(r"\s*(?:fwd?|rv|wg|tr)\s*:", re.I)
_HEADER = re.compile(
    r"(?:from|de|date|fecha|sent|enviado(?: el)?|subject|asunto|to|para|cc|reply-to|responder a)\s*:\s*(.*)", re.I
)


def _headers(message: EmailMessage, name: str) -> list[str]:
    """The values of a header, decoded, each in one line. Not by `message[name]`, which raises ValueError for an address with
    a line break in it, as those who try to add recipients write it."""
    found = []
    for known, value in message.raw_items():
        if known.lower() == name.lower():
            try:
                found.append(one_line(str(make_header(decode_header(str(value))))))
            except (ValueError, LookupError):
                found.append(one_line(str(value)))
    return found


def _header(message: EmailMessage, name: str) -> str:
    """The first value of a header; empty where it is missing."""
    return next(iter(_headers(message, name)), "")


def read_message(message: EmailMessage, rules: IntakeRules) -> Reading:
    """What a message is to the newsletter, and why."""
    if why := _automatic(message):
        return Reading(ReadingResult.IGNORE, why)
    inner = _attached(message)
    if inner is not None:
        return _forwarded(message, inner, rules)
    mail = form_mail(message, rules)
    if (begins := _forwarded_from(mail.whole, _header(message, "Subject"))) is not None:
        return _forwarded(message, _unwrapped(mail.whole[begins:]), rules)
    return _own(message, mail, rules)


def _automatic(message: EmailMessage) -> str:
    """Why nobody wrote a message; empty where somebody did."""
    if _header(message, "Auto-Submitted").lower() not in ("no", ""):
        return "it is an automatic reply"
    if _header(message, "List-Id") or _header(message, "List-Unsubscribe"):
        return "it is a letter to a list"
    if _header(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return "it was sent in bulk"
    if any(
        _header(message, name)
        for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress-Reply", "X-Failed-Recipients")
    ):
        return "it is an automatic reply"
    if message.get_content_type() == "multipart/report" or _header(message, "Return-Path") == "<>":
        return "it is a report of a mail server"
    if _AUTOMATIC.match(_header(message, "Subject")):
        return "it is an automatic reply"
    return ""


# ---- forwarded -------------------------------------------------------------------------------------------------------


def _attached(message: EmailMessage) -> EmailMessage | None:
    for part in message.walk():
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            return inner if isinstance(inner, EmailMessage) else None
    return None


def _forwarded_from(text: str, subject: str) -> int | None:
    """Where in a text the message begins that is forwarded; None where none is."""
    if marked := _FORWARDED.search(text):
        return marked.end()
    if not _IS_FORWARD.match(subject):
        return None
    if quoted := _ORIGINAL.search(text):
        return quoted.end()
    block = _BLOCK.search(text)
    return block.start() if block else None


def _unwrapped(text: str) -> EmailMessage:
    """The message that somebody forwarded as running text."""
    lines, inner = text.strip().splitlines(), EmailMessage()
    # Apple's Mail quotes what it forwards.
    lines = [re.sub(r"^[ \t]*>[ \t]?", "", line) for line in lines]
    body, is_begun = len(lines), False
    for at, line in enumerate(lines):
        if is_begun and not line.strip():
            body = at
            break
        found = _HEADER.fullmatch(line.replace("*", "").strip())
        if found is None and line.strip():
            body = at
            break
        is_begun = is_begun or found is not None
        name = line.partition(":")[0].strip(" *").lower()
        if found and name in ("from", "de", "reply-to", "responder a") and addresses_in(found[1]):
            header = "Reply-To" if name.startswith("re") else "From"
            if header not in inner:
                inner[header] = addresses_in(found[1])[0]
        if found and name in ("subject", "asunto") and "Subject" not in inner:
            inner["Subject"] = one_line(found[1])
    inner.set_content("\n".join(lines[body:]))
    return inner


def _forwarded(outer: EmailMessage, inner: EmailMessage, rules: IntakeRules) -> Reading:
    """What staff forward is read as it came; of what a stranger forwards, staff decide."""
    if why := _automatic(inner):
        return Reading(ReadingResult.IGNORE, f"what it forwards is none of ours: {why}")
    reading = _own(inner, form_mail(inner, rules), rules)
    forwarders = addresses_of(_headers(outer, "From"))
    is_own = any(domain_of(one) in rules.own_domains for one in forwarders)
    if is_own or reading.result is ReadingResult.IGNORE:
        return replace(reading, why=f"forwarded by {'staff' if is_own else 'somebody'}; {reading.why}")
    return replace(reading, result=ReadingResult.STAFF, why=f"forwarded by a stranger; {reading.why}", for_staff=True)


# ---- one message -----------------------------------------------------------------------------------------------------


def _own(message: EmailMessage, mail: FormMail, rules: IntakeRules) -> Reading:
    senders = addresses_of(_headers(message, "From"))
    is_form = mail.is_form or any(_is_robot(one, rules) for one in senders)
    comment = _comment(mail)
    wish = _wish(message, mail, comment, rules, is_form=is_form)
    if wish.result is ReadingResult.IGNORE:
        return Reading(wish.result, wish.why)
    if wish.result is ReadingResult.STAFF:
        return Reading(
            wish.result, wish.why, _address(message, mail, rules, is_form=is_form), for_staff=True, comment=comment
        )
    address = _address(message, mail, rules, is_form=is_form)
    if not address:
        return Reading(ReadingResult.STAFF, f"{wish.why}, but no address can be read", for_staff=True, comment=comment)
    others = _other_addresses(mail, comment, address, rules)
    if others:
        return Reading(
            ReadingResult.STAFF, f"{wish.why}, but two addresses are given", address, for_staff=True, comment=comment
        )
    return Reading(wish.result, wish.why, address, for_staff=wish.is_more, comment=comment)


def _comment(mail: FormMail) -> str:
    """What the writer wrote freely."""
    if mail.is_form:
        return "\n".join(mail.of(Field.COMMENT)).strip()
    return mail.text


def _wish(message: EmailMessage, mail: FormMail, comment: str, rules: IntakeRules, *, is_form: bool) -> Wish:
    wish = wish_in(without_addresses(comment), rules.words)
    boxes = [_is_ticked(value) for value in mail.of(Field.NEWSLETTER)]
    # A form may call the box otherwise ("Stay in touch") and write its text.
    boxes += [True for value in mail.of(Field.OTHER) if len(value.split()) < 15 and _is_agreed(value, rules)]
    if wish.result is ReadingResult.SUBSCRIBE and boxes and not any(boxes):
        return Wish(ReadingResult.STAFF, "its comment asks for the newsletter, and its box says no", is_more=True)
    if any(boxes) and "declines" in wish.why:
        return Wish(ReadingResult.STAFF, "its box asks for the newsletter, and its comment declines it", is_more=True)
    if wish.result in (ReadingResult.IGNORE, ReadingResult.STAFF) and any(boxes) and "declines" not in wish.why:
        return Wish(ReadingResult.SUBSCRIBE, "the box for the newsletter is ticked", _asks(comment))
    if wish.result is not ReadingResult.IGNORE or "declines" in wish.why:
        return wish
    if not is_form and (said := _answered(message, comment, rules)):
        return said
    subjects = mail.of(Field.SUBJECT) if is_form else [_subject(message)]
    for subject in subjects:
        said = wish_in(subject, rules.words)
        if said.result in (ReadingResult.SUBSCRIBE, ReadingResult.LEAVE):
            return replace(said, why="its subject asks for it", is_more=_asks(comment))
        if said.result is ReadingResult.STAFF:
            return said
    return wish


def _answered(message: EmailMessage, comment: str, rules: IntakeRules) -> Wish | None:
    """What somebody answers to a mail about the newsletter: "Yes, I would like that"."""
    subject = _REPLY.sub("", _header(message, "Subject"))
    said = wish_in(f"{subject}: {comment.strip().partition(chr(10))[0]}", rules.words)
    if subject == _header(message, "Subject") or said.result not in (ReadingResult.SUBSCRIBE, ReadingResult.LEAVE):
        return None
    return replace(said, why="it answers a mail about the newsletter")


def _subject(message: EmailMessage) -> str:
    """A subject; that of a reply is what we wrote ourselves."""
    subject = _header(message, "Subject")
    return "" if _REPLY.match(subject) else subject


def _asks(comment: str) -> bool:
    return "?" in comment or wish_in(f"Newsletter. {comment}").is_more


def _is_agreed(value: str, rules: IntakeRules) -> bool:
    said = wish_in(value, rules.words)
    return (
        said.result is ReadingResult.SUBSCRIBE
        and re.match(r"(?:yes|si|i (?:want|would)|please|quiero|deseo|sign|subscribe)\b", fold(value)) is not None
    )


def _is_ticked(value: str) -> bool:
    folded = fold(value)
    if folded in _YES or (folded and fold(value).split()[0] in ("yes", "si")):
        return True
    # Contact Form 7 and Gravity Forms write the text of the box that is ticked.
    return wish_in(value).result is ReadingResult.SUBSCRIBE and folded not in ("newsletter", "boletin")


def _is_robot(address: str, rules: IntakeRules) -> bool:
    local = address.partition("@")[0]
    return same_address(address) in rules.senders or _ROBOTS.fullmatch(local) is not None


def _address(message: EmailMessage, mail: FormMail, rules: IntakeRules, *, is_form: bool) -> str:
    """The writer's address; empty where it cannot be known for sure."""
    given = mail.of(Field.EMAIL)
    for found in (
        [address for value in given for address in addresses_in(value)],
        [address for value in mail.of(Field.SENDER) for address in addresses_in(value)],
    ):
        if found:
            return found[0]
    if any(value.strip() for value in given):
        # What they typed is no address: a reply-to made of it is none either.
        return ""
    alone = {same_address(one): one for line in mail.whole.splitlines() if (one := address_in(line))} if is_form else {}
    if len(alone) == 1:
        return next(iter(alone.values()))
    headers = ["Reply-To"] if is_form else ["Reply-To", "From"]
    for header in headers:
        found = [
            one
            for one in addresses_of(_headers(message, header))
            if not _is_robot(one, rules) and domain_of(one) not in rules.own_domains
        ]
        if found:
            return address_in(found[0])
    return ""


def _other_addresses(mail: FormMail, comment: str, address: str, rules: IntakeRules) -> list[str]:
    """Addresses that the writer gives beside `address`."""
    written = [*addresses_in(comment), *(one for value in mail.of(Field.EMAIL) for one in addresses_in(value))]
    return [one for one in written if same_address(one) != same_address(address) and domain_of(one) not in rules.own_domains]
