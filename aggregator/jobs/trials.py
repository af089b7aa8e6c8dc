"""Trying things out: one feed, the filter, the grouping. Nothing is stored."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aggregator.config import load
from aggregator.errors import Hint, UsageError
from aggregator.ingest.fetch import fetch
from aggregator.ingest.jsonlines import entry_of, is_pair, pair_of, read_lines, text_of
from aggregator.ingest.parse import ParseTask
from aggregator.ingest.poll import PollLimits, poll, spec_of
from aggregator.ingest.pool import ParsePool
from aggregator.jobs.workspace import Workspace, make_network
from aggregator.relevance.evidence import evidence_of, notice_of
from aggregator.relevance.judge import judge, make_rules
from aggregator.relevance.labelled import is_counted, item_of
from aggregator.relevance.measure import Evaluation, evaluate
from aggregator.stories.measure import Evaluation as StoryEvaluation
from aggregator.stories.measure import evaluate as evaluate_grouping
from aggregator.stories.replay import Replay, grouping_entry
from aggregator.stories.same_article import is_same_article
from aggregator.text import one_line, plain_text
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry, Verdict
from aggregator.values.environment import Environment
from aggregator.values.feeds import Document, FeedState, Fetched, FetchFailed, NotModified, Parsed, Validators
from aggregator.values.reports import FeedFailure
from aggregator.values.settings import Feed, FeedType, FilterRules, Settings
from aggregator.values.stories import GroupingEntry

# ---- one feed --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeedTrial:
    """What a feed would give: its entries with the filter's verdicts, or why it cannot be read. `body` is what came from
    `final_url` instead of a feed; `moved_to` is the address that a permanent redirect (HTTP 301, 308) names."""

    document: Document | None
    verdicts: tuple[tuple[Entry, Verdict], ...] = ()
    final_url: str = ""
    moved_to: str | None = None
    reason: str = ""
    body: bytes = b""


async def try_feed(
    feed: Feed, environment: Environment, settings: Settings, pool: ParsePool, *, now: datetime, own: str | None = None
) -> FeedTrial:
    """Fetch and judge one feed without keeping anything. `own` is the address that a person named, where it is not the
    feed's: what a page names is never reached at a private address that the person did not mean."""
    network = make_network(environment, settings)
    fetched = await fetch(feed.url, Validators(), network, PollLimits().feed, now=now, own=own)
    if not isinstance(fetched, Fetched):
        return FeedTrial(None, reason=fetched.reason if isinstance(fetched, FetchFailed) else "says that nothing changed")
    spec = spec_of(feed)
    document = await pool.parse(ParseTask(fetched.body, fetched.content_type, fetched.final_url, spec, now))
    if isinstance(document, FetchFailed):
        return FeedTrial(None, final_url=fetched.final_url, reason=document.reason, body=fetched.body)
    rules = make_rules(vocabulary(), settings.filter)
    verdicts = tuple((entry, judge(entry, entry.keys, feed, rules)) for entry in document.entries)
    return FeedTrial(document, verdicts, fetched.final_url, fetched.moved_to)


async def check_online(workspace: Workspace, *, now: datetime) -> list[FeedFailure]:
    """Ask every feed once, unconditionally; the ones that fail. Nothing is kept."""
    failures = []
    pairs = [(feed, FeedState(feed.url)) for feed in workspace.settings.enabled_feeds]
    async with ParsePool(workspace.make_pool) as pool:
        async for answers in poll(pairs, workspace.network, pool, workspace.limits, now=now):
            for feed, _, outcome in answers:
                if not isinstance(outcome, Parsed | NotModified):
                    failures.append(FeedFailure(feed.name, feed.shown_url, outcome.reason))
    return sorted(failures, key=lambda failure: failure.feed)


# ---- lines -----------------------------------------------------------------------------------------------------------


