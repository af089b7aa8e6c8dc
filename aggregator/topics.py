"""The vocabulary: topics, their names for readers and their phrases for the filter (topics.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML


@dataclass(frozen=True, slots=True)
class Topic:
    """One of our topics: how readers know it, and which phrases tell it."""

    slug: str
    name: str
    about: str
    strong: tuple[str, ...]
    weak: tuple[str, ...]
    abbreviations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All topics, and the phrases that sound near and are something else."""

    topics: tuple[Topic, ...]
    elsewhere: tuple[str, ...]

    def name(self, slug: str) -> str:
        """The topic's name for readers; the slug itself for a topic that is gone."""
        return next((topic.name for topic in self.topics if topic.slug == slug), slug)


@cache
def vocabulary() -> Vocabulary:
    """topics.yaml, read once."""
    content = YAML(typ="safe", pure=True).load(files("aggregator").joinpath("topics.yaml").read_text("utf-8"))
    topics = tuple(
        Topic(slug, topic["name"], topic["about"], *(tuple(topic[kind]) for kind in ("strong", "weak", "abbreviations")))
        for slug, topic in content["topics"].items()
    )
    return Vocabulary(topics, tuple(content["elsewhere"]))
