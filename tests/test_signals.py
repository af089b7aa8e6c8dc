"""Real signals to the real command, as a terminal (to the whole process group) and a supervisor send them."""

from __future__ import annotations

import asyncio
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event

import pytest

from aggregator.signals import Interruptible, complete
from tests.conftest import HOME, Answer, FeedServer, item, rss

# A command that was told to stop is killed by its own watchdog after nine.
HUNG = 20


class Started:
    """`run.py` in a process group of its own, which has reached its first line."""

    def __init__(self, tmp_path: Path, server: FeedServer, *arguments: str, stdin: int = subprocess.DEVNULL) -> None:
        place = ["--feeds", str(tmp_path / "feeds.yaml"), "--data", str(tmp_path / "data")]
        self.process = subprocess.Popen(
            [sys.executable, str(HOME / "run.py"), *place, *arguments], stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True, bufsize=0,
            env=os.environ | {"AGGREGATOR_ALLOW_HOSTS": f"127.0.0.1:{server.port}"},
        )  # fmt: skip
        # Before it, Python's own handlers are in place, and nobody's program can help it.
        while not self._handles_sigterm() and self.process.poll() is None:
            time.sleep(0.002)

    def _handles_sigterm(self) -> bool:
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        caught = re.search(r"^SigCgt:\s+(\w+)", status, re.M)
        return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)

    def stop(self, number: signal.Signals, *, group: bool = True) -> tuple[int, str]:
        """Send the signal; the exit status and what was said. Fails where it hangs."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number) if group else self.process.send_signal(number)
        try:
            _, said = self.process.communicate(timeout=HUNG)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.returncode, said.decode()


@pytest.fixture
def listed(tmp_path: Path, server: FeedServer) -> Path:
    """Twenty feeds, each of some length."""
    lines = ["feeds:"]
    for number in range(20):
        stories = [item(f"Bell's palsy: part {one} of {number}", f"https://a.example/{number}/{one}") for one in range(20)]
        server.answers[f"/{number}.xml"] = Answer(rss(*stories))
        lines.append(f"  - name: Feed {number}\n    url: {server.url(f'/{number}.xml')}")
    (tmp_path / "feeds.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


@pytest.fixture
def never(server: FeedServer) -> Iterator[Event]:
    """Feed 0 never answers; the event is set when it was asked."""
    asked, may_answer = Event(), Event()

    def hang(_: BaseHTTPRequestHandler) -> None:
        asked.set()
        may_answer.wait(60)

    server.answers["/0.xml"] = hang
    yield asked
    may_answer.set()


EXPECTED = {signal.SIGINT: (130, "Stopped.\n"), signal.SIGTERM: (143, "Stopped.\n")}


@pytest.mark.parametrize("number", EXPECTED)
@pytest.mark.parametrize("delay", [0.0, 0.1])
def test_a_signal_during_the_imports_is_answered_with_one_sentence(
    listed: Path, server: FeedServer, number: signal.Signals, delay: float
) -> None:
    started = Started(listed, server, "refresh")
    time.sleep(delay)

    assert started.stop(number) == EXPECTED[number]


@pytest.mark.parametrize("number", EXPECTED)
def test_a_signal_while_a_feed_is_waited_for_ends_all_with_one_sentence(
    listed: Path, server: FeedServer, never: Event, number: signal.Signals
) -> None:
    started = Started(listed, server, "refresh")
    assert never.wait(60)

    assert started.stop(number) == EXPECTED[number]


def test_ctrl_c_at_a_prompt_adds_nothing(listed: Path, server: FeedServer) -> None:
    before = (listed / "feeds.yaml").read_bytes()
    server.answers["/new.xml"] = Answer(rss(item("Bell's palsy", "https://b.example/1"), title="New"))
    controller, terminal = pty.openpty()
    started = Started(listed, server, "feeds", "add", server.url("/new.xml"), stdin=terminal)
    said = b""
    assert started.process.stdout is not None
    while b"Name" not in said:
        piece = started.process.stdout.read(200)
        assert piece, "it ended"
        said += piece

    status, complaint = started.stop(signal.SIGINT)

    os.close(controller)
    os.close(terminal)
    assert (status, complaint.strip()) == (130, "Stopped.")
    assert (listed / "feeds.yaml").read_bytes() == before


def test_a_signal_that_is_ignored_from_outside_stays_ignored() -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with Interruptible():
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_second_signal_has_the_effect_that_it_had_before() -> None:
    seen: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
    interruptible = Interruptible()
    try:
        with pytest.raises(KeyboardInterrupt), interruptible:
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert seen == [signal.SIGTERM]
    assert interruptible.status == 143


async def _signalled(where: str, seen: list[str]) -> None:
    """Gets SIGTERM in a task of its own, in the loop's machinery, or while it is at work itself."""

    async def in_a_task() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        seen.append("the task went on")

    try:
        if where == "task":
            await asyncio.gather(in_a_task())
        elif where == "loop":
            asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        else:
            os.kill(os.getpid(), signal.SIGTERM)
            seen.append("it went on")
        await asyncio.sleep(60)
    finally:
        # What is open can still be closed.
        await asyncio.sleep(0)
        seen.append("closed")


