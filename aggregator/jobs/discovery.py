"""Finding a feed: where the address of a known site says, at the address itself, on its page, in the usual places."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from aggregator.errors import NotAFeedError, UsageError
from aggregator.feedlist.discover import feed_in_lookup, feeds_of_page
from aggregator.feedlist.kinds import type_of
from aggregator.feedlist.listed import feed_at, numbered_name
from aggregator.feedlist.patterns import advice_on, feeds_of_address, lookup_of, needs_a_person
from aggregator.ingest.fetch import fetch
from aggregator.ingest.poll import PollLimits
from aggregator.ingest.pool import ParsePool
from aggregator.jobs.trials import FeedTrial, try_feed
from aggregator.jobs.workspace import make_network
from aggregator.text import shorten
from aggregator.urls import shown_address, web_address
from aggregator.values.environment import Environment
from aggregator.values.feeds import Fetched, Validators
from aggregator.values.settings import Feed, FeedType, Settings

# Seconds for all that is tried after the address itself: a site that answers nothing must not hold a person up.
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that works, and what it would give. `url` is the address to list; `moved_from` the one that redirects to it for
    good, else empty."""

    url: str
    trial: FeedTrial
    moved_from: str = ""

    def differs(self, asked: str) -> str:
        """A sentence where the feed is elsewhere than at the address `asked`; empty where it is there."""
        if self.moved_from:
            before, after = shown_address(self.moved_from), shown_address(self.url)
            return f"{before} redirects permanently. The new address is used: {after}"
        return f"Found: {shown_address(self.url)}" if self.url != asked else ""

    @property
    def guessed_type(self) -> FeedType:
        """What its host says of the type."""
        return type_of(self.url)

    def suggested_name(self, listed: Sequence[Feed]) -> str:
        """Its own title, with a number where another feed has that name."""
        title = self.trial.document.title if self.trial.document else ""
        return numbered_name(
            shorten(title, 90) or urlsplit(self.url).hostname or "A feed", {feed.name.casefold() for feed in listed}
        )


def written_address(url: str) -> str:
    """What staff typed, with https:// before it where they left that out or mistyped it (`https//`, `https:/`). UsageError
    where it is no web address."""
    written = re.sub(r"^\s*(https?)(?:[:;]?/{1,2}|[:;])(?=[\w-]+(?:\.[\w-]+)+)", r"\1://", url, flags=re.I)
    try:
        is_bare = "." in written and "://" not in written and ":" not in written.partition("/")[0]
        return web_address(f"https://{written.strip()}" if is_bare else written)
    except ValueError as error:
        raise UsageError(f"{error}.") from error


async def try_address(address: str, environment: Environment, settings: Settings, *, now: datetime) -> tuple[FeedTrial, str]:
    """What the feed at `address` gives now, listed or not, or the one that is found there, and a sentence where it is
    elsewhere. Nothing is kept. NotAFeedError says what is there instead."""
    known = feed_at(settings.feeds, address)
    if known is None:
        found = await find_feed(address, environment, settings, now=now)
        return found.trial, found.differs(address)
    trial = await try_listed_feed(known, environment, settings, now=now)
    if trial.document is None:
        raise NotAFeedError(f"{known.shown_url} {trial.reason}.")
    return trial, ""


async def find_feed(address: str, environment: Environment, settings: Settings, *, now: datetime) -> Found:
    """The feed at `address`, or the feed of the site that lives there. UsageError where it is listed already, where a person
    has to make it first; NotAFeedError says what is there instead."""
    if advice := needs_a_person(address):
        raise UsageError(advice)
    async with ParsePool(workers=1) as pool:
        search = _Search(address, environment, settings, now, pool)
        search.refuse_listed(address, "This address is in feeds.yaml already")
        return await search.run()


async def try_listed_feed(feed: Feed, environment: Environment, settings: Settings, *, now: datetime) -> FeedTrial:
    """What a feed of feeds.yaml gives now. Nothing is kept."""
    async with ParsePool(workers=1) as pool:
        return await try_feed(feed, environment, settings, pool, now=now)


@dataclass(frozen=True)
class _Search:
    address: str
    environment: Environment
    settings: Settings
    now: datetime
    pool: ParsePool

    async def run(self) -> Found:
        """The feed that is found first; NotAFeedError where there is none."""
        derived = await self._first_working(feeds_of_address(self.address))
        if derived is not None:
            return derived
        first = await self._try(self.address)
        if first.document is not None:
            return self._taken(self.address, first)
        found = await self._first_working(await self._named_by(first))
        if found is not None:
            return found
        is_page = b"<" in first.body[:1000]
        nothing = " No feed was found on the page or in the usual places." if is_page else ""
        advice = advice_on(self.address)
        raise NotAFeedError(f"{shown_address(self.address)} {first.reason}.{nothing} {advice}".rstrip())

    async def _named_by(self, page: FeedTrial) -> list[str]:
        """Where the feed may be: what a directory of podcasts says, then what the page says."""
        lookup = lookup_of(self.address)
        in_directory = await self._looked_up(lookup) if lookup else None
        on_page = feeds_of_page(page.body, page.final_url) if b"<" in page.body[:1000] else []
        return [*([in_directory] if in_directory else []), *on_page]

    async def _looked_up(self, lookup: str) -> str | None:
        network = make_network(self.environment, self.settings)
        answer = await fetch(lookup, Validators(), network, PollLimits().feed, now=self.now, own=self.address)
        return feed_in_lookup(answer.body) if isinstance(answer, Fetched) else None

    async def _first_working(self, candidates: Iterable[str]) -> Found | None:
        """The first candidate that is a feed with entries, else the first that is a feed."""
        empty = None
        try:
            async with asyncio.timeout(_PATIENCE):
                for candidate in candidates:
                    trial = await self._try(candidate)
                    if trial.verdicts:
                        return self._taken(candidate, trial)
                    if trial.document is not None:
                        empty = empty or (candidate, trial)
        except TimeoutError:
            pass
        return self._taken(*empty) if empty else None

    async def _try(self, url: str) -> FeedTrial:
        feed = Feed(name="tried feed", url=url)
        return await try_feed(feed, self.environment, self.settings, self.pool, now=self.now, own=self.address)

    def _taken(self, url: str, trial: FeedTrial) -> Found:
        """A feed that works, under the address that its publisher wants it to have."""
        self.refuse_listed(url, "The feed of this site is in feeds.yaml already")
        self.refuse_listed(trial.final_url, "This address leads to a feed that is in feeds.yaml already")
        if not trial.moved_to or trial.moved_to == url:
            return Found(url, trial)
        try:
            return Found(web_address(trial.moved_to), trial, moved_from=url)
        except ValueError:
            # Redirected for good to what no list may hold (a password in the address): it is read where it was found.
            return Found(url, trial)

    def refuse_listed(self, url: str, what: str) -> None:
        """UsageError where a listed feed has this address, or one that differs in nothing that matters."""
        feed = feed_at(self.settings.feeds, url)
        if feed is not None:
            raise UsageError(f"{what}: “{feed.name}”.")
