"""`python -m tests.mutants -n 300 --seed 1`: how many of a sample of mutants the quick tests notice."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.mutants.copies import ROOT, Bench, copy_tree, digest_of, environment, is_test, tracked
from tests.mutants.reach import measured
from tests.mutants.sample import draw
from tests.mutants.session import SURVIVED, Session, say

CACHE = ROOT / ".mutants"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("-n", type=int, default=300, help="how many mutants are drawn")
    parser.add_argument("--seed", type=int, default=1, help="which are drawn")
    parser.add_argument("--only", help="a part of the path of the modules to mutate")
    parser.add_argument("--parts", type=int, default=1, help="do one of so many parts; call it again for the next")
    parser.add_argument("--workers", type=int, default=2, help="how many mutants are tried at a time")
    parser.add_argument("--minutes", type=float, default=24 * 60, help="stop after so many minutes of trying mutants")
    parser.add_argument("--floor", type=float, default=0.0, help="fail where a smaller share (0 to 1) is killed")
    parser.add_argument("--fewest", type=int, default=0, help="fail where fewer mutants were tried in the time")
    parser.add_argument("--no-second-look", action="store_true", help="do not run survivors against all quick tests")
    return parser.parse_args()


def main() -> int:
    """The exit status: 0, or 1 where less than the floor was killed, or too few were tried."""
    options = _options()
    paths = tracked(ROOT)
    kept = CACHE / digest_of(ROOT, [path for path in paths if not is_test(path)])
    kept.mkdir(parents=True, exist_ok=True)
    sample = draw(ROOT, seed=options.seed, count=options.n, only=options.only)
    name = f"{digest_of(ROOT, paths)}-{options.seed}-{options.n}-{(options.only or 'all').replace('/', '.')}.jsonl"
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ExitStack() as stack:
        copies = [copy_tree(ROOT, paths, Path(folder) / str(n) / "tree") for n in range(options.workers)]
        reach = measured(copies[0], kept, environment())
        for test in reach.failed:
            say(f"left out, for it fails or is skipped without a mutant: {test}")
        # From here on: how long the tests take under coverage is not a matter of the mutants.
        session = Session(sample, reach, kept / name, time.monotonic() + 60 * options.minutes)
        benches = [stack.enter_context(Bench(tree)) for tree in copies]
        session.each(session.part(options.parts), benches, session.judge)
        if not options.no_second_look:
            for group in session.apart(session.survivors(SURVIVED)):
                session.look_again(group, benches)
    share = session.report()
    return int(share < options.floor or len(session.results) < options.fewest)


if __name__ == "__main__":
    sys.exit(main())
