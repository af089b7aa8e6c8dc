"""What a command costs, with all that it starts. The worker processes of a pool are no children of the command's own, so the
command is run by a process (this file) that inherits whatever is left behind, and waits for it: only then is their time known.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """Of one process with all that it starts: seconds by the clock, seconds of processors, megabytes at its peak."""

    wall: float
    cpu: float
    peak: float


def cost(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command to its end."""
    done = subprocess.run([sys.executable, __file__, *command], env=environment, capture_output=True, cwd=HOME, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"{command[:4]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _measured(command: list[str]) -> int:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    began = time.monotonic()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(running, peak))
    watcher.start()
    code = running.wait()
    wall = time.monotonic() - began
    watcher.join()
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps(asdict(Cost(wall, used.ru_utime + used.ru_stime, peak[0]))))
    return code


def _watch(running: subprocess.Popen[bytes], peak: list[float]) -> None:
    while running.poll() is None:
        peak[0] = max(peak[0], sum(map(_megabytes, _tree(running.pid))))
        time.sleep(0.05)


def _tree(root: int) -> list[int]:
    found = [root]
    for pid in found:
        # Each thread has its own.
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(child) for child in children.read_text().split()]
    return found


def _megabytes(pid: int) -> float:
    with suppress(OSError, IndexError, ValueError):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(text.split("\nPss:")[1].split()[0]) / 1000
    return 0.0


if __name__ == "__main__":
    sys.exit(_measured(sys.argv[1:]))
