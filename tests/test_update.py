"""What a feed's answer changes: a row for each rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.store import decisions
from aggregator.update import changed_entries, held, moved_to, review_state, run_outcome, state_after, undated_at
from aggregator.values.entries import Entry, Reason, Verdict
from aggregator.values.enums import Decision, ReviewState
from aggregator.values.feeds import Document, FeedState, Fetched, FetchFailed, NotModified, Parsed, Validators
from aggregator.values.reports import RunOutcome
from tests.conftest import NOW

URL = "https://feeds.example.com/f"
BEFORE, EARLIER = NOW - timedelta(days=1), NOW - timedelta(days=3)
STATE = FeedState(
    URL, Validators("a", "Mon"), "hash a", "old", not_before=BEFORE, last_ok_at=BEFORE, last_body_at=EARLIER, failures=2
)
WELL = replace(STATE, fingerprint="new", not_before=None, failures=0, last_ok_at=NOW)


def read(*, is_whole: bool = True, entries: int = 1, present: int = 1, moved: str | None = None) -> Parsed:
    document = Document(
        tuple(Entry(guid=str(n), url="", title="T") for n in range(entries)), is_whole=is_whole,
        present=frozenset(map(str, range(present))),
    )  # fmt: skip
    return Parsed(Fetched(b"", "text/xml", URL, Validators("b"), moved), document, "hash b")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (read(), replace(WELL, validators=Validators("b"), body_hash="hash b", last_body_at=NOW)),
        # With a validator the rest of a document that broke off would be a 304 tomorrow.
        (read(is_whole=False), replace(WELL, validators=Validators(), body_hash="hash b", last_body_at=NOW)),
        (NotModified(), WELL),
        (NotModified(validators=Validators("c")), replace(WELL, validators=Validators("c"))),
        (NotModified(same_body=True), replace(WELL, last_body_at=NOW)),
        (FetchFailed("x"), replace(STATE, fingerprint="new", not_before=None, failures=3)),
        (
            FetchFailed("x", retry_after=60),
            replace(STATE, fingerprint="new", not_before=NOW + timedelta(seconds=60), failures=3),
        ),
    ],
    ids=["read", "broke off", "304", "304 with validators", "same body", "failed", "retry after"],
)
def test_the_state_after_an_answer(outcome: Parsed | NotModified | FetchFailed, expected: FeedState) -> None:
    assert state_after(STATE, outcome, fingerprint="new", now=NOW) == expected


@pytest.mark.parametrize(
    ("stored", "purged", "is_changed"),
    [({}, (), True), ({"g": "old"}, (), True), ({"g": "hash"}, (), False), ({}, ("g",), False)],
    ids=["new", "changed", "unchanged", "deleted by retention"],
)
def test_only_what_is_new_or_changed_is_judged(stored: dict[str, str], purged: tuple[str, ...], is_changed: bool) -> None:
    entry = Entry(guid="g", url="", title="T", content_hash="hash")

    assert changed_entries([entry], stored, purged) == [entry] * is_changed


NEW_FEED = FeedState(URL)


@pytest.mark.parametrize(
    ("state", "answer", "known", "is_believed"),
    [
        (STATE, read(moved="https://b.example/"), ("0",), True),
        (STATE, read(moved="https://b.example/", entries=1, present=2), (), True),
        (STATE, read(moved="https://b.example/"), (), False),
        (NEW_FEED, read(moved="https://b.example/"), (), True),
    ],
    ids=["an entry is known", "an entry was not read again", "nothing is known", "the feed is new"],
)
def test_a_redirect_is_believed_where_it_leads_to_the_same_feed(
    state: FeedState, answer: Parsed, known: tuple[str, ...], is_believed: bool
) -> None:
    assert moved_to(state, answer, known) == ("https://b.example/" if is_believed else None)


@pytest.mark.parametrize(
    ("undated", "present", "before", "expected"),
    [
        (0, 20, BEFORE, BEFORE),
        (10, 10, BEFORE, BEFORE),
        (11, 21, BEFORE, None),
        (11, 22, BEFORE, BEFORE),
        (1, 1, None, None),
        (1, 1, NOW + timedelta(days=9), NOW),
    ],
    ids=["none", "few", "more than half", "just half", "first fetch", "a clock that was ahead"],
)
def test_new_entries_without_a_date(undated: int, present: int, before: object, expected: object) -> None:
    """An archive that is sent again is history; a few new ones are as old as the last look at the feed."""
    assert undated_at(undated, present, before, now=NOW) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("decided", "is_reviewed", "expected"),
    [
        ((), False, ReviewState.NONE),
        ((), True, ReviewState.WAITING),
        (("hide",), False, ReviewState.HIDDEN),
        (("hide",), True, ReviewState.HIDDEN),
        (("accept",), True, ReviewState.NONE),
        (("accept", "hide"), True, ReviewState.HIDDEN),
    ],
)
def test_the_review_state_of_an_entry(decided: tuple[str, ...], is_reviewed: bool, expected: ReviewState) -> None:
    assert review_state(decided, is_reviewed=is_reviewed) == expected


def test_what_is_stored_of_a_decision_has_the_values_of_the_enumerations() -> None:
    assert (decisions.HIDE, decisions.ACCEPT) == (Decision.HIDE, Decision.ACCEPT)
    assert tuple(ReviewState) == ("", decisions.WAITING, decisions.HIDDEN)


def batch(*scores: float) -> dict[str, Verdict]:
    return {str(n): Verdict(True, score, reasons=(Reason("x"),)) for n, score in enumerate(scores)}


@pytest.mark.parametrize(
    ("scores", "stored", "scored", "is_held"),
    [
        ((0, 0, 0, 0, 0), 5, 3, True),
        ((0, 0, 0, 0, 0), 6, 3, True),
        ((0, 0, 0, 0), 5, 3, False),
        ((0, 0, 0, 0, 0.5), 5, 3, False),
        ((0, 0, 0, 0, 0), 4, 4, False),
        ((0, 0, 0, 0, 0), 7, 3, False),
        ((0, 0, 0, 0, 0), 0, 0, False),
    ],
    ids=["unlike", "half before", "few", "one on topic", "little known", "was mixed before", "a new feed"],
)
def test_a_batch_unlike_all_before_is_held(scores: tuple[float, ...], stored: int, scored: int, is_held: bool) -> None:
    found = held(batch(*scores), stored=stored, scored=scored)

    assert set(found) == (set("01234") if is_held else set())


def test_what_is_held_says_why_and_what_is_rejected_needs_no_holding() -> None:
    new = batch(0, 0, 0, 0, 0) | {"rejected": Verdict(False, 0)}

    found = held(new, stored=9, scored=9)

    assert set(found) == set("01234")
    assert found["0"].reasons == (
        Reason("held for staff", "6 new entries at once and none about our topic, unlike the 9 before"),
        Reason("x"),
    )


@pytest.mark.parametrize(
    ("read", "failed", "expected"),
    [
        (0, 0, RunOutcome.STALE),
        (0, 3, RunOutcome.STALE),
        (3, 0, RunOutcome.FRESH),
        (2, 2, RunOutcome.FRESH),
        (2, 3, RunOutcome.DEGRADED),
    ],
)
def test_the_outcome_of_a_run(read: int, failed: int, expected: RunOutcome) -> None:
    assert run_outcome(read=read, failed=failed) == expected
