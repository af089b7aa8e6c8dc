"""Kill the sender at any moment: nobody gets an issue twice, nobody is lost in silence.

`python -m tests.newsletter.test_kills -n 300 --people 10000` kills more often, over more people.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")
pytest.importorskip("cryptography", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.people import add_person
from aggregator.subscribers.vault import new_key, read_keys
from aggregator.values.subscribers import Wishes
from tests.conftest import HOME
from tests.newsletter.offices import filled
from tests.receivers import MailServer

pytestmark = [pytest.mark.slow, pytest.mark.faults]


@dataclass
class Found:
    """What was found after the last kill: people who got it twice, who neither got it nor are known not to have; how many are
    unknown, and of those how many have it; the slowest start until the first letter, in seconds."""

    kills: int
    doubled: list[str]
    lost: list[str]
    unknown: int
    arrived: int
    slowest: float


class Sink(MailServer):
    """Counts recipients, and when the first came since it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()
        self.first_at: float | None = None

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's own name
        """Called by aiosmtpd."""
        self.first_at = self.first_at or time.monotonic()
        self.taken[envelope.rcpt_tos[0]] += 1
        return "250 OK"


@dataclass
class Sending:
    """A folder with an approved issue, and the command that sends it."""

    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        """Run a command of the program."""
        return subprocess.run(self.command(*command), env=self.environment, capture_output=True, check=False)

    def command(self, *command: str) -> list[str]:
        """A command of the program, as it is started."""
        where = ["--feeds", str(self.folder / "feeds.yaml"), "--data", str(self.folder / "data")]
        return [sys.executable, str(HOME / "run.py"), *where, *command]


def prepared(folder: Path, mail: MailServer, *, people: int) -> Sending:
    """Approve an issue for so many people."""
    data, key = folder / "data", new_key()
    filled(data)
    (folder / "feeds.yaml").write_text(
        "site: {url: 'https://www.example.org/news/'}\nsignup: {url: 'https://signup.institute.example/'}\n"
        "newsletter: {a_minute: 100000}\nfeeds: [{name: News, url: 'https://www.example.com/feed'}]\n"
    )
    store, topics = SubscriberStore(data / "subscribers.db", read_keys(key, None)), ((), ("synkinesis",), ("bells-palsy",))
    with store.writing() as rows:
        for number in range(people):
            wishes = Wishes(topics=topics[number % 3], language=("en", "es")[number % 2], large_type=number % 5 == 0)
            add_person(rows, f"person{number}@example.org", wishes, now=datetime.now(UTC))
    environment = os.environ | {
        "AGGREGATOR_SUBSCRIBERS_KEY": key, "AGGREGATOR_SMTP_URL": mail.address,
        "AGGREGATOR_MAIL_FROM": "news@institute.example",
    }  # fmt: skip
    sending = Sending(folder, environment)
    for command in (("draft", "--before", "2026-11-23"), ("approve", "1")):
        done = sending.run("newsletter", *command)
        assert done.returncode == 0, done.stderr
    return sending


def campaign(folder: Path, *, kills: int, people: int, seed: int) -> Found:
    """Kill the sender so often, then let it end."""
    chance = random.Random(seed)
    with Sink() as mail:
        sending = prepared(folder, mail, people=people)
        killed, slowest = 0, 0.0
        # So that the kills fall over the whole sending.
        share = people // (kills + 2)
        while killed < kills and sum(mail.taken.values()) < people - share:
            mail.first_at, began, before = None, time.monotonic(), sum(mail.taken.values())
            process = subprocess.Popen(
                sending.command("newsletter", "send", "1"), env=sending.environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            goal = before + chance.randint(0, 2 * share)
            if chance.random() < 0.1:
                # While it starts.
                time.sleep(chance.uniform(0, 1))
            else:
                while process.poll() is None and sum(mail.taken.values()) < goal + 1:
                    time.sleep(0.001)
                time.sleep(chance.uniform(0, 0.004))
            if mail.first_at is not None:
                slowest = max(slowest, mail.first_at - began)
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        done = sending.run("newsletter", "send", "1")
        assert done.returncode in (0, 2), done.stderr
        told = json.loads(sending.run("newsletter", "status", "--json").stdout)[0]
    with SubscriberStore(
        folder / "data" / "subscribers.db", read_keys(sending.environment["AGGREGATOR_SUBSCRIBERS_KEY"], None)
    ).reading() as rows:
        states = {
            f"person{row['person'] - 1}@example.org": row["state"]
            for row in rows.raw.execute("SELECT person, state FROM delivery")
        }
    assert told["sending"] == "done"
    unknown = [address for address, state in states.items() if state == "unknown"]
    return Found(
        kills=killed,
        doubled=[address for address, times in mail.taken.items() if times > 1],
        lost=[address for address, state in states.items() if state == "sent" and not mail.taken[address]]
        + [address for address, state in states.items() if state not in ("sent", "unknown", "skipped")],
        unknown=len(unknown),
        arrived=sum(bool(mail.taken[address]) for address in unknown),
        slowest=slowest,
    )


def test_kills_double_nobody_and_lose_nobody_in_silence(tmp_path: Path) -> None:
    found = campaign(tmp_path, kills=12, people=400, seed=24)

    assert (found.doubled, found.lost) == ([], [])
    assert found.kills >= 8
    assert found.unknown <= found.kills


def test_a_full_disk_ends_with_a_sentence_and_doubles_nobody(tmp_path: Path) -> None:
    """The kernel refuses to write beyond a size, as it does on a full disk."""
    people = 300
    with Sink() as mail:
        sending = prepared(tmp_path, mail, people=people)
        first = subprocess.run(
            sending.command("newsletter", "send", "1"), env=sending.environment, capture_output=True, check=False, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000)),
        )  # fmt: skip
        taken = sum(mail.taken.values())
        again = sending.run("newsletter", "send", "1")
        told = json.loads(sending.run("newsletter", "status", "--json").stdout)[0]

    assert first.returncode == 1
    assert "cannot be used" in first.stderr
    assert "Traceback" not in first.stderr
    assert 0 < taken < people
    assert again.returncode == 0, again.stderr
    assert told["sending"] == "done"
    assert [address for address, times in mail.taken.items() if times > 1] == []
    letters = told["letters"]
    assert letters["sent"] + letters.get("unknown", 0) + letters.get("skipped", 0) == people
    assert letters.get("unknown", 0) <= 1


def main() -> int:
    """The exit status: 1 where anybody got it twice or was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300, help="how many kills")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = campaign(Path(folder), kills=options.n, people=options.people, seed=options.seed)
    print(  # noqa: T201 - a command
        f"{found.kills} kills over {options.people} people: {len(found.doubled)} doubled, {len(found.lost)} lost in silence, "
        f"{found.unknown} unknown (of them {found.arrived} arrived), slowest start until a letter {found.slowest:.1f} s"
    )
    return 1 if found.doubled or found.lost or found.unknown > found.kills else 0


if __name__ == "__main__":
    sys.exit(main())
