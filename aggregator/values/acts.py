"""What somebody on staff did: who, when, what about, and the difference that it made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Verb(StrEnum):
    """What was done. Stored by its value."""

    HIDE = "hide"
    SHOW = "show"
    ACCEPT = "accept"
    REJECT = "reject"
    TOPICS = "topics"
    SPLIT = "split"
    MERGE = "merge"
    FILTER = "filter"
    FILTER_UNDO = "filter undo"
    FEED_ADD = "feed added"
    FEED_CHANGE = "feed changed"
    FEED_RENAME = "feed renamed"
    FEED_MOVE = "feed moved"
    FEED_REMOVE = "feed removed"
    FEED_IMPORT = "feeds imported"
    ISSUE_DRAFT = "issue drafted"
    ISSUE_APPROVE = "issue approved"
    ISSUE_CANCEL = "issue cancelled"
    UNDO = "undo"


# Rows of a table by their keys; a row is a mapping of column to value, None where there was none.
Rows = Mapping[str, Mapping[str, Mapping[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `about` names what it was about in words, `reached` has the numbers of the entries that it changed; `before`
    and `after` hold the rows that it changed, by table and key, or texts under the key `text`. `undone_by` is the number of
    the act that took it back."""

    number: int
    at: datetime
    actor: str
    verb: str
    about: str
    reached: tuple[int, ...] = ()
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    undone_by: int | None = None

    @property
    def can_be_undone(self) -> bool:
        """Whether the log alone can take it back: it changed rows, and nobody took it back yet."""
        return self.undone_by is None and bool(self.before or self.after) and "text" not in self.after

    @property
    def change(self) -> tuple[str, str]:
        """What was, and what became of it, in a few words each; empty where words say nothing."""
        if "text" in self.after or "text" in self.before:
            return str(self.before.get("text", "")), str(self.after.get("text", ""))
        return _in_words(self.before), _in_words(self.after)


_STANDINGS = {"": "shown", "waiting": "waiting", "hidden": "hidden"}


def _in_words(rows: Mapping[str, Any]) -> str:
    entries = [row for row in rows.get("entry", {}).values() if row]
    said = {_STANDINGS.get(str(row["standing"]), str(row["standing"])) for row in entries if "standing" in row}
    said |= {", ".join(row["staff_topics"]) or "no topic" for row in entries if row.get("staff_topics") is not None}
    said |= {f"story {row['story_id']}" for row in entries if row.get("story_id") is not None}
    return "; ".join(sorted(said))
