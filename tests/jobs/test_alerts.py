"""What the alarm finds in a real workspace."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from aggregator.backup.copies import backups
from aggregator.jobs.alerts import Alarm, collect_facts, remembered
from aggregator.monitoring.channels import Channels
from aggregator.values.reports import RunReport
from tests.conftest import Answer, Town, item, rss


def filled(town: Town) -> Town:
    town.add("A feed", rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    town.refresh()
    return town


def test_a_sound_house_has_nothing_to_tell(town: Town) -> None:
    facts, feeds = collect_facts(filled(town).workspace(), now=town.now)

    assert (facts.store_fault, facts.failure, facts.problems) == ("", "", ())
    assert facts.last_admitted_at == facts.last_fresh_at == town.now
    assert [(feed.name, feed.recent, feed.days[-1]) for feed in feeds] == [("A feed", 1, "+")]


def test_a_store_that_cannot_be_copied_any_more_is_looked_through(town: Town) -> None:
    filled(town)
    for copy in backups(town.data / "news.db", now=town.now):
        copy.rename(copy.with_name("news-20260101T000000Z.db.gz"))
    assert "No copy of the store" in collect_facts(town.workspace(), now=town.now)[0].store_fault
    with closing(sqlite3.connect(town.data / "news.db")) as store:
        store.execute("PRAGMA foreign_keys = OFF")
        store.execute("INSERT INTO entry_key VALUES ('doi:10.1/x', 999999)")
        store.commit()

    assert "damaged" in collect_facts(town.workspace(), now=town.now)[0].store_fault


def test_a_feed_that_is_gone_for_days_shows_in_its_bar(town: Town) -> None:
    filled(town)
    town.server.answers["/0.xml"] = Answer(status=404)
    for _ in range(4):
        town.now += timedelta(days=1)
        town.refresh()

    (feed,) = collect_facts(town.workspace(), now=town.now)[1]
    assert feed.days.endswith("+----")
    assert feed.failures == 4


def test_without_a_channel_nothing_is_remembered(town: Town) -> None:
    filled(town)
    alarm = Alarm(Channels(), town.data, lambda: town.now)

    assert alarm.end(1, ["It failed."], town.workspace(), RunReport.failed("It failed.")) == []
    assert remembered(town.data) == {}


def test_what_could_not_be_told_is_told_the_next_time(town: Town) -> None:
    filled(town)
    alarm = Alarm(Channels(webhook="http://127.0.0.1:1/"), town.data, lambda: town.now)

    assert "could not be posted" in alarm.end(1, ["It failed."], town.workspace(), RunReport.failed("It failed."))[0]
    assert remembered(town.data) == {}


def test_a_damaged_memory_of_what_was_told_stops_nothing(town: Town) -> None:
    filled(town)
    for content in ("", "{", "[]", '{"a": 1}', '{"a": {"since": "x", "text": ""}}'):
        (town.data / "alarms.json").write_text(content, "utf-8")
        assert remembered(town.data) == {}


def test_no_data_folder_is_no_fault_of_the_alarm(town: Town, tmp_path: Path) -> None:
    shutil.rmtree(town.data, ignore_errors=True)

    assert Alarm(Channels(webhook="http://127.0.0.1:1/"), tmp_path / "gone", lambda: town.now).end(
        2, ["x"], None, RunReport.failed("x")
    )
