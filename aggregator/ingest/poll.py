"""Poll all feeds concurrently: fetch each, compare it with its stored state, parse it. A failed feed is a value in the
stream; none stops the run, and none delays a feed on another host.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from aggregator.ingest.fetch import LONGEST_WAIT, LargeTurn, Limits, Network, fetch
from aggregator.ingest.parse import PARSER_VERSION, ParseTask
from aggregator.ingest.pool import ParsePool
from aggregator.ingest.raw import FeedSpec
from aggregator.instants import AHEAD, is_believed
from aggregator.text import moment_of
from aggregator.values.feeds import (
    Document,
    FeedState,
    Fetched,
    FetchFailed,
    NotModified,
    Outcome,
    Parsed,
    Skipped,
    Validators,
)
from aggregator.values.settings import Feed

_T = TypeVar("_T")

# Parsed documents that may be in memory at once, each about 0.1 MB.
_MOST_READ = 8
# Bytes of fetched bodies that may wait for a parser. A fetched feed frees its slot at once, so slow servers are asked early.
_MOST_BYTES = 4 << 20
_OFTEN = 3
# A server that answers 304 for ever is asked without validators once a week.
_TRUST_VALIDATORS = timedelta(days=7)


class Answer(NamedTuple):
    """The outcome of polling a feed; `state` is its state before the poll."""

    feed: Feed
    state: FeedState
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PollLimits:
    """Limits of a whole refresh: feeds polled at once, feeds of one host at once, and seconds overall."""

    at_once: int = 20
    per_host: int = 2
    seconds: float = 20 * 60
    feed: Limits = Limits()


def fingerprint_of(feed: Feed) -> str:
    """Digest of the parser's version and of the settings that shape a feed's entries: its hashes and validators are valid
    only as long as it stays the same."""
    spec = spec_of(feed)
    shaping = f"{PARSER_VERSION}|{spec.name}|{spec.language}|{spec.is_search}"
    return hashlib.blake2b(shaping.encode(), digest_size=8).hexdigest()


def spec_of(feed: Feed) -> FeedSpec:
    """The settings of a feed that parsing needs."""
    return FeedSpec(feed.url, feed.name, feed.language, feed.is_search)


def drop_stale_knowledge(feed: Feed, state: FeedState) -> FeedState:
    """`state`, without validators and body hash if another parser version or other settings made them."""
    fingerprint = fingerprint_of(feed)
    return (
        state
        if state.fingerprint == fingerprint
        else replace(state, validators=Validators(), body_hash=None, fingerprint=fingerprint)
    )


def validators_for(state: FeedState, *, now: datetime) -> Validators:
    """The validators to send with a request at `now`: none if the last body came over a week ago, or at a time that lies
    ahead (see instants.py)."""
    at = state.last_body_at
    is_trusted = at is not None and is_believed(at, now) and now - at < _TRUST_VALIDATORS
    return state.validators if is_trusted else Validators()


async def poll(
    feeds: Sequence[tuple[Feed, FeedState]], network: Network, pool: ParsePool, limits: PollLimits, *, now: datetime,
    parts_of: Callable[[Feed], str] = lambda feed: "", zone: tzinfo = UTC,
) -> AsyncGenerator[list[Answer], None]:  # fmt: skip
    """Yield the outcomes of all feeds as they come in, each feed exactly once; a batch holds those that came in while the
    previous batch was handled. `parts_of` gives a feed's previous `Document.parts`; messages give times in `zone`."""
    everything = asyncio.Semaphore(limits.at_once)
    hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.per_host))
    large, budget, wanted = asyncio.Lock(), _ByteBudget(_MOST_BYTES), asyncio.Semaphore(_MOST_READ)
    ends_at = asyncio.get_running_loop().time() + limits.seconds

    async def ask(feed: Feed, state: FeedState) -> Answer:
        # The host's slot is taken first, so that many feeds of one slow host hold no slot that others could use.
        # Waiting counts against no feed: its own deadline starts with its own request.
        async with LargeTurn(large) as turn:
            async with hosts[urlsplit(feed.url).hostname or ""], everything:
                if asyncio.get_running_loop().time() > ends_at:
                    return Answer(feed, state, Skipped("was not read: the refresh had used up its time"))
                fetched = await _fetch_known(feed, state, network, limits.feed, now, zone, turn)
                if not isinstance(fetched, Fetched):
                    return Answer(feed, state, fetched)
                await budget.put(len(fetched.body))
            try:
                # Released when the document is handed on, at once if there is none.
                await wanted.acquire()
                outcome = await _read(feed, state, fetched, pool, now, parts_of)
            finally:
                await budget.take(len(fetched.body))
        if not isinstance(outcome, Parsed):
            wanted.release()
        return Answer(feed, state, outcome)

    asked = (ask(feed, drop_stale_knowledge(feed, state)) for feed, state in in_order(feeds))
    async with aclosing(_as_they_finish(asked)) as finished:
        async for batch in finished:
            for answer in batch:
                if isinstance(answer.outcome, Parsed):
                    wanted.release()
            yield batch