@pytest.mark.parametrize(
    ("where", "expected"), [("task", ["the task went on", "closed"]), ("loop", ["closed"]), ("itself", ["closed"])]
)
def test_a_signal_ends_a_coroutine_and_no_machinery(where: str, expected: list[str]) -> None:
    seen: list[str] = []
    with pytest.raises(KeyboardInterrupt) as raised, Interruptible():
        complete(_signalled(where, seen))

    assert raised.value.args == (signal.SIGTERM,)
    assert seen == expected


def test_a_coroutine_that_is_cancelled_by_itself_is_no_interrupt() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        complete(cancelled())
    assert complete(asyncio.sleep(0, "done")) == "done"


_STUBBORN = """
import os, signal, time
from aggregator.signals import Interruptible, end_surely
end_surely(lambda number: os._exit(128 + number), patience=0.1)
with Interruptible():
    while True:
        try:
            print("ready", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            pass
"""


def test_an_interrupt_that_is_lost_ends_the_process_all_the_same() -> None:
    stubborn = subprocess.Popen([sys.executable, "-c", _STUBBORN], cwd=HOME, stdout=subprocess.PIPE)
    assert stubborn.stdout is not None
    with stubborn, stubborn.stdout:
        stubborn.stdout.readline()
        stubborn.send_signal(signal.SIGINT)

        assert stubborn.wait(HUNG) == 130


def test_a_signal_at_the_interpreters_own_end_changes_nothing() -> None:
    """When what is left in modules is deleted, Python's own handlers are gone already."""
    late = (
        "import os, runpy, sys\n"
        "class Late:\n"
        "    def __del__(self, kill=os.kill, process=os.getpid()):\n"
        "        kill(process, 15)\n"
        "sys.late = Late()\n"
        "sys.argv = ['run.py', '--help']\n"
        f"runpy.run_path({str(HOME / 'run.py')!r}, run_name='__main__')\n"
    )

    ended = subprocess.run([sys.executable, "-c", late], cwd=HOME, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Usage:")


INTERRUPTED_BEFORE_IT_BEGAN = """
import asyncio, os, signal
from aggregator.signals import Interruptible, complete

async def later(): ...

async def work():
    made = [later() for _ in range(3)]
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.gather(*made)

try:
    with Interruptible():
        complete(work())
except KeyboardInterrupt:
    print("interrupted")
"""


def test_a_signal_before_a_coroutine_begins_says_nothing_of_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_BEFORE_IT_BEGAN],
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("interrupted\n", "")


LOST = """
import os, signal
from aggregator.signals import Interruptible

class Closing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

with Interruptible():
    Closing()
    print("went on")
"""


def test_an_interrupt_that_is_lost_in_a_destructor_prints_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", LOST], cwd=HOME, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")


@pytest.mark.slow
def test_two_hundred_signals_at_any_moment(listed: Path, server: FeedServer) -> None:
    """Of a refresh and of `--help`; what has ended by then has its usual status."""
    chance, wrong, stopped = random.Random(18), [], 0
    for attempt in range(200):
        number = chance.choice([signal.SIGINT, signal.SIGTERM])
        command = "--help" if attempt % 4 == 0 else "refresh"
        started = Started(listed, server, command)
        delay = chance.uniform(0.0, 1.45)
        time.sleep(delay)

        status, said = started.stop(number, group=attempt % 2 == 0)

        stopped += status == EXPECTED[number][0]
        if (status, said) not in (EXPECTED[number], (0, "")):
            wrong.append((attempt, command, number.name, round(delay, 3), status, said[-300:]))

    assert wrong == []
    assert stopped > 100
    last = Started(listed, server, "refresh").process
    last.communicate(timeout=60)
    assert last.returncode == 0
