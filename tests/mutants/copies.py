"""Copies of the tree: mutants are made there, never in place."""

from __future__ import annotations

import compileall
import hashlib
import json
import os
import py_compile
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.mutants.operators import Mutant

ROOT = Path(__file__).resolve().parent.parent.parent


def tracked(root: Path) -> list[str]:
    """What git tracks or would track, by path."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True, capture_output=True, text=True
    )
    return sorted(path for path in listed.stdout.splitlines() if (root / path).is_file())


def is_test(path: str) -> bool:
    """Whether a file is a test's or mutates: a change of it changes no other test."""
    return path.startswith("tests/mutants/") or (path.startswith("tests/") and Path(path).name.startswith("test_"))


def digest_of(root: Path, paths: Sequence[str]) -> str:
    """A digest of all that tests can see."""
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        digest.update(path.encode() + b"\0" + (root / path).read_bytes() + b"\0")
    return digest.hexdigest()


def copy_tree(root: Path, paths: Sequence[str], to: Path) -> Path:
    """A copy of these files. Its bytecode is checked by what the source says and not by its time, for a mutant may have the
    size and the second of the original."""
    for path in paths:
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, to / path)
    for folder in ("aggregator", "tests"):
        compileall.compile_dir(to / folder, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return to


def environment() -> dict[str, str]:
    """What the tests of a copy need: no bytecode of mutants, and the shared material where it is."""
    shared = Path(os.environ.get("AGGREGATOR_SHARED", ROOT.parent / "shared"))
    return {"PYTHONDONTWRITEBYTECODE": "1", "AGGREGATOR_SHARED": str(shared)}


_CONTROL_SECONDS = 6
# What must come of these without a mutant.
_CONTROLS = {
    "tests/mutants/controls.py::test_that_passes": "survived",
    "tests/mutants/controls.py::test_that_fails": "killed",
    "tests/mutants/controls.py::test_that_never_ends": "timeout",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`result` is killed, survived or timeout; `failed` are the tests that failed."""

    result: str
    failed: Sequence[str] = ()


class Bench:
    """A copy of the tree with a process that runs tests in it, for one mutant after the other."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Bench:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.mutants.worker"], cwd=self.tree, env={**os.environ, **environment()},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        for test, expected in _CONTROLS.items():
            found = self.run([test], seconds=_CONTROL_SECONDS).result
            if found != expected:
                raise RuntimeError(f"without a mutant {test} {found}, not {expected}: no result would mean anything")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def run(self, tests: Sequence[str], *, seconds: float, is_one_enough: bool = True) -> Outcome:
        """Run these tests, in this order, until the first fails where that `is_one_enough`."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise RuntimeError("the bench is closed")
        asked = {"tests": [*tests], "seconds": seconds, "is_one_enough": is_one_enough, "to": str(self.tree / ".failed")}
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        return Outcome(**json.loads(process.stdout.readline()))

    def run_mutants(
        self, mutants: Sequence[Mutant], tests: Sequence[str], *, seconds: float, is_one_enough: bool = True
    ) -> Outcome:
        """The same with these mutants, none of which touches another, in place of the originals, which are put back."""
        originals = {mutant.path: (self.tree / mutant.path).read_bytes() for mutant in mutants}
        changed = dict(originals)
        # From the end of the text, so that the places of those before stay true.
        for mutant in sorted(mutants, key=lambda one: -one.start):
            changed[mutant.path] = mutant.applied_to(changed[mutant.path])
        try:
            for path, source in changed.items():
                (self.tree / path).write_bytes(source)
            return self.run(tests, seconds=seconds, is_one_enough=is_one_enough)
        finally:
            for path, source in originals.items():
                (self.tree / path).write_bytes(source)
