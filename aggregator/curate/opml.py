"""OPML 2.0 (http://opml.org/spec2.opml): feed lists of other readers in, ours out, with our own attributes beside theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import ValidationError

from aggregator.errors import UsageError
from aggregator.text import one_line
from aggregator.values.settings import Feed, FeedType

_LARGEST = 5_000_000
# Our keys as attributes: OPML lets an outline have any (spec, "Directories").
_OWN = {"all_on_topic": "allOnTopic", "review": "review", "language": "language", "weight": "weight", "enabled": "enabled"}


@dataclass(frozen=True, slots=True)
class Imported:
    """The feeds of a file, and a sentence for every outline that is none that we can read."""

    feeds: tuple[Feed, ...]
    refused: tuple[str, ...]


def read_opml(content: bytes, name: str) -> Imported:
    """The feeds in an OPML file, folders within folders included; UsageError where it is no OPML."""
    if len(content) > _LARGEST:
        raise UsageError(f"{name} is too large for a list of feeds.")
    if re.search(rb"<!(?:doctype|entity)", content[:10_000], re.I):
        raise UsageError(f"{name} has a document type declaration, which is not read; export the list again.")
    try:
        root = ET.fromstring(content)  # noqa: S314 - no DOCTYPE, so no entities
    except ET.ParseError as error:
        raise UsageError(f"{name} is no OPML file: {error}.") from error
    body = root.find("body")
    if root.tag != "opml" or body is None:
        raise UsageError(f"{name} is no OPML file (it has no <opml> with a <body>).")
    feeds, refused = [], []
    for outline, folder in _outlines(body, ""):
        try:
            feeds.append(_feed(outline, folder))
        except ValidationError as error:
            what = one_line(outline.get("title") or outline.get("text") or outline.get("xmlUrl") or "?")
            reason = error.errors()[0]
            refused.append(f"“{what}”: {reason.get('ctx', {}).get('error', reason['msg'])}")
    return Imported(tuple(feeds), tuple(refused))


def _outlines(parent: ET.Element, folder: str, depth: int = 0) -> Iterator[tuple[ET.Element, str]]:
    for outline in parent.findall("outline"):
        if outline.get("xmlUrl"):
            yield outline, folder
        elif depth < 20:
            yield from _outlines(outline, one_line(outline.get("text") or outline.get("title") or "").lower(), depth + 1)


def _feed(outline: ET.Element, folder: str) -> Feed:
    url = outline.get("xmlUrl", "")
    name = one_line(outline.get("title") or outline.get("text") or "")[:100] or one_line(url)[:100]
    keys: dict[str, Any] = {key: outline.get(attribute) for key, attribute in _OWN.items() if outline.get(attribute)}
    kind = outline.get("feedType") or folder
    known = {one.value for one in FeedType}
    return Feed.model_validate({"name": name, "url": url, "type": kind if kind in known else "news", **keys})


def write_opml(feeds: Sequence[Feed], title: str) -> bytes:
    """The feeds in folders by type, in the order of the file."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    folders: dict[str, ET.Element] = {}
    for feed in feeds:
        kind = feed.type.value
        if kind not in folders:
            folders[kind] = ET.SubElement(body, "outline", text=kind)
        attributes = {"type": "rss", "text": feed.name, "title": feed.name, "xmlUrl": feed.url, "feedType": kind}
        for key, attribute in _OWN.items():
            value = getattr(feed, key)
            if value != Feed.model_fields[key].default:
                attributes[attribute] = str(value).lower() if isinstance(value, bool) else str(value)
        ET.SubElement(folders[kind], "outline", attributes)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content + b"\n"
