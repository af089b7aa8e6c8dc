"""Which modules are mutated, which of their mutants are drawn, and which can be told from the original by nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from tests.mutants.operators import Mutant, changes, mutants_of

# Files and folders that hold rules.
MODULES = (
    "aggregator/relevance", "aggregator/stories", "aggregator/ingest/dates.py", "aggregator/ingest/guard.py",
    "aggregator/ingest/clean.py", "aggregator/keys.py", "aggregator/edition.py", "aggregator/update.py",
    "aggregator/store/retention.py", "aggregator/store/decisions.py",
)  # fmt: skip
EQUIVALENT = Path(__file__).with_name("equivalent.txt")


@dataclass(frozen=True)
class Sample:
    """What was drawn, and the sources that it was drawn from, by path."""

    mutants: tuple[Mutant, ...]
    sources: Mapping[str, bytes]
    of: int


def draw(root: Path, *, seed: int, count: int, only: str | None = None) -> Sample:
    """`count` of all mutants, each as likely as any other; the same for the same seed and sources. `only` is a part of the
    path of the modules that are wanted."""
    sources = {path: (root / path).read_bytes() for path in _paths(root) if only is None or only in path}
    known = equivalents()
    possible = [mutant for path, source in sources.items() for mutant in mutants_of(path, source)]
    Random(seed).shuffle(possible)
    usable = (
        one
        for one in possible
        if changes(one, sources[one.path]) and (one.path, *one.shown_in(sources[one.path])) not in known
    )
    return Sample(tuple(islice(usable, count)), sources, len(possible))


def _paths(root: Path) -> Iterator[str]:
    for place in MODULES:
        found = sorted((root / place).glob("*.py")) if (root / place).is_dir() else [root / place]
        yield from (path.relative_to(root).as_posix() for path in found if path.is_file())


def equivalents(file: Path = EQUIVALENT) -> Mapping[tuple[str, str, str], str]:
    """The reason by path, line and changed line. A mutant is four lines of the file: path, `- line`, `+ line`, reason."""
    blocks = [
        block.splitlines() for block in file.read_text("utf-8").split("\n\n") if not block.startswith("#") and block.strip()
    ]
    return {(path, old.removeprefix("- "), new.removeprefix("+ ")): reason for path, old, new, reason in blocks}
