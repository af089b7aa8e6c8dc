"""All feeds at once, each on its own: fetched, compared with what is known, parsed. A failed feed is a value in the
stream; none stops the run, and none delays a feed on another host.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from aggregator.ingest.clean import FeedSpec
from aggregator.ingest.fetch import Limits, Network, Room, fetch
from aggregator.ingest.parse import PARSER_VERSION, ParseTask
from aggregator.ingest.pool import ParsePool
from aggregator.values.feeds import (
    Document,
    FeedState,
    Fetched,
    FetchFailed,
    NotModified,
    Outcome,
    Read,
    Skipped,
    Validators,
)
from aggregator.values.settings import Feed

_T = TypeVar("_T")

# So many documents are with the readers or wait, read, for what comes after: each takes a tenth of a megabyte.
_MOST_READ = 8
# So many bytes of documents wait for the readers. Their feeds' places go to others, so that what hangs is asked early.
_MOST_BYTES = 4 << 20
_OFTEN = 3
# A server that answers 304 for ever is asked without validators once a week.
_TRUST_VALIDATORS = timedelta(days=7)


class Answer(NamedTuple):
    """What came of asking a feed; `state` is what was known of it before."""

    feed: Feed
    state: FeedState
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PollLimits:
    """How much a whole refresh may do at once (feeds, feeds of one host) and how many seconds it may take."""

    at_once: int = 20
    per_host: int = 2
    seconds: float = 20 * 60
    feed: Limits = Limits()


def salt_of(feed: Feed) -> str:
    """What makes knowledge about a feed true: the parser's version and those of its settings that shape its entries."""
    return hashlib.blake2b(f"{PARSER_VERSION}|{feed.name}|{feed.language}".encode(), digest_size=8).hexdigest()


def still_true(feed: Feed, state: FeedState) -> FeedState:
    """`state` without validators and hashes where they were made by another parser or under other settings."""
    salt = salt_of(feed)
    return state if state.salt == salt else replace(state, validators=Validators(), body_hash=None, salt=salt)


async def poll(
    feeds: Sequence[tuple[Feed, FeedState]], network: Network, pool: ParsePool, limits: PollLimits, *, now: datetime,
    parts_of: Callable[[Feed], str],
) -> AsyncGenerator[list[Answer], None]:  # fmt: skip
    """The outcomes of all feeds as they come in, those together that came while the ones before were dealt with; each feed
    exactly once. `parts_of` gives what `Document.parts` was when a feed was last read."""
    everything = asyncio.Semaphore(limits.at_once)
    hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(limits.per_host))
    large, shelf, wanted = asyncio.Lock(), _Shelf(_MOST_BYTES), asyncio.Semaphore(_MOST_READ)
    ends_at = asyncio.get_running_loop().time() + limits.seconds

    async def one(feed: Feed, state: FeedState) -> Answer:
        # The host's turn comes first, so that many feeds of one slow host hold no place that others could use.
        # Waiting counts against no feed: its own deadline starts with its own request.
        async with Room(large) as room:
            async with hosts[urlsplit(feed.url).hostname or ""], everything:
                if asyncio.get_running_loop().time() > ends_at:
                    return Answer(feed, state, Skipped("was not asked: the refresh had run for its whole time"))
                fetched = await _fetch_known(feed, state, network, limits.feed, now, room)
                if not isinstance(fetched, Fetched):
                    return Answer(feed, state, fetched)
                await shelf.put(len(fetched.body))
            try:
                # Given back where the document is handed on, at once where there is none.
                await wanted.acquire()
                outcome = await _read(feed, state, fetched, pool, now, parts_of)
            finally:
                await shelf.take(len(fetched.body))
        if not isinstance(outcome, Read):
            wanted.release()
        return Answer(feed, state, outcome)

    # What failed the last time may hang again: asked first, it makes the end no later. What has failed for days waits for
    # its turn, so that many of those take no time from others.
    by_trouble = sorted(feeds, key=lambda pair: not 0 < pair[1].failures <= _OFTEN)
    async with aclosing(_as_they_finish([one(feed, still_true(feed, state)) for feed, state in by_trouble])) as finished:
        async for found in finished:
            for answer in found:
                if isinstance(answer.outcome, Read):
                    wanted.release()
            yield found


class _Shelf:
    """Where documents wait for their readers: so many bytes, or a single one that is larger."""

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
        """Make room again."""
        async with self._changed:
            self._free += min(size, self._most)
            self._changed.notify_all()


async def _as_they_finish(coroutines: Iterable[Coroutine[Any, Any, _T]]) -> AsyncGenerator[list[_T], None]:
    """The results of all, the first first, and each time all that there are; where one raises, what came with it goes first.
    What is unfinished when the generator is closed is cancelled."""
    done: asyncio.Queue[asyncio.Task[_T]] = asyncio.Queue()
    # A dictionary keeps the order in which they begin.
    tasks = dict.fromkeys(map(asyncio.create_task, coroutines))

    def hand_on(task: asyncio.Task[_T]) -> None:
        # A finished task holds its result: nobody holds the task (`asyncio.as_completed` would).
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


async def _fetch_known(
    feed: Feed, state: FeedState, network: Network, limits: Limits, now: datetime, room: Room
) -> Fetched | NotModified | FetchFailed | Skipped:
    if state.not_before is not None and now < state.not_before:
        return Skipped(f"wants to be left alone until {state.not_before:%d %B %Y, %H:%M} UTC", state.not_before)
    trusted = state.last_body_at is not None and now - state.last_body_at < _TRUST_VALIDATORS
    return await fetch(feed.url, state.validators if trusted else Validators(), network, limits, now=now, room=room)


async def _read(
    feed: Feed, state: FeedState, fetched: Fetched, pool: ParsePool, now: datetime, parts_of: Callable[[Feed], str]
) -> Outcome:
    """The cheapest question first: servers without validators send the same bytes every day (12 × cheaper, measured)."""
    body_hash = hashlib.blake2b(fetched.body, digest_size=16, salt=state.salt.encode()[:16]).hexdigest()
    if body_hash == state.body_hash:
        return NotModified(same_body=True, validators=fetched.validators)
    spec = FeedSpec(feed.url, feed.name, feed.language)
    known = parts_of(feed)
    document = await pool.parse(ParseTask(fetched.body, fetched.content_type, fetched.final_url, spec, now, known))
    # The body has been read: what goes on is what it said.
    return Read(replace(fetched, body=b""), document, body_hash) if isinstance(document, Document) else document
