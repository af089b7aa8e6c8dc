"""Addresses: what an article's address is once wrappers and trackers are gone, and when two name the same page.

`clean_url` gives the address that visitors follow; `canonical_url` a key for comparing, never for following.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

from aggregator.text import one_line

# ---- the table -------------------------------------------------------------------------------------------------------

# Wrappers that carry the article's address in a parameter: host ending, path beginning, parameters.
_WRAPPERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("bing.com", "/news/apiclick.aspx", ("url",)),
    ("google.com", "/url", ("url", "q")),
    ("news.google.com", "/news/url", ("url",)),
    ("retriever-info.com", "/go/", ("u",)),
    ("facebook.com", "/l.php", ("u",)),
    ("t.umblr.com", "/redirect", ("z",)),
    ("youtube.com", "/redirect", ("q",)),
    ("linkedin.com", "/redir/redirect", ("url",)),
    ("duckduckgo.com", "/l/", ("uddg",)),
    ("safelinks.protection.outlook.com", "/", ("url",)),
    ("news.yandex.ru", "/yandsearch", ("cl4url",)),
)
# Wrappers that carry it in the path: host ending, what stands before it.
_PATH_WRAPPERS: tuple[tuple[str, str], ...] = (("go.theregister.com", "/feed/"),)

_STARRED = re.compile(r"/\*(https?)(?::|%3a)(//.+)", re.I)

# Parameters that say who sent the visitor, on any host. `id`, `p`, `v`, `sid`, `storyID` and the like name the article.
_TRACKERS = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|at_(?:medium|campaign|custom\w*|link_\w+|ptr_name|format|bbc_team)|"
    r"fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|mc_[ce]id|_hsenc|_hsmi|mkt_tok|oly_\w+_id|vero_\w+|"
    r"dgcid|xtor|wt_(?:mc|zmc)|wt\.(?:mc|rss)\w*|maca|cmpid|cmp|ocid|ncid|ito|sr_share|smid|smtyp|icid|s_cid|"
    r"soc_(?:src|trk)|spm|gusrc|wprss|_ga|_gl|feedname|feedtype|ns_\w+|_openstat|"
    r"rss(?:feed|id)?|from_?rss|via_?rss|utm|feed|mwrsm|postshare|ftag|_r|smprod|pgtype|campaign_id|instance_id|segment_id|"
    r"regi_id|guccounter|guce_\w+|cx_\w+|mkwid|pcrid|ref_src|ref_url|sfnsn|tracking_?id|__twitter_impression|emc_\w+|sref|"
    r"fb_\w+|rft_dat|cn-reloaded|tpcc|outputtype)",
    re.I,
)
# Parameters that track only with such a value: `ref=rss`, but not `ref=12345`.
_TRACKING_VALUES: dict[str, re.Pattern[str]] = {
    name: re.compile(value, re.I)
    for name, value in {
        "ref": r"rss|feed|twitter|fb|home\w*|.*rss.*",
        "print": r"true|1|yes",
        "source": r"rss.*|feed.*|twitter|email",
        "src": r"rss.*|feed.*",
        "partner": r"rss\w*",
        "emc": r"rss",
        "af": r"r",
        "track": r"rss",
        "": r"rss.*",
        "from": r"rss|feed",
        "medium": r"rss|feed",
        "mod": r"rss\w*",
        "output": r"rss",
        "cid": r"rss\w*",
        "campaign": r"rss.*",
        "psp": r"\w+",
        "oc": r"5",
    }.items()
}
# Longer than any browser's or server's usual limit; what is longer is an attack or an accident (100 kB were seen).
_LONGEST = 2048
_TRACKING_FRAGMENT = re.compile(r"(?:(?:ref|xtor|utm_\w+|at_\w+|rss|source)=.*|rss|\d{1,3}|ftag=.*|intcid=.*)", re.I)

# Pages on which no parameter names the article: host ending, path beginning.
_NO_QUERY = (
    ("pubmed.ncbi.nlm.nih.gov", r"/\d"),
    ("clinicaltrials.gov", r"/(?:study|ct2/show)/"),
    ("biorxiv.org", r"/content/"),
    ("medrxiv.org", r"/content/"),
    ("onlinelibrary.wiley.com", r"/doi/"),
    ("tandfonline.com", r"/doi/"),
)

# Hosts that are one site under several names: ending -> name used in the key.
_SAME_SITE = {"reddit.com": "reddit.com", "m.youtube.com": "youtube.com", "youtube.com": "youtube.com"}


# ---- cleaning --------------------------------------------------------------------------------------------------------


def _google_news_article(parts: SplitResult) -> str | None:
    """The article's address inside a Google News token; tokens made since 2024 are opaque and give None."""
    token = re.search(r"/articles/(CBM[\w-]+)", parts.path)
    if token is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(token[1] + "=" * (-len(token[1]) % 4))
    except (binascii.Error, ValueError):
        return None
    # Protocol buffers: field 4 (0x22), a length of one or two bytes, the address.
    found = re.search(rb"\x22(?:([\x00-\x7f])|([\x80-\xff])([\x01-\x7f]))(?=https?://)", raw)
    if found is None:
        return None
    size = found[1][0] if found[1] else (found[2][0] & 0x7F) | found[3][0] << 7
    return raw[found.end() : found.end() + size].decode("utf-8", "replace")


