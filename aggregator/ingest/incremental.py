"""Reading a feed's document in parts: what stands around its entries, and each entry by a hash of its bytes.

Nothing hangs on this but time: where `pool` takes `parse` from its own file instead, every document is read whole.
Most feeds change daily and bring nothing new: a date of their own, a counter. Entries that were read before are cut out of
the document, and feedparser is given the rest: a tenth of the work. What it gives for the rest is what it would give for the
whole (shown on all real feeds), or the whole is read: where a document is no well-formed UTF-8, declares entities, or its
entries are not side by side, and where one entry's name hangs on another's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from xml.parsers import expat

from aggregator.errors import FeedError
from aggregator.ingest.dates import is_ambiguous
from aggregator.ingest.parse import PARSER_VERSION, ParseTask, cleaned, in_a_sentence, may_be_long, parse_whole, read_raw
from aggregator.ingest.raw import RawEntry
from aggregator.values.entries import Entry
from aggregator.values.feeds import Document, FetchFailed

_NAMES = ("item", "entry")
# Outside of an entry, feedparser takes these for a part of the next one.
_CONTENTS = ("content", "encoded", "body", "xhtml_body", "fullitem", "prodlink")
_UTF_8 = ("utf-8", "utf8")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.I)
# Characters of the longest index that is stored; a longer one is dropped, and the document parsed whole the next time.
_LONGEST = 1 << 20
# Keeps a document that is more than ASCII so: feedparser tries encodings in turn.
_MORE_THAN_ASCII = "<!-- é -->".encode()


@dataclass(frozen=True, slots=True)
class Part:
    """An entry that was read: its bytes' hash, its guid, and its address as a key for comparing."""

    mark: str
    guid: str
    page: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Where a document's entries stand in its bytes, first to last, and the hash of each with what it hangs on."""

    spans: tuple[tuple[int, int], ...]
    marks: tuple[str, ...]

    def without(self, body: bytes, known: frozenset[str]) -> bytes:
        """The document without those entries that are `known` by their marks."""
        kept, end = [], 0
        for (start, stop), mark in zip(self.spans, self.marks, strict=True):
            if mark in known:
                kept.append(body[end:start])
                end = stop
        rest = b"".join((*kept, body[end:]))
        return rest if body.isascii() or not rest.isascii() else rest + _MORE_THAN_ASCII


def parse(task: ParseTask) -> Document | FetchFailed:
    """The document, of which entries that are known by `task.known` need not be read; or in a sentence why it is none."""
    return in_a_sentence(_parse, task)


def _parse(task: ParseTask) -> Document:
    fingerprint = f"{PARSER_VERSION}\n{task.final_url}\n{task.spec}"
    # What is shortened before it is read has no whole to be the same as.
    split_up = None if may_be_long(task.body) else split(task.body, task.content_type, fingerprint)
    if split_up is not None and task.known and (document := _parse_new(task, split_up)):
        return document
    document = parse_whole(task)
    # One to one, and none whose name hangs on another's.
    if split_up is None or not len(split_up.marks) == document.seen == len(document.entries) or _are_renamed(document):
        return document
    parts = [Part(mark, one.guid, one.page) for mark, one in zip(split_up.marks, document.entries, strict=True)]
    return replace(document, parts=pack(parts))


def _parse_new(task: ParseTask, split_up: Parts) -> Document | None:
    """The document with those entries only that were not in it before; None where the whole has to be read."""
    try:
        before = unpack(task.known)
    except (ValueError, TypeError):
        # The index is of another version, or corrupt: parse the whole document.
        return None
    known = [before[mark] for mark in split_up.marks if mark in before]
    if not known:
        return None
    rest = replace(task, body=split_up.without(task.body, frozenset(part.mark for part in known)))
    try:
        raw = read_raw(rest)
        if any(map(_has_ambiguous_date, raw.entries)):
            # What settles it may stand in the entries that were cut out.
            return None
        document = cleaned(raw, rest)
    except FeedError:
        # Without any entry some documents are no feed any more.
        return None
    new = [mark for mark in split_up.marks if mark not in before]
    present = frozenset(part.guid for part in known) | document.present
    is_one_to_one = len(new) == document.seen == len(document.entries) and len(present) == len(split_up.marks)
    if not is_one_to_one or _are_renamed(document):
        return None
    named = before | {mark: Part(mark, one.guid, one.page) for mark, one in zip(new, document.entries, strict=True)}
    packed = pack([named[mark] for mark in split_up.marks])
    parts = None if packed == task.known else packed
    entries = _beside(document.entries, frozenset(part.page for part in known))
    return replace(document, entries=entries, seen=len(split_up.marks), present=present, parts=parts)


