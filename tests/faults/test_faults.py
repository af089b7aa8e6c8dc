"""Nothing that was stored is lost and the page is whole, whatever the machine does: short rounds of the fault lab.

After each fault the lab looks at the page and at the database, and `held` at what only this program can know.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.conftest import Needs
from tests.faults.lab import Lab

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# What a run that cannot even start says is Python's, not ours.
ROUGH = {"mem", "nofile", "cgroup-mem", "kill-random", "kill-at", "signals"}
ROUNDS = {
    "kill-random": ["-n", "8", "--recover"],
    "kill-at": ["--max-calls", "1", "--recover"],
    "errno-at": ["--errno", "EIO", "--max-calls", "1", "--recover"],
    "errno-from": ["--errno", "ENOSPC", "--max-calls", "1", "--recover"],
    "full-disk": [],
    "fsize": [],
    "mem": [],
    "nofile": [],
    "cgroup-mem": [],
    "readonly": ["--recover"],
    "immutable": ["--recover"],
    "locked": ["--recover"],
    "twice": ["-n", "3", "--recover"],
    "corrupt": [],
    "clock": [],
    "signals": ["-n", "8", "--grace", "10"],
    "pause": ["--sleep", "1"],
    "netdown": ["-n", "2", "--recover"],
    "powerloss": ["-n", "4"],
    "fsync-audit": [],
}
PROGRAMS = {
    "kill-at": "strace",
    "errno-at": "strace",
    "errno-from": "strace",
    "fsync-audit": "strace",
    "clock": "faketime",
    "powerloss": "mkfs.ext4",
    "immutable": "chattr",
}


@pytest.mark.parametrize("action", ROUNDS)
def test_nothing_is_lost_and_the_page_is_whole(action: str, lab: Lab, tool: Path, tmp_path: Path, needs: Needs) -> None:
    needs("unshare", "mount", *([PROGRAMS[action]] if action in PROGRAMS else []))
    state = tmp_path / "state"

    done = lab.disturb(tool, action, ROUNDS[action], state, is_plain=action not in ROUGH)

    assert done.returncode == 0, "\n".join(done.stdout.splitlines()[-30:])
    trials = [json.loads(line) for line in state.with_suffix(".jsonl").read_text("utf-8").splitlines()]
    assert trials
