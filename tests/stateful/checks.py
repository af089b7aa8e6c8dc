"""What must hold after each step, whatever the steps before were: about the store, staff's decisions and what a run tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from aggregator.cli.status import _plain
from aggregator.jobs.status import status
from aggregator.values.reports import RunOutcome, RunReport
from tests.stateful.offer import NOTICE, ON_TOPIC
from tests.stateful.page import check_front, check_seen
from tests.stateful.stored import Row, ask, faults
from tests.stateful.world import REJECTED_DAYS, World


def settle(world: World, report: RunReport | None = None) -> None:
    """Look at everything after a step, and remember what there is now. Only a refresh (`report`) may bring or let go entries."""
    before, rows = world.memory.rows, world.rows()
    came, gone = rows.keys() - before.keys(), before.keys() - rows.keys()
    database = world.data / "news.db"
    found = faults(database)
    assert found == [], found
    assert report is not None or not came, f"entries out of nothing: {[rows[number] for number in came]}"
    for number in gone:
        _check_may_go(world, before[number], report)
    if report is not None:
        _check_report(world, report, rows, came)
        _check_documents(world, rows)
        _check_arrivals(world, rows)
    world.memory.rows = rows
    check_decisions(world)
    check_verdicts(world)
    check_status(world)
    check_front(world)
    check_seen(world)


# ---- entries ---------------------------------------------------------------------------------------------------------


def _check_may_go(world: World, row: Row, report: RunReport | None) -> None:
    """Only what was rejected long ago goes, and only in a refresh."""
    seen_at = datetime.fromisoformat(f"{row.first_seen_at}+00:00")
    is_old = world.now - seen_at > timedelta(days=REJECTED_DAYS)
    is_rejected = not (row.is_admitted or row.standing or row.notice or row.story)
    assert report is not None, f"an entry is gone: {row}"
    assert is_rejected, f"an entry is gone that was not rejected: {row}"
    assert is_old, f"an entry is gone too early: {row}"
    world.memory.purged.add((row.feed, row.guid))
    world.memory.purged_entries.add(row.number)


def _check_documents(world: World, rows: Mapping[int, Row]) -> None:
    """Whatever a feed offers is stored, and an entry whose guid or feed's address is another is no new one."""
    places = {(row.feed, row.guid): row for row in rows.values()}
    purged = {guid for _, guid in world.memory.purged}
    for source in world.listed:
        for one in source.items if not source.failure else ():
            row = places.get((world.server.url(source.path), one.guid))
            if row is None:
                is_purged = one.guid in purged or one.entry in world.memory.purged_entries
                assert is_purged, f"{source.name} offers “{one.title}” ({one.guid}), which is not stored"
                world.memory.purged.add((world.server.url(source.path), one.guid))
                one.entry = None
                continue
            assert row.title == one.title, f"{one.guid} is stored as “{row.title}” and offered as “{one.title}”"
            is_known = one.entry is not None and one.link not in world.offer.shared
            assert not is_known or row.number == one.entry, f"{one.guid} was entry {one.entry} and is entry {row.number} now"
            one.entry = row.number


def _check_arrivals(world: World, rows: Mapping[int, Row]) -> None:
    """What comes under the address of something hidden is hidden, and nothing else is hidden by a refresh."""
    memory = world.memory
    links = {rows[number].url for number in memory.hidden if number in rows} - world.offer.shared
    titles = {_stem(rows[number]) for number in memory.hidden if number in rows}
    for row in rows.values():
        is_new = row.number not in memory.rows
        assert not is_new or row.url not in links or row.standing == "hidden", f"an article that is hidden came back: {row}"
        if row.standing == "hidden" and row.number not in memory.hidden:
            assert row.url in links | world.offer.shared or _stem(row) in titles, f"hidden by nobody: {row}"
            memory.hidden.add(row.number)


