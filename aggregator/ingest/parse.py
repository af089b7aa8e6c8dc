"""Bytes become entries. With `tuned` the only place that knows feedparser; pure, and run in a worker process (see pool).

feedparser is given the answer's headers too (the charset, and the address that relative links hang on).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from aggregator.errors import FeedError
from aggregator.ingest.clean import FeedSpec, RawDate, RawEntry, clean_document, is_renamed
from aggregator.ingest.jsonfeed import read_json_feed
from aggregator.ingest.parts import Part, Parts, pack, split, unpack
from aggregator.text import plain_text, shorten
from aggregator.values.feeds import Document, FetchFailed

# Part of every hash that says "we know this": raise it when the same bytes would give other entries.
PARSER_VERSION = "2"
_MOST_ENTRIES = 5000
TOO_MUCH_MEMORY = FetchFailed("sends a document that needs too much memory to be read", permanent=True)


@dataclass(frozen=True, slots=True)
class ParseTask:
    """One feed's bytes and what is needed to read them. `now` is the clock of the run; `known` is what `Document.parts` was
    the last time."""

    body: bytes
    content_type: str
    final_url: str
    spec: FeedSpec
    now: datetime
    known: str = ""


def parse(task: ParseTask) -> Document | FetchFailed:
    """The document's entries, or in a sentence why it is none. Never raises: feedparser does, in eight known ways."""
    try:
        return _parse(task)
    except FeedError as error:
        return FetchFailed(error.reason, permanent=error.permanent)
    except RecursionError:
        return FetchFailed("sends a document that is nested too deeply to be read", permanent=True)
    except MemoryError:
        return TOO_MUCH_MEMORY
    except Exception:
        return FetchFailed("sends a document on which the parser stumbles")


def _parse(task: ParseTask) -> Document:
    start = task.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if start.startswith((b"{", b"[")):
        raws, title, language = read_json_feed(task.body)
        is_whole, split_up = True, None
    else:
        salt = f"{PARSER_VERSION}\n{task.final_url}\n{task.spec}"
        # What is shortened before it is read has no whole to be the same as.
        split_up = None if _may_be_long(task.body) else split(task.body, task.content_type, salt)
        if split_up is not None and task.known and (document := _parse_new(task, split_up)):
            return document
        raws, title, language, is_whole = _read_xml(task)
    entries = clean_document(raws[:_MOST_ENTRIES], task.spec, language=language, now=task.now)
    if raws and not entries:
        raise FeedError("has entries without any title or text")
    present = frozenset(entry.guid for entry in entries)
    parts = ""
    # One to one, and none whose name hangs on another's.
    if split_up is not None and len(split_up.marks) == len(raws) == len(entries) and not any(map(is_renamed, entries)):
        parts = pack([Part(mark, one.guid, one.page) for mark, one in zip(split_up.marks, entries, strict=True)])
    return Document(entries, plain_text(title)[:200], language, is_whole, len(raws), present, parts)


def _parse_new(task: ParseTask, split_up: Parts) -> Document | None:
    """The document with those entries only that were not in it before; None where the whole has to be read."""
    try:
        before = unpack(task.known)
    except (ValueError, TypeError):
        # Written by another version, or spoiled: no fault of the publisher's.
        return None
    known = [before[mark] for mark in split_up.marks if mark in before]
    if not known:
        return None
    rest = split_up.without(task.body, frozenset(part.mark for part in known))
    try:
        raws, title, language, is_whole = _read_xml(replace(task, body=rest))
    except FeedError:
        # Without any entry some documents are no feed any more.
        return None
    new = [mark for mark in split_up.marks if mark not in before]
    entries = clean_document(raws, task.spec, language=language, now=task.now, beside=[part.page for part in known])
    present = frozenset(part.guid for part in known) | {entry.guid for entry in entries}
    if not len(new) == len(raws) == len(entries) or len(present) < len(split_up.marks) or any(map(is_renamed, entries)):
        return None
    named = before | {mark: Part(mark, one.guid, one.page) for mark, one in zip(new, entries, strict=True)}
    packed = pack([named[mark] for mark in split_up.marks])
    parts = None if packed == task.known else packed
    return Document(entries, plain_text(title)[:200], language, is_whole, len(split_up.marks), present, parts)


