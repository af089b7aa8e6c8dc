"""feeds.yaml edited in place: lines are added or changed, every other byte stays as staff wrote it.

Pure: text in, text out. The YAML reader only gives positions; it never writes, so no comment moves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.errors import Hint, UsageError
from aggregator.text import one_line
from aggregator.values.settings import Feed

_DEFAULTS = {name: field.default for name, field in Feed.model_fields.items()}
# Said where a file is written in a way that only people edit.
BY_HAND = "feeds.yaml is written in a way that this program does not edit (several things in one line); change it by hand."


@dataclass(frozen=True, slots=True)
class _Place:
    """The position of a feed: its values, its first and last line (from 0), the columns of its dash and its keys."""

    values: Mapping[str, ScalarNode]
    first: int
    last: int
    dash: int
    indent: int

    def value(self, key: str) -> str:
        """The value of a key; empty if the key is not there."""
        return str(self.values[key].value) if key in self.values else ""


def add_feed(text: str, feed: Feed) -> str:
    """`text` with `feed` added after the last feed of its type, or after all feeds."""
    places = _places(text)
    alike = [place for place in places if (place.value("type") or "news") == feed.type.value] or places
    after = alike[-1]
    lines = text.split("\n")
    block = _block(feed, dash=after.dash, indent=after.indent)
    return "\n".join([*lines[: after.last + 1], *block, *lines[after.last + 1 :]])


def set_key(text: str, name: str, key: str, value: str) -> str:
    """`text` with `key: value` under the feed called `name`; UsageError if there is none."""
    place = _named(text, name)
    node = place.values.get(key)
    if node is None:
        lines = text.split("\n")
        lines.insert(place.last + 1, f"{' ' * place.indent}{key}: {_scalar(value)}")
        return "\n".join(lines)
    if node.style in ("|", ">") or node.start_mark.line != node.end_mark.line:
        raise UsageError(BY_HAND)
    return text[: node.start_mark.index] + _scalar(value) + text[node.end_mark.index :]


def remove_feed(text: str, name: str) -> str:
    """`text` without the lines of the feed called `name`; comments around them stay. UsageError if there is no such feed, or
    no other one."""
    place = _named(text, name)
    if len(_places(text)) == 1:
        raise UsageError(f"“{place.value('name')}” is the only feed in feeds.yaml. Add another one before you remove it.")
    lines = text.split("\n")
    return "\n".join([*lines[: place.first], *lines[place.last + 1 :]])


def _named(text: str, name: str) -> _Place:
    place = next((one for one in _places(text) if one_line(one.value("name")).casefold() == one_line(name).casefold()), None)
    if place is None:
        raise UsageError(f"feeds.yaml has no feed named “{name}”.", hint=Hint.LIST_FEEDS)
    return place


def lines_for(feed: Feed) -> list[str]:
    """The lines of this feed for feeds.yaml."""
    return _block(feed, dash=0, indent=2)


def _block(feed: Feed, *, dash: int, indent: int) -> list[str]:
    keys = [("name", feed.name), ("url", feed.url)]
    keys += [(key, value) for key, value in feed if key not in ("name", "url") and value != _DEFAULTS[key]]
    first, *others = [f"{key}: {_scalar(value)}" for key, value in keys]
    pad = " " * indent
    return [f"{' ' * dash}-{' ' * (indent - dash - 1)}{first}", *(pad + line for line in others)]


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    is_plain = re.fullmatch(r"[\w(][^:#\n]*(?::(?=\S)[^:#\n]*)*", text) and text == text.strip()
    return text if is_plain and text.lower() not in ("null", "~") else json.dumps(text, ensure_ascii=False)


def _places(text: str) -> list[_Place]:
    root = YAML(typ="rt", pure=True).compose(text)
    pairs = root.value if isinstance(root, MappingNode) else []
    feeds = next((value for key, value in pairs if key.value == "feeds"), None)
    if not isinstance(feeds, SequenceNode) or feeds.flow_style or not feeds.value:
        raise UsageError(BY_HAND)
    lines = text.split("\n")
    return [_place(node, feeds, lines) for node in feeds.value]


def _place(node: Node, feeds: SequenceNode, lines: list[str]) -> _Place:
    if not isinstance(node, MappingNode) or node.flow_style:
        raise UsageError(BY_HAND)
    scalars = [(key.value, value) for key, value in node.value]
    dash, first = feeds.start_mark.column, node.start_mark.line
    # The dash may have a line of its own, with comments after it.
    while first and not lines[first].startswith(" " * dash + "-"):
        first -= 1
    last = max(_last_line(value) for _, value in scalars)
    # A block scalar's end includes blank lines and comments that belong to what comes next.
    while last > first and (not lines[last].strip() or lines[last].lstrip().startswith("#")):
        last -= 1
    return _Place(
        values={key: value for key, value in scalars if isinstance(value, ScalarNode)},
        first=first,
        last=last,
        dash=dash,
        indent=node.start_mark.column,
    )


def _last_line(node: Node) -> int:
    end = node.end_mark
    # A block scalar's or collection's end is the beginning of what comes next.
    line: int = end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line
    return line


# ---- a whole section -------------------------------------------------------------------------------------------------


def section(text: str, key: str) -> str:
    """The lines of a top-level key, as they were written; empty if there is none."""
    span = _span(text, key)
    return "\n".join(text.split("\n")[span[0] : span[1]]) if span else ""


def with_section(text: str, key: str, block: str) -> str:
    """`text` with `block` in place of that section or, if there is none, before the list of feeds and a blank line. An empty
    `block` removes the section and the blank line after it."""
    lines = text.split("\n")
    span = _span(text, key)
    new = block.split("\n") if block else []
    if span:
        is_parted = not new and not "".join(lines[span[1] : span[1] + 1]).strip() and span[1] < len(lines) - 1
        return "\n".join([*lines[: span[0]], *new, *lines[span[1] + is_parted :]])
    if not new:
        return text
    feeds = _span(text, "feeds")
    at = feeds[0] if feeds else len(lines)
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return "\n".join([*lines[:at], *new, "", *lines[at:]])


def _span(text: str, key: str) -> tuple[int, int] | None:
    """The lines of a top-level key and its value, as (first, one after the last), from 0; None if there is none."""
    root = YAML(typ="rt", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        return None
    if root.flow_style:
        raise UsageError(BY_HAND)
    pair = next(((name, value) for name, value in root.value if name.value == key), None)
    if pair is None:
        return None
    name, value = pair
    last = (
        name.start_mark.line if value.start_mark.line == value.end_mark.line == name.start_mark.line else _last_line(value)
    )
    lines = text.split("\n")
    end = last + 1
    # A collection's end includes blank lines and comments that belong to the next key.
    while end > name.start_mark.line + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return name.start_mark.line, end
