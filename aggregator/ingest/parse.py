"""Parse bytes to entries. Pure, and run in a worker process (see pool). feedparser, which `xmlfeed` calls, is given the
response's headers too (the charset, and the base of relative links).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from aggregator.errors import FeedError
from aggregator.ingest.clean import clean_document
from aggregator.ingest.elements import raw_entries
from aggregator.ingest.jsonfeed import read_json_feed
from aggregator.ingest.raw import FeedSpec, RawEntry
from aggregator.text import plain_text, shorten
from aggregator.values.feeds import Document, FetchFailed

# Part of the fingerprint that stored hashes and validators depend on: raise it when the same bytes would give other entries.
PARSER_VERSION = "4"
MOST_ENTRIES = 5000
TOO_MUCH_MEMORY = FetchFailed("sends a document that needs too much memory to be read", permanent=True)


@dataclass(frozen=True, slots=True)
class ParseTask:
    """One feed's body and what is needed to parse it. `now` is the time of the run; `known` is the feed's previous
    `Document.parts`, for reading in parts."""

    body: bytes
    content_type: str
    final_url: str
    spec: FeedSpec
    now: datetime
    known: str = ""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """A document's elements, title and language; `is_whole` is False where it breaks off."""

    entries: Sequence[RawEntry]
    title: str
    language: str | None
    is_whole: bool = True


def parse(task: ParseTask) -> Document | FetchFailed:
    """Parse a document; a FetchFailed says in a sentence why it cannot be."""
    return in_a_sentence(parse_whole, task)


def in_a_sentence(read: Callable[[ParseTask], Document], task: ParseTask) -> Document | FetchFailed:
    """What `read` gives, or why it gives nothing. Never raises, though feedparser does, in eight known ways."""
    try:
        return read(task)
    except FeedError as error:
        return FetchFailed(error.reason, permanent=error.permanent)
    except RecursionError:
        return FetchFailed("sends a document that is nested too deeply to be read", permanent=True)
    except MemoryError:
        return TOO_MUCH_MEMORY
    except Exception:
        return FetchFailed("sends a document on which the parser stumbles")


def parse_whole(task: ParseTask) -> Document:
    """The document; FeedError, and whatever feedparser raises, where it is none."""
    return cleaned(read_raw(task), task)


def read_raw(task: ParseTask) -> RawDocument:
    """The document as its publisher wrote it; FeedError, and whatever feedparser raises, where it is none."""
    start = task.body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n\0")
    if start.startswith((b"{", b"[")):
        return RawDocument(*read_json_feed(task.body, task.final_url))
    return _read_xml(task)


def cleaned(raw: RawDocument, task: ParseTask) -> Document:
    """The document with its entries as this program keeps them; FeedError where none of them says anything."""
    entries = clean_document(raw.entries[:MOST_ENTRIES], task.spec, language=raw.language, now=task.now)
    if raw.entries and not entries:
        raise FeedError("has entries without any title or text")
    present = frozenset(entry.guid for entry in entries)
    return Document(entries, plain_text(raw.title)[:200], raw.language, raw.is_whole, len(raw.entries), present)


def _read_xml(task: ParseTask) -> RawDocument:
    converted = _as_utf_8(task.body)
    if _ENTITY_OF_ENTITIES.search(converted[:_LONGEST_DOCTYPE]):
        raise FeedError("declares entities that are made of entities, which no feed needs", permanent=True)
    # Imported only when something is parsed.
    from aggregator.ingest.xmlfeed import parse_bytes  # noqa: PLC0415

    body = _first_entries(converted)
    headers = {"content-type": task.content_type or "application/xml", "content-location": task.final_url}
    try:
        parsed = parse_bytes(body, headers)
    except (ValueError, OverflowError):
        # feedparser gives up the whole document at one reference to an invalid character (`&#x110000;`).
        parsed = parse_bytes(_REFERENCE.sub(_readable_reference, _SRS_NAME.sub(b"", body)), headers)
    if not parsed.entries and not parsed.get("version"):
        raise FeedError(_what_it_is_instead(task.body))
    raws = raw_entries(parsed, task.final_url)
    # In UTF-16 every other byte is a zero.
    is_whole = bool(_END.search(body[-4000:].replace(b"\0", b""))) or len(body) < len(converted)
    if not is_whole and not raws:
        raise FeedError("broke off before its first entry")
    if not is_whole and raws and not _ITEM_END.search(body, _last_item(body)):
        # The last entry is cut off: tomorrow it would come again, whole and under another guid.
        raws.pop()
    return RawDocument(raws, str(parsed.feed.get("title", "")), parsed.feed.get("language"), is_whole)


