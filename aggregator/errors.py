"""Everything that goes wrong in a way we know.

AggregatorError              exit status 1; reads as one sentence to staff
├── UsageError               2   asked for something that cannot be done
├── NotAFeedError            3   what lives at an address is no feed, and none was found near it
├── ConfigError              2   feeds.yaml: every mistake at once, each with file and line
├── StoreError               1   the database
│   ├── NewerStoreError      1   made by a newer version of this program
│   ├── StoreBusyError       1   another process holds it for too long
│   └── StoreDamagedError    1   it cannot be read as a database
├── PublishError             1   nothing was published: the page that is there stays
├── AlreadyRunningError      5   another refresh is at work
└── FeedError                -   one feed, one refresh; ends as a `FetchFailed` value, never as a stopped run
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class AggregatorError(Exception):
    """The root: whatever is raised on purpose, with the exit status of a command that it ends."""

    exit_code = 1


class UsageError(AggregatorError):
    """Asked for something that cannot be done."""

    exit_code = 2


class NotAFeedError(AggregatorError):
    """What lives at an address is no feed, and none was found near it."""

    exit_code = 3


class ConfigError(AggregatorError):
    """feeds.yaml is refused whole: `problems` has one sentence for each mistake."""

    exit_code = 2

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.path = path
        self.problems = tuple(problems)


class StoreError(AggregatorError):
    """The database cannot do what was asked of it."""


class NewerStoreError(StoreError):
    """The database was made by a newer version of this program."""


class StoreBusyError(StoreError):
    """Another process has held the database for longer than we wait."""


class StoreDamagedError(StoreError):
    """The file cannot be read as a database."""


class PublishError(AggregatorError):
    """Nothing was published; the page that is there stays."""


class AlreadyRunningError(AggregatorError):
    """Another refresh holds the lock; `owner` says which process, since when."""

    exit_code = 5

    def __init__(self, owner: str) -> None:
        super().__init__(f"Another refresh is running ({owner}). Wait for it to end, then try again.")
        self.owner = owner


class FeedError(AggregatorError):
    """One feed could not be read this time.

    `permanent` says that asking again soon will not help; `status` is the HTTP status where there was one;
    `retry_after` is in seconds.
    """

    def __init__(
        self, reason: str, *, status: int | None = None, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.permanent = permanent
        self.retry_after = retry_after
