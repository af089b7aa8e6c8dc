"""The closed sets of values that several packages share, as enumerations. They are stored by their values."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """What staff decided about an article."""

    HIDE = "hide"
    ACCEPT = "accept"


class PollOutcome(StrEnum):
    """What came of asking a feed in a refresh."""

    PARSED = "parsed"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"
    SKIPPED = "skipped"


class ReviewState(StrEnum):
    """Whether an entry may be shown: `NONE` says that nothing speaks against it."""

    NONE = ""
    WAITING = "waiting"
    HIDDEN = "hidden"


class SectionSort(StrEnum):
    """What the stories of a part of the archive have in common."""

    MONTH = "month"
    WEEK = "week"
    TOPIC = "topic"
