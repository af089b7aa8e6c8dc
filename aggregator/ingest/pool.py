"""Parse in worker processes: a document that exhausts memory or time, or crashes the parser, costs only its own feed.

A worker limits itself before each task (CPU seconds, memory); the kernel kills it if it goes beyond. A document that is
large, or needs more than a worker's share of memory, is parsed alone, in a process that ends with it: so the whole process
tree stays within 250 MB. A broken pool is rebuilt, and its unfinished documents are parsed alone too, so that the right one
is blamed.
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
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from aggregator.ingest.fetch import LargeTurn
from aggregator.ingest.incremental import parse
from aggregator.ingest.parse import TOO_MUCH_MEMORY, ParseTask
from aggregator.values.feeds import Document, FetchFailed

CPU_SECONDS = 10
# Documents per worker: one that is parsed and one that is queued, so that no worker is idle.
_EACH = 2
# Wall-clock seconds for a worker's documents: for each CPU_SECONDS and a margin, doubled for a busy machine.
_DEADLINE = 35.0 * _EACH
# Bytes of heap: for all workers together, and for a document that is parsed alone. A feed of 5 MB takes 60 MB to parse, one
# of 75 KB some 3 MB (measured).
SHARED_MEMORY, MEMORY = 52 << 20, 60 << 20


def parse_within_limits(task: ParseTask, memory: int = MEMORY) -> Document | FetchFailed:
    """Run `parse` in a worker within CPU_SECONDS of processor time and `memory` bytes beyond what the process has. When the
    time is up the parser is interrupted; if it cannot be, the kernel kills the process 5 seconds later."""
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


# The kernel's report on the process, with the size of its heap (Linux).
_STATUS = Path("/proc/self/status")


def _limit_memory(more: int) -> None:
    """Limit the heap to `more` bytes beyond its present size. Not the address space, which includes every library."""
    match = re.search(r"^VmData:\s+(\d+) kB", _STATUS.read_text("ascii"), re.M) if _STATUS.exists() else None
    if match:
        resource.setrlimit(resource.RLIMIT_DATA, (int(match[1]) * 1024 + more, resource.getrlimit(resource.RLIMIT_DATA)[1]))


def _give_back_what_is_freed() -> None:
    """Return blocks over 128 KiB to the system as soon as they are freed: glibc keeps them once it has freed a few. Saves
    20 MB when many documents are hostile (measured)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 128 << 10)


_M_MMAP_THRESHOLD = -3


def _end_with(parent: BaseProcess) -> None:
    """Exit with `parent`: the workers of a killed refresh would wait for work for ever."""
    wait([parent.sentinel])
    os._exit(1)


def _start_worker() -> None:
    # Ctrl-C reaches every process of a terminal's group; the parent ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if parent := multiprocessing.parent_process():
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _give_back_what_is_freed()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def process_pool(workers: int) -> Executor:
    """The usual pool: `forkserver`, since forking a process with threads and an event loop is not safe."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["aggregator.ingest.parse", "aggregator.ingest.xmlfeed", "ftfy"])
    _start_server_without_interrupts()
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


def _start_server_without_interrupts() -> None:
    """Start the fork server, if none runs, with SIGINT blocked for it and its workers: it inherits the signal mask of the
    thread that starts it. Ctrl-C while it imports the parser would end it with a traceback."""
    # Starting the resource tracker unblocks SIGINT, so it comes first.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class ParsePool:
    """Parses in any `concurrent.futures.Executor`, which is made when there is something to parse and not before."""

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
        """Parse a document; a FetchFailed says why it cannot be. A machine that can start no process costs feeds, not the
        run."""
        try:
            return await self._parse_somewhere(task)
        except TimeoutError:
            # No document takes that long: the kernel kills its worker earlier. The machine is at its end.
            self._gave_up = f"could not be read on this machine (its readers did not answer for {_DEADLINE:.0f} s)"
            self._abandon()
            return FetchFailed(self._gave_up)
        except (OSError, MemoryError) as error:
            why = getattr(error, "strerror", None) or "out of memory"
        except RuntimeError as error:
            # Python's message when the system gives it no thread.
            if "new thread" not in str(error):
                raise
            why = str(error)
        self._abandon()
        return FetchFailed(f"could not be read on this machine ({why})")

    def _abandon(self) -> None:
        """Kill the workers of a pool that could not start fully: without the pool's thread nothing would ever end them."""
        self._executor = None
        for worker in multiprocessing.active_children():
            worker.kill()

    async def _parse_somewhere(self, task: ParseTask) -> Document | FetchFailed:
        if len(task.body) > LargeTurn.LARGE:
            return await self._parse_alone(task)
        async with self._places:
            outcome = await self._parse_here(task)
        return await self._parse_alone(task) if outcome is None or outcome == TOO_MUCH_MEMORY else outcome

    async def _parse_here(self, task: ParseTask) -> Document | FetchFailed | None:
        """Parse in the shared pool; None if the pool broke."""
        if self._gave_up:
            # The pool was given up while this task waited for its slot.
            return FetchFailed(self._gave_up)
        executor, share = await self._started(), SHARED_MEMORY // self._workers
        try:
            return await self._run(executor, task, share)
        except BrokenExecutor:
            if self._executor is executor:
                self._executor = None
            return None

    async def _started(self) -> Executor:
        """The pool. Its first process takes a quarter of a second to start, in a thread, so that fetching goes on."""
        async with self._starting:
            executor = self._executor
            if executor is None:
                executor = self._executor = self._make(self._workers)
                await asyncio.to_thread(executor.submit, os.getpid)
            return executor

    async def _parse_alone(self, task: ParseTask) -> Document | FetchFailed:
        """Parse in a process of its own, while no other document is parsed."""
        async with self._alone, AsyncExitStack() as places:
            for _ in range(self._most):
                await places.enter_async_context(self._places)
            if self._gave_up:
                return FetchFailed(self._gave_up)
            if self._executor is not None:
                # Return the memory of the workers first.
                self._executor.shutdown()
                self._executor = None
            executor = self._make(1)
            try:
                outcome = await self._run(executor, task, MEMORY)
            except BrokenExecutor:
                outcome = FetchFailed("sends a document on which the parser dies", permanent=True)
            executor.shutdown()
            return outcome

    async def _run(self, executor: Executor, task: ParseTask, memory: int) -> Document | FetchFailed:
        if self._gave_up:
            return FetchFailed(self._gave_up)
        running = asyncio.get_running_loop().run_in_executor(executor, parse_within_limits, task, memory)
        # Shielded: a pool whose worker is killed tells each of its futures, and ends in a traceback at one that was
        # cancelled (https://github.com/python/cpython/issues/94777).
        running.add_done_callback(lambda done: done.cancelled() or done.exception())
        if memory > SHARED_MEMORY:
            # The queue's thread keeps the last call that it wrote, so a small one frees the copy of a large document.
            executor.submit(os.getpid)
        return await asyncio.wait_for(asyncio.shield(running), _DEADLINE)
