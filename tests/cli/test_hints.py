"""What helps after an error is a value; only the command line words it as commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.cli.hints import with_hint
from aggregator.errors import AggregatorError, Hint
from tests.test_architecture import ROOT, modules
from tests.test_docs import commands

COMMANDS = frozenset(commands())


def _sentences(path: Path) -> Iterator[str]:
    """Every text of a file that is no docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize(
    "path", [path for path in modules() if path.parent.name != "cli"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_only_the_command_line_names_commands(path: Path) -> None:
    """The console shows the same errors: what helps is a `Hint`, which each caller words itself."""
    first = "|".join(sorted({command.split()[0] for command in COMMANDS}))
    named = re.compile(rf"`(?:{first})\b|(?<!\S)--[a-z]")

    assert [text for text in _sentences(path) if named.search(text)] == []


def test_every_hint_is_worded_with_a_command_that_exists() -> None:
    for hint in Hint:
        said = with_hint(AggregatorError("No.", hint=hint))
        assert said.startswith("No. "), hint
        assert {command.removesuffix(" FILE") for command in re.findall("`(.+?)`", said)} <= COMMANDS, said
