"""YAML documents as trees of nodes, so that each value keeps its line and its writer's spelling: `name: NO`, `name: 012` and
`name: 2026-11-20` stay what was written.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.text import one_line

# Where a value stands: keys and numbers of items, from the top.
Place: TypeAlias = tuple[str | int, ...]
_MOST_NODES = 500_000
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "value", "merge")
}


def compose(text: str, *, is_known: bool = False) -> list[Node]:
    """The documents in `text`; ruamel's exceptions where they are none.

    `is_known` is for a text that was read before without complaint: libyaml takes a twentieth of the time (a list of a
    thousand feeds: .33 s, .017 s), and forgives what the other reader names.
    """
    if is_known:
        with suppress(YAMLError, ValueError):
            return list(YAML(typ="safe").compose_all(text))
    return list(YAML(typ="safe", pure=True).compose_all(text))


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


class Tree:
    """A YAML document as plain dictionaries, lists and strings, with the line of every value."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []
        self._lines: dict[Place, int] = {}
        self._visited = 0

    def read(self, text: str, *, is_known: bool = False) -> Any:
        """The document's content (see `compose`); what is wrong with it is added to `problems`."""
        try:
            nodes = compose(text, is_known=is_known)
        except MarkedYAMLError as error:
            self.problems.append(self._yaml_sentence(error))
            return None
        except (YAMLError, RecursionError, ValueError) as error:
            self.problems.append(f"{self.name} cannot be read as YAML: {_first_line(error)}.")
            return None
        if len(nodes) > 1:
            self._say(nodes[1], "a second document begins here (a line “---”); a file has only one")
        return self._value(nodes[0], (), frozenset()) if nodes and nodes[0] is not None else None

    def line(self, place: Place) -> int:
        """The line of the value at `place`, or of the nearest one that holds it."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def where(self, place: Place) -> str:
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

    def _value(self, node: Node, place: Place, inside: frozenset[int]) -> Any:
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

    def _mapping(self, node: MappingNode, place: Place, inside: frozenset[int]) -> dict[str, Any]:
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

    def _merge(self, node: Node, place: Place, inside: frozenset[int]) -> dict[str, Any]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for part in parts:
            value = self._value(part, (*place, "<<"), inside)
            merged = (value if isinstance(value, dict) else {}) | merged
        return merged


def _first_line(error: object) -> str:
    return one_line(str(error).strip().split("\n")[0])[:200].rstrip(".")
