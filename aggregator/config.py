"""feeds.yaml and the environment become settings. Every mistake is one sentence with file and line, all of them at once.

The file is read as a tree of YAML nodes, so that each value keeps its line and staff's spelling: `name: NO`, `name: 012`
and `name: 2026-11-20` stay what was written, and what type a value must have is said by the settings, not by YAML.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.errors import ConfigError, UsageError
from aggregator.text import one_line, shorten
from aggregator.topics import vocabulary
from aggregator.urls import canonical_url, is_web
from aggregator.values.settings import Feed, Settings

GOOD_COPY = "feeds.good.yaml"
_LARGEST_FILE = 5_000_000
_MOST_NODES = 500_000
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "value", "merge")
}
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Environment:
    """Where things are on this machine and how it reaches the internet: options of the command line, then variables."""

    feeds: Path
    data: Path
    templates: Path
    allow_hosts: str = ""
    proxy: str | None = None
    ca_file: str | None = None
    # Secrets: how somebody is told (see watch/channels.py).
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    webhook_url: str | None = field(default=None, repr=False)
    ping_url: str | None = field(default=None, repr=False)


def read_environment(home: Path, *, feeds: Path | None, data: Path | None, environ: Mapping[str, str]) -> Environment:
    """The environment of a command; `home` is the folder that run.py stands in."""
    return Environment(
        feeds=feeds or Path(environ.get("AGGREGATOR_FEEDS") or home / "feeds.yaml"),
        data=data or Path(environ.get("AGGREGATOR_DATA") or home / "data"),
        templates=Path(environ.get("AGGREGATOR_TEMPLATES") or home / "templates"),
        allow_hosts=environ.get("AGGREGATOR_ALLOW_HOSTS", ""),
        proxy=_proxy(environ.get("AGGREGATOR_PROXY") or None),
        ca_file=environ.get("AGGREGATOR_CA_FILE") or None,
        smtp_url=environ.get("AGGREGATOR_SMTP_URL") or None,
        mail_from=environ.get("AGGREGATOR_MAIL_FROM") or None,
        webhook_url=environ.get("AGGREGATOR_WEBHOOK_URL") or None,
        ping_url=environ.get("AGGREGATOR_PING_URL") or None,
    )


def _proxy(address: str | None) -> str | None:
    if address is not None and not is_web(address):
        raise UsageError("AGGREGATOR_PROXY is no web address; write it like http://proxy.example:3128.")
    return address


# ---- the file --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings to work with. `problems` is not empty where they are the last good copy and not what the file says now;
    `gone` names feeds that the last good copy had and the file has no more."""

    settings: Settings
    problems: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def load(path: Path) -> Settings:
    """The settings in `path`; ConfigError with a sentence for every mistake."""
    return settings_in(read_text(path), path)


def load_or_last_good(path: Path, data: Path) -> Loaded:
    """The settings in `path`, else those of the last good copy in `data`; ConfigError where there is neither."""
    copy = data / GOOD_COPY
    if _is_same(copy, path):
        return Loaded(load(path))
    last = load(copy) if copy.exists() else None
    try:
        settings = load(path)
    except ConfigError as error:
        if last is None:
            raise
        return Loaded(last, error.problems)
    names = {feed.name for feed in settings.feeds} | {feed.url for feed in settings.feeds}
    gone = tuple(f.name for f in last.feeds if f.name not in names and f.url not in names) if last else ()
    return Loaded(settings, gone=gone)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def keep_good_copy(path: Path, data: Path) -> None:
    """Remember the file as good, for the day when it is broken."""
    copy = data / GOOD_COPY
    if _is_same(copy, path):
        return
    fresh = copy.with_suffix(".next")
    with fresh.open("wb") as file:
        fresh.chmod(0o600)
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(copy)


