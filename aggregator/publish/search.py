"""The search's index: one small file for each month, which the visitor's own browser reads (templates/static/search.js).

A new day rewrites the files of its own months, and only those who search fetch them. pagefind.s package was measured at
43 MB for 10,000 pages, and builds everything again each day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from aggregator.topics import vocabulary
from aggregator.values.stories import Placed, Shelf


def render_index(shelves: Sequence[Shelf]) -> dict[str, bytes]:
    """A file `archive/2026-11.json` for each month; `stories` lists [day, title, address, sources, topics, language]."""
    return {f"archive/{shelf.key}.json": _month(shelf) for shelf in shelves if not shelf.is_topic}


def _month(shelf: Shelf) -> bytes:
    text = json.dumps({"stories": [_row(one) for one in shelf.placed]}, ensure_ascii=False, separators=(",", ":"))
    # "<" is written as an escape, so that the file is harmless wherever it is pasted.
    return text.replace("<", "\\u003c").encode("utf-8")


def _row(placed: Placed) -> list[object]:
    lead = placed.story.lead
    sources = [lead.source, *(one.source for one in placed.story.others)]
    topics = [vocabulary().name(topic) for topic in placed.story.topics]
    return [placed.day.isoformat(), lead.title, lead.url, sources, topics, lead.language or ""]
