"""What is known of a feed, and what came of asking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aggregator.values.entries import Entry, Verdict


@dataclass(frozen=True, slots=True)
class Validators:
    """An answer's ETag and Last-Modified, exactly as received (RFC 9110, 8.8); sent back with the next request."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store remembers of a feed between refreshes. `salt` marks under which parser and settings it is true."""

    url: str
    validators: Validators = Validators()
    body_hash: str | None = None
    salt: str = ""
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

    same_body: bool = False
    validators: Validators | None = None


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """The feed could not be read this time; `reason` is one sentence for staff."""

    reason: str
    status: int | None = None
    permanent: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """The feed was not asked: it wants to be left alone until `until`, or the run's time was up."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed feed document. `is_whole` is False where it breaks off; `seen` counts its elements before cleaning.

    `entries` leaves those out that were read before and have not changed, as far as that is known without reading them;
    `present` has the guids of all. `parts` is what to read the next document of this feed with: None where that is what this
    one was read with, empty where the next is to be read whole.
    """

    entries: tuple[Entry, ...]
    title: str = ""
    language: str | None = None
    is_whole: bool = True
    seen: int = 0
    present: frozenset[str] = frozenset()
    parts: str | None = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A feed whose body was new and could be parsed."""

    fetched: Fetched
    document: Document
    body_hash: str


Outcome = Read | NotModified | FetchFailed | Skipped


@dataclass(frozen=True, slots=True)
class Judged:
    """An entry on its way to the store, with the keys that identify its article and what the filter decided.

    `standing` is what staff decided before (`hidden`), `waiting` where they still have to, else empty.
    """

    entry: Entry
    keys: tuple[str, ...]
    verdict: Verdict
    standing: str = ""


@dataclass(frozen=True, slots=True)
class Polled:
    """What the store keeps of one feed's refresh, all in one transaction: its new state, and its new or changed entries.

    `seen` counts entries before identity, `present` holds the guids of all entries of the document, `known` the numbers of
    those that are stored, by guid; `before` is when the feed was last read, None for its first time.
    """

    state: FeedState
    before: datetime | None = None
    seen: int = 0
    present: frozenset[str] = frozenset()
    known: Mapping[str, int] = field(default_factory=dict)
    judged: tuple[Judged, ...] = ()
    title: str = ""
    moved_to: str | None = None
    last_error: str | None = None
    parts: str | None = None
