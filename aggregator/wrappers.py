"""Unwrap addresses inside other addresses: redirects of search engines, social networks and mail filters."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import SplitResult, parse_qsl, unquote

# Wrappers that carry the article's address in a parameter: host ending, path beginning, parameters.
_WRAPPERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("bing.com", "/news/apiclick.aspx", ("url",)),
    ("google.com", "/url", ("url", "q")),
    ("news.google.com", "/news/url", ("url",)),
    ("retriever-info.com", "/go/", ("u",)),
    ("facebook.com", "/l.php", ("u",)),
    ("t.umblr.com", "/redirect", ("z",)),
    ("l.instagram.com", "/", ("u",)),
    ("out.reddit.com", "/", ("url",)),
    ("youtube.com", "/redirect", ("q",)),
    ("linkedin.com", "/redir/redirect", ("url",)),
    ("duckduckgo.com", "/l/", ("uddg",)),
    ("safelinks.protection.outlook.com", "/", ("url",)),
    ("news.yandex.ru", "/yandsearch", ("cl4url",)),
)
# Wrappers that carry it in the path: host ending, the part of the path before it, and the scheme that it had.
_PATH_WRAPPERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("go.theregister.com", re.compile("/feed/"), "https://"),
    ("google.com", re.compile(r"/amp/s/"), "https://"),
    ("google.com", re.compile(r"/amp/(?=[\w-]+\.)"), "http://"),
    ("cdn.ampproject.org", re.compile(r"/[a-z]+/s/"), "https://"),
    ("cdn.ampproject.org", re.compile(r"/[a-z]+/(?=[\w-]+\.)"), "http://"),
)

_STARRED = re.compile(r"/\*(https?)(?::|%3a)(//.+)", re.I)
# Proofpoint's third version: the address with a star for each byte that is encoded after it.
_URL_DEFENSE = re.compile(r"/v3/__(.+?)__;([\w-]*)!", re.S)


def is_at(host: str, ending: str) -> bool:
    """Whether `host` is `ending` or a host below it."""
    return host.endswith(ending) and (len(host) == len(ending) or host[-len(ending) - 1] == ".")


def unwrapped_once(url: str, parts: SplitResult, host: str) -> str | None:
    """The address that `url` carries, or None if it carries none."""
    if host == "news.google.com" and "/articles/" in parts.path:
        return _google_news_article(parts)
    # Yahoo (us.rd.yahoo.com) and Folha (redir.folha.com.br) write the article's address after a star.
    starred = _STARRED.search(url) if "/*" in url else None
    if starred:
        return f"{starred[1]}:{starred[2]}"
    if host == "urldefense.com":
        return _defended(url)
    if host == "urldefense.proofpoint.com" and parts.path.startswith("/v2/"):
        written = dict(parse_qsl(parts.query)).get("u", "")
        return unquote(written.replace("-", "%").replace("_", "/")) or None
    return _in_the_path(parts, host) or _in_the_query(parts, host)


def _in_the_path(parts: SplitResult, host: str) -> str | None:
    for ending, before, scheme in _PATH_WRAPPERS:
        match = before.match(parts.path) if is_at(host, ending) else None
        if match:
            return scheme + parts.path[match.end() :] + (f"?{parts.query}" if parts.query else "")
    return None


def _in_the_query(parts: SplitResult, host: str) -> str | None:
    for ending, path, names in _WRAPPERS if parts.query else ():
        if is_at(host, ending) and parts.path.startswith(path):
            query = dict(parse_qsl(parts.query))
            address = next((query[name] for name in names if "." in query.get(name, "")), "")
            if re.match(r"[\w.-]+\.\w+/", address):
                return f"http://{address}"
            return address if address.startswith(("http://", "https://")) else None
    return None


def _defended(url: str) -> str | None:
    match = _URL_DEFENSE.search(url)
    if match is None:
        return None
    try:
        hidden = base64.urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    characters = iter(hidden)
    # Two stars and a letter encode a run of bytes: this is rare, and the address is left as it is.
    if "**" in match[1] or match[1].count("*") != len(hidden):
        return None
    return re.sub(r"^(https?:/)(?=[^/])", r"\1/", re.sub(r"\*", lambda _: next(characters), match[1]))


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
    match = re.search(rb"\x22(?:([\x00-\x7f])|([\x80-\xff])([\x01-\x7f]))(?=https?://)", raw)
    if match is None:
        return None
    size = match[1][0] if match[1] else (match[2][0] & 0x7F) | match[3][0] << 7
    return raw[match.end() : match.end() + size].decode("utf-8", "replace")