def _unwrapped_once(url: str, parts: SplitResult, host: str) -> str | None:
    if host == "news.google.com" and "/articles/" in parts.path:
        return _google_news_article(parts)
    # Yahoo (us.rd.yahoo.com) and Folha (redir.folha.com.br) write the article's address behind a star.
    starred = _STARRED.search(url) if "/*" in url else None
    if starred:
        return f"{starred[1]}:{starred[2]}"
    for ending, before in _PATH_WRAPPERS:
        if host == ending and parts.path.startswith(before):
            return "https://" + parts.path.removeprefix(before)
    for ending, path, names in _WRAPPERS if parts.query else ():
        if _is_at(host, ending) and parts.path.startswith(path):
            query = dict(parse_qsl(parts.query))
            found = next((query[name] for name in names if "." in query.get(name, "")), "")
            if re.match(r"[\w.-]+\.\w+/", found):
                return f"http://{found}"
            return found if found.startswith(("http://", "https://")) else None
    return None


def _is_at(host: str, ending: str) -> bool:
    return host.endswith(ending) and (len(host) == len(ending) or host[-len(ending) - 1] == ".")


def _needs_no_query(host: str, path: str) -> bool:
    return any(_is_at(host, ending) and re.match(start, path) for ending, start in _NO_QUERY)


def _is_tracker(name: str, value: str) -> bool:
    pattern = _TRACKING_VALUES.get(name.lower())
    return bool(_TRACKERS.fullmatch(name)) or (pattern is not None and bool(pattern.fullmatch(value)))


def _query_without(parts: SplitResult, drop: Callable[[str, str], bool]) -> str:
    if not parts.query:
        return ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not drop(name, value)]
    # An untouched query stays as it was written: some servers mind the order and the escaping.
    return parts.query if len(kept) == len(pairs) else urlencode(kept)


_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}")
# Addresses that carry another one inside: 6to4 and NAT64.
_CARRIERS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("64:ff9b::/96"))


def is_private_host(host: str) -> bool:
    """Whether a host, as written, names the visitor's own machine or network. Browsers read `0177.0.0.1`, `2130706433` and
    `①②⑦.⓪.⓪.①` as 127.0.0.1 (WHATWG URL, host parsing); no public site is written so."""
    host = unicodedata.normalize("NFKC", host).lower().rstrip(".").strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        names = (".localhost", ".local", ".internal")
        return host in ("", "localhost") or host.endswith(names) or _NUMBER.fullmatch(host) is not None
    return not address.is_global or address.is_multicast or any(address in network for network in _CARRIERS)


def is_web(url: str) -> bool:
    """Whether `url` is an absolute http or https address with a host."""
    return _web_parts(url) is not None


