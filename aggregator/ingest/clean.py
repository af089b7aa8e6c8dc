"""A raw entry, as its publisher sent it, becomes an `Entry` of plain text with the identifiers that are its own."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import struct_time
from urllib.parse import urlsplit

from aggregator.ingest.dates import not_in_future, read_date
from aggregator.ingest.language import language_of
from aggregator.text import one_line, plain_text, shorten
from aggregator.urls import canonical_url, clean_url, doi_in, is_front_page, is_private_host
from aggregator.values.entries import Entry, Identifiers

SHOWN_SUMMARY = 300
KEPT_TEXT = 20_000
_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """What a parsing task has to know of its feed."""

    url: str
    name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RawDate:
    """A date as written, and feedparser's opinion of it."""

    written: str = ""
    parsed: struct_time | None = None

    def read(self) -> datetime | None:
        """The instant, aware UTC, or None."""
        return read_date(self.written, self.parsed) if self.written else None


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One element of a feed as it came: HTML where it came as HTML, nothing checked."""

    guid: str = ""
    link: str = ""
    title: str = ""
    title_is_markup: bool = True
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    source: str = ""
    language: str | None = None
    published: RawDate = RawDate()
    updated: RawDate = RawDate()
    identifiers: tuple[str, ...] = ()


def clean_document(
    raws: Sequence[RawEntry], spec: FeedSpec, *, language: str | None, now: datetime, beside: Iterable[str] = ()
) -> tuple[Entry, ...]:
    """All entries of one document. Repeated guids get a mark of their own; true repetitions are dropped; an address that
    entries with other guids share is marked as nobody's own. `beside`: the pages of its entries that are not in `raws`."""
    entries: dict[str, Entry] = {}
    for raw in raws:
        entry = clean_entry(raw, spec, language=language, now=now)
        if entry is None:
            continue
        known = entries.get(entry.guid)
        if known is not None:
            if (known.url, known.title) == (entry.url, entry.title):
                continue
            mark = _digest(entry.url if entry.url != known.url else entry.title)[:12]
            entry = replace(entry, guid=f"{entry.guid}#{mark}")
        entries.setdefault(entry.guid, entry)
    sharing = Counter(beside)
    sharing.update(entry.page for entry in entries.values())
    return tuple(
        entry if sharing[entry.page] < 2 and not is_front_page(entry.url) else replace(entry, is_url_own=False)
        for entry in entries.values()
    )


def is_renamed(entry: Entry) -> bool:
    """Whether an entry may have got a mark of its own, since another of the document has its guid."""
    return _MARKED.search(entry.guid) is not None


_MARKED = re.compile(r"#[0-9a-f]{12}$")


def clean_entry(raw: RawEntry, spec: FeedSpec, *, language: str | None, now: datetime) -> Entry | None:
    """One entry, or None where there is nothing to read in it (neither a title nor a text)."""
    source = plain_text(raw.source)[:200]
    title = _without_publisher(plain_text(raw.title, is_markup=raw.title_is_markup), source)
    summary, text = _summary_and_text(raw, title, spec)
    if not title:
        title = shorten(summary or text, 120)
    if not title:
        return None
    url = _linkable(clean_url(raw.link), spec) or _linkable(clean_url(raw.guid), spec)
    identifiers = _identifiers(raw, url)
    claimed = raw.language or spec.language or language
    # RSS 1.0 has one date (dc:date), which feedparser calls `updated`.
    published = raw.published if raw.published.written else raw.updated
    return Entry(
        guid=_guid(raw, url, title, summary),
        url=url,
        title=shorten(title, _LONGEST_TITLE),
        summary=shorten(summary, SHOWN_SUMMARY),
        text=text[:KEPT_TEXT],
        authors=_authors(raw.authors),
        categories=tuple(dict.fromkeys(filter(None, (plain_text(name)[:100] for name in raw.categories[:20])))),
        source=source or spec.name,
        language=language_of(f"{title} {summary[:300]}", claimed),
        published_at=not_in_future(published.read(), now),
        updated_at=not_in_future(raw.updated.read(), now),
        identifiers=identifiers,
        mentions=mentions_in(f"{title} {text}", identifiers),
        page=canonical_url(url) if url else "",
        content_hash=_digest(title, url, summary, text, published.written, source, *raw.categories),
    )


