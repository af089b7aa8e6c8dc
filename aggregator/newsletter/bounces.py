"""What a mail server or a provider says about a letter: the address takes no mail, takes none for now, or its owner complained.

Reports as RFC 3464 (delivery status) and RFC 5965 (feedback) have them, and the prose of servers that write none. What is about
the letter and not about the address (its size, its content, a policy, a full mailbox) is `soft`: nobody healthy is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from enum import StrEnum

_LONGEST = 60_000


class BounceSort(StrEnum):
    """What a report says of an address."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says; `code` is the status (RFC 3463) or the words that decided, `is_unknown` that there is no such
    address."""

    sort: BounceSort
    code: str = ""
    is_unknown: bool = False


_NONE = Bounce(BounceSort.NONE)
# Of the address: there is none, or nobody reads it any more.
_UNKNOWN = re.compile(
    r"(?:user|recipient|mailbox|account|address|addressee|username|alias|member)(?:'s)?(?: \S+){0,4}? (?:is )?"
    r"(?:unknown|not found|invalid|does ?n[o']t exist|not exist|no longer|nonexistent|non-existent|unavailable\.? ?$|not listed|"
    r"unrecognized|not recognized|rejected: user|cannot be found|couldn't be found|wasn't found|inactive|disabled|discontinued|"
    r"suspended|deactivated|closed|not known|not valid|terminated|deleted|has moved|not a valid)|"
    r"(?:unknown|invalid|no such|nonexistent|non-existent|bad|unrouteable|unroutable|illegal|unrecognized|disabled|"
    r"inactive|not a valid|not our|unresolvable) "
    r"(?:\S+ ){0,2}?(?:user|recipient|mailbox|account|address|addressee|local|alias|name|customer|person|member|domain|host)|"
    r"does not (?:have|like) (?:an? )?(?:\S+ )?(?:account|recipient)|doesn't have an? \S* ?account|have an account here|no mailbox|"
    r"not (?:listed in|found in|a known|a valid|in) \S* ?(?:domino|directory|user|address|mailbox|list|my control)|"
    r"no (?:existe|tiene|se (?:encuentra|ha encontrado))|desconocid[oa]|(?:usuario|destinatario|buz[oó]n|cuenta|direcci[oó]n)"
    r"(?: \S+){0,3} (?:inexistente|no v[aá]lid[oa]|desactivad[oa]|inactiv[oa])|"
    r"(?:empf[aä]nger|benutzer|adresse|postfach|konto)(?: \S+){0,4} (?:unbekannt|nicht (?:gefunden|bekannt|vorhanden)|existiert nicht|ung[uü]ltig)|"
    r"n'existe pas|(?:adresse|utilisateur|destinataire) (?:\S+ ){0,2}(?:inconnue?|inexistante?)|unbekannte[rns]? (?:empf[aä]nger|benutzer|adresse)|nicht bekannt|existiert nicht|"
    r"host (?:unknown|or domain name not found|not found)|(?:domain|name) (?:not found|does not exist|unknown)|nxdomain|"
    r"domain name not found|name or service not known|no such domain|no match(?:es)? to|"
    r"did not exactly match|not have a final e?mail delivery point|all relevant mx records point to non-existent|"
    r"mailbox (?:\S+ ){0,2}(?:not available|unavailable)|delivery to this address is restricted|has been (?:discontinued|disabled)|"
    r"account (?:\S+ ){0,3}(?:is )?(?:disabled|inactive|not active|suspended)|no longer (?:valid|active|in use|available|works|accepts)|"
    r"doesn't like recipient|recipnotfound|user not listed|no valid recipients?|"
    r"recipient address rejected(?!: (?:grey|policy|temporar|.*try))|is not a member|there is no one at this address",
    re.I,
)
# Of now, of the letter, or of a policy.
_SOFT = re.compile(
    r"over ?-?quota|quota (?:has been )?exceeded|exceed\w* (?:\S+ ){0,5}(?:quota|storage|limit|size)|mailbox (?:is |'s )?full|"
    r"(?:mail)?box (?:\S+ ){0,3}full|inbox is full|disk (?:quota|full|space)|insufficient (?:\S+ )?(?:storage|space|system)|"
    r"out of storage|not enough (?:disk |storage )?space|buz[oó]n (?:\S+ ){0,3}lleno|cuota|postfach (?:\S+ ){0,3}voll|[uü]berf[uü]llt|"
    r"too (?:large|big|many|busy)|message size|maximum (?:message )?size|greylist|grey-?listed|gray-?list|try (?:again|later)|temporar|"
    r"transient|deferred|will (?:be )?retr(?:y|ied)|still (?:being )?(?:trying|retried|queued)|has not been delivered yet|delay|"
    r"timed? ?out|time ?out|connection (?:refused|reset|lost|dropped|failed)|no route to host|network (?:is )?unreachable|"
    r"connect(?:ion)? to \S+ (?:\S+ )?failed|could not connect|unable to connect|cannot connect|host (?:is )?(?:down|unreachable|not responding)|"
    r"too long|retry time|(?:hop|loop)s?\b|mail loop|too many hops|virus|spam|content (?:rejected|filter|policy|not|is)|message content|policy|postponed|not yet been delivered|looping|"
    r"encountered an error|continue to (?:attempt|try)|blocked|blacklist|block ?list|blocklist|"
    r"reputation|dmarc|spf|dkim|not authenticated|authentication|unauthenticated|local problem|service (?:is )?unavailable|"
    r"server (?:is )?(?:busy|unavailable|error)|resources|rate limit|zeitweilig|vor[uü]bergehend|verz[oö]gert|demora|temporal|retras|"
    r"config\w* error|congest|requeue|expired|refused to accept|lookup failure|dns (?:error|failure)|name server|system error",
    re.I,
)
_FAILED = re.compile(
    r"undeliver|could not (?:be )?deliver|couldn't (?:be )?deliver|cannot deliver|unable to deliver|not (?:be )?delivered|delivery (?:\S+ ){0,4}fail|"
    r"fail\w* (?:\S+ ){0,3}deliver|returned (?:mail|to sender|message)|mail (?:delivery )?(?:system|failed|failure|error)|permanent|fatal error|"
    r"failure notice|rejected|non[- ]?deliver|did not reach|wasn't delivered|has failed|had problems|no (?:se )?(?:ha )?(?:podido|pudo)|"
    r"unzustellbar|nicht zugestellt|zustellung|fehlgeschlagen|no entregad|devuelt|undelivered|could not be sent|transmission|non remis",
    re.I,
)
_DAEMON = re.compile(
    r"mailer-?daemon|postmaster|mail ?delivery|mdaemon|administrator|maildelivery|mail ?system|mail administrator|daemon@|delivery|smtp|"
    r"bounce|mailsystem|root@|mail-?router|mailmaster|microsoft exchange|server", re.I,
)  # fmt: skip
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d[ -](?:#?([45])\.(\d{1,3})\.(\d{1,3}))?")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")


def read_bounce(message: EmailMessage) -> Bounce:
    """What a message says about the address that a letter was sent to."""
    kind = message.get_content_type()
    is_daemon = _DAEMON.search(_header(message, "From")) is not None
    parts = [*_parts(message, is_daemon=is_daemon)]
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            return _complaint(part)
    read = [_payload(part) for part in parts if part.get_content_type() == "message/disposition-notification"]
    if read and not any(re.search(r"automatic-action.*;\s*(?:deleted|denied|failed)", one, re.I) for one in read):
        return _NONE
    statuses = [block for part in parts if part.get_content_type() == "message/delivery-status" for block in _blocks(part)]
    told = [_of_block(block, message) for block in statuses if "action" in block or "status" in block]
    if told:
        return min(told, key=lambda one: (BounceSort.HARD, BounceSort.SOFT, BounceSort.NONE).index(one.sort))
    if not _is_report(message) and kind != "multipart/report":
        return _NONE
    return _of_prose(_text(message))


def _parts(message: Message, *, is_daemon: bool = False) -> Iterator[Message]:
    """The parts of a message, but for those of the message that comes back."""
    yield message
    kind = message.get_content_type()
    if kind in ("text/rfc822-headers", "message/delivery-status", "message/disposition-notification"):
        return
    if kind == "message/rfc822":
        # A gateway attaches the report itself; a person who forwards one does not report.
        inner = message.get_payload()
        if (
            is_daemon
            and isinstance(inner, list)
            and isinstance(inner[0], Message)
            and inner[0].get_content_type() == "multipart/report"
        ):
            yield from _parts(inner[0])
        return
    if message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, is_daemon=is_daemon)


# ---- reports ---------------------------------------------------------------------------------------------------------


def _complaint(part: Message) -> Bounce:
    text = _payload(part)
    found = re.search(r"^feedback-type:\s*(\S+)", text, re.I | re.M)
    kind = found[1].lower() if found else "abuse"
    return (
        Bounce(BounceSort.COMPLAINT, kind)
        if kind in ("abuse", "fraud", "opt-out", "opt-out-list", "other", "virus")
        else _NONE
    )


def _blocks(part: Message) -> Iterator[dict[str, str]]:
    """The fields of each recipient."""
    text = re.sub(r"\r?\n[ \t]+", " ", _payload(part))
    for block in re.split(r"\r?\n[ \t]*\r?\n", text):
        fields: dict[str, str] = {}
        for line in block.splitlines():
            name, colon, value = line.partition(":")
            if colon:
                fields.setdefault(name.strip().lower(), value.strip())
        if fields:
            yield fields


def _of_block(block: dict[str, str], message: EmailMessage) -> Bounce:
    action = block.get("action", "failed").split()[:1]
    if action and action[0].lower().strip(";") in ("delivered", "relayed", "expanded"):
        return _NONE
    said = block.get("diagnostic-code", "")
    status = _STATUS.search(block.get("status", ""))
    is_vague = status is None or status[0] in ("5.0.0", "4.0.0", "5.5.0")
    better = (_STATUS.search(said) or _STATUS.search(_text(message))) if is_vague else None
    status = better or status
    if action and action[0].lower().startswith("delay"):
        return Bounce(BounceSort.SOFT, status[0] if status else "delayed")
    return _judged(status[0] if status else "", said, said or _text(message))


# Statuses of RFC 3463 that speak of the address, and those that speak of something else.
_HARD_STATUS = re.compile(r"5\.(?:1\.(?:0|1|2|3|4|6|10)|2\.1|4\.4|0\.350|7\.0\.350)$")
_SOFT_STATUS = re.compile(r"4\.|5\.(?:2\.[2-4]|3\.[0-9]|4\.[0-35-9]|5\.|6\.|7\.|1\.[789]|4\.31[0-9])")


_FOR_GOOD = re.compile(r"\bpermanent (?:error|failure)|failed permanently|permanently fail", re.I)
# Of the sender's address.
_SENDER_STATUS = re.compile(r"5\.1\.[789]$")


def _judged(status: str, said: str, text: str) -> Bounce:
    """By status and words together: "550 5.7.1 user unknown" speaks of the address, "550 5.1.1 mailbox full" does not."""
    unknown, soft = _UNKNOWN.search(said or text), _SOFT.search(said or text)
    if status.startswith("4") or _SENDER_STATUS.match(status):
        return Bounce(BounceSort.SOFT, status)
    if soft and not unknown and (said or not _HARD_STATUS.match(status)):
        return Bounce(BounceSort.SOFT, status or soft[0])
    if unknown and not (soft and _SOFT_STATUS.match(status)):
        return Bounce(BounceSort.HARD, status or unknown[0], is_unknown=True)
    if _HARD_STATUS.match(status):
        return Bounce(BounceSort.HARD, status, is_unknown=status.startswith("5.1."))
    if _SOFT_STATUS.match(status):
        return Bounce(BounceSort.SOFT, status)
    if soft:
        return Bounce(BounceSort.SOFT, status or soft[0])
    if not status and _FOR_GOOD.search(text):
        return Bounce(BounceSort.HARD, "permanent")
    return Bounce(BounceSort.HARD, status) if status == "5.0.0" and said else Bounce(BounceSort.SOFT, status or "failed")


# ---- prose -----------------------------------------------------------------------------------------------------------


def _is_report(message: EmailMessage) -> bool:
    """Whether a mail server wrote it, and no person or their out-of-office reply."""
    sender, subject = _header(message, "From"), _header(message, "Subject")
    if _header(message, "Return-Path") == "<>" or _header(message, "X-Failed-Recipients"):
        is_ours = True
    else:
        is_ours = _DAEMON.search(sender) is not None or _FAILED.search(subject) is not None
    is_reply = re.match(
        r"\s*(?:(?:re|aw)\s*:|auto(?:matic)?[- ]?reply|out of|abwesen|respuesta auto|fuera de|vacation|read:|le[ií]do:|gelesen:)",
        subject,
        re.I,
    )
    answers = _header(message, "Auto-Submitted").lower().startswith("auto-replied") and not _FAILED.search(
        f"{subject} {sender}"
    )
    return is_ours and not is_reply and not (answers and not _DAEMON.search(sender))


def _of_prose(text: str) -> Bounce:
    own = _until_original(text)
    if not _FAILED.search(own) and not _UNKNOWN.search(own) and not _SOFT.search(own):
        return _NONE
    status = next((found[0] for found in _STATUS.finditer(own) if found[1] in "45"), "")
    code = _REPLY_CODE.search(own)
    if not status and code and code[1] == "4":
        return Bounce(BounceSort.SOFT, code[0].strip())
    near = "\n".join(
        line for line in own.splitlines() if _UNKNOWN.search(line) or _SOFT.search(line) or _REPLY_CODE.search(line)
    )
    return _judged(status, near, own)


def _until_original(text: str) -> str:
    """What the server says, without the letter that comes back below."""
    cut = re.search(
        r"^[ \t>]*(?:-{2,}.*(?:copy|original|unsent|returned|message|header|headers|nachricht|mensaje|below this line).*|received: (?:from|by).*|"
        r"return-path:.*|your message (?:follows|header|was):?.*|original (?:message|mail) follows.*)$",
        text, re.I | re.M,
    )  # fmt: skip
    return text[: cut.start()] if cut and cut.start() > 20 else text


def _text(message: Message) -> str:
    """The first text of a message, that of its HTML if there is none."""
    for wanted in ("text/plain", "text/html"):
        for part in _parts(message):
            if part.get_content_type() == wanted and (text := _payload(part)):
                return re.sub(r"<[^>]{1,500}>", " ", text) if wanted == "text/html" else text
    # A message whose parts cannot be told apart is one text.
    return _payload(message) if not message.is_multipart() else ""


def _payload(part: Message) -> str:
    inner = part.get_payload()
    if isinstance(inner, list):
        return "\n\n".join(one.as_string() if isinstance(one, Message) else str(one) for one in inner)[:_LONGEST]
    raw = part.get_payload(decode=True)
    return (raw if isinstance(raw, bytes) else b"")[:_LONGEST].decode("utf-8", "replace")


def _header(message: Message, name: str) -> str:
    for known, value in message.raw_items():
        if known.lower() == name.lower():
            return " ".join(str(value).split())
    return ""
