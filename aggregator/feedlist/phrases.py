"""Single phrases and pairs of the filter section, added and removed in place: every remark and every other byte stays as it
was written.

Pure: text in, text out. As in `editor`, the YAML reader only gives positions and never writes.
"""

from __future__ import annotations

import json
import re

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from aggregator.errors import UsageError
from aggregator.feedlist.editor import BY_HAND, with_section
from aggregator.text import one_line

# The keys that lead to a value: ("filter", "add", "synkinesis").
Path = tuple[str, ...]


def add_phrase(text: str, path: Path, phrase: str) -> str:
    """`text` with `phrase` at the end of the list at `path`, which is made where it is missing."""
    node = _find(text, path)
    if isinstance(node, SequenceNode) and phrase in [item.value for item in node.value]:
        return text
    return _add(text, path, node, _quoted(phrase), is_list=True)


def remove_phrase(text: str, path: Path, phrase: str) -> str:
    """`text` without `phrase` in the list at `path`; a remark beside it stays. UsageError where it is not there."""
    node = _find(text, path)
    items = node.value if isinstance(node, SequenceNode) else []
    # What a form shows is one line in one Unicode form, whatever is written.
    found = next((item for item in items if one_line(str(item.value)) == one_line(phrase)), None)
    if found is None or not isinstance(node, SequenceNode):
        raise UsageError(f"“{phrase}” is not in {'.'.join(path)} of feeds.yaml any more.")
    return _remove(text, node, [(item, item) for item in items], (found, found))


def set_pair(text: str, path: Path, key: str, value: str) -> str:
    """`text` with `key: value` in the mapping at `path`, which is made where it is missing."""
    node = _find(text, path)
    pair = _pair(node, key)
    if pair is not None:
        return text[: pair[1].start_mark.index] + _quoted(value) + text[pair[1].end_mark.index :]
    return _add(text, path, node, f"{_quoted(key)}: {_quoted(value)}", is_list=False)


def remove_pair(text: str, path: Path, key: str) -> str:
    """`text` without `key` in the mapping at `path`; a remark beside it stays. UsageError where it is not there."""
    node = _find(text, path)
    pair = _pair(node, key)
    if pair is None or not isinstance(node, MappingNode):
        raise UsageError(f"“{key}” is not in {'.'.join(path)} of feeds.yaml any more.")
    return _remove(text, node, node.value, pair)


def _pair(node: Node | None, key: str) -> tuple[Node, Node] | None:
    pairs: list[tuple[Node, Node]] = node.value if isinstance(node, MappingNode) else []
    return next(((name, value) for name, value in pairs if name.value == key), None)


def _find(text: str, path: Path) -> Node | None:
    """The value at `path`; None where a key is missing."""
    node: Node | None = YAML(typ="rt", pure=True).compose(text)
    for key in path:
        pair = _pair(node, key)
        if pair is None:
            return None
        node = pair[1]
    if node is not None and (node.anchor or node.tag in ("!!set", "tag:yaml.org,2002:set")):
        raise UsageError(BY_HAND)
    return node


def _quoted(text: str) -> str:
    """A value as YAML: plain where that is safe, else in quotation marks."""
    is_plain = re.fullmatch(r"[^\W\d_][\w ’'.()/–-]*[\w)]", text) and text.casefold() not in _NOT_TEXT
    return text if is_plain else json.dumps(text, ensure_ascii=False)


_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def _add(text: str, path: Path, node: Node | None, written: str, *, is_list: bool) -> str:
    line = f"- {written}" if is_list else written
    if node is None:
        return _make(text, path, [line], f"[{written}]" if is_list else f"{{{written}}}")
    if isinstance(node, CollectionNode) and node.flow_style:
        return _into_flow(text, node, written)
    if isinstance(node, CollectionNode):
        return _below(text, _end_line(node.value[-1]), node.start_mark.column, line)
    return _as_value(text, path, node, line)


