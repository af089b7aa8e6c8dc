"""Messages read as a native speaker would write them: the patterns that a reader found are gone, and stay gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import HOME

PROSE = HOME / "aggregator"
# What an editor marked, each with what to write instead.
PATTERNS = {
    r"(?<!there )(?<!There )\bis no (?!longer|news|cure|such|copy|page|release)\w+": "is not a …",
    r"\bholds? a\b": "contains a",
    r"\ba blank\b|\bblanks\b": "a space",
    r"\bfor it would\b|, for (?:none|it|there)\b": "because",
    r"\blet go\b": "removed",
    r"\btold before\b": "duplicates",
    r"\bnever asked\b": "which the program does not read",
    r"\bstands in\b|\bstands here\b": "is in",
    r"\bis begun anew\b": "starts over",
}


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that are not docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    owners = [node for node in ast.walk(tree) if isinstance(node, documented)]
    docs = {id(node.body[0].value) for node in owners if node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_message_reads_as_translated(pattern: str) -> None:
    found = [
        f"{path.relative_to(HOME)}, line {line}: “{text}”; write {PATTERNS[pattern]}"
        for path in PROSE.rglob("*.py")
        if "migrations" not in path.parts and " " in path.read_text("utf-8")
        for line, text in messages(path)
        if " " in text and re.search(pattern, text)
    ]

    assert found == []
