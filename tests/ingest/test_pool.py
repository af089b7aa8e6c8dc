"""Parsing in worker processes: what kills a worker costs its own feed and no more."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aggregator.ingest import pool as module
from aggregator.ingest.fetch import LargeTurn
from aggregator.ingest.parse import ParseTask
from aggregator.ingest.pool import ParsePool, parse_within_limits, process_pool
from aggregator.ingest.raw import FeedSpec
from aggregator.values.feeds import Document, FetchFailed
from tests.conftest import NOW, item, rss

GOOD = rss(item("One", "https://www.example.com/1"))


def task(body: bytes) -> ParseTask:
    return ParseTask(body, "", "https://feeds.example.com/f", FeedSpec("https://feeds.example.com/f", "A feed"), NOW)


def parse_all(*bodies: bytes, make: Callable[[int], Executor] = process_pool) -> list[Document | FetchFailed]:
    async def run() -> list[Document | FetchFailed]:
        async with ParsePool(make, 2) as parsing:
            return await asyncio.gather(*(parsing.parse(task(body)) for body in bodies))

    return asyncio.run(run())


def deadly(given: ParseTask, _memory: int = 0) -> Document | FetchFailed:
    """Stands in the place of the parser, in the worker: one document kills the process."""
    if given.body == b"kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return parse_within_limits(given)


def test_the_blame_falls_on_the_document_that_kills_and_the_rest_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "parse_within_limits", deadly)

    outcomes = parse_all(GOOD, b"kill", GOOD, GOOD)

    assert [isinstance(outcome, Document) for outcome in outcomes] == [True, False, True, True]
    assert isinstance(outcomes[1], FetchFailed)
    assert "dies" in outcomes[1].reason


def endless(given: ParseTask, _memory: int = 0) -> Document | FetchFailed:
    """A document that never ends, in the place of the parser; `retry_after` is what it took of the processor's time."""
    module.CPU_SECONDS = 1

    def never(_: ParseTask) -> Document | FetchFailed:
        while True:
            pass

    setattr(module, "parse", never)  # noqa: B010 - a plain assignment is no valid one to the type checker
    began = time.process_time()
    outcome = parse_within_limits(given)
    assert isinstance(outcome, FetchFailed)
    return replace(outcome, retry_after=time.process_time() - began)


def test_a_document_that_takes_too_long_is_interrupted_and_its_worker_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "parse_within_limits", endless)

    (outcome,) = parse_all(b"endless")

    assert isinstance(outcome, FetchFailed)
    assert "takes longer than 1 s" in outcome.reason
    assert outcome.retry_after is not None
    assert 0.9 < outcome.retry_after < 2


class Silent(Executor):
    """Its workers are there and never answer."""

    def submit(self, *work: Any, **_: Any) -> Future[Any]:
        answer: Future[Any] = Future()
        if work[0] is os.getpid:
            answer.set_result(0)
        return answer


def test_readers_that_never_answer_cost_every_document_and_are_started_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those too that wait for a place, and a large one, which is read alone."""
    monkeypatch.setattr(module, "_DEADLINE", 0.2)
    # What it would kill are the session's own.
    monkeypatch.setattr("multiprocessing.active_children", list)
    made: list[int] = []

    def make(workers: int) -> Executor:
        made.append(workers)
        return Silent()

    outcomes = parse_all(*[GOOD] * 9, GOOD + b" " * LargeTurn.LARGE, make=make)

    assert all(isinstance(one, FetchFailed) and "did not answer" in one.reason for one in outcomes)
    assert made == [2]


def waiting(given: ParseTask, _memory: int = 0) -> Document | FetchFailed:
    """A document at which the parser is until its process is killed; `body` is where it says that it has begun."""
    Path(given.body.decode()).write_bytes(b"")
    signal.pause()
    raise AssertionError


def test_a_pool_whose_workers_are_killed_while_documents_are_given_up_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As at a signal. Python's pool would end in a traceback at a cancelled future, which pytest reports as an error."""
    monkeypatch.setattr(module, "parse_within_limits", waiting)
    # What is the session's own stays alive.
    begun, before = tmp_path / "begun", {*threading.enumerate(), *multiprocessing.active_children()}
    os.mkfifo(begun)

    async def run() -> None:
        # One worker for the places of four, so that documents wait.
        async with ParsePool(lambda _: process_pool(1), 4) as parsing:
            reading = [asyncio.create_task(parsing.parse(task(str(begun).encode()))) for _ in range(8)]
            await asyncio.to_thread(begun.read_bytes)
            for one in reading:
                one.cancel()
            await asyncio.wait(reading)
            started = set(threading.enumerate()) - before
            [manager] = (thread for thread in started if type(thread).__name__ == "_ExecutorManagerThread")
            for worker in set(multiprocessing.active_children()) - before:
                worker.kill()
            await asyncio.to_thread(manager.join)

    asyncio.run(run())


def test_nothing_is_started_where_nothing_is_parsed() -> None:
    made: list[int] = []

    def make(workers: int) -> Executor:
        made.append(workers)
        return ThreadPoolExecutor(workers)

    async def run() -> None:
        async with ParsePool(make):
            pass

    asyncio.run(run())

    assert made == []
