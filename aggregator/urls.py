"""Addresses: remove wrappers and trackers from an article's address, and decide whether two addresses name the same page.

`clean_url` gives the address that visitors follow; `canonical_url` gives a key for comparing, never for following.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from aggregator.text import one_line
from aggregator.trackers import is_tracker, is_tracking_fragment, needs_no_query, query_without
from aggregator.wrappers import is_at, unwrapped_once

# Characters, beyond the usual limit of browsers and servers; a longer address is an attack or an accident (100 kB was seen).
_LONGEST = 2048

# Sites with several host names: host ending -> name used in the key.
_SAME_SITE = {"reddit.com": "reddit.com", "m.youtube.com": "youtube.com", "youtube.com": "youtube.com"}


# ---- cleaning --------------------------------------------------------------------------------------------------------


def is_web(url: str) -> bool:
    """Whether `url` is an absolute http or https address with a host."""
    return _web_parts(url) is not None


def _web_parts(url: str) -> tuple[SplitResult, str] | None:
    """The parts of an absolute http or https address, and its host; None if `url` is not one."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        return None
    return (parts, host) if host else None


def resolved(base: str, address: str) -> str:
    """`address` resolved against that of its document, `base`; empty if it is invalid (`https://[x`)."""
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return ""


# Characters that reverse the direction of text: they are shown even if an address percent-encodes them.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NEVER_IN_ADDRESSES = re.compile(r"[<>\"`{}|^]")


def clean_url(url: str) -> str:
    """The address to follow: unwrapped, without trackers. An empty string if it is not a web address."""
    url = one_line(url).replace(" ", "%20")
    if url.startswith("//"):
        url = "https:" + url
    target = _web_parts(url)
    for _ in range(3):
        inner = target and unwrapped_once(url, *target)
        if inner is None:
            break
        url = one_line(inner).replace(" ", "%20")
        target = _web_parts(url)
    if target is None or len(url) > _LONGEST or _NEVER_IN_ADDRESSES.search(url) or _TURNS.search(unquote(url)):
        return ""
    parts, host = target
    is_bare = not parts.query or needs_no_query(host, parts.path)
    query = "" if is_bare else query_without(parts, lambda name, value: is_tracker(host, name, value))
    fragment = "" if is_tracking_fragment(parts.fragment) else parts.fragment
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), netloc.lower(), parts.path, query, fragment)).replace("\\", "%5C")


# ---- comparing -------------------------------------------------------------------------------------------------------

_YOUTUBE = re.compile(r"(?:youtube\.com/(?:watch\?(?:.*&)?v=|shorts/|live/|embed/)|youtu\.be/)([\w-]{11})")
_AMP_PARAMETERS = {"amp", "outputtype", "amp_js_v", "usqp"}
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php|aspx?)$|/amp/?$|\.amp$|/+$", re.I)


_EDITION_OF = re.compile(r"^(?:www\d?|m|mobile|amp|edition)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"^/amp(?=/)|(?<=/)amp/(?=s/)")


def _site(host: str) -> str:
    host = _EDITION_OF.sub("", host)
    return next((name for ending, name in _SAME_SITE.items() if is_at(host, ending)), host)


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """A key that is equal for all variants of one address (scheme, www, m., AMP, trackers, order of parameters); empty if
    `url` is not a web address."""
    cleaned = clean_url(url)
    if not cleaned:
        return ""
    video = _YOUTUBE.search(cleaned)
    if video:
        return f"youtube.com/watch?v={video[1]}"
    try:
        parts = urlsplit(canonicalize_url(cleaned, keep_fragments=cleaned.partition("#")[2].startswith("!")))
        port = parts.port
    except (ValueError, UnicodeError):
        return cleaned
    host = parts.hostname or ""
    path = _INDEX.sub("", _AMP_PATH.sub("", parts.path)).replace("//", "/")
    if any(name in host for name in ("biorxiv.org", "medrxiv.org", "arxiv.org")):
        path = re.sub(r"v\d+(?:\.full(?:\.pdf)?|\.abstract)?$", "", path)
    query = query_without(parts, lambda name, value: name.lower() in _AMP_PARAMETERS)
    site = _site(host.rstrip("."))
    where = site if port in (None, 80, 443) else f"{site}:{port}"
    return where + path + (f"?{query}" if query else "") + (f"#{parts.fragment}" if parts.fragment else "")


_FRONT_PAGE = re.compile(r"[^/?#]*(?:/(?:[a-z]{2}(?:-[a-z]{2})?|home|news|rss))?", re.I)


def is_front_page(url: str) -> bool:
    """Whether the address is a site's front page, which many entries may share."""
    return _FRONT_PAGE.fullmatch(canonical_url(url)) is not None


# ---- identifiers in addresses and text ------------------------------------------------------------------------------

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>|\\^`{}]+", re.I)
_DOI_TAIL = re.compile(
    r"(?:/(?:full|abstract|pdf|epdf|fulltext|html|meta|reader|summary)|\.(?:full|abstract|pdf|html?)|[?#&].*)+$", re.I
)


def doi_in(text: str) -> str | None:
    """The first DOI in `text`, lower case, without what addresses and sentences append to it; None if there is none."""
    # Both the text and the match are bounded: a guid of `10.1/a` and 12,000 times `/full` took 13 seconds.
    match = _DOI.search(unquote(text[:2000]))
    if match is None:
        return None
    doi = _DOI_TAIL.sub("", match[0][:300].rstrip(".,;:'\")]}”’"))
    if doi.startswith(("10.1101/", "10.64898/")):
        doi = re.sub(r"v\d+$", "", doi)
    if doi.count("(") < doi.count(")"):
        doi = doi.rstrip(")")
    return doi.lower().rstrip("/.") or None


# ---- what staff write -----------------------------------------------------------------------------------------------


def web_address(address: str) -> str:
    """`address` as staff wrote it, without the extra characters of a paste; ValueError says what is wrong with it."""
    url = one_line(address)
    if re.match(r"feed:(?://)?", url, re.I):
        raise ValueError(f"“{url}” begins with feed:; write it with https:// instead")
    if re.search(r"[<>“”„\"'`{}|\\^]", url):
        raise ValueError(
            f"“{url}” contains a character that addresses never have (a quotation mark or bracket); paste only the address"
        )
    if " " in url:
        raise ValueError(f"“{url}” contains a space; write %20 if it is really part of the address")
    if not re.match(r"[a-z][a-z0-9+.-]*:", url, re.I) or re.match(r"[\w.-]+:\d+(/|$)", url):
        raise ValueError(f"“{url}” is not a web address; it must begin with https:// (or http://)")
    if not is_web(url):
        raise ValueError(f"“{url}” is not a web address; only https:// and http:// addresses can be read")
    if "@" in urlsplit(url).netloc:
        raise ValueError("the address contains a user name or password; remove it (it would end up in logs and backups)")
    return url


def shown_address(url: str) -> str:
    """`url` for logs and messages: passwords and the tokens of private feeds are masked."""
    masked = re.sub(r"(?<=://)[^/@\s]*@", "…@", url)
    masked = re.sub(r"([?&](?:token|key|api_?key|secret|password|auth|access_token)=)[^&#\s]+", r"\1…", masked, flags=re.I)
    if "reddit.com" in masked:
        masked = re.sub(r"([?&](?:user|feed)=)[^&#\s]+", r"\1…", masked)
    return re.sub(r"(pubmed\.ncbi\.nlm\.nih\.gov/rss/search/)[\w-]{6,}", r"\1…", masked)
