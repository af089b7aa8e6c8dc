"""Trying things out: one feed, the filter, the grouping. Nothing is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from aggregator.config import Environment
from aggregator.errors import UsageError
from aggregator.ingest.clean import FeedSpec
from aggregator.ingest.dates import read_date
from aggregator.ingest.fetch import fetch
from aggregator.ingest.language import language_of
from aggregator.ingest.parse import ParseTask
from aggregator.ingest.poll import PollLimits, poll
from aggregator.ingest.pool import ParsePool
from aggregator.jobs.house import House, make_network
from aggregator.relevance.judge import judge, make_rules
from aggregator.relevance.measure import Evaluation, Labelled, evaluate
from aggregator.stories.grouping import group
from aggregator.stories.identity import keys_of
from aggregator.text import one_line, plain_text
from aggregator.topics import vocabulary
from aggregator.urls import canonical_url, clean_url, doi_in
from aggregator.values.entries import Entry, Identifiers, Verdict
from aggregator.values.feeds import Document, FeedState, Fetched, FetchFailed, NotModified, Read, Validators
from aggregator.values.reports import FeedFailure
from aggregator.values.settings import Feed, FilterRules, Settings
from aggregator.values.stories import Member, Window

# ---- one feed --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedTrial:
    """What a feed would give: its entries with the filter's verdicts, or why it cannot be read. `body` is what came from
    `final_url` instead of a feed."""

    document: Document | None
    verdicts: tuple[tuple[Entry, Verdict], ...] = ()
    final_url: str = ""
    reason: str = ""
    body: bytes = b""


async def try_feed(
    feed: Feed, environment: Environment, settings: Settings, *, now: datetime, own: str | None = None
) -> FeedTrial:
    """Fetch and judge one feed without keeping anything. `own` is the address that a person named, where it is not the
    feed's: what a page names is never reached at a private address that the person did not mean."""
    network = make_network(environment, settings)
    fetched = await fetch(feed.url, Validators(), network, PollLimits().feed, now=now, own=own)
    if not isinstance(fetched, Fetched):
        return FeedTrial(None, reason=fetched.reason if isinstance(fetched, FetchFailed) else "says that nothing changed")
    spec = FeedSpec(feed.url, feed.name, feed.language)
    async with ParsePool(workers=1) as pool:
        document = await pool.parse(ParseTask(fetched.body, fetched.content_type, fetched.final_url, spec, now))
    if isinstance(document, FetchFailed):
        return FeedTrial(None, final_url=fetched.final_url, reason=document.reason, body=fetched.body)
    rules = make_rules(vocabulary(), settings.filter)
    verdicts = tuple((entry, judge(entry, keys_of(entry), feed, rules)) for entry in document.entries)
    return FeedTrial(document, verdicts, fetched.final_url)


async def check_online(house: House, *, now: datetime) -> list[FeedFailure]:
    """Ask every feed once, unconditionally; the ones that fail. Nothing is kept."""
    failures = []
    pairs = [(feed, FeedState(feed.url)) for feed in house.settings.enabled_feeds]
    async with ParsePool(house.make_pool) as pool:
        async for feed, _, outcome in poll(pairs, house.network, pool, house.limits, now=now):
            if not isinstance(outcome, Read | NotModified):
                failures.append(FeedFailure(feed.name, feed.url, outcome.reason))
    return sorted(failures, key=lambda failure: failure.feed)


# ---- lines -----------------------------------------------------------------------------------------------------------