def _read_xml(task: ParseTask) -> tuple[list[RawEntry], str, str | None, bool]:
    if _ENTITY_OF_ENTITIES.search(task.body[:_LONGEST_DOCTYPE]):
        raise FeedError("declares entities that are made of entities, which no feed needs", permanent=True)
    # Where nothing is parsed, it is not even imported.
    from aggregator.ingest.tuned import parse_bytes  # noqa: PLC0415

    body = _first_entries(task.body)
    headers = {"content-type": task.content_type or "application/xml", "content-location": task.final_url}
    try:
        parsed = parse_bytes(body, headers)
    except (ValueError, OverflowError):
        # One character reference to no character (`&#x110000;`), and feedparser gives up the whole document.
        parsed = parse_bytes(_REFERENCE.sub(_readable_reference, _SRS_NAME.sub(b"", body)), headers)
    if not parsed.entries and not parsed.get("version"):
        raise FeedError(_what_it_is_instead(task.body))
    raws = [_raw_entry(entry) for entry in parsed.entries]
    # In UTF-16 every other byte is a zero.
    is_whole = bool(_END.search(body[-4000:].replace(b"\0", b""))) or len(body) < len(task.body)
    if not is_whole and not raws:
        raise FeedError("broke off before its first entry")
    if not is_whole and raws and not _ITEM_END.search(body, _last_item(body)):
        # A half entry would come again, whole and under another name, tomorrow.
        raws.pop()
    return raws, str(parsed.feed.get("title", "")), parsed.feed.get("language"), is_whole


# Ten of them in a row unfold to gigabytes.
_ENTITY_OF_ENTITIES = re.compile(
    rb"""<!ENTITY\s+(?:%|[\w.:-]+\s+(?:"[^"]{0,5000}&[a-z_][\w.:-]{0,99};|'[^']{0,5000}&[a-z_][\w.:-]{0,99};))""", re.I
)
_LONGEST_DOCTYPE = 20_000
_END = re.compile(rb"</\s*(?:\w+:)?(?:rss|feed|rdf)\s*>", re.I)
_ITEM = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.I)
_ITEM_END = re.compile(rb"</\s*(?:\w+:)?(?:item|entry)\s*>", re.I)
_REFERENCE = re.compile(rb"&#(?:x([0-9a-f]{1,30})|([0-9]{1,30}));?", re.I)
_SRS_NAME = re.compile(rb"""\bsrsName\s*=\s*(?:"[^"<]*"|'[^'<]*')""")


def _may_be_long(body: bytes) -> bool:
    """Whether a document may have more entries than are read of it."""
    return body.count(b"</") >= _MOST_ENTRIES


def _first_entries(body: bytes) -> bytes:
    """The document up to its 5000th entry: 60,000 tiny ones in 10 MB would take feedparser half a minute."""
    if not _may_be_long(body):
        return body
    ends = (match.end() for match in _ITEM_END.finditer(body))
    return body[: next(islice(ends, _MOST_ENTRIES - 1, None), len(body))]


def _last_item(body: bytes) -> int:
    return max((match.start() for match in _ITEM.finditer(body)), default=0)


def _readable_reference(found: re.Match[bytes]) -> bytes:
    number = int(found[1], 16) if found[1] else int(found[2])
    is_character = (
        number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    )
    return found[0] if is_character else b"?"


