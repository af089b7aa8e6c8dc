"""Parsing in worker processes: a document that eats memory or time, or kills the parser, costs its own feed and no more.

A worker limits itself before each task (CPU seconds, memory); the kernel ends it where it goes beyond. What is large, or
needs more than its share of memory, is read alone, in a process that ends with it: so the whole tree stays within 250 MB,
whatever it is sent. A pool that broke is built anew, and what was left of it is read alone too, so that the blame falls on
the right document.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import re
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from contextlib import AsyncExitStack, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from aggregator.ingest.fetch import Room
from aggregator.ingest.parse import TOO_MUCH_MEMORY, ParseTask, parse
from aggregator.values.feeds import Document, FetchFailed

CPU_SECONDS = 10
# Documents in each worker's hands: one that is read and one that waits, so that no worker waits for what hands them out.
_EACH = 2
# Seconds by the clock: a worker has CPU_SECONDS and a little more for each, and one on a busy machine twice that.
_DEADLINE = 35.0 * _EACH
# Bytes of heap: what the workers may take together, and what a document may take that is read alone. A feed of 5 MB takes
# 60 MB to read, one of 75 KB some 3 MB (measured).
SHARED_MEMORY, MEMORY = 60 << 20, 68 << 20


def parse_within_limits(task: ParseTask, memory: int = MEMORY) -> Document | FetchFailed:
    """`parse`, in a worker: CPU_SECONDS of processor time and `memory` bytes more than the process has. Where the time is
    up the parser is interrupted; where it cannot be, the kernel ends the process a little later."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + CPU_SECONDS + 5
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    _limit_memory(memory)
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


# Where the kernel tells how much heap a process has (Linux).
_STATUS = Path("/proc/self/status")


def _limit_memory(more: int) -> None:
    """At most `more` bytes of heap beyond what the process has now. Not the address space: that counts every library."""
    found = re.search(r"^VmData:\s+(\d+) kB", _STATUS.read_text("ascii"), re.M) if _STATUS.exists() else None
    if found:
        resource.setrlimit(resource.RLIMIT_DATA, (int(found[1]) * 1024 + more, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _give_back_what_is_freed() -> None:
    """Let large blocks (over 128 KiB) return to the system as soon as they are freed: glibc keeps them once it has seen a
    few. Twenty megabytes less on a day of bombs (measured)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 128 << 10)


_M_MMAP_THRESHOLD = -3


def _end_with(parent: BaseProcess) -> None:
    """A refresh that is killed takes its workers with it: they would wait for work for ever."""
    wait([parent.sentinel])
    os._exit(1)


def _start_worker() -> None:
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _give_back_what_is_freed()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def process_pool(workers: int) -> Executor:
    """The usual pool: `forkserver`, since forking a process with threads and an event loop is not safe."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["aggregator.ingest.parse", "aggregator.ingest.tuned", "ftfy"])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


class ParsePool:
    """Any `concurrent.futures.Executor`, made when there is something to parse and not before."""

    def __init__(self, make: Callable[[int], Executor] = process_pool, workers: int | None = None) -> None:
        self._make = make
        self._workers = workers or min(os.cpu_count() or 1, 4)
        self._executor: Executor | None = None
        self._starting = asyncio.Lock()
        self._most = _EACH * self._workers
        self._places = asyncio.Semaphore(self._most)
        self._alone = asyncio.Lock()
        self._gave_up = ""

    async def __aenter__(self) -> Self:
        _give_back_what_is_freed()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=error is None, cancel_futures=True)

    async def parse(self, task: ParseTask) -> Document | FetchFailed:
        """The document, or why there is none. A machine that can start no process costs feeds, not the run."""
        try:
            return await self._parse_somewhere(task)
        except TimeoutError:
            # No document takes so long: the kernel ends its reader before. The machine is at its end, and will not recover.
            self._gave_up = f"could not be read on this machine (its readers did not answer for {_DEADLINE:.0f} s)"
            self._abandon()
            return FetchFailed(self._gave_up)
        except (OSError, MemoryError) as error:
            why = getattr(error, "strerror", None) or "out of memory"
        except RuntimeError as error:
            # What Python says where the system gives it no thread.
            if "new thread" not in str(error):
                raise
            why = str(error)
        self._abandon()
        return FetchFailed(f"could not be read on this machine ({why})")

    def _abandon(self) -> None:
        """Let go of a pool that could not be made whole: without its thread nobody would ever end its workers."""
        self._executor = None
        for worker in multiprocessing.active_children():
            worker.kill()

    async def _parse_somewhere(self, task: ParseTask) -> Document | FetchFailed:
        if len(task.body) > Room.LARGE:
            return await self._parse_alone(task)
        async with self._places:
            found = await self._parse_here(task)
        return await self._parse_alone(task) if found is None or found == TOO_MUCH_MEMORY else found

    async def _parse_here(self, task: ParseTask) -> Document | FetchFailed | None:
        """In the pool, beside others; None where the pool broke."""
        if self._gave_up:
            # While this one waited for its place.
            return FetchFailed(self._gave_up)
        executor, share = await self._started(), SHARED_MEMORY // self._workers
        try:
            return await self._run(executor, task, share)
        except BrokenExecutor:
            if self._executor is executor:
                self._executor = None
            return None

    async def _started(self) -> Executor:
        """The pool, whose first process takes a quarter of a second to come: meanwhile others are fetched."""
        async with self._starting:
            executor = self._executor
            if executor is None:
                executor = self._executor = self._make(self._workers)
                await asyncio.to_thread(executor.submit, os.getpid)
            return executor

    async def _parse_alone(self, task: ParseTask) -> Document | FetchFailed:
        """In a process of its own, when no other reads."""
        async with self._alone, AsyncExitStack() as places:
            for _ in range(self._most):
                await places.enter_async_context(self._places)
            if self._executor is not None:
                # What the workers have grown to is given back first.
                self._executor.shutdown()
                self._executor = None
            executor = self._make(1)
            try:
                found = await self._run(executor, task, MEMORY)
            except BrokenExecutor:
                found = FetchFailed("sends a document on which the parser dies", permanent=True)
            executor.shutdown()
            return found

    async def _run(self, executor: Executor, task: ParseTask, memory: int) -> Document | FetchFailed:
        if self._gave_up:
            return FetchFailed(self._gave_up)
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.run_in_executor(executor, parse_within_limits, task, memory), _DEADLINE)
