"""Which stored paper a notice belongs to."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from aggregator.store import notices
from aggregator.store.models import NOTICE
from tests.store.conftest import Rows

TITLE = "Early steroids for facial palsy in adults"
PAPER: dict[str, Any] = {"title": TITLE, "source": "A Journal", "keys": ["doi:10.5555/a", "url:example.com/a"]}


def tied(rows: Rows) -> list[tuple[int, int]]:
    notices.resolve(rows.connection, lambda title: title.removeprefix("RETRACTED: "))
    return [tuple(row) for row in rows.connection.execute(select(NOTICE.c.entry_id, NOTICE.c.of_id))]


@pytest.mark.parametrize(
    ("notice", "is_tied"),
    [
        ({"title": "Retraction", "keys": ["doi:10.5555/a"]}, True),
        ({"title": "Retraction", "keys": ["doi:10.5555/other"]}, False),
        # The page of a journal that lists its notices is no paper's address.
        ({"title": "Retraction", "keys": ["url:example.com/a"]}, False),
        ({"title": "Retraction", "mentions": ["doi:10.5555/a"]}, True),
        ({"title": "Retraction", "mentions": ["doi:10.5555/other"]}, False),
        ({"title": f"RETRACTED: {TITLE}"}, True),
        ({"title": "RETRACTED: Early steroids for children"}, False),
    ],
    ids=["identifier", "another's", "address", "mention", "another's mention", "title", "another title"],
)
def test_what_ties_a_notice_to_its_paper(rows: Rows, notice: dict[str, Any], is_tied: bool) -> None:
    feed = rows.feed()
    paper = rows.entry(feed, "paper", **PAPER)
    number = rows.entry(feed, "notice", notice="retraction", **notice)

    assert tied(rows) == ([(number, paper)] if is_tied else [])
    assert [one.entry for one in notices.unresolved(rows.connection)] == ([] if is_tied else [number])


@pytest.mark.parametrize(("title", "is_tied"), [("Letter to the editor", True), ("From the editor", False)])
def test_a_short_title_proves_nothing(rows: Rows, title: str, is_tied: bool) -> None:
    feed = rows.feed()
    rows.entry(feed, "paper", title=title)
    rows.entry(feed, "notice", title=f"RETRACTED: {title}", notice="retraction")

    assert bool(tied(rows)) == is_tied


def test_the_paper_that_a_notice_identifies_goes_before_one_with_its_title(rows: Rows) -> None:
    feed = rows.feed()
    rows.entry(feed, "namesake", title=TITLE, keys=["doi:10.5555/b"])
    paper = rows.entry(feed, "paper", title="Early steroids in adults", keys=["doi:10.5555/a"])
    number = rows.entry(feed, "notice", title=f"RETRACTED: {TITLE}", notice="retraction", mentions=["doi:10.5555/a"])

    assert tied(rows) == [(number, paper)]


def test_of_papers_with_one_title_that_of_the_notice_s_own_journal_is_meant(rows: Rows) -> None:
    feed = rows.feed()
    rows.entry(feed, "elsewhere", title=TITLE, source="B Journal")
    own = rows.entry(feed, "own", title=TITLE, source="a journal")
    number = rows.entry(feed, "notice", title=f"RETRACTED: {TITLE}", source="A Journal", notice="retraction")

    assert tied(rows) == [(number, own)]


def test_a_notice_is_never_about_another_notice(rows: Rows) -> None:
    feed = rows.feed()
    rows.entry(feed, "one", title=f"RETRACTED: {TITLE}", notice="retraction", keys=["doi:10.5555/a"])
    rows.entry(feed, "two", title=f"RETRACTED: {TITLE}", notice="concern", keys=["doi:10.5555/a"])

    assert tied(rows) == []