def read_text(path: Path) -> str:
    """The file's text, whatever editor saved it, with plain line ends; ConfigError where it is none."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(path, [f"{path} does not exist; copy the one that came with the program back."]) from None
    except OSError as error:
        raise ConfigError(path, [f"{path} cannot be read: {error.strerror}."]) from error
    if len(content) > _LARGEST_FILE:
        raise ConfigError(path, [f"{path.name} has {len(content) // 1_000_000} MB, which no list of feeds has."])
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sentence = f"{path.name}, line {line}: a letter is not saved as UTF-8; save the file with the encoding UTF-8."
        raise ConfigError(path, [sentence]) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def settings_in(text: str, path: Path) -> Settings:
    """The settings that `text` holds, as the file at `path` would; ConfigError with a sentence for every mistake."""
    if "\0" in text:
        raise ConfigError(path, [f"{path.name} is no plain text (a Word file, or damaged); save it as plain text."])
    tree = _Tree(path.name)
    content = tree.read(text)
    tree.problems += _cut_addresses(path.name, text)
    if tree.problems:
        raise ConfigError(path, tree.problems)
    if not isinstance(content, dict):
        said = "is empty" if content is None else "does not begin with a key"
        raise ConfigError(path, [f"{path.name} {said}; it needs at least “feeds:” with a list of feeds."])
    # A place for YAML anchors, as other tools have it.
    content = {key: value for key, value in content.items() if key != "x" and not key.startswith("x-")}
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise ConfigError(path, _sentences(error, content, tree)) from error
    problems = [*_repeated(settings, tree), *_unknown_topics(settings, tree), *_hopeless(settings, tree)]
    if problems:
        raise ConfigError(path, problems)
    return settings


# What the YAML reader says, and what it nearly always means in a list of feeds.
_YAML_WORDS = (
    ("mapping values are not allowed", "a colon stands inside a text; put the whole text into quotation marks"),
    ("character '\\t'", "a tab stands at the beginning; use blanks"),
    ("cannot start any token", "a text begins with a sign that YAML keeps for itself; put the text into quotation marks"),
    ("found '<block mapping start>'", "the columns do not match; keys of one feed begin exactly below each other"),
    ("found '<scalar>'", "quotation marks or brackets end too early; put the whole text into double quotation marks"),
    ("could not find expected ':'", "a colon is missing behind a key, like “name:”"),
    ("found unexpected end of stream", "a quotation mark or bracket is opened further up and never closed"),
    ("found undefined alias", "a text begins with *; put it into quotation marks"),
)


def _cut_addresses(name: str, text: str) -> list[str]:
    """“ #main” behind an address is a remark to YAML, and a lost half of the address to the one who pasted it."""
    return [
        f"{name}, line {number}: what follows “ #” is taken for a remark; if it belongs to the address, take out the "
        "blank before it, else put one behind the #."
        for number, line in enumerate(text.split("\n"), start=1)
        if re.match(r"\s*(?:- )?url:\s+\S+\s+#[^\s#]", line)
    ]


