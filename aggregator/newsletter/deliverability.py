"""Will the letters arrive: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489, and the walk up the tree of RFC 9989) of the
sender's domain. The judgements are pure; `Dns` asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import dns.exception
import dns.resolver

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at: whether it is as it should be, and a sentence."""

    name: str
    is_good: bool
    sentence: str


class Records(Protocol):
    """Answers questions about domains."""

    def texts(self, name: str) -> Sequence[str]:
        """The TXT records of a name; none where it has none."""

    def has_mail(self, name: str) -> bool:
        """Whether mail can be delivered to a domain: by an MX record, or an address (RFC 5321, 5.1)."""


class Dns:
    """The DNS, through a resolver at `server` (`host:port`), else through the machine's own. LookupError where it does not
    answer."""

    def __init__(self, server: str = "") -> None:
        self._resolver = dns.resolver.Resolver(configure=not server)
        self._resolver.lifetime = _SECONDS
        if server:
            host, _, port = server.rpartition(":")
            self._resolver.nameservers, self._resolver.port = [host.strip("[]")], int(port)

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each with its parts joined."""
        return [b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")]

    def has_mail(self, name: str) -> bool:
        """Whether mail can be delivered to a domain. A null MX (RFC 7505) says that it cannot."""
        found = list(self._ask(name, "MX"))
        if found:
            return any(str(one.exchange) != "." for one in found)
        return bool(list(self._ask(name, "A")) or list(self._ask(name, "AAAA")))

    def _ask(self, name: str, kind: str) -> Sequence[Any]:
        try:
            return list(self._resolver.resolve(name, kind, raise_on_no_answer=False).rrset or ())
        except (dns.resolver.NXDOMAIN, dns.exception.SyntaxError, UnicodeError):
            return []
        except dns.exception.DNSException as error:
            raise LookupError(f"the DNS does not answer about {name} ({type(error).__name__})") from error


def sender_findings(records: Records, domain: str, envelope: str, selector: str | None) -> list[Finding]:
    """What the DNS says of a sender's domain, of the domain that bounces come to, and of the DKIM key. LookupError where it
    does not answer."""
    return [
        _mail(records, envelope),
        spf(records.texts(envelope), envelope),
        dkim(records.texts(f"{selector}._domainkey.{domain}") if selector else None, domain, selector),
        _dmarc_of(records, domain),
    ]


def _mail(records: Records, domain: str) -> Finding:
    takes = records.has_mail(domain)
    return Finding(
        "MX", takes, f"{domain} {'takes' if takes else 'takes no'} mail, so bounces {'come' if takes else 'are lost'}"
    )


def spf(texts: Sequence[str], domain: str) -> Finding:
    """Whether a domain says which servers send for it."""
    found = [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]
    if not found:
        return Finding("SPF", False, f"{domain} does not say which servers send for it: add a TXT record “v=spf1 …”")
    if len(found) > 1:
        return Finding("SPF", False, f"{domain} has {len(found)} SPF records, which counts as none: make them one")
    words = found[0].lower().split()
    last = next((word for word in words if word.lstrip("+-~?") == "all"), "")
    has_redirect = any(word.startswith("redirect=") for word in words)
    if last in ("all", "+all"):
        return Finding("SPF", False, f"the SPF record of {domain} lets every server send for it: end it with -all or ~all")
    if not last.startswith(("-", "~")) and not has_redirect:
        return Finding("SPF", False, f"the SPF record of {domain} refuses nobody: end it with -all or ~all")
    return Finding("SPF", True, f"{domain} says which servers send for it")


def dkim(texts: Sequence[str] | None, domain: str, selector: str | None) -> Finding:
    """Whether the key by which letters are signed is published. None where no selector was given."""
    if texts is None:
        return Finding("DKIM", False, "the key was not looked for: set “newsletter.dkim_selector” in feeds.yaml")
    where = f"{selector}._domainkey.{domain}"
    tags = [_tags(text) for text in texts]
    keys = [one.get("p", "") for one in tags if "p" in one and one.get("v", "DKIM1") == "DKIM1"]
    if not keys:
        return Finding("DKIM", False, f"{where} has no key: publish the one that your mail server signs with")
    if not any(keys):
        return Finding("DKIM", False, f"the key at {where} was revoked")
    return Finding("DKIM", True, f"{where} has a key")


def _dmarc_of(records: Records, domain: str) -> Finding:
    """By the domain, else by those above it (RFC 9989, 4.10: at most eight questions)."""
    labels = domain.split(".")
    for at in range(max(0, len(labels) - 7), len(labels) - 1) if len(labels) > 8 else range(len(labels) - 1):
        name = ".".join(labels[at:])
        texts = records.texts(f"_dmarc.{name}")
        if any(_tags(text).get("v") == "DMARC1" for text in texts):
            return dmarc(texts, name)
    return dmarc([], domain)


def dmarc(texts: Sequence[str], domain: str) -> Finding:
    """Whether a domain says what becomes of mails that only pretend to be from it."""
    found = [tags for text in texts if (tags := _tags(text)).get("v") == "DMARC1"]
    if not found:
        return Finding(
            "DMARC", False, f"{domain} has no DMARC record; large providers refuse lists without: “v=DMARC1; p=none”"
        )
    if len(found) > 1:
        return Finding("DMARC", False, f"{domain} has {len(found)} DMARC records, which counts as none: make them one")
    policy = found[0].get("p", "")
    if policy not in ("none", "quarantine", "reject"):
        return Finding("DMARC", False, f"the DMARC record of {domain} has no policy: p=none, p=quarantine or p=reject")
    return Finding("DMARC", True, f"{domain} has a DMARC record (p={policy})")


def _tags(text: str) -> dict[str, str]:
    """A record of tags (RFC 6376, 3.2): `v=DMARC1; p=none`."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, sign, value in pairs if sign}


def alignment(domain: str, site_host: str) -> Finding:
    """Whether the letters come from the domain that people know from the site."""
    own, other = domain.lower(), site_host.lower().removeprefix("www.")
    is_one = own == other or own.endswith(f".{other}") or other.endswith(f".{own}")
    said = "as the site is" if is_one else f"but the site is at {site_host}; people and filters trust one name more"
    return Finding("sender", is_one, f"letters are from {domain}, {said}")