def try_filter(lines: Iterable[str], name: str, rules: FilterRules) -> Iterator[dict[str, Any]]:
    """The filter's verdict on each line."""
    ready = make_rules(vocabulary(), rules)
    feed = Feed(name="pasted", url="https://pasted.invalid/")
    for item in read_lines(lines, name):
        entry = entry_of(item)
        verdict = judge(entry, entry.keys, feed, ready)
        yield {
            "id": item["id"],
            "relevant": verdict.admitted and not verdict.is_doubtful,
            "waits": verdict.is_doubtful,
            "score": verdict.score,
            "topics": list(verdict.topics),
            "evidence": verdict.evidence,
            "reasons": [asdict(reason) for reason in verdict.reasons],
        }


def judge_pasted(title: str, text: str, rules: FilterRules) -> Verdict:
    """The verdict on a title and a text that somebody pasted."""
    entry = entry_of({"id": "pasted", "title": one_line(title), "summary": plain_text(text, is_markup=False)})
    return judge(entry, (), Feed(name="pasted", url="https://pasted.invalid/"), make_rules(vocabulary(), rules))


def rules_of(feeds: Path) -> FilterRules:
    """The filter section of feeds.yaml; the rules that come with the program where there is no such file."""
    return load(feeds).filter if feeds.exists() else FilterRules()


def evaluate_filter(lines: Iterable[str], name: str, rules: FilterRules) -> Evaluation:
    """The filter against labelled lines (`label`, `topics`, `hard`, `kind` beside the usual fields). Lines in other
    languages than the vocabulary has, and those marked `borderline`, do not count."""
    ready = make_rules(vocabulary(), rules)
    feed = Feed(name="labelled", url="https://labelled.invalid/")
    items = [item_of(item, entry_of(item)) for item in read_lines(lines, name) if is_counted(item)]
    return evaluate(items, lambda item: judge(item.entry, item.entry.keys, feed, ready))


def _grouping_entry(number: int, entry: Entry) -> GroupingEntry:
    is_preprint = evidence_of(entry, FeedType.SEARCH) == "preprint"
    return grouping_entry(number, entry, is_preprint=is_preprint, notice=notice_of(entry.title))


def try_stories(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """Each line's story, days judged one after another; for a line with a pair (`a`, `b`), whether they are the same
    article. The store is never read. A line's story is written when nothing can change it any more, two days later."""
    replay, ids = Replay(), {}
    for number, item in enumerate(read_lines(lines, name), start=1):
        if is_pair(item):
            yield {"id": item["id"], "same": is_same_article(*map(_grouping_entry, (1, 2), pair_of(item)))}
            continue
        ids[number] = item["id"]
        yield from _told(replay.take(_grouping_entry(number, entry_of(item))), ids)
    yield from _told(replay.end(), ids)


def _told(settled: Iterable[tuple[int, int]], ids: dict[int, Any]) -> Iterator[dict[str, Any]]:
    return ({"id": ids.pop(number), "story": f"s{story}"} for number, story in settled)


def evaluate_stories(lines: Iterable[str], name: str) -> tuple[StoryEvaluation, dict[str, str], float]:
    """The grouping against lines with a `story`; the titles, and how many seconds it took. Lines whose `story` is null are
    grouped and not counted. UsageError where no line has one."""
    items = list(read_lines(lines, name))
    if pair := next(filter(is_pair, items), None):
        raise UsageError(f"{name}: line {pair['id']} is a pair; lines with a “story” are needed.", hint=Hint.TRY_PAIRS)
    began = time.perf_counter()
    found = {str(one["id"]): str(one["story"]) for one in try_stories(map(json.dumps, items), name)}
    seconds = time.perf_counter() - began
    wanted = {str(item["id"]): str(item["story"]) for item in items if item.get("story") is not None}
    if not wanted:
        raise UsageError(f"{name}: no line has a “story”.")
    return evaluate_grouping(wanted, found), {str(item["id"]): text_of(item, "title") for item in items}, seconds
