"""Single changes of the filter's rules: what they would do, and doing them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.config import read_text, settings_in
from aggregator.errors import UsageError
from aggregator.feedlist import phrases
from aggregator.jobs import rejudge
from aggregator.jobs.curation import digest
from aggregator.jobs.labelled import labelled
from aggregator.jobs.trials import evaluate_filter
from aggregator.jobs.workspace import Workspace
from aggregator.text import one_line
from aggregator.topics import vocabulary
from aggregator.values.entries import FoundEntry
from aggregator.values.preview import Preview
from aggregator.values.settings import FilterRules

# The lists of the filter section; those of topics have one for each topic.
OF_TOPICS = ("add", "remove")
LISTS = (*OF_TOPICS, "never", "never_from", "overrule")


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One phrase more or less: in which list, for which topic (empty where the list has none). `value` is `always` or
    `never`, for an overrule."""

    of: str
    phrase: str
    topic: str = ""
    value: str = ""
    is_removal: bool = False

    @property
    def sentence(self) -> str:
        """The change in words: “Never show what contains “smile””."""
        what = f"“{self.phrase}”"
        topic = vocabulary().name(self.topic) if self.topic else ""
        if self.is_removal:
            return {
                "add": f"{what} no longer points to {topic}",
                "remove": f"{what} points to {topic} again",
                "never": f"Stop hiding what contains {what}",
                "never_from": f"Stop hiding what comes from {what}",
                "overrule": f"Judge {what} by the rules again",
            }[self.of]
        return {
            "add": f"{what} points to {topic}",
            "remove": f"{what} no longer points to {topic}",
            "never": f"Never show what contains {what}",
            "never_from": f"Never show anything from {what}",
            "overrule": f"{self.value.capitalize()} show {what}",
        }[self.of]


@dataclass(frozen=True, slots=True)
class TopicPhrases:
    """A topic with its phrases: the program's own, those that staff added, and those that staff took out."""

    slug: str
    name: str
    own: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulesNow:
    """What feeds.yaml says of the filter now; `seen` is the digest of the file that a form was made from."""

    seen: str
    topics: tuple[TopicPhrases, ...]
    rules: FilterRules


@dataclass(frozen=True, slots=True)
class Measured:
    """How often the rules agree with staff's answers on doubtful entries: precision and recall, of so many answers."""

    answers: int
    precision: float
    recall: float


def rules_now(path: Path) -> RulesNow:
    """The rules in feeds.yaml; ConfigError where it is broken."""
    text = read_text(path)
    rules = settings_in(text, path).filter
    topics = tuple(
        TopicPhrases(one.slug, one.name, one.strong, rules.add.get(one.slug, ()), rules.remove.get(one.slug, ()))
        for one in vocabulary().topics
    )
    return RulesNow(digest(text), topics, rules)


def checked(of: str, phrase: str, topic: str, value: str, *, is_removal: bool) -> RuleChange:
    """A change as somebody asked for it; UsageError says what is wrong with it."""
    change = RuleChange(of, one_line(phrase), topic, value, is_removal)
    if of not in LISTS:
        raise UsageError("Choose what the phrase is for.")
    if not change.phrase:
        raise UsageError("Write a phrase.")
    if of in OF_TOPICS and topic not in [one.slug for one in vocabulary().topics]:
        raise UsageError("Choose a topic for the phrase.")
    if of == "overrule" and not is_removal and value not in ("always", "never"):
        raise UsageError("Choose whether it is always or never shown.")
    if of not in OF_TOPICS:
        change = replace(change, topic="")
    return change


def changed_text(text: str, change: RuleChange) -> str:
    """The text of feeds.yaml with a change; UsageError where what is to go is not there."""
    path = ("filter", change.of, *([change.topic] if change.of in OF_TOPICS else []))
    if change.of == "overrule":
        if change.is_removal:
            return phrases.remove_pair(text, path, change.phrase)
        return phrases.set_pair(text, path, change.phrase, change.value)
    edit = phrases.remove_phrase if change.is_removal else phrases.add_phrase
    return edit(text, path, change.phrase)


def preview_change(workspace: Workspace, path: Path, change: RuleChange, *, newest: int | None = None) -> Preview:
    """What a change would do to everything stored, or to the `newest` entries. Nothing is written. UsageError where it
    cannot be made, ConfigError where feeds.yaml would not be valid."""
    staff = settings_in(changed_text(read_text(path), change), path).filter
    return rejudge.preview(workspace, staff, newest=newest)


def apply_change(workspace: Workspace, path: Path, change: RuleChange, *, now: datetime, seen: str) -> Preview:
    """Make a change and judge everything by it. ChangedError where feeds.yaml is another than somebody has `seen`."""
    return rejudge.apply_text(workspace, path, changed_text(read_text(path), change), now=now, seen=seen)


def measured(workspace: Workspace, path: Path, change: RuleChange) -> tuple[Measured, Measured] | None:
    """How well the rules agree with staff's answers, before and after a change; None where staff answered nothing yet."""
    lines = [json.dumps(line) for line in labelled(workspace)]
    if not lines:
        return None
    text = read_text(path)
    return (
        _measured(lines, settings_in(text, path).filter),
        _measured(lines, settings_in(changed_text(text, change), path).filter),
    )


def _measured(lines: Sequence[str], rules: FilterRules) -> Measured:
    found = evaluate_filter(lines, "answers of staff", rules).all
    return Measured(len(lines), found.precision, found.recall)


def topics() -> list[tuple[str, str]]:
    """Every topic by its slug, with its name."""
    return [(one.slug, one.name) for one in vocabulary().topics]


def never_from(found: FoundEntry) -> RuleChange:
    """The change after which nothing of this entry's publisher is shown; UsageError where its address names none."""
    host = (urlsplit(found.entry.url).hostname or "").removeprefix("www.")
    if not host:
        raise UsageError("The address of this entry names no publisher.")
    return RuleChange("never_from", host)


def always(found: FoundEntry) -> RuleChange:
    """The change after which this entry is shown whatever the rules say; UsageError where it has no address."""
    if not found.entry.url:
        raise UsageError("This entry has no address by which feeds.yaml could name it.")
    return RuleChange("overrule", found.entry.url, value="always")


def examples(found: Preview, most: int) -> Iterable[tuple[str, int, tuple[object, ...]]]:
    """The lists of a preview by name: how many, and the newest of them."""
    lists = (("added", found.added), ("removed", found.removed), ("retopiced", found.retopiced))
    return [(name, len(many), tuple(many[:most])) for name, many in lists]
