"""Trying things out: one feed, the filter, the grouping. Nothing is stored."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aggregator.config import Environment
from aggregator.errors import UsageError
from aggregator.ingest.clean import FeedSpec, identifiers_in, mentions_in
from aggregator.ingest.dates import read_date
from aggregator.ingest.fetch import fetch
from aggregator.ingest.language import language_of
from aggregator.ingest.parse import ParseTask
from aggregator.ingest.poll import PollLimits, poll
from aggregator.ingest.pool import ParsePool
from aggregator.jobs.house import House, make_network
from aggregator.relevance.evidence import evidence_of, notice_of
from aggregator.relevance.judge import judge, make_rules
from aggregator.relevance.measure import Evaluation, Labelled, evaluate
from aggregator.stories.clusters import Stream
from aggregator.stories.grouping import group_days
from aggregator.stories.identity import conflicts, keys_of, same_title
from aggregator.stories.measure import Evaluation as StoryEvaluation
from aggregator.stories.measure import evaluate as evaluate_grouping
from aggregator.stories.terms import Weights
from aggregator.text import one_line, plain_text
from aggregator.topics import vocabulary
from aggregator.urls import canonical_url, clean_url, doi_in
from aggregator.values.entries import Entry, Verdict
from aggregator.values.feeds import Document, FeedState, Fetched, FetchFailed, NotModified, Read, Validators
from aggregator.values.reports import FeedFailure
from aggregator.values.settings import Feed, FeedType, FilterRules, Settings
from aggregator.values.stories import Grouping, Member, Window, WordCounts

# How long a story of the last days may still turn out to be one with another.
_SETTLES_IN = timedelta(days=2)

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
        async for answers in poll(pairs, house.network, pool, house.limits, now=now, parts_of=lambda _: ""):
            for feed, _, outcome in answers:
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
    summary, url, title = (
        _text(item, "summary"),
        clean_url(_text(item, "url")),
        plain_text(_text(item, "title"), is_markup=False),
    )
    return Entry(
        guid=str(item["id"]),
        url=url,
        title=title,
        summary=summary,
        text=summary,
        source=_text(item, "source") or _text(item, "publisher"),
        language=language_of(f"{title} {summary}", _text(item, "lang") or None),
        identifiers=identifiers_in((url,), url),
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


def _member(number: int, item: dict[str, Any]) -> Member:
    entry = entry_of(item)
    return Member(
        entry=number,
        title=entry.title,
        summary=entry.summary,
        source=entry.source,
        url=entry.url,
        at=read_date(_text(item, "published")) or datetime(1970, 1, 1, tzinfo=UTC),
        keys=keys_of(entry),
        authors=tuple(author for author in item.get("authors") or () if isinstance(author, str)) or _cited(entry.summary),
        mentions=mentions_in(f"{entry.title} {entry.summary}", entry.identifiers),
        is_preprint=evidence_of(entry, FeedType.SEARCH) == "preprint",
        notice=notice_of(entry.title),
    )


_CITED = re.compile(r"(?:^|[.;:] )((?:[A-ZÀ-Þ][\w’'-]+ )+[A-Z]{1,3})(?:,|\.|;| et al)")


def _cited(summary: str) -> tuple[str, ...]:
    """The first author as PubMed and preprint servers write it into the summary: "2026 Mar 5. Lindqvist E, Barr T."."""
    found = _CITED.search(summary)
    return (found[1],) if found else ()


def try_stories(lines: Iterable[str], name: str) -> Iterator[dict[str, Any]]:
    """Each line's story, days judged one after another; for a line with a pair (`a`, `b`), whether they are the same
    article. The store is never read. A line's story is written when nothing can change it any more, two days later."""
    trial = _StoryTrial()
    for number, item in enumerate(read_lines(lines, name), start=1):
        if "a" in item and "b" in item:
            yield {"id": item["id"], "same": _is_same(item)}
            continue
        yield from trial.take(item, _member(number, item))
    yield from trial.end()


def evaluate_stories(lines: Iterable[str], name: str) -> tuple[StoryEvaluation, dict[str, str], float]:
    """The grouping against lines with a `story`; the titles, and how many seconds it took. Lines whose `story` is null are
    grouped and not counted."""
    items = list(read_lines(lines, name))
    began = time.perf_counter()
    found = {str(one["id"]): str(one["story"]) for one in try_stories(map(json.dumps, items), name)}
    seconds = time.perf_counter() - began
    wanted = {str(item["id"]): str(item["story"]) for item in items if item.get("story") is not None}
    if not wanted:
        raise UsageError(f"{name}: no line has a “story”.")
    return evaluate_grouping(wanted, found), {str(item["id"]): _text(item, "title") for item in items}, seconds


class _StoryTrial:
    """A stream of lines on its way through the grouping, day by day."""

    def __init__(self) -> None:
        self._stream = Stream(Weights(), Window((), (), WordCounts()))
        self._day: list[Member] = []
        self._waiting: list[tuple[str, Member]] = []
        self._story: dict[int, int] = {}

    def take(self, item: dict[str, Any], member: Member) -> Iterator[dict[str, Any]]:
        """One more line; what is settled by now."""
        if self._day and member.at.date() != self._day[-1].at.date():
            yield from self._close(member.at.date())
        self._day.append(member)
        self._waiting.append((item["id"], member))

    def end(self) -> Iterator[dict[str, Any]]:
        """All that still waits."""
        yield from self._close(None)

    def _close(self, next_day: date | None) -> Iterator[dict[str, Any]]:
        for grouping in group_days(self._stream, self._day):
            self._move(grouping)
        self._day.clear()
        settled = [(name, one) for name, one in self._waiting if next_day is None or one.at.date() < next_day - _SETTLES_IN]
        self._waiting = [pair for pair in self._waiting if pair not in settled]
        yield from ({"id": name, "story": f"s{self._story[one.entry]}"} for name, one in settled)

    def _move(self, grouping: Grouping) -> None:
        target = grouping.entry if grouping.joins is None else self._story[grouping.joins]
        old = self._story.get(grouping.entry)
        if old is None:
            self._story[grouping.entry] = target
        elif old != target:
            self._story |= {entry: target for entry, story in self._story.items() if story == old}


def _is_same(item: dict[str, Any]) -> bool:
    if not isinstance(item["a"], dict) or not isinstance(item["b"], dict):
        raise UsageError(f"the pair {item['id']}: “a” and “b” must be entries.")
    one, other = (_member(n, {"id": n, **item[side]}) for n, side in enumerate("ab"))
    if conflicts(one.keys, other.keys) or one.notice != other.notice:
        return False
    return bool({*one.keys} & {*other.keys}) or same_title(
        one.title, other.title, one_source=one.source, other_source=other.source
    )


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
