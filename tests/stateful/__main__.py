"""A campaign: many sequences of steps, in parts that are kept, so that it can be broken off and goes on where it was.

python -m tests.stateful -n 300 --steps 60 --seed 1
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from hypothesis.stateful import run_state_machine_as_test

from tests.stateful.machine import Life, settings_for

# Sequences of a part; hypothesis begins each part with the shortest there is, which counts as one.
_PART = 10


def main(arguments: list[str]) -> int:
    """Go through the parts that are not done yet; print each failure; 1 where there is one."""
    asked = _asked(arguments)
    done = [json.loads(line) for line in asked.kept.read_text("utf-8").splitlines()] if asked.kept.exists() else []
    for seed in range(asked.seed, asked.seed + -(-asked.n // _PART)):
        if any(part["seed"] == seed for part in done):
            continue
        part = _part(seed, asked.steps, shrinks=not asked.unshrunk)
        done.append(part)
        with asked.kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(part) + "\n")
        print(f"part {seed}: {part['sequences']} sequences, {part['steps']} steps{_failure(part)}", flush=True)  # noqa: T201
    wrong = [part for part in done if part["failure"]]
    sequences, steps = (sum(part[what] for part in done) for what in ("sequences", "steps"))
    print(f"{sequences} sequences, {steps} steps; {len(wrong)} of {len(done)} parts found something ({asked.kept})")  # noqa: T201
    return int(bool(wrong))


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.stateful", description=__doc__)
    parser.add_argument("-n", type=int, default=300, help="sequences")
    parser.add_argument("--steps", type=int, default=60, help="steps of a sequence, at most")
    parser.add_argument("--seed", type=int, default=1, help="of the first part")
    parser.add_argument("--unshrunk", action="store_true", help="print failures as they were found")
    parser.add_argument("--kept", type=Path, help="the file in which finished parts are kept")
    asked = parser.parse_args(arguments)
    asked.kept = asked.kept or Path(tempfile.gettempdir(), f"stateful-{asked.seed}-{asked.steps}.jsonl")
    return asked


def _failure(part: dict[str, Any]) -> str:
    return f"\n{part['failure']}" if part["failure"] else ""


def _part(seed: int, steps: int, *, shrinks: bool) -> dict[str, Any]:
    """Ten sequences, the same for the same seed."""
    Life.counted.update(sequences=0, steps=0)
    # As `hypothesis.seed` does it with a test.
    Life._hypothesis_internal_use_seed = seed
    failure = ""
    try:
        run_state_machine_as_test(Life, settings=settings_for(_PART + 1, steps, shrinks=shrinks))
    except Exception as error:
        notes = [note for note in error.__notes__ if note.startswith("The steps:")]
        told = traceback.format_exception_only(type(error), error)[0]
        failure = "\n".join([told.strip(), *notes[-1:], traceback.format_tb(error.__traceback__)[-1]])
    return {"seed": seed, **Life.counted, "failure": failure}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
