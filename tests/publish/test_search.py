"""The search's index: one file for each month, harmless wherever it is pasted."""

from __future__ import annotations

import json
from dataclasses import replace

from aggregator.jobs.archive import archive_in_memory
from aggregator.publish.search import render_index
from aggregator.values.settings import Site
from aggregator.values.stories import Story
from tests.conftest import NOW
from tests.test_edition import article


def test_a_month_has_a_row_for_each_story() -> None:
    lead = replace(article(1, NOW, source="One"), title="A <b> smile", topics=("bells-palsy",), language=None)
    told = Story(1, (lead, article(2, NOW, source="Two"), article(3, NOW, source="Two")))

    (month, *_), load = archive_in_memory([told], Site(), now=NOW)

    body = render_index(load(month.listed), Site())

    assert b"<" not in body
    assert json.loads(body)["stories"] == [
        [
            "2026-11-24",
            "A <b> smile",
            "https://example.com/1",
            ["One", "Two"],
            ["Bell's palsy"],
            "",
            "",
            "News",
            "story-1.html",
            "",
        ]
    ]
