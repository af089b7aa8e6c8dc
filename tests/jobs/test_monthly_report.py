"""The monthly account: counted from what was really refreshed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.errors import UsageError
from aggregator.jobs.monthly_report import as_html, as_markdown, monthly_report
from aggregator.values.monthly_report import Month
from tests.conftest import Answer, Town, item, rss


@pytest.fixture
def november(town: Town) -> Month:
    shared = "Singer Mara Quill reveals Bell's palsy diagnosis before the Lighthouse tour"
    town.add(
        "Busy | *source*", rss(item(shared, "https://a.example.org/1"), item("A recipe for soup", "https://a.example.org/2"))
    )
    town.add("Search", rss(item(shared, "https://b.example.org/1")))
    town.add("Quiet", rss(item("A recipe for bread", "https://c.example.org/1")))
    town.refresh()
    town.now += timedelta(days=1)
    town.server.answers["/2.xml"] = Answer(status=500)
    town.refresh()
    with town.workspace().open_database() as database:
        return monthly_report(town.workspace(), database, "2026-11")


def test_each_source_is_counted(november: Month, town: Town) -> None:
    found = {one.name: one for one in november.sources}
    busy, search, quiet = found["Busy | *source*"], found["Search"], found["Quiet"]

    assert (busy.offered, busy.admitted) == (2, 1)
    assert busy.duplicates + search.duplicates == 1
    assert (quiet.offered, quiet.shown, quiet.failures, quiet.polls) == (1, 0, 1, 2)
    assert [one.name for one in november.sources if one.never_contributed] == ["Quiet"]
    assert (november.runs, november.fresh_runs) == (2, 2)


def test_names_are_text_in_markdown_and_on_the_page(november: Month, town: Town) -> None:
    assert "| Busy \\| \\*source\\* | 2 | 1 |" in as_markdown(town.workspace(), november)
    page = as_html(town.workspace(), november)
    assert page.rstrip().endswith("</html>")
    assert page.count("<svg") == 3
    assert "November 2026" in page


def test_another_month_is_empty(november: Month, town: Town) -> None:
    with town.workspace().open_database() as database:
        october = monthly_report(town.workspace(), database, "2026-10")
        with pytest.raises(UsageError, match="like 2026-11"):
            monthly_report(town.workspace(), database, "November")

    assert sum(one.offered for one in october.sources) == 0
