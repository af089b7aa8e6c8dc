"""The vocabulary: topics, their names for readers and their phrases for the filter (topics.yaml)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from pathlib import Path

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.errors import ConfigError
from aggregator.yamltree import compose


@dataclass(frozen=True, slots=True)
class Topic:
    """One of our topics: how readers know it, and which phrases tell it. `beside` has phrases that count in company only,
    under the name of the company."""

    slug: str
    name: str
    about: str
    strong: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] | None = None
    weak: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Company:
    """Words in whose company an ambiguous phrase counts, and words in whose company it does not."""

    within: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All topics, and what keeps their phrases from being misunderstood: see topics.yaml."""

    topics: tuple[Topic, ...]
    companies: Mapping[str, Company]
    elsewhere: tuple[str, ...]
    another: tuple[str, ...]
    animals: tuple[str, ...]

    def name(self, slug: str) -> str:
        """The topic's name for readers; the slug itself for a topic that is gone."""
        return next((topic.name for topic in self.topics if topic.slug == slug), slug)

    def about(self, slug: str) -> str:
        """One sentence for readers on what the topic is; empty for a topic that is gone."""
        return next((topic.about for topic in self.topics if topic.slug == slug), "")


@cache
def vocabulary() -> Vocabulary:
    """topics.yaml, read once."""
    path = Path(str(files("aggregator").joinpath("topics.yaml")))
    return read_vocabulary(path.read_text("utf-8"), path, is_known=True)


def read_vocabulary(text: str, path: Path, *, is_known: bool = False) -> Vocabulary:
    """The vocabulary in `text` (see `compose`); ConfigError names the line of every mistake."""
    reader = _Reader(path.name)
    try:
        root = next(iter(compose(text, is_known=is_known)), None)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(path, [f"{path.name}, line {line}: {error.problem or 'this is no YAML'}."]) from error
    found = reader.vocabulary(root)
    if reader.problems:
        raise ConfigError(path, reader.problems)
    return found


class _Reader:
    """Checks nodes and collects a sentence for each mistake."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []

    def vocabulary(self, root: Node | None) -> Vocabulary:
        parts = dict(self._pairs(root, {field.name for field in fields(Vocabulary)}))
        companies = {name: self._company(node) for name, node in self._pairs(parts.get("companies"), None)}
        return Vocabulary(
            topics=tuple(self._topic(slug, node, set(companies)) for slug, node in self._pairs(parts.get("topics"), None)),
            companies=companies,
            elsewhere=self._phrases(parts.get("elsewhere")),
            another=self._phrases(parts.get("another")),
            animals=self._phrases(parts.get("animals")),
        )

    def _company(self, node: Node) -> Company:
        parts = dict(self._pairs(node, {"with", "without"}))
        return Company(self._phrases(parts.get("with")), self._phrases(parts.get("without")))

    def _topic(self, slug: str, node: Node, companies: set[str]) -> Topic:
        parts = dict(self._pairs(node, {"name", "about", "strong", "beside", "weak", "abbreviations"}))
        for key in ("name", "about"):
            if key not in parts:
                self._say(node, f"the topic “{slug}” has no “{key}”")
        return Topic(
            slug=slug,
            name=self._text(parts.get("name")),
            about=self._text(parts.get("about")),
            strong=self._phrases(parts.get("strong")),
            beside={name: self._phrases(given) for name, given in self._pairs(parts.get("beside"), companies)},
            weak=self._phrases(parts.get("weak")),
            abbreviations=self._phrases(parts.get("abbreviations")),
        )

    def _pairs(self, node: Node | None, known: set[str] | None) -> Iterator[tuple[str, Node]]:
        if node is None:
            return
        if not isinstance(node, MappingNode):
            self._say(node, "keys are needed here, like “name: …”")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if known is not None and key.value not in known:
                self._say(key, f"“{key.value}” is not known here; known are {', '.join(sorted(known))}")
            elif key.value in seen:
                self._say(key, f"“{key.value}” stands here a second time")
            else:
                seen.add(key.value)
                yield key.value, value

    def _phrases(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, SequenceNode):
            self._say(node, 'a list of phrases is needed here, like ["one", "two"]')
            return ()
        return tuple(self._phrase(one) for one in node.value)

    def _phrase(self, node: Node) -> str:
        text = self._text(node)
        if text.count("(") != text.count(")") or "((" in text.replace(" ", ""):
            self._say(node, f"“{text}”: brackets must be closed, and not stand inside one another")
        if not any(letter.isalnum() for letter in text):
            self._say(node, f"“{text}” has no letters")
        return text

    def _text(self, node: Node | None) -> str:
        if node is None:
            return ""
        if not isinstance(node, ScalarNode) or not node.value:
            self._say(node, "a text is needed here")
            return "-"
        return str(node.value)

    def _say(self, node: Node, sentence: str) -> None:
        self.problems.append(f"{self.name}, line {node.start_mark.line + 1}: {sentence}.")