# Ten such entities, each made of the one before, expand to gigabytes.
_ENTITY_OF_ENTITIES = re.compile(
    rb"""<!ENTITY\s+(?:%|[\w.:-]+\s+(?:"[^"]{0,5000}&[a-z_][\w.:-]{0,99};|'[^']{0,5000}&[a-z_][\w.:-]{0,99};))""", re.I
)
_LONGEST_DOCTYPE = 20_000
_END = re.compile(rb"</\s*(?:\w+:)?(?:rss|feed|rdf)\s*>", re.I)
_ITEM = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]", re.I)
_ITEM_END = re.compile(rb"</\s*(?:\w+:)?(?:item|entry)\s*>", re.I)
_REFERENCE = re.compile(rb"&#(?:x([0-9a-f]{1,30})|([0-9]{1,30}));?", re.I)
_SRS_NAME = re.compile(rb"""\bsrsName\s*=\s*(?:"[^"<]*"|'[^'<]*')""")


def _as_utf_8(body: bytes) -> bytes:
    """`body`, converted if it is UTF-16 without a byte order mark, as its first character shows (XML 1.0, appendix F);
    feedparser recognises only a mark or a declaration."""
    orders = {b"\0<\0": "utf-16-be", b"<\0": "utf-16-le"}
    encoding = next((order for start, order in orders.items() if body.startswith(start)), None)
    if encoding is None or b"encoding" in body[:400].replace(b"\0", b""):
        return body
    return body.decode(encoding, "replace").encode()


def may_be_long(body: bytes) -> bool:
    """Whether a document may have more entries than are parsed."""
    return body.count(b"</") >= MOST_ENTRIES


def _first_entries(body: bytes) -> bytes:
    """The document up to its 5000th entry: 60,000 tiny ones in 10 MB would take feedparser half a minute."""
    if not may_be_long(body):
        return body
    ends = (match.end() for match in _ITEM_END.finditer(body))
    return body[: next(islice(ends, MOST_ENTRIES - 1, None), len(body))]


def _last_item(body: bytes) -> int:
    return max((match.start() for match in _ITEM.finditer(body)), default=0)


def _readable_reference(match: re.Match[bytes]) -> bytes:
    number = int(match[1], 16) if match[1] else int(match[2])
    is_character = (
        number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
    )
    return match[0] if is_character else b"?"


_CHALLENGE = re.compile(
    rb"cf-browser-verification|challenge-platform|just a moment\.\.\.|captcha|are you a robot|access denied|"
    rb"attention required",
    re.I,
)
_LOGIN = re.compile(rb"<input[^>]{0,200}type\s*=\s*[\"']?password|(?:log|sign)[ -]?in to (?:continue|your)", re.I)


def _what_it_is_instead(body: bytes) -> str:
    """What a document that is not a feed is instead, in words that tell staff what to do."""
    start = body[:100_000]
    if re.search(rb"<opml\b", start, re.I):
        return "answers with an OPML list of feeds: save it as a file and import that"
    if re.search(rb"<(?:!doctype\s+html|html|head|body)\b", start, re.I):
        if _LOGIN.search(start):
            return "answers with a login page: ask the publisher for one that is open to all"
        if _CHALLENGE.search(start):
            return "answers with a page that blocks automatic readers: ask the publisher to let us in"
        title = re.search(rb"<title[^>]*>(.{1,200}?)</title", start, re.I | re.S)
        name = f" (“{shorten(plain_text(title[1].decode('utf-8', 'replace')), 60)}”)" if title else ""
        return f"answers with a web page{name} instead of a feed: look for the feed's own address"
    kinds = {b"%PDF": "a PDF file", b"PK\x03\x04": "a ZIP or Office file", b"\x89PNG": "a picture", b"\xff\xd8": "a picture"}
    for mark, kind in kinds.items():
        if start.startswith(mark):
            return f"answers with {kind} instead of a feed"
    if start.lstrip().startswith(b"<"):
        return "answers with XML that is not a feed"
    return "answers with something that is not a feed"
