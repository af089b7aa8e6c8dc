"""Imports only go down the stair, rooms on one step do not import each other, and each library has its one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import aggregator

ROOT = Path(aggregator.__file__).parent

# The stair. On step 1 there is an order too: texts, then addresses and topics, then the values that are made of them.
STEPS = {
    "errors": 0.0,
    "text": 1.0,
    "yamltree": 1.05,
    "urls": 1.1, "topics": 1.1,
    "values": 1.2,
    "config": 2.0, "ingest": 2.0, "relevance": 2.0, "stories": 2.0, "store": 2.0, "edition": 2.0, "publish": 2.0,
    "curate": 2.0, "keep": 2.0, "watch": 2.0,
    "jobs": 3.0,
    "scheduler": 4.0,
    "cli": 5.0,
}  # fmt: skip

# Where a library may be imported: one room, or one file of it.
DOORS = {
    "feedparser": ("ingest/tuned.py",),
    "httpx": ("ingest/fetch.py", "watch/channels.py"),
    "httpcore": ("ingest/guard.py",),
    "sqlmodel": ("store/",),
    "sqlalchemy": ("store/",),
    "alembic": ("store/",),
    "sqlite3": ("store/", "keep/"),
    "jinja2": ("publish/",),
    "ftfy": ("text.py",),
    "nh3": ("text.py",),
    "w3lib": ("urls.py",),
    "typer": ("cli/",),
    "rich": ("cli/",),
    "apscheduler": ("scheduler.py",),
    "structlog": ("watch/log.py",),
}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offences(path: Path) -> list[str]:
    """Imports of a module that the stair does not allow."""
    room, found = room_of(path), []
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "aggregator" or len(parts) < 2 or parts[1].startswith("_"):
            continue
        other = parts[1]
        if other != room and STEPS[other] >= STEPS[room]:
            found.append(f"{path.relative_to(ROOT)} may not import {'.'.join(parts[1:3])}")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_the_stair(path: Path) -> None:
    if room_of(path) == "__init__":
        return

    assert offences(path) == []


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_has_its_door(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    wrong = [
        f"{place} imports {library}, which only {' and '.join(DOORS[library])} may"
        for library in {name.split(".")[0] for name in imports(path)}
        if library in DOORS and not place.startswith(DOORS[library])
    ]

    assert wrong == []


def test_every_room_of_the_stair_is_known() -> None:
    rooms = {room_of(path) for path in modules()} - {"__init__"}

    assert rooms <= set(STEPS)


def test_the_offender_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself can fail: a page that reads the store is found."""
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    (tmp_path / "publish").mkdir()
    page = tmp_path / "publish" / "pages.py"
    page.write_text("from aggregator.store import entries\n")

    assert offences(page) == ["publish/pages.py may not import store.entries"]


def test_nothing_prints_but_the_command_line() -> None:
    printing = [
        str(path.relative_to(ROOT))
        for path in modules()
        if room_of(path) != "cli"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "exit")
    ]

    assert printing == []
