"""OPML 2.0 (http://opml.org/spec2.opml): import feed lists of other readers, export ours, with attributes of our own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import ValidationError

from aggregator.errors import UsageError
from aggregator.feedlist.kinds import is_patients_words, type_of
from aggregator.feedlist.listed import numbered_name
from aggregator.text import one_line
from aggregator.urls import canonical_url
from aggregator.values.settings import Feed, FeedType

_LARGEST = 5_000_000
# Our keys as attributes: OPML lets an outline have any (spec, "Directories"). What OPML has itself is left out.
_OWN = {
    key: re.sub(r"_(\w)", lambda letter: letter[1].upper(), key)
    for key in Feed.model_fields
    if key not in ("name", "url", "type")
}


# Types of outlines that FreshRSS makes feeds from though they are none: HTML+XPath, XML+XPath, JSON+DotNotation.
_NO_FEED = re.compile(r"\+|xpath|dotnotation|^html$", re.I)


@dataclass(frozen=True, slots=True)
class Imported:
    """The feeds of a file, and a sentence without its full stop for every outline that is not a feed that we can read."""

    feeds: tuple[Feed, ...]
    refused: tuple[str, ...]


def read_opml(content: bytes, name: str) -> Imported:
    """The feeds in an OPML file, folders within folders included; UsageError if it is not one."""
    if len(content) > _LARGEST:
        raise UsageError(f"{name} is too large for a list of feeds.")
    if re.search(rb"<!(?:doctype|entity)", content[:10_000], re.I):
        raise UsageError(f"{name} has a document type declaration, which is not read; export the list again.")
    try:
        root = ET.fromstring(content)  # noqa: S314 - no DOCTYPE, so no entities
    except ET.ParseError as error:
        raise UsageError(f"{name} is not an OPML file: {error}.") from error
    body = root.find("body")
    if root.tag != "opml" or body is None:
        raise UsageError(f"{name} is not an OPML file (it has no <opml> with a <body>).")
    feeds, refused = [], []
    for outline, folder in _outlines(body, ""):
        what, made_from = one_line(outline.get("title") or outline.get("text") or "?"), one_line(outline.get("type", ""))
        if _NO_FEED.search(made_from):
            refused.append(f"“{what}” is not a feed: the other reader makes it from a page ({made_from})")
            continue
        try:
            feeds.append(_feed(outline, folder))
        except ValidationError as error:
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
    if kind not in {member.value for member in FeedType}:
        kind = type_of(url)
    return Feed.model_validate({"name": name, "url": url, "type": kind, "review": is_patients_words(url), **keys})


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


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the feeds in an OPML file: `known` with the names under which they are listed already."""

    added: tuple[Feed, ...]
    known: tuple[tuple[Feed, str], ...]
    refused: tuple[str, ...]


def import_report(imported: Imported, listed: Sequence[Feed], *, feed_type: FeedType | None, review: bool) -> ImportReport:
    """Which feeds of a file are not among the `listed` ones, under names that are free. `feed_type` is for all of them, else
    each has its own; with `review` their entries wait for staff."""
    changes: dict[str, object] = ({"type": feed_type} if feed_type else {}) | ({"review": True} if review else {})
    names = {feed.name.casefold() for feed in listed}
    name_at = {canonical_url(feed.url): feed.name for feed in listed}
    added, known = [], []
    for feed in imported.feeds:
        key = canonical_url(feed.url)
        if key in name_at:
            known.append((feed, name_at[key]))
            continue
        named = feed.model_copy(update={**changes, "name": numbered_name(feed.name, names)})
        name_at[key] = named.name
        names.add(named.name.casefold())
        added.append(named)
    return ImportReport(tuple(added), tuple(known), imported.refused)