def _stem(row: Row) -> str:
    """The words that a title keeps when it is changed."""
    return " ".join(row.title.split()[:6])


def related(rows: Mapping[int, Row], number: int) -> set[int]:
    """The entries that one may take for the same article by address or title, directly or through others."""
    found, left = {number}, [number]
    while left:
        one = rows[left.pop()]
        near = {row.number for row in rows.values() if row.url == one.url or _stem(row) == _stem(one)} - found
        found |= near
        left += near
    return found


# ---- staff -----------------------------------------------------------------------------------------------------------


def check_decisions(world: World) -> None:
    """What staff decided stands."""
    memory, rows = world.memory, world.memory.rows
    for number in memory.hidden:
        assert rows[number].standing == "hidden", f"what was hidden is there again: {rows[number]}"
    for number in memory.accepted:
        assert rows[number].standing != "waiting", f"what was accepted waits again: {rows[number]}"
    for pairs, is_one in ((memory.together, True), (memory.apart, False)):
        for pair in pairs:
            one, other = (rows[number] for number in sorted(pair))
            if one.is_admitted and other.is_admitted:
                what = "put together are apart" if is_one else "split are together"
                assert (one.story == other.story) == is_one, f"entries that staff {what}: {one}, {other}"


def check_verdicts(world: World) -> None:
    """Where all was judged by the filter that feeds.yaml has now, each entry is admitted or not as that says."""
    if world.memory.judged_by != world.section():
        return
    for row in world.memory.rows.values():
        if row.url in world.offer.shared or NOTICE in row.title or row.notice:
            continue
        expected = any(words in row.title for words in ON_TOPIC) and not any(word in row.title for word in world.never)
        if row.url in world.overruled:
            expected = world.overruled[row.url] == "always"
        assert bool(row.is_admitted) == expected, f"should be {'admitted' if expected else 'rejected'}: {row}"


# ---- what is told ----------------------------------------------------------------------------------------------------


def _check_report(world: World, report: RunReport, rows: Mapping[int, Row], came: set[int]) -> None:
    """The report says what became of the feeds and what came into the store."""
    told, feeds = report.entries, report.feeds
    failing = sum(bool(source.failure) for source in world.listed)
    admitted = sum(rows[number].is_admitted for number in came)
    assert (told.new, told.admitted, told.rejected) == (len(came), admitted, len(came) - admitted)
    assert feeds.total == len(world.listed) == feeds.ok + feeds.not_modified + failing
    assert feeds.failed + feeds.never_worked == failing == len(report.failures)
    read = feeds.ok + feeds.not_modified
    expected = RunOutcome.STALE if not read else RunOutcome.DEGRADED if feeds.failed > read else RunOutcome.FRESH
    assert report.outcome == expected, f"{report.outcome}, not {expected}: {report.notes}"


def check_status(world: World) -> None:
    """`status --json` says what the store holds, and of the last run what its report said."""
    with world.database() as database:
        known: dict[str, Any] = json.loads(
            json.dumps(_plain(status(world.workspace(), database, now=world.now)), default=str)
        )
    path, rows = world.data / "news.db", world.memory.rows.values()
    last = ask(path, "SELECT outcome, report FROM run ORDER BY id DESC LIMIT 1")
    if last:
        assert (known["runs"][0]["outcome"], known["runs"][0]["report"]) == (last[0][0], json.loads(last[0][1]))
    if world.report is not None:
        assert known["runs"][0]["report"] == json.loads(json.dumps(world.report.as_dict()))
    assert known["waiting"] == sum(row.standing == "waiting" and row.is_admitted for row in rows)
    for feed in known["feeds"]:
        of_feed = [row for row in rows if row.feed == feed["url"]]
        counts = len(of_feed), sum(row.is_admitted for row in of_feed)
        assert (feed["entries"], feed["admitted"]) == counts, (
            f"{feed['name']}: {feed['entries']}, {feed['admitted']}; {counts}"
        )
