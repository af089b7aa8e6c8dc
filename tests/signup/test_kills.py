"""Kill sign-up at any moment: what was answered is kept, and nobody is on the list who did not confirm.

`python -m tests.signup.test_kills -n 300` kills more often.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

pytest.importorskip("starlette", reason="sign-up needs its dependency group: uv run --group newsletter pytest")

from aggregator.subscribers import people, wordings
from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.vault import new_key, read_keys
from aggregator.values.subscribers import Door, Wishes
from tests.conftest import HOME

pytestmark = [pytest.mark.slow, pytest.mark.faults]


@dataclass
class Found:
    """What was found after the last kill: confirmations and departures that were answered and are not kept, people on the
    list who never pressed the button, and what the log of consents lacks."""

    kills: int
    answered: int
    lost: list[str]
    uninvited: list[str]
    unlogged: list[str]


def campaign(folder: Path, *, kills: int, seed: int) -> Found:
    """Let people confirm and leave while sign-up is killed and started again."""
    chance, key, data = random.Random(seed), new_key(), folder / "data"
    data.mkdir(mode=0o700)
    (folder / "feeds.yaml").write_text(
        "signup: {url: 'https://signup.institute.example/'}\nfeeds: [{name: News, url: 'https://www.example.com/feed'}]\n"
    )
    store = SubscriberStore(data / "subscribers.db", read_keys(key, None))
    total = kills * 6 + 10
    codes, tokens = _people(store, total)
    pressed: dict[str, bool] = {}
    killed = 0
    while killed < kills:
        process, url = _started(folder, key)
        left = chance.randint(1, 5)
        ends_at = time.monotonic() + 20
        with httpx.Client(base_url=url, timeout=5) as client:
            while left and time.monotonic() < ends_at:
                address = f"person{len(pressed) % total}@example.org"
                if address in pressed:
                    break
                path = f"/confirm/{codes[address]}" if address in codes else f"/leave/{tokens[address]}"
                if left == 1:
                    # In the middle of the last one.
                    _asked_and_killed(client, path, process, chance.uniform(0, 0.012))
                    pressed[address] = False
                else:
                    pressed[address] = client.post(path).status_code == 200
                left -= 1
        killed += process.wait() == -signal.SIGKILL
        assert process.stdout is not None
        process.stdout.close()
    found = Found(killed, sum(pressed.values()), [], [], [])
    with store.reading() as rows:
        for number in range(total):
            address = f"person{number}@example.org"
            mark = rows.vault.mark(address)
            is_on, wants = people.person_of(rows, mark) is not None, address in codes
            acts = [one["act"] for one in people.consents_of(rows, mark)]
            if pressed.get(address) and is_on is not wants:
                found.lost.append(address)
            if wants and is_on and address not in pressed:
                found.uninvited.append(address)
            if wants and is_on and acts.count("confirmed") != 1:
                found.unlogged.append(address)
            if not wants and not is_on and acts.count("left") != 1:
                found.unlogged.append(address)
    return found


def _people(store: SubscriberStore, total: int) -> tuple[dict[str, str], dict[str, str]]:
    """Half of them asked and will confirm, half are on the list and will leave: the secrets of their links."""
    codes, tokens, now = {}, {}, datetime.now(UTC)
    with store.writing() as rows:
        for number in range(total):
            address = f"person{number}@example.org"
            if number % 2:
                codes[address] = people.new_secret()
                people.add_request(
                    rows, "subscribe", address, Wishes(), words=wordings.wording("en"), door=Door.FORM, network="",
                    now=now, code=codes[address],
                )  # fmt: skip
            else:
                tokens[address] = people.add_person(rows, address, Wishes(), now=now).token
    return codes, tokens


def _started(folder: Path, key: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, str(HOME / "run.py"), "--feeds", str(folder / "feeds.yaml"), "--data", str(folder / "data")]
    process = subprocess.Popen(
        [*command, "signup", "--port", "0"], env=os.environ | {"AGGREGATOR_SUBSCRIBERS_KEY": key}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", url)
    return process, url


def _asked_and_killed(client: httpx.Client, path: str, process: subprocess.Popen[str], after: float) -> None:
    """Send a request, and kill who would answer a moment later."""
    killer = subprocess.Popen(
        [sys.executable, "-c", f"import os, time; input(); time.sleep({after}); os.kill({process.pid}, 9)"],
        stdin=subprocess.PIPE,
    )
    assert killer.stdin is not None
    # The killer's interpreter is up before the request goes out.
    killer.stdin.write(b"\n")
    killer.stdin.close()
    try:
        client.post(path)
    except httpx.TransportError:
        pass
    finally:
        killer.wait()
        process.kill()


def test_what_was_answered_is_kept(tmp_path: Path) -> None:
    found = campaign(tmp_path, kills=8, seed=29)

    assert (found.lost, found.uninvited, found.unlogged) == ([], [], [])
    assert found.kills == 8
    assert found.answered > 0


def main() -> int:
    """The exit status: 1 where a consent or a departure was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=300, help="how many kills")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = campaign(Path(folder), kills=options.n, seed=options.seed)
    print(  # noqa: T201 - a command
        f"{found.kills} kills, {found.answered} answered: {len(found.lost)} lost, {len(found.uninvited)} on the list without "
        f"their consent, {len(found.unlogged)} missing in the log"
    )
    return 1 if found.lost or found.uninvited or found.unlogged else 0


if __name__ == "__main__":
    sys.exit(main())
