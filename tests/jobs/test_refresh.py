"""The whole path with real parts: HTTP on loopback, a real store, real pages."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from aggregator.errors import AlreadyRunningError, UsageError
from aggregator.ingest.fetch import Limits
from aggregator.ingest.guard import read_allowances
from aggregator.ingest.poll import PollLimits
from aggregator.jobs import ingestion
from aggregator.jobs.refresh import refresh
from aggregator.store import feeds, runs
from aggregator.values.reports import RunOutcome
from tests.conftest import NOW, Answer, Town, item, rss

PALSY = item("New trial for Bell's palsy", "https://www.example.com/trial", guid="1")
CEREBRAL = item("A ride for cerebral palsy", "https://www.example.com/ride", guid="2")


def test_what_is_on_topic_is_shown_and_the_rest_is_kept(town: Town) -> None:
    town.add("Paper", rss(PALSY, CEREBRAL))

    report = town.refresh()

    assert report.outcome == RunOutcome.FRESH
    assert (report.entries.seen, report.entries.new, report.entries.admitted, report.entries.rejected) == (2, 2, 1, 1)
    assert (report.stories.new, report.stories.shown) == (1, 1)
    assert "New trial for Bell&#39;s palsy" in town.page()
    assert "cerebral" not in town.page()


def test_a_second_refresh_brings_nothing_and_asks_politely(town: Town) -> None:
    town.add("With validators", rss(PALSY), etag='"a"')
    town.add("Without", rss(item("Facial palsy clinic opens", "https://b.example/1")))
    town.refresh()

    report = town.refresh()

    assert (report.feeds.ok, report.feeds.not_modified) == (0, 2)
    assert (report.entries.new, report.entries.updated, report.stories.new) == (0, 0, 0)
    assert report.stories.shown == 2
    assert [asked.headers.get("If-None-Match") for asked in town.server.asked if asked.path == "/0.xml"] == [None, '"a"']


def test_the_same_paper_from_two_feeds_is_one_story(town: Town) -> None:
    doi = "https://doi.org/10.5555/x.1"
    town.add("PubMed", rss(item("Facial nerve grafts", "https://pubmed.ncbi.nlm.nih.gov/99999001/", guid=doi)))
    town.add("Journal", rss(item("Facial nerve grafts.", doi)))

    report = town.refresh()

    assert (report.entries.new, report.stories.new, report.stories.shown) == (2, 1, 1)
    assert "Also reported by" in town.page()


def test_a_report_that_comes_days_later_joins_its_story(town: Town) -> None:
    town.add("First", rss(PALSY))
    town.refresh()
    town.now += timedelta(days=3)
    town.add("Second", rss(item("Another title on Bell's palsy", "http://www.example.com/trial/?utm_source=x")))

    report = town.refresh()

    assert (report.entries.new, report.stories.new) == (1, 0)


def test_a_changed_title_replaces_the_old_in_its_place(town: Town) -> None:
    feed = town.add("Paper", rss(PALSY))
    town.refresh()
    town.now += timedelta(days=1)
    town.server.answers["/0.xml"] = Answer(rss(PALSY.replace("New trial", "Large trial")))

    report = town.refresh()

    assert (report.entries.new, report.entries.updated, report.stories.new) == (0, 1, 0)
    assert "Large trial" in town.page()
    assert "New trial" not in town.page()
    assert feed.name in town.page()


def test_a_feed_that_renews_its_guids_floods_nothing(town: Town) -> None:
    items = [item(f"Facial palsy story {n}", f"https://www.example.com/{n}", guid=f"old-{n}") for n in range(5)]
    town.add("Paper", rss(*items))
    town.refresh()
    town.now += timedelta(days=1)
    town.server.answers["/0.xml"] = Answer(rss(*(text.replace("old-", "new-") for text in items)))

    report = town.refresh()

    assert (report.entries.new, report.stories.new) == (0, 0)


def test_of_two_entries_with_one_address_the_one_with_the_title_gets_the_new_guid(town: Town) -> None:
    first = item("Facial palsy in spring", "https://a.example/1", guid="1")
    second = item("Facial palsy in spring: part two", "https://a.example/1", guid="2")
    town.add("Paper", rss(first))
    for offered in (rss(first), rss(second, first), rss(second), rss(second.replace(">2</guid>", ">new</guid>"))):
        town.server.answers["/0.xml"] = Answer(offered)
        town.refresh()
        town.now += timedelta(days=1)

    with closing(sqlite3.connect(town.data / "news.db")) as raw:
        stored = raw.execute("SELECT guid, title FROM entry ORDER BY id").fetchall()
    assert stored == [("1", "Facial palsy in spring"), ("new", "Facial palsy in spring: part two")]


def test_one_guid_in_two_feeds_is_two_entries(town: Town) -> None:
    town.add("One", rss(item("Facial palsy in spring", "https://a.example/1", guid="1")))
    town.add("Two", rss(item("Hemifacial spasm in winter", "https://b.example/1", guid="1")))

    report = town.refresh()

    assert (report.entries.new, report.stories.new) == (2, 2)


def test_missing_unreadable_and_future_dates_never_stand_on_top(town: Town) -> None:
    town.add("Paper", rss(item("Facial palsy, dated", "https://a.example/0")))
    town.refresh()
    town.now += timedelta(days=1)
    undated = item("Facial palsy, undated", "https://a.example/1", at=None)
    future = item("Facial palsy, from the future", "https://a.example/2", at=NOW + timedelta(days=900))
    garbled = item("Facial palsy, garbled", "https://a.example/3", at=None).replace("<desc", "<pubDate>soon</pubDate><desc")
    town.server.answers["/0.xml"] = Answer(rss(future, garbled, undated, item("Facial palsy, dated", "https://a.example/0")))

    report = town.refresh()
    page = town.page()

    assert report.stories.shown == 4
    for late in ("undated", "from the future", "garbled"):
        assert page.index("palsy, dated") < page.index(f"palsy, {late}")
    # The year that the feed claims.
    assert f"{NOW + timedelta(days=900):%Y}" not in page


def test_a_first_fetch_without_dates_is_history_and_not_news(town: Town) -> None:
    town.add("Journal", rss(*(item(f"Facial nerve paper {n}", f"https://a.example/{n}", at=None) for n in range(30))))

    report = town.refresh()

    assert (report.entries.admitted, report.stories.shown) == (30, 0)


def test_a_failing_feed_costs_no_other_and_is_told(town: Town) -> None:
    town.add("Good", rss(PALSY))
    town.add("Good too", rss(CEREBRAL))
    town.add("Login", b"<html><title>x</title><input type=password></html>")
    town.refresh()
    town.server.answers["/1.xml"] = Answer(status=500)

    report = town.refresh()

    assert report.outcome == RunOutcome.FRESH
    assert [(failure.feed, failure.reason) for failure in report.failures] == [
        ("Good too", "has trouble of its own (HTTP 500)"),
        ("Login", "answers with a login page: ask the publisher for one that is open to all"),
    ]
    assert (report.feeds.failed, report.feeds.never_worked) == (1, 1)


def test_when_most_feeds_fail_the_run_is_degraded_and_when_all_do_it_is_stale(town: Town) -> None:
    for n in range(3):
        town.add(f"Feed {n}", rss(item(f"Facial palsy story {n}", f"https://a.example/{n}")))
    town.refresh()
    for n in range(2):
        town.server.answers[f"/{n}.xml"] = Answer(status=500)
    assert town.refresh().outcome == RunOutcome.DEGRADED

    town.server.answers["/2.xml"] = Answer(status=500)
    report = town.refresh()

    assert report.outcome == RunOutcome.STALE
    assert report.stories.shown == 3
    assert "could not reach our sources" in town.page()


def test_a_first_run_that_reads_nothing_publishes_a_complete_honest_page(town: Town) -> None:
    town.add("Gone", b"", path="/gone")
    town.server.answers["/gone"] = Answer(status=404)

    report = town.refresh()

    assert report.outcome == RunOutcome.STALE
    assert town.page().rstrip().endswith("</html>")
    assert "not been read yet" in town.page()


def test_an_empty_answer_wipes_nothing(town: Town) -> None:
    town.add("Paper", rss(PALSY))
    town.refresh()
    town.server.answers["/0.xml"] = Answer(rss())

    report = town.refresh()

    assert report.stories.shown == 1


def test_a_wish_to_be_left_alone_is_kept_across_runs(town: Town) -> None:
    town.add("Busy", rss(PALSY))
    town.add("Other", rss(CEREBRAL))
    town.refresh()
    town.server.answers["/0.xml"] = Answer(status=429, headers={"Retry-After": "7200"})
    town.refresh()
    asked = len(town.server.asked)

    town.now += timedelta(hours=1)
    early = town.refresh()
    town.now += timedelta(hours=2)
    town.server.answers["/0.xml"] = Answer(rss(PALSY))
    late = town.refresh()

    assert early.feeds.skipped == 1
    assert [one.path for one in town.server.asked[asked:]].count("/0.xml") == 1
    assert late.feeds.skipped == 0


def test_validators_of_a_body_that_could_not_be_parsed_are_not_kept(town: Town) -> None:
    town.add("Paper", b"<html>maintenance</html>", etag='"broken"')
    town.refresh()
    town.server.answers["/0.xml"] = Answer(rss(PALSY), headers={"ETag": '"broken"'})

    report = town.refresh()

    assert report.entries.new == 1


def test_validators_are_forgotten_when_the_feed_s_settings_change(town: Town) -> None:
    feed = town.add("Paper", rss(PALSY), etag='"a"')
    town.refresh()
    town.feeds[0] = feed.model_copy(update={"language": "es"})

    report = town.refresh()

    assert report.feeds.ok == 1


def test_a_renamed_feed_and_a_moved_feed_keep_their_history(town: Town) -> None:
    feed = town.add("Paper", rss(PALSY))
    town.refresh()
    town.feeds[0] = feed.model_copy(update={"name": "The Paper"})
    assert town.refresh().entries.new == 0

    town.server.answers["/new.xml"] = Answer(rss(PALSY))
    town.feeds[0] = feed.model_copy(update={"name": "The Paper", "url": town.server.url("/new.xml")})

    assert town.refresh().entries.new == 0


@pytest.mark.parametrize(
    ("there", "is_moved"),
    [(rss(PALSY, item("Another", "https://a.example/9")), True), (rss(item("Parked", "https://b.example/1")), False)],
)
def test_a_feed_moved_where_the_new_address_has_entries_that_we_know(town: Town, there: bytes, is_moved: bool) -> None:
    feed = town.add("Paper", rss(PALSY))
    town.refresh()
    old = feed.url.removeprefix(town.server.url(""))
    town.server.answers["/new.xml"] = Answer(there)
    town.server.answers[old] = Answer(status=301, headers={"Location": "/new.xml"})

    town.refresh()

    database = town.workspace().open_database()
    with database.read() as connection:
        assert (feeds.moved_to(connection, feed.url) is not None) == is_moved
    database.close()


def test_a_removed_feed_leaves_the_front(town: Town) -> None:
    town.add("Stays", rss(item("Facial palsy stays", "https://a.example/1")))
    town.add("Goes", rss(item("Facial palsy goes", "https://b.example/1")))
    town.refresh()
    town.feeds.pop()

    report = town.refresh()

    assert report.stories.shown == 1
    assert "Facial palsy goes" not in town.page()


@pytest.mark.parametrize("mask", [0o000, 0o027, 0o077])
def test_the_store_is_private_and_the_page_is_public_whatever_the_umask(town: Town, mask: int) -> None:
    town.add("Paper", rss(PALSY))
    before = os.umask(mask)
    try:
        town.refresh()
    finally:
        os.umask(before)

    data = town.workspace().data
    site = (data / "site").resolve()
    private = [path for path in data.iterdir() if path.name.startswith("news.db")]
    assert private
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (site.parent, site, *site.rglob("*")) if path.is_dir()} == {0o755}
    assert {path.stat().st_mode & 0o777 for path in site.rglob("*") if path.is_file()} == {0o644}


def test_feeds_that_failed_the_last_time_are_asked_first(town: Town) -> None:
    for n in range(4):
        town.add(f"Well {n}", rss(PALSY), path=f"/well{n}")
    town.add("Ill", b"", path="/ill")
    town.server.answers["/ill"] = Answer(status=500)
    town.refresh()
    town.server.asked.clear()

    town.refresh()

    # All have one host, which is asked two at a time.
    assert "/ill" in [asked.path for asked in town.server.asked[:2]]


def slow(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.2)


def test_a_disabled_feed_that_was_read_before_can_be_asked_by_its_name(town: Town) -> None:
    feed = town.add("Paper", rss(PALSY))
    town.refresh()
    town.feeds[0] = feed.model_copy(update={"enabled": False})
    town.server.answers["/0.xml"].body = rss(CEREBRAL, PALSY.replace("New", "Newer"))  # type: ignore[union-attr]

    report = town.refresh(only="Paper")

    assert (report.feeds.ok, report.entries.new, report.entries.updated) == (1, 1, 1)


def test_a_feed_whose_last_reading_is_not_known_keeps_what_is_stored_of_it(town: Town) -> None:
    """As an earlier version left a disabled feed that was asked by its name and did not answer."""
    town.add("Paper", rss(PALSY))
    town.refresh()
    with closing(sqlite3.connect(town.data / "news.db")) as raw, raw:
        raw.execute("UPDATE feed SET last_ok_at = NULL, last_body_at = NULL, body_hash = NULL")
    town.server.answers["/0.xml"].body = rss(CEREBRAL, PALSY.replace("New", "Newer"))  # type: ignore[union-attr]

    report = town.refresh()

    assert (report.feeds.ok, report.entries.new, report.entries.updated) == (1, 1, 1)


def test_a_hanging_feed_delays_no_feed_on_another_host(town: Town) -> None:
    """Three hang on one host (two at once); the good one on another host is done long before."""
    for n in range(3):
        town.add(f"Hangs {n}", b"", path=f"/hang{n}")
        town.server.answers[f"/hang{n}"] = slow
    good = town.add("Good", rss(PALSY))
    town.feeds[-1] = good.model_copy(update={"url": good.url.replace("127.0.0.1", "localhost")})
    town.limits = PollLimits(feed=Limits(deadline=1))
    done: list[tuple[str, float]] = []
    began = time.monotonic()
    workspace = town.workspace()

    workspace = replace(
        workspace,
        network=replace(
            workspace.network, allowances=read_allowances(f"127.0.0.0/8:{town.server.port},localhost:{town.server.port}")
        ),
    )
    report = asyncio.run(
        refresh(
            workspace, clock=lambda: town.now, progress=lambda n, of, name: done.append((name, time.monotonic() - began))
        )
    )

    assert done[0][0] == "Good"
    assert done[0][1] < done[-1][1] - 0.9
    assert (report.feeds.ok, report.feeds.failed) == (1, 3)
    assert all("within 1 seconds" in failure.reason for failure in report.failures)


def test_no_more_than_two_of_one_host_at_once(town: Town) -> None:
    at_once: list[int] = []
    now_running: list[int] = []

    def count(handler: BaseHTTPRequestHandler) -> None:
        now_running.append(1)
        at_once.append(len(now_running))
        time.sleep(0.05)
        now_running.pop()
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(rss(PALSY))

    for n in range(8):
        town.add(f"Feed {n}", b"", path=f"/{n}")
        town.server.answers[f"/{n}"] = count
    town.refresh()

    assert max(at_once) == 2


def test_a_dry_run_writes_nothing_and_says_so(town: Town) -> None:
    town.add("Paper", rss(PALSY))

    report = town.refresh(dry_run=True)

    assert (report.dry_run, report.entries.new, report.stories.shown) == (True, 1, 0)
    assert not town.data.exists()


def test_a_dry_run_on_a_store_leaves_it_as_it_is(town: Town) -> None:
    town.add("Paper", rss(PALSY))
    town.refresh()
    before = {path: path.read_bytes() for path in town.data.rglob("*") if path.is_file()}
    town.server.answers["/0.xml"] = Answer(rss(PALSY, CEREBRAL))

    assert town.refresh(dry_run=True).entries.new == 1
    assert {path: path.read_bytes() for path in town.data.rglob("*") if path.is_file()} == before


def test_one_feed_alone_can_be_asked(town: Town) -> None:
    town.add("One", rss(PALSY))
    town.add("Two", rss(CEREBRAL))

    assert town.refresh(only="two").feeds.total == 1
    with pytest.raises(UsageError, match="no feed named"):
        town.refresh(only="three")


def test_two_refreshes_at_once_are_one(town: Town) -> None:
    town.add("Paper", rss(PALSY))
    with town.workspace().lock(now=NOW), pytest.raises(AlreadyRunningError, match="process"):
        town.refresh()

    assert town.refresh().outcome == RunOutcome.FRESH


def test_a_broken_template_leaves_the_last_good_page(town: Town, tmp_path: Path) -> None:
    town.add("Paper", rss(PALSY))
    town.refresh()
    broken = tmp_path / "templates"
    shutil.copytree(town.templates, broken)
    (broken / "pages" / "index.html").write_text("<html>{{ page.titel }}</html>")
    town.templates = broken
    town.server.answers["/0.xml"] = Answer(rss(PALSY, item("More on facial palsy", "https://a.example/9")))

    report = town.refresh()

    assert report.outcome == RunOutcome.FAILED
    assert "pages/index.html" in report.reason
    assert "New trial" in town.page()
    assert report.entries.new == 1


def test_what_was_left_ungrouped_by_a_kill_is_grouped_by_the_next_run(town: Town) -> None:
    """Ingest alone, as if the process had been killed before grouping."""
    town.add("Paper", rss(PALSY))
    workspace = town.workspace()
    database = workspace.open_database()
    with database.write() as connection:
        feeds.list_feeds(connection, workspace.settings.feeds)
        run = runs.start(connection, now=NOW)
    asyncio.run(
        ingestion.ingest(workspace, database, workspace.settings.feeds, run, NOW, lambda n, of, name: None, is_first=True)
    )
    database.close()

    report = town.refresh()

    assert (report.entries.new, report.stories.new, report.stories.shown) == (0, 1, 1)
