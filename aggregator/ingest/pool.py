"""Parsing in worker processes: a document that eats memory or time, or kills the parser, costs its own feed and no more.

A worker limits itself before each task (CPU seconds, memory); the kernel ends it where it goes beyond. A pool that broke
is built anew, and what was left of it is tried again one at a time, so that the blame falls on the right document.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from types import TracebackType
from typing import Self

from aggregator.ingest.parse import ParseTask, parse
from aggregator.values.feeds import Document, FetchFailed

CPU_SECONDS = 10
MEMORY = 1 << 30


def parse_within_limits(task: ParseTask) -> Document | FetchFailed:
    """`parse`, in a worker: CPU_SECONDS of processor time and MEMORY bytes of address space. Where the time is up the
    parser is interrupted; where it cannot be, the kernel ends the process a little later."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
    try:
        return parse(task)
    except _TimeIsUpError:
        return FetchFailed(f"sends a document that takes longer than {CPU_SECONDS} s to read", permanent=True)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


class _TimeIsUpError(BaseException):
    """Not an Exception: the parser catches those."""


def _interrupt(_number: int, _frame: object) -> None:
    raise _TimeIsUpError


def _start_worker() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def process_pool(workers: int) -> Executor:
    """The usual pool: `forkserver`, since forking a process with threads and an event loop is not safe."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["aggregator.ingest.parse"])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


class ParsePool:
    """Any `concurrent.futures.Executor`, made when there is something to parse and not before."""

    def __init__(self, make: Callable[[int], Executor] = process_pool, workers: int | None = None) -> None:
        self._make = make
        self._workers = workers or min(os.cpu_count() or 1, 4)
        self._executor: Executor | None = None
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=error is None, cancel_futures=True)

    async def parse(self, task: ParseTask) -> Document | FetchFailed:
        """The document, or why there is none."""
        if self._executor is None:
            self._executor = self._make(self._workers)
        executor = self._executor
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, parse_within_limits, task)
        except BrokenExecutor:
            if self._executor is executor:
                self._executor = None
            return await self._parse_alone(task)

    async def _parse_alone(self, task: ParseTask) -> Document | FetchFailed:
        async with self._one_at_a_time:
            with self._make(1) as executor:
                try:
                    return await asyncio.get_running_loop().run_in_executor(executor, parse_within_limits, task)
                except BrokenExecutor:
                    reason = "sends a document on which the parser dies"
                    return FetchFailed(reason, permanent=True)