def in_order(feeds: Sequence[tuple[Feed, FeedState]]) -> list[tuple[Feed, FeedState]]:
    """Feeds that failed the last time come first: one that hangs again does not delay the end. Feeds that failed more than
    three times in a row keep their place, so that many of them take no time from others."""
    return sorted(feeds, key=lambda pair: not 0 < pair[1].failures <= _OFTEN)


class _ByteBudget:
    """Limits the bytes of documents that wait for a parser; a larger document may wait alone."""

    def __init__(self, most: int) -> None:
        self._most = self._free = most
        self._turn = asyncio.Lock()
        self._changed = asyncio.Condition()

    async def put(self, size: int) -> None:
        """Wait until there is room for a document of `size` bytes, first come, first served: else a large one would wait for
        ever."""
        size = min(size, self._most)
        async with self._turn, self._changed:
            await self._changed.wait_for(lambda: self._free >= size)
            self._free -= size

    async def take(self, size: int) -> None:
        """Make room again after a document of `size` bytes."""
        async with self._changed:
            self._free += min(size, self._most)
            self._changed.notify_all()


async def _as_they_finish(coroutines: Iterable[Coroutine[Any, Any, _T]]) -> AsyncGenerator[list[_T], None]:
    """Yield finished results in batches as they complete. If a task raises, the batch that it came with is yielded first.
    Tasks that are unfinished when the generator is closed are cancelled."""
    done: asyncio.Queue[asyncio.Task[_T]] = asyncio.Queue()
    # A dictionary keeps the order in which they begin.
    tasks = dict.fromkeys(map(asyncio.create_task, coroutines))

    def hand_on(task: asyncio.Task[_T]) -> None:
        # A finished task holds its result, so no reference to it is kept (`asyncio.as_completed` would keep one).
        tasks.pop(task, None)
        done.put_nowait(task)

    for task in tuple(tasks):
        task.add_done_callback(hand_on)
    try:
        left = len(tasks)
        while left:
            finished = [await done.get(), *(done.get_nowait() for _ in range(done.qsize()))]
            left -= len(finished)
            fine = [task.result() for task in finished if not task.cancelled() and task.exception() is None]
            if fine:
                yield fine
            for task in finished:
                task.result()
    finally:
        unfinished = tuple(tasks)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        while not done.empty():
            # asyncio reports an exception that nobody retrieved, such as that of Ctrl-C, with a traceback.
            if not (task := done.get_nowait()).cancelled():
                task.exception()


async def _fetch_known(
    feed: Feed, state: FeedState, network: Network, limits: Limits, now: datetime, zone: tzinfo, turn: LargeTurn
) -> Fetched | NotModified | FetchFailed | Skipped:
    if state.not_before is not None and is_left_alone(state.not_before, now):
        return Skipped(f"wants to be left alone until {moment_of(state.not_before, zone)}", state.not_before)
    return await fetch(feed.url, validators_for(state, now=now), network, limits, now=now, turn=turn)


def is_left_alone(until: datetime, now: datetime) -> bool:
    """Whether a feed is not fetched because it asked for a pause `until` then. A pause longer than any that is granted was
    computed by a wrong clock and does not count."""
    return now < until <= now + LONGEST_WAIT + AHEAD


async def _read(
    feed: Feed, state: FeedState, fetched: Fetched, pool: ParsePool, now: datetime, parts_of: Callable[[Feed], str]
) -> Outcome:
    """Compare the body's hash first: servers without validators send the same bytes every day (12 × cheaper, measured)."""
    body_hash = hashlib.blake2b(fetched.body, digest_size=16, salt=state.fingerprint.encode()[:16]).hexdigest()
    if body_hash == state.body_hash:
        return NotModified(same_body=True, validators=fetched.validators)
    spec = spec_of(feed)
    last_parts = parts_of(feed)
    document = await pool.parse(ParseTask(fetched.body, fetched.content_type, fetched.final_url, spec, now, last_parts))
    # Once parsed, the body is no longer needed.
    return Parsed(replace(fetched, body=b""), document, body_hash) if isinstance(document, Document) else document
