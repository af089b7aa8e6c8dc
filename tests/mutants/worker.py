"""A process that has imported what is slow to import, and runs chosen tests in a fork of itself, one request a line.

Nothing of ours is imported before the fork, so that every fork reads the copy of the tree as it is then.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from math import ceil
from pathlib import Path

import pytest

from tests.mutants import plugin

_LIBRARIES = (
    "hypothesis", "sqlalchemy", "sqlmodel", "pydantic", "feedparser", "httpx", "jinja2", "ruamel.yaml", "typer", "rich",
    "alembic.command", "nh3", "ftfy", "rapidfuzz.distance", "structlog", "apscheduler.schedulers.background", "trustme",
    "aiosmtpd.controller", "w3lib.url", "email.message", "asyncio", "multiprocessing.forkserver",
)  # fmt: skip
_OPTIONS = ("-q", "--assert=plain", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:cov", "-o", "addopts=", "-W", "ignore::pytest.PytestAssertRewriteWarning",
            "--hypothesis-profile=mutants", "-m", "not slow and not browser")  # fmt: skip

# How much longer than its processor time a child may take: it waits for others, and so does a busy machine.
_WAITS = 10


def main() -> None:
    """Read `{"tests": [...], "seconds": limit, "is_one_enough": ..., "to": file}`, write `{"result": ..., "failed": [...]}`,
    until the input ends."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        options = [*_OPTIONS, *(["-x"] if asked["is_one_enough"] else [])]
        answer = _run(asked["tests"], options, asked["seconds"], Path(asked["to"]))
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _run(tests: list[str], options: list[str], processor_seconds: float, notes: Path) -> dict[str, object]:
    notes.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _be_child(tests, options, processor_seconds, notes)
    status = _wait(child, _WAITS * processor_seconds)
    # Whatever the tests started goes with them.
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        os.waitpid(child, 0)
    if status in (None, -signal.SIGXCPU, -signal.SIGKILL):
        return {"result": "timeout", "failed": []}
    failed = notes.read_text("utf-8").splitlines() if notes.exists() else []
    return {"result": "survived" if status in (0, 5) else "killed", "failed": failed}


def _wait(child: int, seconds: float) -> int | None:
    """The exit code; None where it took too long."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    return None


def _be_child(tests: list[str], options: list[str], seconds: float, notes: Path) -> None:
    code = 3
    try:
        os.setsid()
        # A loop without end burns processor time, however busy the machine is.
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(seconds), ceil(seconds)))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(nowhere, handle)
        chosen = plugin.Chosen(tests)
        files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
        code = int(pytest.main([*options, *files], plugins=[plugin, chosen]))
        notes.write_text("\n".join(chosen.failed), "utf-8")
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