def _web_parts(url: str) -> tuple[SplitResult, str] | None:
    """The parts of an absolute http or https address, and its host; None for what is none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") and parts.port != 0 else None
    except ValueError:
        return None
    return (parts, host) if host else None


# Characters that turn text round: written out in hexadecimal they are shown all the same.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NEVER_IN_ADDRESSES = re.compile(r"[<>\"`{}|^]")


def clean_url(url: str) -> str:
    """The address to follow: unwrapped, without trackers. An empty string where it is no web address."""
    url = one_line(url).replace(" ", "%20")
    if url.startswith("//"):
        url = "https:" + url
    found = _web_parts(url)
    for _ in range(3):
        inner = found and _unwrapped_once(url, *found)
        if inner is None:
            break
        url = one_line(inner).replace(" ", "%20")
        found = _web_parts(url)
    if found is None or len(url) > _LONGEST or _NEVER_IN_ADDRESSES.search(url) or _TURNS.search(unquote(url)):
        return ""
    parts, host = found
    query = "" if not parts.query or _needs_no_query(host, parts.path) else _query_without(parts, _is_tracker)
    fragment = "" if _TRACKING_FRAGMENT.fullmatch(parts.fragment) else parts.fragment
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
    return next((name for ending, name in _SAME_SITE.items() if _is_at(host, ending)), host)


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """A key that is equal for the variants of one address: scheme, www, m., AMP, trackers, order of parameters."""
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
    query = _query_without(parts, lambda name, value: name.lower() in _AMP_PARAMETERS)
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
    """The first DOI in `text`, lower case, without what addresses and sentences hang on it; None where there is none."""
    # Bounded on both sides: a guid of `10.1/a` and 12,000 times `/full` took 13 seconds.
    found = _DOI.search(unquote(text[:2000]))
    if found is None:
        return None
    doi = _DOI_TAIL.sub("", found[0][:300].rstrip(".,;:'\")]}”’"))
    if doi.startswith(("10.1101/", "10.64898/")):
        doi = re.sub(r"v\d+$", "", doi)
    if doi.count("(") < doi.count(")"):
        doi = doi.rstrip(")")
    return doi.lower().rstrip("/.") or None


# ---- what staff write -----------------------------------------------------------------------------------------------


def web_address(address: str) -> str:
    """`address` as staff wrote it, stripped of what a paste brings along; ValueError says what is wrong with it."""
    url = one_line(address)
    if re.match(r"feed:(?://)?", url, re.I):
        raise ValueError(f"“{url}” begins with feed:; write the same address with https:// in front")
    if re.search(r"[<>“”„\"'`{}|\\^]", url):
        raise ValueError(f"“{url}” holds a sign that no address has (quotation marks or brackets); paste the bare address")
    if " " in url:
        raise ValueError(f"“{url}” holds a blank; an address has none (write %20 if it is really part of it)")
    if not re.match(r"[a-z][a-z0-9+.-]*:", url, re.I) or re.match(r"[\w.-]+:\d+(/|$)", url):
        raise ValueError(f"“{url}” is no web address; it must begin with https:// (or http://)")
    if not is_web(url):
        raise ValueError(f"“{url}” is no web address; only https:// and http:// addresses can be read")
    if "@" in urlsplit(url).netloc:
        raise ValueError("the address holds a user name or password; take it out (it would end in logs and backups)")
    return url


def shown_address(url: str) -> str:
    """`url` for logs and messages: passwords and the tokens of private feeds are masked."""
    masked = re.sub(r"(?<=://)[^/@\s]*@", "…@", url)
    masked = re.sub(r"([?&](?:token|key|api_?key|secret|password|auth|access_token)=)[^&#\s]+", r"\1…", masked, flags=re.I)
    if "reddit.com" in masked:
        masked = re.sub(r"([?&](?:user|feed)=)[^&#\s]+", r"\1…", masked)
    return re.sub(r"(pubmed\.ncbi\.nlm\.nih\.gov/rss/search/)[\w-]{6,}", r"\1…", masked)
