"""Everything that goes wrong in a way we know.

AggregatorError              exit status 1; reads as one sentence to staff
├── UsageError               2   asked for something that cannot be done
│   ├── ChangedError         2   feeds.yaml is another by now than the one that somebody saw
│   └── NothingToTellError   2   no story of these days can be told
├── NotAFeedError            3   what lives at an address is no feed, and none was found near it
├── ConfigError              2   feeds.yaml: every mistake at once, each with file and line
├── StoreError               1   the database
│   ├── NewerStoreError      1   made by a newer version of this program
│   ├── StoreBusyError       1   another process holds it for too long
│   └── StoreDamagedError    1   it cannot be read as a database
├── PublishError             1   nothing was published: the page that is there stays
├── AlreadyRunningError      5   another refresh is at work
├── AlreadySendingError      5   another process sends the newsletter
└── FeedError                -   one feed, one refresh; ends as a `FetchFailed` value, never as a stopped run
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Sequence
from enum import Enum, auto
from pathlib import Path


class Hint(Enum):
    """What helps after an error. The command line says it as a command, the console as a link."""

    LIST_FEEDS = auto()
    REFRESH_FIRST = auto()
    RESTORE = auto()
    RESTORE_ANOTHER_FILE = auto()
    APPLY_FILTER = auto()
    LIST_WAITING = auto()
    FIND_BY_TITLE = auto()
    TRY_PAIRS = auto()
    OTHER_FOLDER = auto()
    OTHER_PORT = auto()
    BEHIND_PROXY = auto()
    NEW_KEY = auto()
    NEWSLETTER_STATUS = auto()
    RESUME_SENDING = auto()
    SEND_ALL_THE_SAME = auto()


class AggregatorError(Exception):
    """The root: whatever is raised on purpose, with the exit status of a command that it ends, and what may help."""

    exit_code = 1

    def __init__(self, message: str, *, hint: Hint | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(AggregatorError):
    """Asked for something that cannot be done."""

    exit_code = 2


class ChangedError(UsageError):
    """feeds.yaml is another by now than the one that somebody saw when they decided; `text` is what it says now."""

    def __init__(self, text: str) -> None:
        super().__init__("Somebody else changed feeds.yaml meanwhile, so nothing was changed. Look at it and decide again.")
        self.text = text


class NothingToTellError(UsageError):
    """No story of these days can be told, so there is no issue of the newsletter."""


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


class AlreadySendingError(AggregatorError):
    """Another process sends the newsletter."""

    exit_code = 5

    def __init__(self) -> None:
        super().__init__("Another process is sending the newsletter. Wait for it to end, or pause it.")


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


def sentence_of(error: BaseException) -> str:
    """Why something ended, in one sentence for staff, whatever was raised."""
    if isinstance(error, AggregatorError):
        return str(error)
    if isinstance(error, KeyboardInterrupt | CancelledError):
        return "It was stopped before its end."
    if is_of_the_machine(error):
        return f"This machine refused something ({str(error) or 'out of memory'}). The page stays; the next run tries again."
    told = " ".join(str(error).split())[:300]
    return f"The program has a fault ({type(error).__name__}{f': {told}' if told else ''}). Please report it."


def is_of_the_machine(error: BaseException) -> bool:
    """Whether an exception says that the system gave no file, memory or thread, and the program is not at fault."""
    # A RuntimeError is what Python says where the system gives it no thread.
    return isinstance(error, OSError | MemoryError) or (isinstance(error, RuntimeError) and "new thread" in str(error))
