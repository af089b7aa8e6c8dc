"""What is known of a feed, and what came of asking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from aggregator.values.entries import Entry, Verdict
from aggregator.values.enums import PollOutcome


@dataclass(frozen=True, slots=True)
class Validators:
    """An answer's ETag and Last-Modified, exactly as received (RFC 9110, 8.8); sent back with the next request."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store remembers of a feed between refreshes; true under the parser and settings of `fingerprint`."""

    url: str
    validators: Validators = Validators()
    body_hash: str | None = None
    fingerprint: str = ""
    not_before: datetime | None = None
    last_ok_at: datetime | None = None
    last_body_at: datetime | None = None
    failures: int = 0

    @property
    def ever_worked(self) -> bool:
        """Whether the feed was ever read."""
        return self.last_ok_at is not None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, decompressed. `moved_to` is the address that a permanent redirect names."""

    body: bytes = field(repr=False)
    content_type: str
    final_url: str
    validators: Validators = Validators()
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that nothing changed (HTTP 304), or the body is the one that we know (`same_body`)."""

    outcome: ClassVar = PollOutcome.NOT_MODIFIED
    same_body: bool = False
    validators: Validators | None = None


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """The feed could not be read this time; `reason` is one sentence for staff."""

    outcome: ClassVar = PollOutcome.FAILED
    reason: str
    status: int | None = None
    permanent: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """The feed was not asked: it wants to be left alone until `until`, or the run's time was up."""

    outcome: ClassVar = PollOutcome.SKIPPED
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed feed document. `is_whole` is False where it breaks off; `seen` counts its elements before cleaning.

    `entries` omits entries whose bytes have not changed since the last parse; `present` has the guids of all. `parts` is the
    index for reading the next document of this feed in parts: None if it is the one that this document was read with, empty
    if the next document is to be parsed whole.
    """

    entries: tuple[Entry, ...]
    title: str = ""
    language: str | None = None
    is_whole: bool = True
    seen: int = 0
    present: frozenset[str] = frozenset()
    parts: str | None = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A feed whose body was new and could be parsed."""

    outcome: ClassVar = PollOutcome.PARSED
    fetched: Fetched
    document: Document
    body_hash: str


Outcome = Parsed | NotModified | FetchFailed | Skipped


@dataclass(frozen=True, slots=True)
class JudgedEntry:
    """An entry on its way to the store, with the keys that identify its article and what the filter decided.

    `standing` is what staff decided before (`hidden`), `waiting` where they still have to, else empty.
    """

    entry: Entry
    keys: tuple[str, ...]
    verdict: Verdict
    standing: str = ""


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """What the store keeps of one feed's refresh, all in one transaction: its new state, and its new or changed entries.

    `seen` counts entries before identity; `known` has the numbers of those that are stored, by guid, those too that had
    another guid before; `undated_at` is the date of new entries that have none, None where those are history.
    """

    state: FeedState
    undated_at: datetime | None = None
    seen: int = 0
    known: Mapping[str, int] = field(default_factory=dict)
    judged: tuple[JudgedEntry, ...] = ()
    title: str = ""
    moved_to: str | None = None
    last_error: str | None = None
    parts: str | None = None
