"""Which quick tests reach which line, and how long each takes: from one run under coverage."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from coverage.numbits import numbits_to_nums


@dataclass(frozen=True)
class Reach:
    """`lines` has the tests by file and line, `seconds` what each test took; a test that failed stands in neither."""

    lines: Mapping[str, Mapping[int, frozenset[str]]]
    seconds: Mapping[str, float]
    failed: Sequence[str] = ()

    @cached_property
    def files(self) -> Mapping[str, frozenset[str]]:
        """The tests by file."""
        return {path: frozenset().union(*lines.values()) for path, lines in self.lines.items()}

    def tests_of(self, path: str, line: int, source: bytes) -> list[str]:
        """The tests that reach a line, the likeliest to fail and the quickest first. What is run at import, such as a
        constant, is reached by the tests that reach a line where its name is used, else by all that reach the module."""
        tree = ast.parse(source)
        reached = self.lines.get(path, {})
        inside = any(node.lineno <= line <= (node.end_lineno or 0) for node in _functions(tree))
        found = reached.get(line, frozenset()) if inside else frozenset[str]()
        if not inside:
            found = frozenset().union(*(reached.get(n, frozenset()) for n in _lines_using(tree, line)))
        return self.in_order(found or self.files.get(path, frozenset()), path)

    def in_order(self, tests: frozenset[str], path: str = "") -> list[str]:
        """First those of the module's own test file, then those of its package, and the quickest first."""
        module = Path(path)
        own, package = f"test_{module.stem}.py", "/".join(["tests", *module.parts[1:-1], ""])

        def rank(test: str) -> int:
            file = Path(test.partition("::")[0])
            is_near = f"{file.parent}/" == package and (package != "tests/" or file.name.startswith(f"test_{module.stem}"))
            return 0 if file.name == own else 1 if is_near else 2

        return sorted(tests, key=lambda test: (rank(test), self.seconds.get(test, 0.0), test))


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _lines_using(tree: ast.Module, line: int) -> set[int]:
    """The lines inside functions that use what the statement of `line` at the top of a module defines, by whatever names."""
    statement = next((one for one in tree.body if one.lineno <= line <= (one.end_lineno or 0)), None)
    names, grown = _defined_by(statement), True
    while grown:
        users = {name for one in tree.body if _uses(one, names) for name in _defined_by(one) if isinstance(one, ast.Assign)}
        grown, names = not users <= names, names | users
    return {
        used.lineno
        for function in _functions(tree)
        for used in ast.walk(function)
        if isinstance(used, ast.Name) and used.id in names
    }


def _defined_by(statement: ast.stmt | None) -> set[str]:
    if isinstance(statement, ast.Assign):
        targets = [name for target in statement.targets for name in ast.walk(target)]
    elif isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    else:
        return set()
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _uses(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(node))


def measured(tree: Path, kept: Path, environment: Mapping[str, str]) -> Reach:
    """What the folder `kept` says of the copy `tree`; the test files that it does not know are run once. It is true as
    long as nothing but test files changes."""
    files = {path.relative_to(tree).as_posix(): path for path in tree.glob("tests/**/test_*.py")}
    files = {file: kept / f"{_digest(file, path)}.json" for file, path in files.items()}
    unknown = [file for file, known in files.items() if not known.exists()]
    if unknown:
        _run(tree, {file: files[file] for file in unknown}, environment)
    lines: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    seconds: dict[str, float] = {}
    failed: list[str] = []
    for known in files.values():
        found = json.loads(known.read_text("utf-8"))
        seconds |= found["seconds"]
        failed += found["failed"]
        for path, by_line in found["lines"].items():
            for line, tests in by_line.items():
                lines[path][int(line)] |= {*tests}
    by_file = {path: {n: frozenset(tests) for n, tests in by_line.items()} for path, by_line in lines.items()}
    return Reach(by_file, seconds, sorted(failed))


def _digest(file: str, path: Path) -> str:
    return hashlib.blake2b(file.encode() + b"\0" + path.read_bytes(), digest_size=8).hexdigest()


def _run(tree: Path, unknown: Mapping[str, Path], environment: Mapping[str, str]) -> None:
    timings = tree / ".timings.json"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "tests.mutants.plugin", "-p", "no:cacheprovider",
         "--cov=aggregator", "--cov-context=test", "--cov-report=", *unknown],
        cwd=tree, env={**os.environ, **environment, "MUTANTS_TIMINGS": str(timings)}, check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    noted = json.loads(timings.read_text("utf-8"))
    lines = _lines(tree, set(noted["seconds"]))
    for file, kept in unknown.items():
        own = {
            "lines": {path: _of_file(file, by_line) for path, by_line in lines.items()},
            "seconds": {test: seconds for test, seconds in noted["seconds"].items() if test.startswith(f"{file}::")},
            "failed": [test for test in noted["failed"] if test.startswith(f"{file}::")],
        }
        kept.write_text(json.dumps(own), "utf-8")


def _of_file(file: str, by_line: Mapping[int, Sequence[str]]) -> dict[int, list[str]]:
    found = {line: [test for test in tests if test.startswith(f"{file}::")] for line, tests in by_line.items()}
    return {line: tests for line, tests in found.items() if tests}


def _lines(tree: Path, passed: set[str]) -> dict[str, dict[int, list[str]]]:
    """Read from coverage's own database: its API gives one line's contexts at a time."""
    found: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    with closing(sqlite3.connect(tree / ".coverage")) as raw:
        rows = raw.execute(
            "SELECT file.path, context.context, line_bits.numbits FROM line_bits "
            "JOIN file ON file.id = file_id JOIN context ON context.id = context_id WHERE context.context != ''"
        )
        for path, context, bits in rows:
            test, _, when = context.rpartition("|")
            if test in passed and when in ("run", "setup"):
                for line in numbits_to_nums(bits):
                    found[Path(path).relative_to(tree).as_posix()][line].append(test)
    return {path: dict(by_line) for path, by_line in found.items()}
