"""Stories in the store: joined across runs, split and merged by staff for good, notices tied to their papers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from aggregator.errors import UsageError
from aggregator.jobs import curation, regroup
from aggregator.jobs.status import status
from aggregator.store.decisions import HIDE
from tests.conftest import NOW, Town, item, rss

# Two events, told three times each, and a report of something else.
REPORTS = (
    (
        "Mayor Patricia Oyelaran leaves debate as Bell's palsy strikes",
        "Dunmore Falls mayor Oyelaran was taken to Falls Memorial.",
    ),
    (
        "Oyelaran has Bell's palsy, not a stroke, Dunmore Falls doctors say",
        "The mayor left a debate. Falls Memorial found no stroke.",
    ),
    (
        "Dunmore Falls mayor Oyelaran back on campaign trail with Bell's palsy",
        "Oyelaran wore an eye patch after the debate.",
    ),
    (
        "Arden's Velara approved for hemifacial spasm in Washington",
        "Velara, made by Arden Biologics, was tested in 342 patients.",
    ),
    (
        "Arden shares jump as Velara wins approval for hemifacial spasm",
        "Arden Biologics said Velara would be sold from May.",
    ),
    ("Washington approval of Velara: what hemifacial spasm patients of Arden say", "Velara comes from Arden Biologics."),
    ("Parotid surgery moves to a new wing at Westmere", "Westmere hospital opened it on Monday."),
)


def addresses(town: Town) -> dict[str, int]:
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        return dict(raw.execute("SELECT url, story_id FROM entry WHERE story_id IS NOT NULL"))


def partition(town: Town) -> set[frozenset[str]]:
    stories: dict[int, set[str]] = {}
    for url, story in addresses(town).items():
        stories.setdefault(story, set()).add(url.rsplit("/", 1)[1])
    return {frozenset(urls) for urls in stories.values()}


def feed_of(numbers: list[int]) -> bytes:
    return rss(
        *(
            item(REPORTS[n][0], f"https://outlet{n}.example/{n}", summary=REPORTS[n][1], at=NOW - timedelta(hours=30 - n))
            for n in numbers
        )
    )


@pytest.fixture
def grouped(town: Town) -> Town:
    town.add("Wire", feed_of(list(range(7))))
    town.refresh()
    return town


def url(n: int) -> str:
    return f"https://outlet{n}.example/{n}"


def test_reports_of_one_event_are_one_story_and_say_why(grouped: Town) -> None:
    assert partition(grouped) == {frozenset("012"), frozenset("345"), frozenset("6")}
    workspace = grouped.workspace()
    _, members = regroup.explain(workspace.open_database(), url(1))
    reasons = [one.story_reason for one in members]

    assert reasons[0] == "nothing like it before"
    assert any("Oyelaran" in reason for reason in reasons[1:])
    assert all("within" in reason for reason in reasons[1:])


@pytest.mark.parametrize("seed", range(4))
def test_however_the_runs_fall_the_stories_are_the_same(town: Town, seed: int) -> None:
    random = Random(seed)
    cut = random.randrange(1, 6)
    town.add("Wire", feed_of(list(range(cut))))
    town.refresh()
    before = addresses(town)
    town.server.answers["/0.xml"].body = feed_of(list(range(7)))  # type: ignore[union-attr]
    town.refresh()

    assert partition(town) == {frozenset("012"), frozenset("345"), frozenset("6")}
    assert before.items() <= addresses(town).items()


def test_a_split_is_remembered_by_refreshes_and_regroupings(grouped: Town) -> None:
    title, others = regroup.split(grouped.workspace(), url(1), now=NOW).result
    assert "Oyelaran" in title
    assert others == 2
    grouped.server.answers["/0.xml"].body += b"<!-- touched -->"  # type: ignore[union-attr]
    grouped.refresh()
    regroup.regroup(grouped.workspace(), now=NOW, is_preview=False)

    assert partition(grouped) == {frozenset("02"), frozenset("1"), frozenset("345"), frozenset("6")}


def test_a_merge_is_remembered_by_refreshes_and_regroupings(grouped: Town) -> None:
    regroup.merge(grouped.workspace(), url(6), url(3), now=NOW)
    regroup.regroup(grouped.workspace(), now=NOW, is_preview=False)

    assert partition(grouped) == {frozenset("012"), frozenset("3456")}


HEADLINE = "Facial nerve surgery restores smile of woman after twelve years"


def copy(name: str, hours: int) -> bytes:
    """A feed with one report under the same headline."""
    return rss(item(HEADLINE, f"https://{name}.example/1", guid=f"{name}1", at=NOW - timedelta(hours=hours)))


def story_of(town: Town, name: str) -> int:
    return addresses(town)[f"https://{name}.example/1"]


@pytest.fixture
def parted(town: Town) -> Town:
    """Two reports under one headline that staff took apart."""
    town.add("A", copy("a", 5))
    town.add("B", copy("b", 3))
    town.refresh()
    regroup.split(town.workspace(), "https://b.example/1", now=town.now)
    return town


@pytest.mark.parametrize("hours", [6, 4, 2], ids=["before both", "between them", "after both"])
def test_a_third_copy_does_not_undo_a_split(parted: Town, hours: int) -> None:
    parted.add("C", copy("c", hours))
    parted.refresh()
    assert story_of(parted, "a") != story_of(parted, "b")

    regroup.regroup(parted.workspace(), now=parted.now, is_preview=False)

    assert story_of(parted, "a") != story_of(parted, "b")
    assert story_of(parted, "c") in (story_of(parted, "a"), story_of(parted, "b"))


def test_a_merge_takes_back_every_split_between_the_two_stories(town: Town) -> None:
    for name, hours in (("a", 5), ("b", 4), ("c", 3)):
        town.add(name.upper(), copy(name, hours))
    town.refresh()
    regroup.split(town.workspace(), "https://c.example/1", now=town.now)
    regroup.merge(town.workspace(), "https://c.example/1", "https://a.example/1", now=town.now)
    regroup.regroup(town.workspace(), now=town.now, is_preview=False)

    assert len({story_of(town, name) for name in "abc"}) == 1


def test_a_split_follows_a_feed_that_moves(parted: Town) -> None:
    parted.server.answers["/moved.xml"] = parted.server.answers["/1.xml"]
    parted.feeds[1] = parted.feeds[1].model_copy(update={"url": parted.server.url("/moved.xml")})
    parted.refresh()
    regroup.regroup(parted.workspace(), now=parted.now, is_preview=False)

    assert story_of(parted, "a") != story_of(parted, "b")


def test_a_split_follows_an_entry_whose_guid_is_renewed(parted: Town) -> None:
    parted.server.answers["/1.xml"].body = copy("b", 3).replace(b">b1<", b">renewed<")  # type: ignore[union-attr]
    parted.refresh()
    regroup.regroup(parted.workspace(), now=parted.now, is_preview=False)

    assert story_of(parted, "a") != story_of(parted, "b")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_staffs_word_survives_any_order_of_refreshes_and_regroupings(grouped: Town, seed: int) -> None:
    random = Random(seed)
    apart: set[tuple[int, int]] = set()
    together: set[tuple[int, int]] = set()
    for _ in range(6):
        what = random.choice(["split", "merge", "refresh", "regroup"])
        one, other = random.sample(range(7), 2)
        if what == "split":
            story = addresses(grouped)
            mates = [n for n in range(7) if n != one and story[url(n)] == story[url(one)]]
            if mates:
                regroup.split(grouped.workspace(), url(one), now=NOW)
                apart |= {(min(one, n), max(one, n)) for n in mates}
                together -= apart
        elif what == "merge" and not any(one in pair or other in pair for pair in apart):
            regroup.merge(grouped.workspace(), url(one), url(other), now=NOW)
            together.add((min(one, other), max(one, other)))
        elif what == "refresh":
            grouped.server.answers["/0.xml"].body += b"<!-- touched -->"  # type: ignore[union-attr]
            grouped.refresh()
        else:
            regroup.regroup(grouped.workspace(), now=NOW, is_preview=False)
        story = addresses(grouped)
        assert all(story[url(a)] == story[url(b)] for a, b in together)
        assert all(story[url(a)] != story[url(b)] for a, b in apart)


def test_a_preview_changes_nothing_and_an_unchanged_history_regroups_to_itself(grouped: Town) -> None:
    before = addresses(grouped)
    found = regroup.regroup(grouped.workspace(), now=NOW, is_preview=True)

    assert (found.total, found.joined, found.parted) == (7, (), ())
    assert addresses(grouped) == before
    regroup.regroup(grouped.workspace(), now=NOW, is_preview=False)
    assert addresses(grouped) == before


def test_what_cannot_be_split_is_told(grouped: Town) -> None:
    with pytest.raises(UsageError, match="alone in its story"):
        regroup.split(grouped.workspace(), url(6), now=NOW)
    with pytest.raises(UsageError, match="name the same entry"):
        regroup.merge(grouped.workspace(), url(6), url(6), now=NOW)
    with pytest.raises(UsageError, match="No stored entry"):
        regroup.split(grouped.workspace(), "https://nowhere.example/", now=NOW)


# ---- papers and notices ----------------------------------------------------------------------------------------------

PAPER = "Low-level laser therapy for chronic facial synkinesis: a controlled study"


def paper(title: str = PAPER, doi: str = "10.5555/efr.1", days: int = 300, guid: str = "p1") -> str:
    return item(title, f"https://doi.org/{doi}", guid=guid, at=NOW - timedelta(days=days))


def notices(town: Town) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        return raw.execute(
            "SELECT a.title, b.title FROM notice JOIN entry a ON a.id = entry_id JOIN entry b ON b.id = of_id ORDER BY a.id"
        ).fetchall()


def test_news_that_names_a_papers_doi_hangs_under_the_paper(town: Town) -> None:
    town.add("Journal", rss(paper(days=2)), type="journal")
    news = item(
        "Lasers calm faces that move too much", "https://outlet.example/laser",
        summary="A study of facial synkinesis, doi: 10.5555/efr.1, found less movement.", at=NOW - timedelta(hours=5),
    )  # fmt: skip
    town.add("Outlet", rss(news))
    town.refresh()

    assert len(set(addresses(town).values())) == 1
    assert town.page().index(PAPER.split(":", maxsplit=1)[0]) < town.page().index("Outlet")


@pytest.mark.parametrize(
    "title",
    [f"Retraction notice to “{PAPER}”", f"RETRACTED: {PAPER}", f"Retraction: {PAPER}", f"Expression of Concern: {PAPER}"],
)
def test_a_notice_finds_its_paper_however_old_and_takes_it_off_the_front(town: Town, title: str) -> None:
    town.add("Journal", rss(paper()), type="journal")
    town.refresh()
    assert PAPER in town.page()
    notice = item(title, "https://doi.org/10.5555/efr.2", guid="n1", at=NOW - timedelta(hours=4))
    town.server.answers["/0.xml"].body = rss(notice, paper())  # type: ignore[union-attr]
    town.refresh()

    news, _, withdrawn = town.page().partition("Withdrawn or doubted")
    assert notices(town) == [(title, PAPER)]
    assert PAPER not in news
    assert PAPER in withdrawn
    assert title not in news + withdrawn


def test_a_notice_that_staff_hide_says_nothing_of_its_paper_any_more(town: Town) -> None:
    def telling() -> list[str]:
        return [file.name for file in (town.data / "site").rglob("*.html") if "efr.2" in file.read_text("utf-8")]

    notice = item(f"Retraction: {PAPER}", "https://doi.org/10.5555/efr.2", guid="n1", at=NOW - timedelta(hours=4))
    town.add("Journal", rss(notice, paper(days=2)), type="journal")
    town.refresh()
    assert notices(town)
    assert telling()

    curation.decide(town.workspace(), "doi:10.5555/efr.2", HIDE, now=NOW)
    assert not telling()
    assert PAPER in town.page()
    curation.forget(town.workspace(), "doi:10.5555/efr.2", now=NOW)
    assert telling()


def test_a_paper_that_comes_back_retracted_under_its_old_guid_keeps_its_place_and_leaves_the_front(town: Town) -> None:
    town.add("Journal", rss(paper()), type="journal")
    town.refresh()
    story = addresses(town)
    town.server.answers["/0.xml"].body = rss(paper(f"RETRACTED: {PAPER}"))  # type: ignore[union-attr]
    town.now += timedelta(days=1)
    town.refresh()
    news, _, withdrawn = town.page().partition("Withdrawn or doubted")

    assert addresses(town) == story
    assert notices(town) == [(f"RETRACTED: {PAPER}",) * 2]
    assert PAPER not in news
    # Its own date is that of the paper; retracted it was when that was said.
    assert "This study was retracted on 25 November 2026." in withdrawn


def test_a_notice_without_its_paper_is_no_news_and_waits_for_it(town: Town) -> None:
    notice = item(f"Retraction notice to “{PAPER}”", "https://doi.org/10.5555/efr.2", guid="n1")
    town.add("Journal", rss(notice), type="journal")
    town.refresh()
    assert "Retraction" not in town.page()
    assert notices(town) == []
    (waits,) = status(town.workspace(), town.workspace().open_database(), now=town.now).notices
    assert (waits.sort, waits.title) == ("retraction", f"Retraction notice to “{PAPER}”")
    town.server.answers["/0.xml"].body = rss(notice, paper())  # type: ignore[union-attr]
    town.refresh()

    assert notices(town) == [(f"Retraction notice to “{PAPER}”", PAPER)]


def test_a_correction_leaves_its_paper_on_the_front(town: Town) -> None:
    town.add(
        "Journal", rss(item(f"Correction to: {PAPER}", "https://doi.org/10.5555/efr.3", guid="n1"), paper()), type="journal"
    )
    town.refresh()

    assert notices(town) == [(f"Correction to: {PAPER}", PAPER)]
    assert PAPER in town.page()
