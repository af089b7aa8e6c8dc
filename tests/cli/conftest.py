"""The program as people run it: in this process where only words and statuses matter, else in one of its own."""

from __future__ import annotations

import io
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from aggregator.cli import main
from tests.conftest import HOME, FeedServer


@dataclass
class Done:
    """What a command said, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command with a data folder and a feeds.yaml of the test's own; the test's server is allowed."""
    monkeypatch.setenv("AGGREGATOR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("AGGREGATOR_FEEDS", str(tmp_path / "feeds.yaml"))
    monkeypatch.setenv("AGGREGATOR_ALLOW_HOSTS", f"127.0.0.1:{server.port}")

    def call(*arguments: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = main()
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return call


@pytest.fixture
def run_process(run: Run, tmp_path: Path) -> Run:
    """The same in a process of its own, with every warning an error."""

    def call(*arguments: str) -> Done:
        command = [sys.executable, str(HOME / "run.py"), *arguments]
        environment = {**os.environ, "PYTHONWARNINGS": "error"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def at_terminal(run: Run) -> Callable[..., Done]:
    """A command in a real pseudo-terminal: each of `answers` is typed as soon as the question before it stands there."""

    def call(*arguments: str, answers: Sequence[tuple[str, str]] = ()) -> Done:
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, str(HOME / "run.py"), *arguments],
            stdin=child, stdout=child, stderr=child, env={**os.environ, "TERM": "xterm", "COLUMNS": os.environ.get("WIDTH", "100")},
            start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )  # fmt: skip
        os.close(child)
        shown, waiting = "", list(answers)
        while piece := _read(parent):
            shown += piece
            if waiting and waiting[0][0] in shown:
                _, answer = waiting.pop(0)
                if answer == "\x03":
                    process.send_signal(signal.SIGINT)
                else:
                    os.write(parent, answer.encode())
        os.close(parent)
        return Done(process.wait(), shown, "")

    return call


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 4096).decode("utf-8", "replace")
    except OSError:
        # Linux says so where nobody has the other end open any more.
        return ""