def _linkable(url: str, spec: FeedSpec) -> str:
    """`url`, unless it leads visitors into their own machine or network, where nothing of the publisher's is."""
    host = urlsplit(url).hostname or ""
    return "" if is_private_host(host) and host != urlsplit(spec.url).hostname else url


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _guid(raw: RawEntry, url: str, title: str, summary: str) -> str:
    guid = one_line(raw.guid)
    if guid.startswith(("http://", "https://")):
        # A counter behind the address changes with the entry's place in the feed (BBC 2026: …/articles/<id>#3).
        guid = re.sub(r"#\d{1,3}$", "", guid)
    guid = guid or url or "text:" + _digest(title, summary)
    return guid if len(guid) <= 400 else "long:" + _digest(guid)


# ---- title, summary, text --------------------------------------------------------------------------------------------


def _without_publisher(title: str, source: str) -> str:
    """Google News writes “Title - Publisher”, sometimes twice; only a tail that equals the entry's source goes."""
    for _ in range(2):
        for dash in (" - ", " | ", " – ", " — "):
            if source and title.casefold().endswith(dash + source.casefold()):
                title = title[: -len(dash + source)].rstrip()
    return title


_TAILS = re.compile(
    r"(?:\s*(?:The post .{0,300} (?:appeared first on|first appeared on) .{0,150}|"
    r"(?:\(?\[?(?:Read|View|See|Learn) (?:more|(?:the )?(?:full|rest)[\w\s]{0,30})|Continue reading|Read the [\w\s]{0,30}|"
    r"Leer más|Seguir leyendo|Sigue leyendo|Weiterlesen|Lire la suite)\b.{0,120}|"
    r"Comments?|Submitted by /u/\S+.*|(?:»|›|→|>>)))+$",
    re.I | re.S,
)
_CITATION = re.compile(
    r"(?:[^.]{0,150}, )?(?:Ahead of Print|(?:Volume|Vol\.?) \w+, (?:Issue|No\.?) .{0,120}|EarlyView)\.?|"
    r"Publication date: .{0,80}(?:Source: .*)?(?:Author\(s\): .*)?|.{0,120}, Page \S+, .{0,40}",
    re.I | re.S,
)
# One of these stands in every tail: looking for words is twenty times cheaper than trying the expression everywhere.
_TAIL_WORDS = (
    "the post ", "read", "view", "see", "learn", "continue", "leer", "seguir", "sigue", "weiterlesen", "lire", "comment",
    "submitted", "»", "›", "→", ">>",
)  # fmt: skip
_CUTS = ("[…]", "[...]", "…", "...")


def _summary_and_text(raw: RawEntry, title: str, spec: FeedSpec) -> tuple[str, str]:
    """What is shown (one paragraph at most) and what the filter may read. Headlines of others are neither."""
    if "news.google." in f"{spec.url} {raw.link}"[:400] or ("[link]" in raw.content and "submitted by" in raw.content):
        return "", ""
    summary = _readable(raw.summary, title)
    content = _readable(raw.content, title) if raw.content != raw.summary else summary
    body = content if content.startswith(_whole(summary)[:200]) else f"{summary} {content}".strip()
    return summary or content, body


