"""The search index: one small file for each month, which the visitor's own browser reads (templates/scripts/search.js).

A new day rewrites only the files of its own months, and only visitors who search fetch them. pagefind's package was measured
at 43 MB for 10,000 pages, and rebuilds everything each day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath

from aggregator.render.views import story_view
from aggregator.render.words import words_of
from aggregator.values.settings import Site
from aggregator.values.stories import DatedStory


def render_index(month: Sequence[DatedStory], site: Site, digest: str = "") -> bytes:
    """The index `archive/2026-11.json` of a month; `stories` lists [day, title, address, sources, topics, language, its
    words, evidence, own page, notice]. A language is named if it is not the site's own. `digest` is that of the
    index's inputs (see digests.py)."""
    rows = [_row(placed, site) for placed in month]
    text = json.dumps({"digest": digest, "stories": rows}, ensure_ascii=False, separators=(",", ":"))
    # "<" is written as an escape, so that the file is harmless wherever it is pasted.
    return text.replace("<", "\\u003c").encode("utf-8")


def _row(placed: DatedStory, site: Site) -> list[object]:
    shown, words = story_view(placed, site), words_of(site.language)
    sources = [shown.lead.source, *(article.source for article in placed.story.others)]
    topics = [words.topic(topic) for topic in placed.story.topics]
    return [
        placed.day.isoformat(), shown.lead.title, shown.lead.url, sources, topics, shown.lead.language or "",
        shown.lead.in_language, shown.lead.label, PurePosixPath(shown.file).name,
        " ".join(notice.text for notice in shown.notices),
    ]  # fmt: skip