def _make(text: str, path: Path, block: list[str], flow: str) -> str:
    """`text` with the missing key at the end of `path`; its value is written as these lines or, in braces, as `flow`."""
    *parents, key = path
    lines = [f"{_quoted(key)}:", *(f"  {line}" for line in block)]
    if not parents:
        return with_section(text, key, "\n".join(lines))
    parent = _find(text, tuple(parents))
    if parent is None:
        return _make(text, tuple(parents), lines, f"{{{_quoted(key)}: {flow}}}")
    if isinstance(parent, MappingNode) and parent.flow_style:
        return _into_flow(text, parent, f"{_quoted(key)}: {flow}")
    if isinstance(parent, MappingNode):
        return _below(text, _end_line(parent.value[-1]), parent.start_mark.column, *lines)
    return _as_value(text, tuple(parents), parent, *lines)


def _as_value(text: str, path: Path, node: Node, *lines: str) -> str:
    """These lines as the value of a key that has none: `never:`, perhaps with a remark behind it."""
    if not isinstance(node, ScalarNode) or node.value not in ("", "~", "null"):
        raise UsageError(BY_HAND)
    key = _key(text, path)
    cleared = text[: node.start_mark.index] + text[node.end_mark.index :] if node.value else text
    return _below(cleared, key.end_mark.line, key.start_mark.column + 2, *lines)


def _key(text: str, path: Path) -> Node:
    pair = _pair(_find(text, path[:-1]), path[-1])
    assert pair is not None  # noqa: S101 - its value was found
    return pair[0]


def _into_flow(text: str, node: CollectionNode, written: str) -> str:
    if not node.value:
        at = node.start_mark.index + 1
        return text[:at] + written + text[at:]
    last = node.value[-1]
    end = (last[1] if isinstance(last, tuple) else last).end_mark.index
    return f"{text[:end]}, {written}{text[end:]}"


def _below(text: str, line: int, column: int, *block: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[: line + 1], *(" " * column + one for one in block), *lines[line + 1 :]])


def _end_line(last: Node | tuple[Node, Node]) -> int:
    """The last line of an item or a pair, without the blank lines and remarks that follow it."""
    node = last[1] if isinstance(last, tuple) else last
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        return _end_line(node.value[-1])
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        raise UsageError(BY_HAND)
    line: int = node.end_mark.line
    return line


def _remove(text: str, node: CollectionNode, members: list[tuple[Node, Node]], member: tuple[Node, Node]) -> str:
    first, last = member[0].start_mark, member[1].end_mark
    if node.flow_style:
        return _out_of_flow(text, members, member)
    lines = text.split("\n")
    begin, end = first.line, _end_line(member)
    remark = lines[end][last.column :].strip()
    kept = [" " * node.start_mark.column + remark] if remark.startswith("#") else []
    if len(members) > 1:
        return "\n".join([*lines[:begin], *kept, *lines[end + 1 :]])
    # The last one: the key gets an empty value, which stands behind it and before its remark.
    above = begin - 1
    while not re.match(r"\s*[^#\s].*:\s*(#.*)?$", lines[above]):
        above -= 1
    empty = "[]" if isinstance(node, SequenceNode) else "{}"
    lines[above] = re.sub(r":(\s*)(#.*)?$", lambda m: f": {empty}" + (f"  {m[2]}" if m[2] else ""), lines[above])
    return "\n".join([*lines[:begin], *kept, *lines[end + 1 :]])


def _out_of_flow(text: str, members: list[tuple[Node, Node]], member: tuple[Node, Node]) -> str:
    at = members.index(member)
    begin, end = member[0].start_mark.index, member[1].end_mark.index
    # The comma before it goes too or, of the first, the one after it.
    if at:
        between = text[members[at - 1][1].end_mark.index : begin]
        begin -= len(between) - between.index(",") if "#" not in between else 0
    elif len(members) > 1:
        between = text[end : members[1][0].start_mark.index]
        end += between.index(",") + 1
        end += len(text[end:]) - len(text[end:].lstrip(" "))
    if "#" in text[begin:end] and "\n" in text[begin:end]:
        raise UsageError(BY_HAND)
    return text[:begin] + text[end:]