def _beside(entries: Sequence[Entry], pages: frozenset[str]) -> tuple[Entry, ...]:
    """An address that a known entry has too is nobody's own."""
    return tuple(replace(entry, is_url_own=False) if entry.page in pages else entry for entry in entries)


# As `clean_document` marks them.
_MARKED = re.compile(r"#[0-9a-f]{12}$")


def _are_renamed(document: Document) -> bool:
    """Whether an entry may have got a mark of its own, since another of the document has its guid."""
    return any(_MARKED.search(entry.guid) for entry in document.entries)


def _has_ambiguous_date(raw: RawEntry) -> bool:
    """Whether an entry's date hangs on the other dates of its document."""
    return is_ambiguous(raw.published or raw.updated)


def pack(parts: Sequence[Part]) -> str:
    """For the store; empty where it would be too long to be kept."""
    packed = json.dumps([(part.mark, part.guid, part.page) for part in parts], ensure_ascii=False, separators=(",", ":"))
    return packed if len(packed) <= _LONGEST else ""


def unpack(packed: str) -> dict[str, Part]:
    """From the store, by their marks."""
    return {mark: Part(mark, guid, page) for mark, guid, page in json.loads(packed or "[]")}


def split(body: bytes, content_type: str, fingerprint: str) -> Parts | None:
    """The parts of a document; None where it is better read whole. `fingerprint` stands for what its entries depend
    on besides the document: its address, the parser's version, settings."""
    charset = _CHARSET.search(content_type)
    if charset and charset[1].lower() not in _UTF_8:
        return None
    try:
        body.decode("utf-8")
        scan = _Scan(body)
    except (UnicodeDecodeError, expat.ExpatError, _ReadWholeError):
        return None
    # What surrounds every entry (namespaces, a base address, a language) is part of its meaning.
    key = blake2b(f"{fingerprint}\n{content_type}\n{scan.around}".encode("utf-8", "replace"), digest_size=32).digest()
    marks = tuple(blake2b(body[start:end], digest_size=10, key=key).hexdigest() for start, end in scan.spans)
    return Parts(tuple(scan.spans), marks) if scan.spans and len(set(marks)) == len(marks) else None


class _ReadWholeError(Exception):
    """Something in the document makes its parts depend on each other."""


@dataclass
class _Scan:
    """One walk through the document by expat, which finds tags and nothing else: a thirtieth of feedparser's time."""

    body: bytes
    spans: list[tuple[int, int]] = field(default_factory=list)
    around: list[object] | None = None

    def __post_init__(self) -> None:
        self._open: list[object] = []
        self._spaces: list[tuple[str | None, str | None]] = []
        self._names: dict[str, str] = {}
        self._begun: tuple[int, int] | None = None
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartNamespaceDeclHandler = self._space
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declaration
        self._parser = parser
        parser.Parse(self.body, True)

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding or "utf-8").lower() not in _UTF_8:
            raise _ReadWholeError

    def _doctype(self, *_: object) -> None:
        raise _ReadWholeError

    def _space(self, prefix: str | None, address: str | None) -> None:
        self._spaces.append((prefix, address))
        if prefix is not None:
            # feedparser keeps one table of prefixes for the whole document.
            one, other = f"prefix {prefix}", f"address {address}"
            if self._names.setdefault(one, other) != other or self._names.setdefault(other, one) != one:
                raise _ReadWholeError

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if self._begun is None and local in _CONTENTS:
            raise _ReadWholeError
        if self._begun is None and local in _NAMES:
            if self.around is None:
                self.around = self._open.copy()
            elif self.around != self._open:
                raise _ReadWholeError
            self._begun = len(self._open), self._parser.CurrentByteIndex
        self._open.append((name, attributes, tuple(self._spaces)))
        self._spaces.clear()

    def _end(self, _name: str) -> None:
        self._open.pop()
        if self._begun is None or self._begun[0] != len(self._open):
            return
        at = self._parser.CurrentByteIndex
        if self.body[at : at + 2] != b"</":
            raise _ReadWholeError
        self.spans.append((self._begun[1], self.body.index(b">", at) + 1))
        self._begun = None
