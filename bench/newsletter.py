"""What sending an issue takes, beside a loop that sends one fixed mail as often to the same server."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.cost import HOME

_WANTED, _MEMORY = 1.5, 120
_ROUNDS = 3
_SINK = """
import sys, time
from aiosmtpd.controller import Controller
class Sink:
    async def handle_DATA(self, server, session, envelope):
        return "250 OK"
Controller(Sink(), hostname="127.0.0.1", port=int(sys.argv[1])).start()
print("ready", flush=True)
time.sleep(36000)
"""
_LOOP = """
import sys
from pathlib import Path
from aggregator.smtp import Delivery, MailServer
content = Path(sys.argv[2]).read_bytes()
with MailServer(sys.argv[1]) as server:
    for number in range(int(sys.argv[3])):
        assert server.send("news@institute.example", f"person{number}@example.org", content).delivery is Delivery.SENT
"""


def newsletter(people: int = 10_000) -> None:
    """An issue to so many people with some twenty different wishes: wall clock and memory, alternated with the loop."""
    from aggregator.subscribers.vault import new_key  # noqa: PLC0415 - a dependency group of its own

    with TemporaryDirectory() as place, _sink() as address:
        folder, key = Path(place), new_key()
        _prepare(folder, key, people)
        environment = os.environ | {
            "AGGREGATOR_SUBSCRIBERS_KEY": key, "AGGREGATOR_SMTP_URL": address,
            "AGGREGATOR_MAIL_FROM": "news@institute.example", "PYTHONPATH": str(HOME),
        }  # fmt: skip
        run = [sys.executable, str(HOME / "run.py"), "--feeds", str(folder / "feeds.yaml"), "--data", str(folder / "data")]
        subprocess.run(
            [*run, "newsletter", "draft", "--before", "2026-11-23"], env=environment, check=True, capture_output=True
        )
        subprocess.run([*run, "newsletter", "approve", "1"], env=environment, check=True, capture_output=True)
        fresh = {path: path.read_bytes() for path in (folder / "data").glob("subscribers.db*")}
        sample = folder / "sample"
        subprocess.run(
            [*run, "newsletter", "send", "1", "--to-folder", str(sample)], env=environment, check=True, capture_output=True
        )
        content = max(sample.glob("*.eml"), key=lambda path: path.stat().st_size)
        ours, loops, memory = [], [], 0.0
        for _ in range(_ROUNDS):
            for path in (folder / "data").glob("subscribers.db*"):
                path.unlink()
            for path, said in fresh.items():
                path.write_bytes(said)
            (folder / "data" / "newsletter.guard").unlink()
            seconds, peak = _timed([*run, "newsletter", "send", "1"], environment)
            ours.append(seconds)
            memory = max(memory, peak)
            loops.append(_timed([sys.executable, "-c", _LOOP, address, str(content), str(people)], environment)[0])
        ratio = statistics.median(one / other for one, other in zip(ours, loops, strict=True))
        print(
            f"newsletter, {people} people: {statistics.median(ours):.1f} s, a loop of one mail {statistics.median(loops):.1f} s, "
            f"ratio {ratio:.2f} ({_WANTED} is wanted), memory {memory:.0f} MB ({_MEMORY} are wanted)"
        )


def _timed(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds, and megabytes at most."""
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak = 0.0
    while process.poll() is None:
        # Its own: what getrusage says of a child begins with this process.
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{process.pid}/status").read_text("ascii").splitlines()
            peak = max(peak, int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024)
        time.sleep(0.05)
    if process.returncode:
        raise SystemExit(process.stderr.read().decode() if process.stderr else "it failed")
    return time.monotonic() - began, peak


@contextmanager
def _sink() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-c", _SINK, str(port)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _prepare(folder: Path, key: str, people: int) -> None:
    from aggregator.subscribers.database import SubscriberStore  # noqa: PLC0415 - a dependency group of its own
    from aggregator.subscribers.people import add_person  # noqa: PLC0415
    from aggregator.subscribers.vault import read_keys  # noqa: PLC0415
    from aggregator.values.subscribers import Wishes  # noqa: PLC0415
    from tests.newsletter.offices import filled  # noqa: PLC0415

    filled(folder / "data")
    (folder / "feeds.yaml").write_text(
        "site: {url: 'https://www.example.org/news/'}\nsignup: {url: 'https://signup.institute.example/'}\n"
        "newsletter: {a_minute: 100000}\nfeeds: [{name: News, url: 'https://www.example.com/feed'}]\n"
    )
    topics = ((), ("synkinesis",), ("bells-palsy",), ("synkinesis", "bells-palsy"))
    with SubscriberStore(folder / "data" / "subscribers.db", read_keys(key, None)).writing() as rows:
        for number in range(people):
            wishes = Wishes(topics=topics[number % 4], language=("en", "es", "de")[number % 3], large_type=number % 5 == 0)
            add_person(rows, f"person{number}@example.org", wishes, now=datetime.now(UTC))
