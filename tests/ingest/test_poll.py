"""Documents that wait for their readers."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

import pytest

from aggregator.ingest.poll import (
    PollLimits,
    _as_they_finish,
    _ByteBudget,
    drop_stale_knowledge,
    fingerprint_of,
    in_order,
    validators_for,
)
from aggregator.ingest.pool import parse_within_limits
from aggregator.jobs.refresh import refresh
from aggregator.values.feeds import FeedState, Validators
from aggregator.values.settings import Feed
from tests.conftest import NOW, KeptPool, Town, item, rss


class LateReaders(Executor):
    """They read nothing before something has happened."""

    def __init__(self, happened: Event, pool: KeptPool) -> None:
        self._happened, self._pool, self._threads = happened, pool, ThreadPoolExecutor(4)

    def submit(self, *work: Any, **_: Any) -> Future[Any]:
        return self._threads.submit(self._late, *work)

    def _late(self, *work: Any) -> Any:
        if work[0] is parse_within_limits:
            assert self._happened.wait(20)
        return self._pool.submit(*work).result()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait)


def test_what_waits_for_its_reader_holds_up_no_other_feed(town: Town, kept_pool: KeptPool) -> None:
    """One is fetched at a time, and none is read before the last has been asked."""
    asked, last = Event(), rss(item("Facial palsy last", "https://www.example.com/last"))

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(last)))
        handler.end_headers()
        handler.wfile.write(last)

    for n in range(20):
        town.add(f"Feed {n}", rss(item(f"Facial palsy {n}", f"https://www.example.com/{n}")))
    town.add("Last", b"", path="/last")
    town.server.answers["/last"] = answer
    town.limits = PollLimits(at_once=1)
    workspace = replace(town.workspace(), make_pool=lambda _: LateReaders(asked, kept_pool))

    report = asyncio.run(refresh(workspace, clock=lambda: town.now))

    assert (report.feeds.ok, report.entries.admitted) == (21, 21)


def test_many_documents_that_are_known_already_hold_up_nothing(town: Town) -> None:
    for n in range(12):
        town.add(f"Feed {n}", rss(item(f"Facial palsy {n}", f"https://www.example.com/{n}")))
    town.refresh()

    report = asyncio.run(asyncio.wait_for(refresh(town.workspace(), clock=lambda: town.now), 30))

    assert (report.feeds.ok, report.feeds.not_modified) == (0, 12)


def test_what_came_in_with_one_that_raises_goes_on_before_it() -> None:
    async def one(number: int) -> int:
        if number == 1:
            raise ValueError("the second")
        return number

    came: list[int] = []

    async def all_of_them() -> None:
        async for found in _as_they_finish(map(one, range(3))):
            came.extend(found)

    with pytest.raises(ValueError, match="the second"):
        asyncio.run(all_of_them())
    assert came == [0, 2]


def test_a_shelf_has_room_for_so_many_bytes_or_for_one_that_is_larger() -> None:
    async def put_and_take() -> None:
        shelf = _ByteBudget(10)
        await shelf.put(6)
        for size in (6, 100):
            waiting = asyncio.create_task(shelf.put(size))
            assert not (await asyncio.wait([waiting], timeout=0))[0]
            await shelf.take(6)
            await waiting

    asyncio.run(put_and_take())


def test_on_a_shelf_nothing_small_passes_what_is_large() -> None:
    async def put_and_take() -> None:
        shelf = _ByteBudget(10)
        await shelf.put(6)
        large, small = (asyncio.create_task(shelf.put(size)) for size in (10, 1))
        assert not (await asyncio.wait([large, small], timeout=0))[0]
        await shelf.take(6)
        await large
        assert not (await asyncio.wait([small], timeout=0))[0]
        await shelf.take(10)
        await small

    asyncio.run(put_and_take())


@pytest.mark.parametrize(
    ("since_body", "are_sent"),
    [
        (timedelta(days=7) - timedelta(seconds=1), True),
        (timedelta(days=7), False),
        (timedelta(days=700), False),
        (None, False),
    ],
    ids=["less than a week", "a week", "two years", "never a body"],
)
def test_a_server_that_answers_304_for_ever_is_asked_for_the_whole_once_a_week(
    since_body: timedelta | None, are_sent: bool
) -> None:
    known = Validators("a", "Mon")
    state = FeedState(
        "https://feeds.example.com/f", known, last_body_at=NOW - since_body if since_body is not None else None
    )

    assert validators_for(state, now=NOW) == (known if are_sent else Validators())


@pytest.mark.parametrize("changes", [{"name": "B"}, {"language": "de"}], ids=str)
def test_what_was_read_under_other_settings_is_forgotten(changes: dict[str, str]) -> None:
    feed = Feed(name="A", url="https://feeds.example.com/f")
    state = FeedState(feed.url, Validators("a"), "hash", fingerprint=fingerprint_of(feed))

    assert drop_stale_knowledge(feed, state) == state
    other = feed.model_copy(update=changes)
    assert drop_stale_knowledge(other, state) == replace(
        state, validators=Validators(), body_hash=None, fingerprint=fingerprint_of(other)
    )


@pytest.mark.parametrize(
    ("failures", "order"),
    [((0, 0, 0), "abc"), ((0, 1, 0), "bac"), ((0, 0, 3), "cab"), ((0, 4, 0), "abc"), ((2, 4, 1), "acb")],
)
def test_feeds_that_failed_the_last_time_are_asked_first(failures: tuple[int, ...], order: str) -> None:
    feeds = [
        (Feed(name=name, url=f"https://{name}.example/"), FeedState("", failures=often))
        for name, often in zip("abc", failures, strict=True)
    ]

    assert "".join(feed.name for feed, _ in in_order(feeds)) == order
