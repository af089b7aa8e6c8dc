"""The cases that other readers' test suites brought up: each comes out as its INDEX.txt wants it."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.ingest.parse import ParseTask, parse
from aggregator.ingest.raw import FeedSpec
from aggregator.text import plain_text
from aggregator.values.entries import Entry
from aggregator.values.feeds import Document

LATE = datetime(2090, 1, 1, tzinfo=UTC)


def first_entry(path: Path, address: str) -> Entry:
    document = parse(ParseTask(path.read_bytes(), "", address, FeedSpec(address, "Cases"), LATE))
    assert isinstance(document, Document), path.name
    return document.entries[0]


def rows(folder: Path) -> list[list[str]]:
    """File, field, what is wanted and what another version gave."""
    lines = (folder / "INDEX.txt").read_text("utf-8").splitlines()
    return [[part.strip() for part in line.split(" |")] for line in lines if line and not line.startswith("#")]


def is_as_wanted(value: Any, wanted: str, body: str) -> bool:
    """`wanted` is in words for people: a value, perhaps with a remark behind it."""
    if wanted in ("the whole sentence", "both sentences"):
        description = re.search(r"<description>(.*?)</description>", body, re.S)
        return description is not None and value == plain_text(description[1])
    if isinstance(value, tuple):
        return bool(value == ast.literal_eval(wanted[: wanted.index(")") + 1]))
    if isinstance(value, datetime):
        return bool(str(value).startswith(re.match(r"[\d-]+(?: [\d:]+)?", wanted)[0]))  # type: ignore[index]
    return bool(value == wanted or wanted.startswith(f"{value} at whatever"))


def test_every_case_comes_out_as_wanted(shared: Path) -> None:
    folder = shared / "feeds" / "cases"
    found = {
        (name, field): (getattr(first_entry(folder / name, "https://example.org/feed"), field), wanted)
        for name, field, wanted, _ in rows(folder)
    }

    assert len(found) >= 26
    unwanted = {case: pair for case, pair in found.items() if not is_as_wanted(*pair, (folder / case[0]).read_text("utf-8"))}
    assert not unwanted


def test_a_guid_is_the_same_wherever_the_feed_is_read(shared: Path) -> None:
    path = shared / "feeds" / "cases" / "12-guid-on-final-url.xml"

    assert {first_entry(path, address).guid for address in ("https://a.example/f", "https://b.example/x/y")} == {"12345"}


def test_utf_16_without_a_mark_is_read(shared: Path) -> None:
    assert first_entry(shared / "feeds" / "cases" / "feed-utf16be.xml", "https://example.org/feed").title