_CHALLENGE = re.compile(
    rb"cf-browser-verification|challenge-platform|just a moment\.\.\.|captcha|are you a robot|access denied|"
    rb"attention required",
    re.I,
)
_LOGIN = re.compile(rb"<input[^>]{0,200}type\s*=\s*[\"']?password|(?:log|sign)[ -]?in to (?:continue|your)", re.I)


def _what_it_is_instead(body: bytes) -> str:
    """What a document is that is no feed, in words that tell staff what to do."""
    start = body[:100_000]
    if re.search(rb"<opml\b", start, re.I):
        return "answers with an OPML list of feeds: `feeds import` reads it from a file"
    if re.search(rb"<(?:!doctype\s+html|html|head|body)\b", start, re.I):
        if _LOGIN.search(start):
            return "answers with a login page: ask the publisher, or disable it"
        if _CHALLENGE.search(start):
            return "answers with a page that blocks automatic readers: ask the publisher to let us in, or disable it"
        title = re.search(rb"<title[^>]*>(.{1,200}?)</title", start, re.I | re.S)
        name = f" (“{shorten(plain_text(title[1].decode('utf-8', 'replace')), 60)}”)" if title else ""
        return f"answers with a web page{name} instead of a feed: look for the feed's own address"
    kinds = {b"%PDF": "a PDF file", b"PK\x03\x04": "a ZIP or Office file", b"\x89PNG": "a picture", b"\xff\xd8": "a picture"}
    for mark, kind in kinds.items():
        if start.startswith(mark):
            return f"answers with {kind} instead of a feed"
    if start.lstrip().startswith(b"<"):
        return "answers with XML that is no feed"
    return "answers with something that is no feed"


# ---- feedparser's dictionary ends here -------------------------------------------------------------------------------

# Of a plain dictionary: feedparser's own costs five times as much, gives `published` for a missing `updated`, and warns.
_get = dict.get


def _raw_entry(entry: Any) -> RawEntry:
    title = _get(entry, "title_detail") or {}
    source = _get(entry, "source") or {}
    contents = _get(entry, "content") or []
    return RawEntry(
        guid=_string(_get(entry, "id")),
        link=_link(entry),
        title=_string(_get(entry, "title")),
        title_is_markup=_get(title, "type", "text/html") != "text/plain",
        summary=_string(_get(entry, "summary")),
        content=max((_string(_get(content, "value")) for content in contents), key=len, default=""),
        authors=tuple(_string(_get(author, "name")) for author in _get(entry, "authors") or () if _get(author, "name")),
        categories=tuple(_string(_get(tag, "term")) for tag in _get(entry, "tags") or () if _get(tag, "term")),
        source=_string(_get(source, "title")) or _string(_get(entry, "news_source")) or _string(_get(entry, "dc_source")),
        language=_get(title, "language"),
        published=_date(entry, "published", "created", "dc_date"),
        updated=_date(entry, "updated"),
        identifiers=tuple(
            filter(None, (_string(_get(entry, key)) for key in ("prism_doi", "dc_identifier", "citation_doi")))
        ),
    )


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _link(entry: Any) -> str:
    """The article's address. `entry.link` may be an enclosure or another article (97 of 100 entries of one real feed),
    so the first link that is an alternate comes first; FeedBurner tells the true address apart."""
    for key in ("feedburner_origlink", "pheedo_origlink"):
        if _get(entry, key):
            return _string(_get(entry, key))
    links = [link for link in _get(entry, "links") or () if _string(_get(link, "href"))]
    for link in links:
        if _get(link, "rel", "alternate") == "alternate" and "html" in _get(link, "type", "text/html"):
            return _string(link["href"])
    for link in links:
        if _get(link, "rel", "alternate") in ("alternate", "self", "via"):
            return _string(link["href"])
    return "" if links else _string(_get(entry, "link"))


def _date(entry: Any, *names: str) -> RawDate:
    for name in names:
        written = _string(_get(entry, name))
        if written:
            return RawDate(written, _get(entry, f"{name}_parsed"))
    return RawDate()
