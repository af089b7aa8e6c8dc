"""A longer round of the fault lab than the tests' own, as root.

python -m tests.faults kill-random -n 300 --recover
python -m tests.faults powerloss -n 60
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.conftest import SHARED
from tests.faults.lab import opened
from tests.faults.test_faults import ROUGH

_LONGEST = 3 * 3600.0


def main(action: str, *options: str) -> int:
    """Run the round, print what the lab says, and give its exit code."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with opened(folder, folder / "compiled") as lab:
            tool = SHARED / "hostile" / "faults" / "faultlab.py"
            is_plain = action not in ROUGH
            done = lab.disturb(tool, action, options, folder / "state", is_plain=is_plain, seconds=_LONGEST)
    print(done.stdout)  # noqa: T201 - a command
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
