"""The vocabulary: topics, their names for readers and their phrases for the filter.

topics.yaml has the topics and their English phrases, vocabulary/<language>.yaml the phrases of another language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.errors import ConfigError
from aggregator.yamltree import compose

# The languages that the vocabulary has: topics.yaml's, then those of the files in vocabulary/.
LANGUAGES = ("en", "de", "es", "fr", "it", "nl", "pt")

# Where an item can say of what kind it is: see `evidence` in topics.yaml.
EVIDENCE_PLACES = ("title", "title-hint", "paper", "abstract", "news", "opening", "reporting")


@dataclass(frozen=True, slots=True)
class Topic:
    """One of our topics: how readers know it, and which phrases tell it. `beside` has phrases that count in company only,
    under the name of the company."""

    slug: str
    name: str
    about: str
    strong: tuple[str, ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
    elsewhere: tuple[str, ...] = ()
    another: tuple[str, ...] = ()
    animals: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    # Where which words tell the kind of an item: place -> kind -> patterns; "reporting" has the one kind "news".
    evidence: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def name(self, slug: str) -> str:
        """The topic's name for readers; the slug itself for a topic that is gone."""
        return next((topic.name for topic in self.topics if topic.slug == slug), slug)

    def about(self, slug: str) -> str:
        """One sentence for readers on what the topic is; empty for a topic that is gone."""
        return next((topic.about for topic in self.topics if topic.slug == slug), "")


@cache
def vocabulary() -> Vocabulary:
    """topics.yaml and the files of the other languages, read once."""
    home = Path(str(files("aggregator")))
    found = read_vocabulary((home / "topics.yaml").read_text("utf-8"), home / "topics.yaml", is_known=True)
    for language in LANGUAGES[1:]:
        path = home / "vocabulary" / f"{language}.yaml"
        found = joined(found, read_vocabulary(path.read_text("utf-8"), path, is_known=True, beside=found))
    return found


def joined(one: Vocabulary, other: Vocabulary) -> Vocabulary:
    """`one` with the phrases of `other`, which names no topic and no company that `one` does not have."""
    topics = {topic.slug: topic for topic in other.topics}
    return Vocabulary(
        topics=tuple(_joined_topic(topic, topics[topic.slug]) if topic.slug in topics else topic for topic in one.topics),
        companies={
            name: Company(*(getattr(company, part) + getattr(added, part) for part in ("within", "without")))
            for name, company in one.companies.items()
            for added in [other.companies.get(name, Company(()))]
        },
        elsewhere=one.elsewhere + other.elsewhere,
        another=one.another + other.another,
        animals=one.animals + other.animals,
        reports=one.reports + other.reports,
        structures=one.structures + other.structures,
        evidence={
            place: {
                kind: one.evidence.get(place, {}).get(kind, ()) + other.evidence.get(place, {}).get(kind, ())
                for kind in dict.fromkeys((*one.evidence.get(place, {}), *other.evidence.get(place, {})))
            }
            for place in EVIDENCE_PLACES
        },
    )


def _joined_topic(one: Topic, other: Topic) -> Topic:
    names = dict.fromkeys([*one.beside, *other.beside])
    return replace(
        one,
        strong=one.strong + other.strong,
        beside={name: one.beside.get(name, ()) + other.beside.get(name, ()) for name in names},
        weak=one.weak + other.weak,
        abbreviations=one.abbreviations + other.abbreviations,
    )


def read_vocabulary(text: str, path: Path, *, is_known: bool = False, beside: Vocabulary | None = None) -> Vocabulary:
    """The vocabulary in `text` (see `compose`); ConfigError names the line of every mistake. What is read `beside` another
    has phrases for its topics and companies, and names none of its own."""
    reader = _Reader(path.name, beside)
    try:
        root = next(iter(compose(text, is_known=is_known)), None)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(path, [f"{path.name}, line {line}: {error.problem or 'this is not YAML'}."]) from error
    found = reader.vocabulary(root)
    if reader.problems:
        raise ConfigError(path, reader.problems)
    return found


class _Reader:
    """Checks nodes and collects a sentence for each mistake."""

    def __init__(self, name: str, beside: Vocabulary | None = None) -> None:
        self.name = name
        self.beside = beside
        self.problems: list[str] = []

    def vocabulary(self, root: Node | None) -> Vocabulary:
        parts = dict(self._pairs(root, {field.name for field in fields(Vocabulary)}))
        known = {topic.slug for topic in self.beside.topics} if self.beside else None
        names = set(self.beside.companies) if self.beside else None
        companies = {name: self._company(node) for name, node in self._pairs(parts.get("companies"), names)}
        of_topics = self._pairs(parts.get("topics"), known)
        return Vocabulary(
            topics=tuple(self._topic(slug, node, names or set(companies)) for slug, node in of_topics),
            companies=companies,
            elsewhere=self._phrases(parts.get("elsewhere")),
            another=self._phrases(parts.get("another")),
            animals=self._phrases(parts.get("animals")),
            reports=self._phrases(parts.get("reports")),
            structures=self._phrases(parts.get("structures")),
            evidence={
                place: {kind: self._phrases(given) for kind, given in self._pairs(node, None)}
                for place, node in self._pairs(parts.get("evidence"), set(EVIDENCE_PLACES))
            },
        )

    def _company(self, node: Node) -> Company:
        parts = dict(self._pairs(node, {"with", "without"}))
        return Company(self._phrases(parts.get("with")), self._phrases(parts.get("without")))

    def _topic(self, slug: str, node: Node, companies: set[str]) -> Topic:
        parts = dict(self._pairs(node, {"name", "about", "strong", "beside", "weak", "abbreviations"}))
        for key in ("name", "about"):
            if key not in parts and self.beside is None:
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
                self._say(key, f"“{key.value}” is here a second time")
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
            self._say(node, f"“{text}”: brackets must be closed, and not nested")
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