class _Tree:
    """A YAML document as plain dictionaries, lists and strings, with the line of every value."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []
        self._lines: dict[_Path, int] = {}
        self._visited = 0

    def read(self, text: str) -> Any:
        """The document's content; what is wrong with it is added to `problems`."""
        try:
            nodes = list(YAML(typ="safe", pure=True).compose_all(text))
        except MarkedYAMLError as error:
            self.problems.append(self._yaml_sentence(error))
            return None
        except (YAMLError, RecursionError, ValueError) as error:
            self.problems.append(f"{self.name} cannot be read as YAML: {_first_line(error)}.")
            return None
        if len(nodes) > 1:
            self._say(nodes[1], "a second document begins here (a line “---”); a file has only one")
        return self._value(nodes[0], (), frozenset()) if nodes and nodes[0] is not None else None

    def line(self, place: _Path) -> int:
        """The line of the value at `place`, or of the nearest one that holds it."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def where(self, place: _Path) -> str:
        """`feeds.yaml, line 12`."""
        return f"{self.name}, line {self.line(place)}"

    def _say(self, node: Node, sentence: str) -> None:
        self.problems.append(f"{self.name}, line {node.start_mark.line + 1}: {sentence}.")

    def _yaml_sentence(self, error: MarkedYAMLError) -> str:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        problem = _first_line(error.problem or error.context or "it cannot be read")
        for told, plainly in _YAML_WORDS:
            if told in problem:
                return f"{self.name}{line}: {plainly} (here or just above)."
        return f"{self.name}{line}: {problem}. Look for a missing colon, quotation mark or blank here or one line up."

    def _value(self, node: Node, place: _Path, inside: frozenset[int]) -> Any:
        self._visited += 1
        self._lines.setdefault(place, node.start_mark.line + 1)
        if self._visited > _MOST_NODES or id(node) in inside or len(place) > 20:
            if not self.problems:
                self._say(node, "this refers to itself, or is nested or repeated beyond all measure")
            return None
        if str(node.tag) not in _PLAIN_TAGS:
            self._say(node, f"“{node.tag}” is not allowed here (put the text into quotation marks)")
            return None
        if isinstance(node, ScalarNode):
            if node.anchor:
                self._say(
                    node,
                    f"“&{node.anchor}” begins with a sign that YAML keeps for itself; put the text into quotation marks",
                )
            is_empty = node.style not in ("'", '"', "|", ">") and node.value in ("", "~", "null", "Null", "NULL")
            return None if is_empty else node.value
        if isinstance(node, SequenceNode):
            return [self._value(item, (*place, n), inside | {id(node)}) for n, item in enumerate(node.value)]
        return self._mapping(node, place, inside | {id(node)}) if isinstance(node, MappingNode) else None

    def _mapping(self, node: MappingNode, place: _Path, inside: frozenset[int]) -> dict[str, Any]:
        content: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            if key is None:
                self._say(key_node, "a key must be a single word")
            elif key == "<<":
                merged |= self._merge(value_node, place, inside)
            elif key in content:
                self._say(key_node, f"“{key}” stands here a second time; keep one")
            else:
                self._lines[(*place, key)] = key_node.start_mark.line + 1
                content[key] = self._value(value_node, (*place, key), inside)
        return merged | content

    def _merge(self, node: Node, place: _Path, inside: frozenset[int]) -> dict[str, Any]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for part in parts:
            value = self._value(part, (*place, "<<"), inside)
            merged = (value if isinstance(value, dict) else {}) | merged
        return merged


def _first_line(error: object) -> str:
    return one_line(str(error).strip().split("\n")[0])[:200].rstrip(".")


# ---- sentences -------------------------------------------------------------------------------------------------------


def _sentences(error: ValidationError, content: dict[str, Any], tree: _Tree) -> list[str]:
    # A list whose only items are wrong is reported as too short besides.
    told = [problem for problem in error.errors() if problem["type"] != "too_short" or not problem["input"]]
    problems = sorted(told, key=lambda problem: tree.line(problem["loc"]))
    return [f"{tree.where(problem['loc'])}: {_whose(problem['loc'], content)}{_said(problem)}." for problem in problems]


def _whose(place: _Path, content: dict[str, Any]) -> str:
    """`feed “BBC Health”, ` where a mistake is in a feed that has a name."""
    if len(place) < 2 or place[0] != "feeds" or not isinstance(place[1], int):
        return ""
    feeds = content["feeds"]
    feed = feeds[place[1]] if isinstance(feeds, list) and place[1] < len(feeds) else None
    name = feed.get("name") if isinstance(feed, dict) else None
    return f"feed “{shorten(one_line(name), 60)}”, " if isinstance(name, str) else f"feed number {place[1] + 1}, "


def _said(problem: Any) -> str:
    place, kind, given = problem["loc"], problem["type"], problem["input"]
    key = str(place[-1]) if place and isinstance(place[-1], str) else "this item"
    context = problem.get("ctx", {})
    if kind == "extra_forbidden":
        return f"“{place[-1]}” is no key that is known here{_did_you_mean(place)}"
    if given is None and kind not in ("missing", "extra_forbidden"):
        return f"“{key}” is empty; write something behind it or take the line out"
    sentences = {
        "missing": f"“{key}” is missing",
        "too_short": f"“{key}” is empty; put at least one under it, each in a line of its own with “- ” before it",
        "string_too_short": f"“{key}” is empty; write something behind it or take it out",
        "greater_than_equal": f"“{key}” must be at least {context.get('ge')}, not {given}",
        "less_than_equal": f"“{key}” must be at most {context.get('le')}, not {given}",
        "greater_than": f"“{key}” must be more than {context.get('gt')}, not {given}",
        "string_too_long": f"“{key}” is longer than {context.get('max_length')} characters",
        "too_long": f"“{key}” is longer than {context.get('max_length')} characters",
        "string_type": f"“{key}” must be a single text, not a list or a group",
        "bool_parsing": f"“{key}” is either true or false, not “{given}”",
        "bool_type": f"“{key}” is either true or false",
        "enum": f"“{given}” is no {key}; it is one of {context.get('expected', '')}",
        "value_error": f"{context.get('error', '')}",
    }
    if kind in sentences:
        return sentences[kind]
    if kind in ("tuple_type", "list_type"):
        return f"“{key}” must be a list: one item a line, each with “- ” before it"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"“{key}” must have keys of its own (like “name: …”), each in a line below it"
    if kind.startswith(("float", "int")):
        return f"“{key}” is a number, not “{given}”"
    return f"“{key}”: {problem['msg'][:1].lower()}{problem['msg'][1:]} (“{shorten(one_line(str(given)), 60)}” is given)"


def _did_you_mean(place: _Path) -> str:
    model: Any = Settings
    for part in place[:-1]:
        if isinstance(part, str):
            model = Feed if part == "feeds" else model.model_fields[part].annotation if part in model.model_fields else model
    known = list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
    close = get_close_matches(str(place[-1]).lower(), known, 1)
    return f" (did you mean “{close[0]}”?)" if close else ""


def _repeated(settings: Settings, tree: _Tree) -> list[str]:
    problems = []
    seen: dict[str, int] = {}
    for number, feed in enumerate(settings.feeds):
        for key, value in (("name", feed.name.casefold()), ("url", canonical_url(feed.url))):
            first = seen.setdefault(f"{key}:{value}", number)
            if first != number:
                what = "name" if key == "name" else "address"
                line = tree.line(("feeds", first, key))
                place = tree.where(("feeds", number, key))
                problems.append(f"{place}: feed “{feed.name}” has the same {what} as the feed in line {line}; keep one.")
    return problems


def _unknown_topics(settings: Settings, tree: _Tree) -> list[str]:
    known = [topic.slug for topic in vocabulary().topics]
    places: list[tuple[_Path, str]] = [(("site", "topic_pages", slug), slug) for slug in settings.site.topic_pages]
    for kind in ("add", "remove"):
        places += [(("filter", kind, slug), slug) for slug in getattr(settings.filter, kind)]
    problems = [
        f"{tree.where(place)}: “{slug}” is no topic; the topics are {', '.join(known)}."
        for place, slug in places
        if slug not in known
    ]
    for key, decision in settings.filter.overrule.items():
        if not re.match(r"(?:doi|pmid|pmcid|nct):\S|https?://\S", key, re.I):
            place = tree.where(("filter", "overrule", key))
            problems.append(f"{place}: “{key}” is no address and no identifier; write https://…, doi:…, pmid:… or nct:….")
        if decision not in ("always", "never"):
            place = tree.where(("filter", "overrule", key))
            problems.append(f"{place}: “{decision}” is no decision; write always or never.")
    return problems


def _hopeless(settings: Settings, tree: _Tree) -> list[str]:
    """Addresses that circulate in lists and never work."""
    return [
        f"{tree.where(('feeds', number, 'url'))}: feed “{feed.name}”: PubMed makes no feed from a search in the address; "
        "open the search on pubmed.ncbi.nlm.nih.gov, press “Create RSS”, and paste the address that it gives."
        for number, feed in enumerate(settings.feeds)
        if re.search(r"ncbi\.nlm\.nih\.gov/(?:rss/search/(?:\?|PASTE)|.*erss\.cgi)", feed.url)
    ]
