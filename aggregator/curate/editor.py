"""feeds.yaml edited in place: lines are added or changed, every other byte stays as staff wrote it.

Pure: text in, text out. The YAML reader only tells where things stand; it never writes, so no comment moves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.errors import UsageError
from aggregator.values.settings import Feed

_DEFAULTS = {name: field.default for name, field in Feed.model_fields.items()}
_BY_HAND = "feeds.yaml is written in a way that this program does not edit (several things in one line); change it by hand."


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a feed stands: its keys' lines, its last line (from 0), the columns of its dash and its keys."""

    keys: Mapping[str, int]
    values: Mapping[str, str]
    last: int
    dash: int
    indent: int


def add_feed(text: str, feed: Feed) -> str:
    """`text` with `feed` behind the last feed of its type, or behind all."""
    places = _places(text)
    alike = [place for place in places if place.values.get("type", "news") == feed.type.value] or places
    after = alike[-1]
    lines = text.split("\n")
    block = _block(feed, after)
    return "\n".join([*lines[: after.last + 1], *block, *lines[after.last + 1 :]])


def set_key(text: str, name: str, key: str, value: str) -> str:
    """`text` with `key: value` under the feed called `name`; UsageError where there is none."""
    place = next((one for one in _places(text) if one.values.get("name", "").casefold() == name.casefold()), None)
    if place is None:
        raise UsageError(f"There is no feed named “{name}” in feeds.yaml; `feeds list` prints the names.")
    lines = text.split("\n")
    number = place.keys.get(key)
    if number is None:
        lines.insert(place.last + 1, f"{' ' * place.indent}{key}: {value}")
        return "\n".join(lines)
    found = re.match(rf"(.*?\b{key}:\s*)(\"[^\"]*\"|'[^']*'|[^\s#]\S*)(\s*(?:#.*)?)$", lines[number])
    if found is None:
        raise UsageError(_BY_HAND)
    lines[number] = f"{found[1]}{value}{found[3]}"
    return "\n".join(lines)


def _block(feed: Feed, like: _Place) -> list[str]:
    keys = [("name", feed.name), ("url", feed.url)]
    for key in ("type", "all_on_topic", "review", "language", "weight", "enabled"):
        value = getattr(feed, key)
        if value != _DEFAULTS[key]:
            keys.append((key, value))
    first, *others = [f"{key}: {_scalar(value)}" for key, value in keys]
    pad = " " * like.indent
    return [f"{' ' * like.dash}-{' ' * (like.indent - like.dash - 1)}{first}", *(pad + line for line in others)]


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
        raise UsageError(_BY_HAND)
    return [_place(node, feeds) for node in feeds.value]


def _place(node: Node, feeds: SequenceNode) -> _Place:
    if not isinstance(node, MappingNode) or node.flow_style:
        raise UsageError(_BY_HAND)
    scalars = [(key.value, value) for key, value in node.value]
    last = max(_last_line(value) for _, value in scalars)
    return _Place(
        keys={key.value: key.start_mark.line for key, _ in node.value},
        values={key: value.value for key, value in scalars if isinstance(value, ScalarNode)},
        last=last,
        dash=feeds.start_mark.column,
        indent=node.start_mark.column,
    )


def _last_line(node: Node) -> int:
    end = node.end_mark
    # A block scalar's or collection's end is the beginning of what comes next.
    line: int = end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line
    return line


# ---- a whole section -------------------------------------------------------------------------------------------------


def section(text: str, key: str) -> str:
    """The lines of a key at the top of the file, as they were written; empty where there is none."""
    span = _span(text, key)
    return "\n".join(text.split("\n")[span[0] : span[1]]) if span else ""


def with_section(text: str, key: str, block: str) -> str:
    """`text` with `block` in the place of that section; before the list of feeds where there was none."""
    lines = text.split("\n")
    span = _span(text, key)
    new = block.split("\n") if block else []
    if span:
        return "\n".join([*lines[: span[0]], *new, *lines[span[1] :]])
    if not new:
        return text
    feeds = _span(text, "feeds")
    at = feeds[0] if feeds else len(lines)
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return "\n".join([*lines[:at], *new, "", *lines[at:]])


def _span(text: str, key: str) -> tuple[int, int] | None:
    """Where a top key's lines begin and end: its own line up to the last that belongs to its value."""
    root = YAML(typ="rt", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        return None
    if root.flow_style:
        raise UsageError(_BY_HAND)
    found = next(((name, value) for name, value in root.value if name.value == key), None)
    if found is None:
        return None
    name, value = found
    last = (
        name.start_mark.line if value.start_mark.line == value.end_mark.line == name.start_mark.line else _last_line(value)
    )
    lines = text.split("\n")
    end = last + 1
    # What a collection's end mark counts in behind it: blanks and remarks that belong to the next key.
    while end > name.start_mark.line + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return name.start_mark.line, end