def read_lines(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file; UsageError names the line that is none."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            raise UsageError(f"{name}, line {number}: this is no JSON ({error}).") from error
        if not isinstance(item, dict) or "id" not in item:
            raise UsageError(f"{name}, line {number}: an object with an “id” is needed.")
        yield item


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def entry_of(item: dict[str, Any]) -> Entry:
    """The entry that a line describes."""
    summary, url, title = _text(item, "summary"), clean_url(_text(item, "url")), _text(item, "title")
    return Entry(
        guid=str(item["id"]),
        url=url,
        title=title,
        summary=summary,
        text=summary,
        source=_text(item, "source") or _text(item, "publisher"),
        language=language_of(f"{title} {summary}", _text(item, "lang") or None),
        identifiers=Identifiers(doi=doi_in(url) if url else None),
    )


def try_filter(lines: Iterable[str], name: str, rules: FilterRules) -> Iterator[dict[str, Any]]:
    """The filter's verdict on each line."""
    ready = make_rules(vocabulary(), rules)
    feed = Feed(name="pasted", url="https://pasted.invalid/")
    for item in read_lines(lines, name):
        entry = entry_of(item)
        verdict = judge(entry, keys_of(entry), feed, ready)
        yield {
            "id": item["id"],
            "relevant": verdict.admitted,
            "score": verdict.score,
            "topics": list(verdict.topics),
            "evidence": verdict.evidence,
            "reasons": [asdict(reason) for reason in verdict.reasons],
        }


def judge_pasted(title: str, text: str, rules: FilterRules) -> Verdict:
    """The verdict on a title and a text that somebody pasted."""
    entry = entry_of({"id": "pasted", "title": one_line(title), "summary": plain_text(text, is_markup=False)})
    return judge(entry, (), Feed(name="pasted", url="https://pasted.invalid/"), make_rules(vocabulary(), rules))


def evaluate_filter(lines: Iterable[str], name: str, rules: FilterRules) -> Evaluation:
    """The filter against labelled lines (`label`, `topics`, `hard`, `kind` beside the usual fields). Lines in other
    languages than English and Spanish, and those marked `borderline`, do not count."""
    ready = make_rules(vocabulary(), rules)
    feed = Feed(name="labelled", url="https://labelled.invalid/")
    items = [
        Labelled(
            name=str(item["id"]),
            entry=entry_of(item),
            is_relevant=bool(item.get("label")),
            topics=frozenset(item.get("topics") or ()),
            is_hard=bool(item.get("hard")),
            kind=_text(item, "kind"),
        )
        for item in read_lines(lines, name)
        if not item.get("borderline") and item.get("lang", "en") in ("en", "es")
    ]
    return evaluate(items, lambda item: judge(item.entry, keys_of(item.entry), feed, ready))


def _member(number: int, item: dict[str, Any], story: int | None = None) -> Member:
    entry = entry_of(item)
    at = read_date(_text(item, "published")) or datetime(1970, 1, 1, tzinfo=UTC)
    return Member(number, entry.title, entry.summary, entry.source, entry.url, at, keys_of(entry), story=story)


def try_stories(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """Each line's story, days judged one after another; for a line with a pair (`a`, `b`), whether they are the same
    article. The store is never read."""
    stories: dict[int, Any] = {}
    known: list[Member] = []
    day: list[tuple[dict[str, Any], Member]] = []

    def close() -> Iterator[dict[str, Any]]:
        window = Window(tuple(member for _, member in day), tuple(known))
        for grouping in group(window):
            stories[grouping.entry] = f"s{grouping.entry}" if grouping.joins is None else stories[grouping.joins]
        known.extend(member for _, member in day)
        yield from ({"id": item["id"], "story": stories[member.entry]} for item, member in day)
        day.clear()

    for number, item in enumerate(read_lines(lines, name)):
        if "a" in item and "b" in item:
            yield {"id": item["id"], "same": _is_same(item)}
            continue
        member = _member(number, item)
        if day and member.at.date() != day[-1][1].at.date():
            yield from close()
        day.append((item, member))
    yield from close()


def _is_same(item: dict[str, Any]) -> bool:
    if not isinstance(item["a"], dict) or not isinstance(item["b"], dict):
        raise UsageError(f"the pair {item['id']}: “a” and “b” must be entries.")
    pair = [_member(n, {"id": n, **item[side]}, n) for n, side in enumerate("ab")]
    return group(Window((pair[1],), (pair[0],)))[0].joins is not None


# ---- one entry -------------------------------------------------------------------------------------------------------


def is_entry(written: str) -> bool:
    """Whether this can be the number, address or identifier of an entry, and is no pasted text."""
    text = written.strip()
    return text.isdigit() or (" " not in text and bool(re.search(r"[:/.]|^NCT\d", text, re.I)))


def wanted_keys(written: str) -> tuple[int | None, tuple[str, ...]]:
    """ENTRY on the command line: a printed number, or identity keys made from any address or identifier of it."""
    text = written.strip()
    if text.isdigit() and len(text) < 16:
        return int(text), ()
    name, colon, value = text.partition(":")
    if colon and name.lower() in ("doi", "pmid", "pmcid", "nct"):
        return None, (f"{name.lower()}:{value.strip().lower()}",)
    doi, address = doi_in(text), canonical_url(text)
    keys = [key for key in (f"doi:{doi}" if doi else "", f"url:{address}" if address else "") if key]
    if text.upper().startswith("NCT"):
        keys.append(f"nct:{text.lower()}")
    if not keys:
        raise UsageError(f"“{written}” is no number, address or identifier (doi:…, pmid:…, NCT…) of an entry.")
    return None, tuple(keys)
