"""Kill the intake at any moment: nobody is lost, nobody is asked twice, nobody is subscribed without their consent.

`python -m tests.subscribers.test_kills -n 300` kills more often.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.subscribers import people, queue
from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.vault import new_key, read_keys
from tests.conftest import HOME
from tests.receivers import MailServer

pytestmark = [pytest.mark.slow, pytest.mark.faults]


@dataclass
class Found:
    """What was found after the last kill."""

    lost: list[str]
    doubled: list[str]
    mailed_twice: list[str]
    subscribed: int
    unknown: int
    kills: int


def _message(number: int) -> bytes:
    said = "newsletter please" if number % 5 < 3 else "Do you treat synkinesis?" if number % 5 == 3 else "unsubscribe me"
    return (
        f"From: Institute <wordpress@institute.example>\nTo: info@institute.example\nMessage-ID: <{number}@institute.example>\n"
        f"Subject: Contact\n\nName: Person {number}\nEmail: person{number}@example.org\nMessage: {said}\n"
    ).encode()


def campaign(folder: Path, *, kills: int, messages: int, seed: int) -> Found:
    """Kill `intake` so often over a mailbox of so many messages, then let it end."""
    chance, key = random.Random(seed), new_key()
    box = folder / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    for number in range(messages):
        (box / "new" / f"{1_700_000_000 + number}.M1P1.host").write_bytes(_message(number))
    (folder / "feeds.yaml").write_text(
        "signup: {url: 'https://signup.institute.example/', senders: [wordpress@institute.example]}\n"
        "feeds: [{name: News, url: 'https://www.example.com/feed'}]\n"
    )
    command = [sys.executable, str(HOME / "run.py"), "--feeds", str(folder / "feeds.yaml"), "--data", str(folder / "data"),
               "intake", "--maildir", str(box)]  # fmt: skip
    with MailServer() as mail:
        environment = os.environ | {
            "AGGREGATOR_SUBSCRIBERS_KEY": key,
            "AGGREGATOR_SMTP_URL": mail.address,
            "AGGREGATOR_MAIL_FROM": "news@institute.example",
        }
        # So that the kills fall over the whole mailbox, whatever the machine's speed.
        killed, share = 0, messages // (kills + 2)
        while killed < kills and (read := _read(box)) < messages - share:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            goal = read + chance.randint(0, 2 * share)
            while process.poll() is None and _read(box) <= goal:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.01))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        while (
            b"\n0 messages"
            not in b"\n" + (done := subprocess.run(command, env=environment, capture_output=True, check=True)).stdout
        ):
            pass
        assert done.returncode == 0
        mailed = Counter(str(letter["To"]) for letter in mail.messages)
    store = SubscriberStore(folder / "data" / "subscribers.db", read_keys(key, None))
    with store.reading() as rows:
        requests = Counter(bytes(row["mark"]) for row in rows.raw.execute("SELECT mark FROM request"))
        wanted = [f"person{number}@example.org" for number in range(messages) if number % 5 < 3]
        return Found(
            lost=[address for address in wanted if not requests[rows.vault.mark(address)]],
            doubled=[address for address in wanted if requests[rows.vault.mark(address)] > 1],
            mailed_twice=[address for address, times in mailed.items() if times > 1],
            subscribed=people.counts(rows)["confirmed"],
            unknown=queue.waiting(rows).get("unknown", 0),
            kills=killed,
        )


def _read(box: Path) -> int:
    """How many messages were read."""
    return sum(1 for _ in (box / "cur").iterdir())


def test_kills_lose_nobody_and_ask_nobody_twice(tmp_path: Path) -> None:
    found = campaign(tmp_path, kills=12, messages=200, seed=23)

    assert (found.lost, found.doubled, found.mailed_twice, found.subscribed) == ([], [], [], 0)
    assert found.kills >= 4
    assert found.unknown <= found.kills


def main() -> int:
    """The exit status: 1 where anybody was lost or asked twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300, help="how many kills")
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = campaign(Path(folder), kills=options.n, messages=options.messages, seed=options.seed)
    print(  # noqa: T201 - a command
        f"{found.kills} kills over {options.messages} messages: {len(found.lost)} lost, {len(found.doubled)} asked twice, "
        f"{len(found.mailed_twice)} mailed twice, {found.subscribed} subscribed without consent, {found.unknown} unknown"
    )
    return 1 if found.lost or found.doubled or found.mailed_twice or found.subscribed else 0


if __name__ == "__main__":
    sys.exit(main())
