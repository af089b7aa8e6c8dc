"""Turn a raw entry, as its publisher sent it, into an `Entry` of plain text with the entry's own identifiers."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from aggregator.ingest.abstracts import main_point
from aggregator.ingest.authors import author_names
from aggregator.ingest.dates import Order, not_in_future, order_of, read_date
from aggregator.ingest.language import language_of
from aggregator.ingest.raw import FeedSpec, RawEntry
from aggregator.ingest.tails import whole, without_tail
from aggregator.keys import Identifiers, identifiers_in, mentions_in
from aggregator.private_hosts import is_private_host
from aggregator.text import one_line, plain_text, shorten
from aggregator.urls import canonical_url, clean_url, doi_in, is_front_page
from aggregator.values.entries import Entry

SHOWN_SUMMARY = 300
KEPT_TEXT = 20_000
_LONGEST_TITLE = 500


def clean_document(raws: Sequence[RawEntry], spec: FeedSpec, *, language: str | None, now: datetime) -> tuple[Entry, ...]:
    """All entries of one document. A repeated guid gets a hash appended, an exact repetition is dropped, and an address that
    several entries share loses `is_url_own`."""
    entries: dict[str, Entry] = {}
    order = order_of(raw.published or raw.updated for raw in raws)
    for raw in raws:
        entry = clean_entry(raw, spec, language=language, now=now, order=order)
        if entry is None:
            continue
        earlier = entries.get(entry.guid)
        if earlier is not None:
            if (earlier.url, earlier.title) == (entry.url, entry.title):
                continue
            mark = _digest(entry.url if entry.url != earlier.url else entry.title)[:12]
            entry = replace(entry, guid=f"{entry.guid}#{mark}")
        entries.setdefault(entry.guid, entry)
    sharing = Counter(entry.page for entry in entries.values())
    return tuple(
        entry if sharing[entry.page] < 2 and not is_front_page(entry.url) else replace(entry, is_url_own=False)
        for entry in entries.values()
    )


def clean_entry(
    raw: RawEntry, spec: FeedSpec, *, language: str | None, now: datetime, order: Order | None = None
) -> Entry | None:
    """One entry, or None if it has neither a title nor a text. `order` is the order of day and month in the document's
    dates."""
    source = plain_text(raw.source)[:200]
    title = _without_publisher(plain_text(raw.title, is_markup=raw.title_is_markup), source)
    summary, text = _summary_and_text(raw, title, spec)
    shown = shorten(without_tail(main_point(text), title) or summary, SHOWN_SUMMARY)
    if not title:
        title = shorten(summary or text, 120)
    if not title:
        return None
    url = next(
        filter(None, (_linkable(clean_url(address), spec) for address in (raw.link, raw.guid, raw.enclosure) if address)), ""
    )
    identifiers = _identifiers(raw, url)
    claimed = raw.language or spec.language or language
    # RSS 1.0 has one date (dc:date), which feedparser calls `updated`.
    published, updated = read_date(raw.published or raw.updated, order), read_date(raw.updated, order)
    authors = author_names(raw.authors)
    return Entry(
        guid=_guid(raw, url, title, summary),
        url=url,
        title=shorten(title, _LONGEST_TITLE),
        summary=shown,
        text=text[:KEPT_TEXT],
        authors=authors or author_names(raw.feed_authors),
        categories=tuple(dict.fromkeys(filter(None, (plain_text(name)[:100] for name in raw.categories[:20])))),
        source=(source if spec.is_search else "") or spec.name,
        language=language_of(f"{title} {summary[:300]}", claimed),
        published_at=not_in_future(published, now),
        updated_at=not_in_future(updated, now),
        identifiers=identifiers,
        mentions=mentions_in(f"{title} {text}", identifiers),
        page=canonical_url(url) if url else "",
        content_hash=_digest(
            title, url, summary, shown, text, str(published), source, raw.language or "", *authors, "", *raw.categories
        ),
    )


def _linkable(url: str, spec: FeedSpec) -> str:
    """`url`, or empty if it leads into the visitor's own machine or network and is not on the feed's own host."""
    host = urlsplit(url).hostname or ""
    return "" if is_private_host(host) and host != urlsplit(spec.url).hostname else url


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _guid(raw: RawEntry, url: str, title: str, summary: str) -> str:
    guid = one_line(raw.guid)
    if guid.startswith(("http://", "https://")):
        # A counter after the address changes with the entry's position in the feed (BBC 2026: …/articles/<id>#3).
        guid = re.sub(r"#\d{1,3}$", "", guid)
    guid = guid or url or "text:" + _digest(title, summary)
    return guid if len(guid) <= 400 else "long:" + _digest(guid)


# ---- title, summary, text --------------------------------------------------------------------------------------------


def _without_publisher(title: str, source: str) -> str:
    """Google News writes “Title - Publisher”, sometimes twice; only a suffix equal to the entry's source is cut."""
    for _ in range(2):
        for dash in (" - ", " | ", " – ", " — "):
            if source and title.casefold().endswith(dash + source.casefold()):
                title = title[: -len(dash + source)].rstrip()
    return title


