"""Imports only go down the stair, rooms on one step do not import each other, and each library has its one door."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import aggregator

ROOT = Path(aggregator.__file__).parent

# The step of each package: imports only go down. Step 1 has an order of its own: texts, then addresses, topics and keys, then
# the values that are made of them.
STEPS = {
    "errors": 0.0, "signals": 0.0,
    "text": 1.0, "instants": 1.0, "files": 1.0,
    "yamltree": 1.05,
    "private_hosts": 1.05, "wrappers": 1.06, "trackers": 1.07,
    "urls": 1.1, "topics": 1.1,
    "keys": 1.15,
    "values": 1.2,
    "render": 1.3,
    "smtp": 1.1, "web_guard": 1.1, "listening": 1.1,
    "config": 2.0, "ingest": 2.0, "relevance": 2.0, "stories": 2.0, "store": 2.0, "overview": 1.9, "edition": 2.0, "publish": 2.0,
    "update": 2.0,
    "feedlist": 2.0, "backup": 2.0, "monitoring": 2.0, "staff": 2.0,
    "subscribers": 2.0, "newsletter": 2.0,
    "jobs": 3.0,
    "scheduler": 4.0, "console": 4.0, "signup": 4.0,
    "cli": 5.0,
}  # fmt: skip

# Which package, or which file, may import a library.
LIBRARY_OWNERS = {
    "feedparser": ("ingest/xmlfeed.py", "ingest/feedparser_fast.py"),
    "httpx": ("ingest/fetch.py", "monitoring/channels.py"),
    "httpcore": ("ingest/guard.py",),
    "sqlmodel": ("store/",),
    "sqlalchemy": ("store/",),
    "alembic": ("store/",),
    "sqlite3": ("store/", "backup/", "staff/", "subscribers/"),
    "cryptography": ("subscribers/",),
    "argon2": ("staff/",),
    "starlette": ("console/", "signup/"),
    "uvicorn": ("console/", "signup/"),
    "jinja2": ("render/",),
    "babel": ("render/",),
    "ftfy": ("text.py",),
    "nh3": ("text.py",),
    "w3lib": ("urls.py",),
    "typer": ("cli/",),
    "rich": ("cli/",),
    "apscheduler": ("scheduler.py",),
    "structlog": ("monitoring/log.py",),
}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py"))


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offences(path: Path) -> list[str]:
    """Imports of a module that its step does not allow."""
    package, found = package_of(path), []
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "aggregator" or len(parts) < 2 or parts[1].startswith("_"):
            continue
        other = parts[1]
        if other != package and STEPS[other] >= STEPS[package]:
            found.append(f"{path.relative_to(ROOT)} may not import {'.'.join(parts[1:3])}")
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_go_down(path: Path) -> None:
    if package_of(path) == "__init__":
        return

    assert offences(path) == []


# All that the command line needs: what a package decides reaches it through a job, as a value.
CLI_IMPORTS = {"__version__", "cli", "console", "errors", "jobs", "scheduler", "signals", "signup", "text", "values"}


def test_the_command_line_calls_jobs_only() -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "cli").glob("*.py")
        for name in imports(path)
        if name.startswith("aggregator.") and name.split(".")[1] not in CLI_IMPORTS
    }

    assert found == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_is_imported_by_its_owner(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    wrong = [
        f"{place} imports {library}, which only {' and '.join(LIBRARY_OWNERS[library])} may"
        for library in {name.split(".")[0] for name in imports(path)}
        if library in LIBRARY_OWNERS and not place.startswith(LIBRARY_OWNERS[library])
    ]

    assert wrong == []


def test_every_package_of_the_stair_is_known() -> None:
    packages = {package_of(path) for path in modules()} - {"__init__"}
    page = (ROOT.parent / "docs" / "developers.md").read_text("utf-8")

    assert packages == set(STEPS)
    assert [package for package in sorted(packages) if f"`{package}`" not in page] == []


def test_files_that_the_developers_page_names_are_there() -> None:
    """The table of common changes is of use only while it is true."""
    page = (ROOT.parent / "docs" / "developers.md").read_text("utf-8")
    named = set(re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|yaml|md|html|txt|toml))`", page))

    assert len(named) > 20
    assert [name for name in sorted(named) if not any((base / name).is_file() for base in (ROOT, ROOT.parent))] == []


def test_names_that_the_developers_page_gives_for_a_file_are_in_it() -> None:
    page = (ROOT.parent / "docs" / "developers.md").read_text("utf-8")
    named = [
        (path, name)
        for path, inside in re.findall(r"`((?:\w+/)*\w+\.py)` \(([^()|]*)", page)
        for name in re.findall(r"`(\w+)`", inside)
    ]

    assert len(named) > 15
    assert [(path, name) for path, name in named if name not in (ROOT / path).read_text("utf-8")] == []


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
        if package_of(path) != "cli"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "exit")
    ]

    assert printing == []


def own_nodes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it."""
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield node
            left += ast.iter_child_nodes(node)


OUR_ERRORS = {
    node.name for node in ast.walk(ast.parse((ROOT / "errors.py").read_text("utf-8"))) if isinstance(node, ast.ClassDef)
}


def unnamed_errors(path: Path) -> list[str]:
    """The public functions of a module that raise an error of ours which their docstring does not name. Methods that a
    library calls have its docstring, and a command's is its help."""
    found = []
    for parent in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(parent, ast.Module | ast.ClassDef):
            continue
        for function in parent.body:
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or function.name.startswith("_"):
                continue
            told = ast.get_docstring(function)
            raised = {
                node.exc.func.id
                for node in own_nodes(function)
                if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
            }
            if told is not None:
                found += [f"{function.name}: {name}" for name in sorted(raised & OUR_ERRORS) if name not in told]
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_public_function_names_the_errors_that_it_raises(path: Path) -> None:
    if package_of(path) != "cli":
        assert unnamed_errors(path) == []


def test_an_error_that_is_not_named_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        'def first():\n    """Do it."""\n    raise UsageError("no")\n\n\ndef second():\n    """UsageError always."""\n    raise UsageError("no")\n'
    )

    assert unnamed_errors(module) == ["first: UsageError"]
