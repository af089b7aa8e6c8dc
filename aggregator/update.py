"""What a feed's answer changes: its state, where it moved to, how its undated entries are dated, and which entries wait for
staff. Pure: values in, values out, `now` handed in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.values.entries import HELD, Entry, Reason, Verdict
from aggregator.values.enums import Decision, ReviewState
from aggregator.values.feeds import Document, FeedState, FetchFailed, NotModified, Parsed, Validators
from aggregator.values.reports import RunOutcome

# Fewer new entries than this, none of them on topic, may be a coincidence; and fewer stored entries say nothing yet.
_FEWEST_SUSPICIOUS = 5
# Fewer undated entries than this are no archive.
_MOST_UNDATED_NEWS = 10


def state_after(
    state: FeedState, outcome: Parsed | NotModified | FetchFailed, *, fingerprint: str, now: datetime
) -> FeedState:
    """The state of a feed after this answer; `fingerprint` is what the parser and the feed's settings make it today."""
    state = replace(state, fingerprint=fingerprint, not_before=None)
    if isinstance(outcome, FetchFailed):
        wait = now + timedelta(seconds=outcome.retry_after) if outcome.retry_after else None
        return replace(state, failures=state.failures + 1, not_before=wait)
    state = replace(state, failures=0, last_ok_at=now)
    if isinstance(outcome, NotModified):
        validators = outcome.validators or state.validators
        return replace(state, validators=validators, last_body_at=now if outcome.same_body else state.last_body_at)
    # Without validators a document that breaks off is sent again tomorrow, perhaps whole.
    validators = outcome.fetched.validators if outcome.document.is_whole else Validators()
    return replace(state, validators=validators, body_hash=outcome.body_hash, last_body_at=now)


def changed_entries(entries: Sequence[Entry], hashes: Mapping[str, str], purged: Collection[str]) -> list[Entry]:
    """The entries that are new or whose content differs from the stored `hashes` (by guid); none that retention deleted."""
    return [entry for entry in entries if hashes.get(entry.guid) != entry.content_hash and entry.guid not in purged]


def moved_to(state: FeedState, read: Parsed, known: Collection[str]) -> str | None:
    """Where a permanent redirect says that the feed lives now. None where a feed that worked before brings nothing that is
    known (`known` are the guids that are stored): the redirect may lead to something else, such as a home page."""
    document = read.document
    is_same_feed = bool(known) or _has_unchanged(document) or not state.ever_worked
    return read.fetched.moved_to if is_same_feed else None


def _has_unchanged(document: Document) -> bool:
    return len(document.present) > len(document.entries)


def undated_at(undated: int, present: int, before: datetime | None, *, now: datetime) -> datetime | None:
    """The date that new entries without one get, or None for history that is not news: `before` is when the feed was last
    read, None for its first time; `undated` of the document's `present` entries are new and have no date. A clock that was
    ahead dates nothing later than `now`."""
    return None if before is None or is_flood(undated, present) else min(before, now)


def is_flood(undated: int, present: int) -> bool:
    """Whether a feed sends its archive again: most of a document of `present` entries is new and has no date."""
    return undated > _MOST_UNDATED_NEWS and 2 * undated > present


def review_state(decided: Collection[str], *, is_reviewed: bool) -> ReviewState:
    """The state of a new or changed entry: `decided` is what staff decided about its article before, and to hide wins.
    Where they decided nothing it waits if its feed is reviewed."""
    if Decision.HIDE in decided:
        return ReviewState.HIDDEN
    if Decision.ACCEPT in decided:
        return ReviewState.NONE
    return ReviewState.WAITING if is_reviewed else ReviewState.NONE


def held(new: Mapping[str, Verdict], *, stored: int, scored: int) -> dict[str, Verdict]:
    """The admitted ones of a feed's `new` entries (verdicts by guid), with the reason why they wait for staff; empty where
    nothing is suspicious: a batch that is off topic, from a feed that was on topic so far. A domain that was sold looks like
    that. Of the feed's entries `stored` are stored, of which `scored` speak of our topic."""
    if not is_off_topic([verdict.score for verdict in new.values()]) or not was_on_topic(stored, scored):
        return {}
    why = Reason(HELD, f"{len(new)} new entries at once and none about our topic, unlike the {stored} before")
    return {guid: replace(verdict, reasons=(why, *verdict.reasons)) for guid, verdict in new.items() if verdict.admitted}


def is_off_topic(scores: Sequence[float]) -> bool:
    """Whether a batch of new entries has many and none about our topic."""
    return len(scores) >= _FEWEST_SUSPICIOUS and not any(score > 0 for score in scores)


def was_on_topic(stored: int, scored: int) -> bool:
    """Whether at least half of a feed\'s `stored` entries, and enough of them to say so, speak of our topic (`scored`)."""
    return stored >= _FEWEST_SUSPICIOUS and 2 * scored >= stored


def run_outcome(*, read: int, failed: int) -> RunOutcome:
    """The outcome of a run in which `read` feeds could be read (or had nothing new) and `failed` that worked before could
    not: stale without any, degraded where more than half failed."""
    if read == 0:
        return RunOutcome.STALE
    return RunOutcome.DEGRADED if failed > read else RunOutcome.FRESH
