"""Who of the institute is mentioned in an entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# How a mention of the institute itself is named.
INSTITUTE = "institute"


class MentionKind(StrEnum):
    """Why an entry belongs to “In the News”: it is about somebody, by somebody, or the institute sent it."""

    ABOUT = "about"
    PUBLICATION = "publication"
    FROM_INSTITUTE = "from-institute"


class MentionState(StrEnum):
    """Whether staff let an entry into “In the News”."""

    WAITING = "waiting"
    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody who is meant: by the name in feeds.yaml, or `institute`; where (title, text, author, address), and the words
    around it."""

    name: str
    where: str
    quote: str


@dataclass(frozen=True, slots=True)
class Mentions:
    """All that an entry has, and what kind it is by them; None where it has none."""

    found: tuple[Mention, ...] = ()
    kind: MentionKind | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Who is meant, each once."""
        return tuple(dict.fromkeys(one.name for one in self.found))
