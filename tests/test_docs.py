"""Documentation is part of the product: a command, a key or a variable without it fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import typer
from pydantic import BaseModel

from aggregator.cli import app
from aggregator.values.settings import Feed, Settings
from tests.conftest import HOME

DOCS = "\n".join(path.read_text("utf-8") for path in (HOME / "docs").glob("*.md"))
STAFF = (HOME / "docs" / "staff.md").read_text("utf-8")


def commands() -> Iterator[str]:
    tree = typer.main.get_command(app)
    for name, command in tree.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        yield from (f"{name} {below}" for below in inner) if inner else [name]


def keys(model: type[BaseModel] = Settings, before: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if name == "feeds" and model is Settings:
            continue
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from keys(kind, f"{before}{name}.")
        else:
            yield before + (field.alias or name)


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_is_documented(command: str) -> None:
    assert f"`{command}" in DOCS or f"run.py {command}" in DOCS


@pytest.mark.parametrize("key", sorted({*keys(), *Feed.model_fields}))
def test_every_key_of_feeds_yaml_is_documented(key: str) -> None:
    assert f"`{key}`" in STAFF


def test_every_variable_is_documented() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (HOME / "aggregator").rglob("*.py"))

    assert {name for name in re.findall(r"AGGREGATOR_[A-Z_]+", source) if name not in DOCS} == set()


@pytest.mark.parametrize("document", ["README.md", *(f"docs/{path.name}" for path in sorted((HOME / "docs").glob("*.md")))])
def test_every_link_to_a_file_leads_to_one(document: str) -> None:
    path = HOME / document
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8"))

    assert [link for link in links if not link.startswith("http") and not (path.parent / link).exists()] == []


def test_the_first_screen_of_the_readme_has_exactly_two_commands() -> None:
    readme = (HOME / "README.md").read_text("utf-8")
    first = readme[: readme.index("## For real")]

    assert len(re.findall(r"^pip install uv && ", first, re.MULTILINE)) == 2
    assert len(first.splitlines()) < 30
