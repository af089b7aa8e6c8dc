"""Who of the institute is mentioned: in a stored entry, in all of them, and how often that is right on labelled items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from aggregator.errors import UsageError
from aggregator.jobs.named_entries import entries_named
from aggregator.jobs.workspace import Workspace
from aggregator.relevance.judge import Rules, judge, make_rules
from aggregator.relevance.mentions import Item, mentions_of
from aggregator.store import entries
from aggregator.store.database import Database
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry, FoundEntry
from aggregator.values.mentions import Mentions
from aggregator.values.settings import Feed


@dataclass
class Measured:
    """How often it is right: pairs of an item and somebody who is meant. `kinds` counts the items whose kind is right, of
    those with a right mention."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    kinds: int = 0
    kinds_of: int = 0
    items: int = 0
    mistakes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Of those found, the part that is meant; 1 where nobody was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of those meant, the part that was found; 1 where nobody is meant."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def refuse_nobody(workspace: Workspace) -> None:
    """UsageError where feeds.yaml names nobody to look for."""
    if not workspace.settings.named_people and not workspace.settings.institute.names:
        raise UsageError("feeds.yaml names nobody: write `named_people:` or `institute:` into it (docs/staff.md).")


def _looked_at(workspace: Workspace, item: Item) -> Mentions:
    return mentions_of(item, workspace.settings.named_people, workspace.settings.institute)


def _item(entry: Entry, *, is_on_topic: bool) -> Item:
    on = entry.published_at.date() if entry.published_at is not None else None
    return Item(entry.title, entry.body, entry.authors, entry.source, entry.url, on, is_on_topic)


def explain(workspace: Workspace, database: Database, written: str) -> tuple[FoundEntry, Mentions]:
    """A stored entry, by its number or any address or identifier of it, and who is mentioned in it. UsageError where nobody
    is named in feeds.yaml or no entry is."""
    refuse_nobody(workspace)
    with database.read() as connection:
        found = entries_named(connection, written)[0]
    return found, _looked_at(workspace, _item(found.entry, is_on_topic=found.verdict.score > 0))


def every_mention(workspace: Workspace, database: Database) -> Iterator[tuple[int, Entry, Mentions]]:
    """The stored entries that mention somebody, the newest first, on topic or not. UsageError where nobody is named in
    feeds.yaml."""
    refuse_nobody(workspace)
    with database.read() as connection:
        numbers = sorted(entries.numbers(connection), reverse=True)
        for batch in entries.in_batches(numbers):
            kept = sorted((one for part in entries.kept(connection, batch) for one in part), key=lambda one: -one.number)
            for one in kept:
                found = _looked_at(workspace, _item(one.entry, is_on_topic=one.verdict.score > 0))
                if found.found:
                    yield one.number, one.entry, found


def evaluate(workspace: Workspace, lines: Iterable[Mapping[str, Any]]) -> Measured:
    """How often mentions are right on labelled lines. Each has the fields of an item, in `mentions` the names of those meant
    (as in `named_people`, or `institute`), and their `kind`. UsageError where nobody is named in feeds.yaml."""
    refuse_nobody(workspace)
    done, rules = Measured(), make_rules(vocabulary(), workspace.settings.filter)
    for line in lines:
        item = Item(
            str(line.get("title", "")), str(line.get("summary", "")), tuple(map(str, line.get("authors") or ())),
            str(line.get("source", "")), str(line.get("url", "")), _day(line.get("published")),
        )  # fmt: skip
        item = replace(item, is_on_topic=_is_on_topic(item, rules))
        found, meant = _looked_at(workspace, item), set(map(str, line.get("mentions") or ()))
        names = set(found.names)
        done.items += 1
        done.right += len(names & meant)
        done.wrong += len(names - meant)
        done.missed += len(meant - names)
        name = str(line.get("id", done.items))
        done.mistakes += [(name, f"{one} is not meant") for one in sorted(names - meant)]
        done.mistakes += [(name, f"{one} is meant") for one in sorted(meant - names)]
        if names & meant and line.get("kind"):
            done.kinds_of += 1
            is_right = found.kind is not None and found.kind.value == line["kind"]
            done.kinds += is_right
            if not is_right:
                done.mistakes.append((name, f"{found.kind} and not {line['kind']}"))
    return done


def _is_on_topic(item: Item, rules: Rules) -> bool:
    entry = Entry(guid="", url=item.url, title=item.title, summary=item.text, source=item.source)
    return judge(entry, (), Feed(name="labelled", url="https://labelled.example/"), rules).score > 0


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written)[:10])
    except ValueError:
        return None