_CITATION = re.compile(
    r"(?:[^.]{0,150}, )?(?:Ahead of Print|(?:Volume|Vol\.?) \w+, (?:Issue|No\.?) .{0,120}|EarlyView)\.?|"
    r"Publication date: .{0,80}(?:Source: .*)?(?:Author\(s\): .*)?|.{0,120}, Page \S+, .{0,40}",
    re.I | re.S,
)
# The footer of every Reddit post: author, link, comments. Text before it is the author's own.
_REDDIT_FOOT = re.compile(r"(?:^|\s)submitted by\s+/?u/\S+\s.{0,100}\[link\](?:\s*\[(?:\d+ )?comments?\])?\s*$", re.S)


def _summary_and_text(raw: RawEntry, title: str, spec: FeedSpec) -> tuple[str, str]:
    """The summary to show and the text for the filter; none for Google News, whose text is other publishers' headlines."""
    if "news.google." in f"{spec.url} {raw.link}"[:400]:
        return "", ""
    summary = _readable(raw.summary, title)
    content = _readable(raw.content, title) if raw.content != raw.summary else summary
    shown = _shown(summary, raw.summary, title) or _shown(content, raw.content, title)
    body = content if content.startswith(whole(shown)[:200]) else f"{summary} {content}".strip()
    return shown, body


def _readable(markup: str, title: str) -> str:
    """The plain text; empty if it is a bare citation or repeats the title."""
    text = plain_text(markup[: 4 * KEPT_TEXT])
    if text.endswith("]") and "[link]" in text[-40:]:
        text = _REDDIT_FOOT.sub("", text)
    if len(text) < 500 and _CITATION.fullmatch(text):
        return ""
    if title and text.startswith(title) and len(text) > len(title) + 20:
        text = text[len(title) :].lstrip(" .:-–—|")
    return "" if text.casefold() == title.casefold() else text


def _shown(text: str, markup: str, title: str) -> str:
    """`text` without trailing links and footers, with an ellipsis if it was cut off."""
    text = without_tail(text, title)
    if text.casefold() == title.casefold():
        return ""
    was_cut = whole(text) != text or len(markup) > 4 * KEPT_TEXT
    return whole(text).rstrip(" .,;:") + "…" if was_cut and text else text


# ---- identifiers -----------------------------------------------------------------------------------------------------


def _identifiers(raw: RawEntry, url: str) -> Identifiers:
    """From identifier fields, then the guid, then the address; never from running text, which may name another's."""
    identifiers = identifiers_in((*raw.identifiers, raw.guid, url), url)
    if identifiers.doi is None and identifiers.pmid is not None:
        # PubMed's citation line ("… doi: 10.1002/x.") is about the paper itself.
        line = re.search(r"\bdoi:\s*(10\.\S+)", plain_text(raw.content[:2000]), re.I)
        return replace(identifiers, doi=doi_in(line[1]) if line else None)
    return identifiers
