"""Entries as JSON Lines, one object a line, as people paste or label them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aggregator.errors import UsageError
from aggregator.ingest.authors import cited_author
from aggregator.ingest.dates import read_date
from aggregator.ingest.language import language_of
from aggregator.keys import identifiers_in, mentions_in
from aggregator.text import plain_text
from aggregator.urls import clean_url
from aggregator.values.entries import Entry


def read_lines(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """The objects of the file called `name`; UsageError names the line that is none. Empty lines do not count."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{name}, line {number}: this is not JSON ({error}).") from error
        if not isinstance(item, dict) or "id" not in item:
            raise UsageError(f"{name}, line {number}: an object with an “id” is needed.")
        yield item


def text_of(item: Mapping[str, Any], key: str) -> str:
    """The text under a key; empty where there is none, or something else than a text."""
    value = item.get(key)
    return value if isinstance(value, str) else ""


def entry_of(item: Mapping[str, Any]) -> Entry:
    """The entry that a line describes: `{id, title, summary, source or publisher, url, lang, authors, published}`, of which
    only the `id` is needed."""
    summary, url = text_of(item, "summary"), clean_url(text_of(item, "url"))
    title, identifiers = plain_text(text_of(item, "title"), is_markup=False), identifiers_in((url,), url)
    return Entry(
        guid=str(item["id"]),
        url=url,
        title=title,
        summary=summary,
        text=summary,
        authors=_authors(item) or cited_author(summary),
        source=text_of(item, "source") or text_of(item, "publisher"),
        language=language_of(f"{title} {summary}", text_of(item, "lang") or None),
        published_at=read_date(text_of(item, "published")),
        identifiers=identifiers,
        mentions=mentions_in(f"{title} {summary}", identifiers),
    )


def _authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    written = item.get("authors")
    return tuple(author for author in written if isinstance(author, str)) if isinstance(written, list) else ()


def is_pair(item: Mapping[str, Any]) -> bool:
    """Whether a line has two entries, `a` and `b`, to be compared."""
    return "a" in item and "b" in item


def pair_of(item: Mapping[str, Any]) -> tuple[Entry, Entry]:
    """The two entries of a pair; UsageError where they are no entries."""
    if not isinstance(item["a"], dict) or not isinstance(item["b"], dict):
        raise UsageError(f"the pair {item['id']}: “a” and “b” must be entries.")
    return entry_of({"id": "a", **item["a"]}), entry_of({"id": "b", **item["b"]})
