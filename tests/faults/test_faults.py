"""Nothing that was stored is lost and the page is whole, whatever the machine does: short rounds of the fault lab.

After each fault the lab looks at the page and at the database, and `held` at what only this program can know.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.conftest import Needs
from tests.faults.lab import Lab

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# What a run that cannot even start says is Python's, not ours.
ROUGH = {"mem", "nofile", "cgroup-mem", "kill-random", "kill-at", "signals"}
# The longest first, for two go at the same time. `--rng 2` fails a write to a page and none to a pipe, which has no disk
# to be full.
ROUNDS = {
    "kill-at": ["--max-calls", "1", "--recover"],
    "errno-from": ["--errno", "ENOSPC", "--max-calls", "1", "--rng", "2"],
    "errno-at": ["--errno", "EIO", "--max-calls", "1", "--rng", "2"],
    "locked": ["--recover"],
    "full-disk": [],
    "clock": [],
    "kill-random": ["-n", "6", "--recover"],
    "pause": ["--sleep", "1"],
    "corrupt": [],
    "signals": ["-n", "4", "--grace", "10"],
    "fsize": [],
    "nofile": [],
    "immutable": ["--recover"],
    "twice": ["-n", "3", "--recover"],
    "powerloss": ["-n", "4"],
    "mem": [],
    "netdown": ["-n", "2", "--recover"],
    "readonly": ["--recover"],
    "cgroup-mem": [],
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
Done = subprocess.CompletedProcess[str]


class Rounds:
    """All rounds that the session asks for, two at the same time; each test waits for its own."""

    def __init__(self, lab: Lab, folder: Path, actions: list[str]) -> None:
        self._lab, self._folder = lab, folder
        self._actions = sorted(actions, key=list(ROUNDS).index)
        self._pool = ThreadPoolExecutor(2)
        self._begun: dict[str, Future[Done]] = {}

    def state(self, action: str) -> Path:
        """The folder that is disturbed."""
        return self._folder / action

    def result(self, tool: Path, action: str) -> Done:
        """What the lab says of a round."""
        for one in self._actions if not self._begun else ():
            self._begun[one] = self._pool.submit(self._run, tool, one)
        return self._begun[action].result()

    def _run(self, tool: Path, action: str) -> Done:
        for _ in range(3):
            is_plain = action not in ROUGH
            done = self._lab.disturb(tool, action, ROUNDS[action], self.state(action), is_plain=is_plain, seconds=600)
            # The lab's own group of processes is not empty yet: what the last trial left is still ending.
            if "Device or resource busy" not in done.stdout:
                break
        return done

    def close(self) -> None:
        """Wait for those that have begun, and begin no more."""
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def rounds(request: pytest.FixtureRequest, lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    """The session's rounds."""
    found = [getattr(test, "callspec", None) for test in request.session.items]
    actions = [spec.params["action"] for spec in found if spec is not None and spec.params.get("action") in ROUNDS]
    running = Rounds(lab, tmp_path_factory.mktemp("rounds"), actions)
    yield running
    running.close()


@pytest.mark.parametrize("action", ROUNDS)
def test_nothing_is_lost_and_the_page_is_whole(action: str, rounds: Rounds, tool: Path, needs: Needs) -> None:
    needs("unshare", "mount", *([PROGRAMS[action]] if action in PROGRAMS else []))

    done = rounds.result(tool, action)

    assert done.returncode == 0, "\n".join(done.stdout.splitlines()[-30:])
    trials = [json.loads(line) for line in rounds.state(action).with_suffix(".jsonl").read_text("utf-8").splitlines()]
    assert trials
