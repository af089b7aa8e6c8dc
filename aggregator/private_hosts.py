"""Hosts that name the visitor's own machine or network, however they are written."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import unquote

# The characters that UTS 46 removes from a host name: soft hyphens, zero width characters, variation selectors.
_IGNORED = re.compile("[\u00ad\u034f\u180b-\u180f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
# The last label of a host that browsers read as IPv4 or refuse (WHATWG URL, "ends in a number").
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
# Local names of RFC 6761 and 8375, and those that networks use privately (RFC 6762, appendix G).
_LOCAL_NAMES = (
    ".localhost", ".local", ".localdomain", ".internal", ".intranet", ".private", ".corp", ".home", ".lan", ".home.arpa"
)  # fmt: skip
_PUBLIC = ipaddress.ip_network("2000::/3")
# Exceptions in that range: 6to4, which wraps another address, and a block for documentation (RFC 9637).
_NOT_PUBLIC = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("3fff::/20"))


def is_private_host(host: str) -> bool:
    """Whether a host, as written in an address, names the visitor's own machine or network.

    Browsers decode `%31`, take U+3002 for a dot and `①` for 1, and read `0177.0.0.1` and `2130706433` as 127.0.0.1 (WHATWG
    URL, host parsing; UTS 46). No public site is written that way, nor as an IPv6 address that wraps an IPv4 address.
    """
    name = unicodedata.normalize("NFKC", _IGNORED.sub("", unquote(host))).casefold().replace("\u3002", ".")
    name = name.rstrip(".").strip("[]")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        labels = name.split(".")
        return (
            len(labels) == 1
            or name.endswith(_LOCAL_NAMES)
            or name == "home.arpa"
            or _NUMBER.fullmatch(labels[-1]) is not None
        )
    if not address.is_global or address.is_multicast:
        return True
    return address.version == 6 and (address not in _PUBLIC or any(address in network for network in _NOT_PUBLIC))
