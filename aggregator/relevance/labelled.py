"""Lines that people labelled for the filter: `{label, topics, hard, kind, borderline}` beside the fields of an entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aggregator.relevance.measure import Labelled
from aggregator.topics import LANGUAGES
from aggregator.values.entries import Entry, StoredEntry


def is_counted(line: Mapping[str, Any]) -> bool:
    """Whether a line counts: it is not `borderline`, and in a language that the vocabulary has (English where none is given)."""
    return not line.get("borderline") and line.get("lang", "en") in LANGUAGES


def item_of(line: Mapping[str, Any], entry: Entry) -> Labelled:
    """`entry`, which is that of the line, with what people said of it."""
    kind = line.get("kind")
    return Labelled(
        name=str(line["id"]),
        entry=entry,
        is_relevant=bool(line.get("label")),
        topics=frozenset(line.get("topics") or ()),
        is_hard=bool(line.get("hard")),
        kind=kind if isinstance(kind, str) else "",
    )


def line_of(stored: StoredEntry, *, is_accepted: bool) -> dict[str, Any]:
    """The line for a doubtful entry that staff accepted or rejected."""
    entry = stored.entry
    return {
        "id": str(stored.number),
        "title": entry.title,
        "summary": entry.body,
        "source": entry.source,
        "url": entry.url,
        "lang": entry.language or "en",
        "label": is_accepted,
        "hard": not is_accepted,
        "topics": list(stored.verdict.topics) if is_accepted else [],
    }