def _readable(markup: str, title: str) -> str:
    text = plain_text(markup[: 4 * KEPT_TEXT])
    # The patterns look at a bounded piece, so that no text makes them slow.
    end = text[-600:].lower()
    if any(word in end for word in _TAIL_WORDS):
        text = (text[:-600] + _TAILS.sub("", text[-600:])).strip()
    whole = _whole(text)
    was_cut = whole != text or len(markup) > 4 * KEPT_TEXT
    if len(text) < 500 and _CITATION.fullmatch(text):
        return ""
    if title and text.startswith(title) and len(text) > len(title) + 20:
        text = text[len(title) :].lstrip(" .:-–—|")
    elif text.casefold() == title.casefold():
        return ""
    return _whole(text).rstrip(" .,;:") + "…" if was_cut and text else text


def _whole(text: str) -> str:
    """`text` without the mark at its end that says that something is missing."""
    for mark in _CUTS:
        if text.endswith(mark):
            return text.removesuffix(mark).rstrip()
    return text


# ---- people and identifiers ------------------------------------------------------------------------------------------

# Bounded, and so are the names: a hostile author of 80 kB took 40 seconds.
_MAIL = re.compile(r"""<?(?:mailto:)?(?:"[^"]{1,64}"|[^\s@<>()\[\],;:"]{1,64})@(?:\[[\d.]+\]|[\w-]+(?:\.[\w-]+)*)>?""")


def _authors(names: Sequence[str]) -> tuple[str, ...]:
    """Names without e-mail addresses (36 of 492 real feeds carry some), at most 50."""
    cleaned = (_MAIL.sub("", plain_text(name[:2000])[:500]).strip(" ,;()[]<>\"'") for name in names[:50])
    return tuple(dict.fromkeys(shorten(name, 200) for name in cleaned if name))


_PMID = re.compile(r"(?:pubmed[:/]|pmid:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,8})(?!\d)", re.I)
_PMCID = re.compile(r"(?<![a-z0-9])PMC(\d{3,9})(?!\d)", re.I)
_NCT = re.compile(r"(?<![a-z0-9])NCT(\d{8})(?!\d)", re.I)
_PMID_IN_TEXT = re.compile(r"\bPMID:?\s*(\d{5,8})\b")
_DOI_IN_TEXT = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")


def _identifiers(raw: RawEntry, url: str) -> Identifiers:
    """From identifier fields, then the guid, then the address: never from running text, which may name another's."""
    found = identifiers_in((*raw.identifiers, raw.guid, url), url)
    if found.doi is None and found.pmid is not None:
        # PubMed's citation line ("… doi: 10.1002/x.") is about the paper itself.
        line = re.search(r"\bdoi:\s*(10\.\S+)", plain_text(raw.content[:2000]), re.I)
        return replace(found, doi=doi_in(line[1]) if line else None)
    return found


def identifiers_in(places: Sequence[str], url: str) -> Identifiers:
    """The identifiers that stand in these fields; a registry number only where the address is the registry's."""
    host = urlsplit(url).hostname or "" if url else ""
    pmid = next((found[1] for place in places if (found := _PMID.search(place))), None)
    doi = next((doi for place in places if (doi := doi_in(place))), None)
    pmcid = next((f"PMC{found[1]}" for place in places if (found := _PMCID.search(place))), None)
    is_registry = host.endswith("clinicaltrials.gov")
    nct = next((f"NCT{found[1]}" for place in places if (found := _NCT.search(place))), None) if is_registry else None
    return Identifiers(doi, pmid, pmcid, nct)


def mentions_in(text: str, own: Identifiers) -> tuple[str, ...]:
    """Identifiers that stand in running text and are not the entry's own: they relate, they do not identify."""
    found = [f"doi:{doi}" for match in _DOI_IN_TEXT.findall(text)[:20] if (doi := doi_in(match)) and doi != own.doi]
    if "nct" in text.lower():
        found += [f"nct:NCT{number}" for number in _NCT.findall(text)[:20] if f"NCT{number}" != own.nct]
    if "PMID" in text:
        found += [f"pmid:{number}" for number in _PMID_IN_TEXT.findall(text)[:20] if number != own.pmid]
    return tuple(dict.fromkeys(found))[:20]
