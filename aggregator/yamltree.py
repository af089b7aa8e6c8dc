"""Read YAML documents as trees of nodes, so that each value keeps its line and its spelling: `name: NO`, `name: 012` and
`name: 2026-11-20` stay as written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.text import one_line

# The path of a value: keys and item numbers (from 0), from the top.
Place: TypeAlias = tuple[str | int, ...]
_MOST_NODES = 500_000
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}"
    for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "value", "merge")
}


def compose(text: str, *, is_known: bool = False) -> list[Node]:
    """The root nodes of the documents in `text`; raises ruamel's YAMLError, or ValueError, if it is not YAML.

    `is_known` is for a text that was read before without errors: libyaml takes a twentieth of the time (a list of a thousand
    feeds: .33 s, .017 s), but accepts some faults that the other reader reports.
    """
    if is_known:
        with suppress(YAMLError, ValueError):
            return list(YAML(typ="safe").compose_all(text))
    return list(YAML(typ="safe", pure=True).compose_all(text))


# Messages of the YAML reader, and what they nearly always mean in a list of feeds.
_YAML_WORDS = (
    ("mapping values are not allowed", "there is a colon inside a text; put the whole text into quotation marks"),
    ("character '\\t'", "the line begins with a tab; use spaces"),
    ("cannot start any token", "a text begins with a character that YAML reserves; put the text into quotation marks"),
    ("found '<block mapping start>'", "the columns do not match; keys of one feed begin exactly below each other"),
    ("found '?'", "the columns do not match; keys of one feed begin exactly below each other"),
    ("found '<scalar>'", "quotation marks or brackets end too early; put the whole text into double quotation marks"),
    ("could not find expected ':'", "a colon is missing behind a key, like “name:”"),
    ("found unexpected end of stream", "a quotation mark or bracket further up is never closed"),
    ("found undefined alias", "a text begins with *; put it into quotation marks"),
)


# Slips that can be seen in a line itself; YAML complains one or two lines later, about something else.
_SLIPS = (
    (re.compile(r"\s*-[A-Za-z_]+:(?:\s|$)"), "a space is missing behind the dash; write “- name:”"),
    (re.compile(r"\s*(?:- +)?[A-Za-z_]+:[^\s/]"), "a space is missing behind the colon; write “name: …”"),
)
_CONFLICT = re.compile(r"(?:<{7}|>{7}|={7}|\|{7})(?: |$)")
# A key beside a space other than the keyboard's, which texts from web pages and word processors contain.
_STRANGE_SPACE = re.compile(r"[ \t]*(?=[^\S \t])\s+(?:- )?\w+:|[ \t]*(?:-\s+)?\w+:(?=[^\S \t\n])\s", re.UNICODE)


def slip_in(lines: Sequence[str], number: int) -> tuple[int, str] | None:
    """The line (from 0) and the cure of what makes YAML complain about line `number`: a git conflict anywhere, or a slip in
    that line or just above; None if neither is seen."""
    for index, line in enumerate(lines):
        if _CONFLICT.match(line):
            return index, "git left a conflict here; keep one of the two versions and delete the lines with <<<, === and >>>"
    for index in range(min(number, len(lines) - 1), max(number - 3, -1), -1):
        for pattern, cure in _SLIPS:
            if pattern.match(lines[index]):
                return index, cure
    return None


def _strange_spaces(name: str, text: str) -> list[str]:
    return [
        f"{name}, line {number}: there is a no-break space (or another special one) beside a key; type it again as an "
        "ordinary space."
        for number, line in enumerate(text.split("\n"), start=1)
        if not line.isascii() and _STRANGE_SPACE.match(line)
    ]


class Tree:
    """A YAML document as plain dictionaries, lists and strings, with the line of every value."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[str] = []
        self._lines: dict[Place, int] = {}
        self._visited = 0

    def read(self, text: str, *, is_known: bool = False) -> Any:
        """The document's content (see `compose`), or None if it is empty or unreadable; faults are added to `problems`."""
        self.problems += _strange_spaces(self.name, text)
        if self.problems:
            return None
        try:
            nodes = compose(text, is_known=is_known)
        except MarkedYAMLError as error:
            self.problems.append(self._yaml_sentence(error, text.split("\n")))
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

    def _yaml_sentence(self, error: MarkedYAMLError, lines: Sequence[str]) -> str:
        mark = error.problem_mark or error.context_mark
        slip = slip_in(lines, mark.line) if mark else None
        if slip is not None:
            return f"{self.name}, line {slip[0] + 1}: {slip[1]}."
        line = f", line {mark.line + 1}" if mark else ""
        problem = _first_line(error.problem or error.context or "it cannot be read")
        for message, plainly in _YAML_WORDS:
            if message in problem:
                return f"{self.name}{line}: {plainly} (here or just above)."
        return f"{self.name}{line}: {problem}. Look for a missing colon, quotation mark or space here or one line up."

    def _value(self, node: Node, place: Place, inside: frozenset[int]) -> Any:
        self._visited += 1
        self._lines.setdefault(place, node.start_mark.line + 1)
        if self._visited > _MOST_NODES or id(node) in inside or len(place) > 20:
            if not self.problems:
                self._say(node, "this refers to itself, or is nested or repeated too often")
            return None
        if str(node.tag) not in _PLAIN_TAGS:
            self._say(node, f"“{node.tag}” is not allowed here (put the text into quotation marks)")
            return None
        if isinstance(node, ScalarNode):
            if node.anchor:
                self._say(
                    node,
                    f"“&{node.anchor}” begins with a character that YAML reserves; put the text into quotation marks",
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
                self._say(key_node, f"“{key}” is here a second time; keep one")
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
