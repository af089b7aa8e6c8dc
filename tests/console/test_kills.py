"""The console killed in the middle of decisions: a decision and its line in the log are both there or both not.

`python -m tests.console.test_kills -n 100` kills more often than CI does.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")

import httpx

from aggregator.cli import HOME
from aggregator.config import load
from aggregator.jobs.curation import settle
from aggregator.jobs.workspace import open_workspace
from aggregator.values.environment import read_environment

_CURATOR = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from aggregator.jobs.staff_accounts import begin_session, open_staff
staff, now = open_staff(Path(sys.argv[1])), datetime.now(UTC)
staff.add("anna", "curator", now=now)
found = begin_session(staff, "anna", "kill", now=now)
print(found.cookie, found.token)
"""


def killed(demo: Path, folder: Path, number: int) -> str:
    """Kill a console at a moment that depends on `number`, while it hides entries and changes feeds; what is wrong
    afterwards, empty where nothing is."""
    chance = random.Random(number)
    data = folder / "data"
    shutil.copytree(demo, data, symlinks=True)
    made = subprocess.run([sys.executable, "-c", _CURATOR, str(data)], check=True, capture_output=True, text=True, cwd=HOME)
    cookie, token = made.stdout.split()
    command = [sys.executable, str(HOME / "run.py"), "--data", str(data), "console", "--demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip().partition("/demo/")[0]
        ends_at = time.monotonic() + chance.uniform(0.02, 1.2)
        with httpx.Client(base_url=url, cookies={"console": cookie}, headers={"Origin": url}, trust_env=False) as client:
            pid = os.fork()
            if not pid:
                time.sleep(max(0.0, ends_at - time.monotonic()))
                os.kill(running.pid, signal.SIGKILL)
                os._exit(0)
            with suppress(httpx.HTTPError):
                for entry in range(1, 50):
                    client.post(f"/entries/{entry}/hide", data={"token": token})
                    page = client.get("/feeds").text
                    seen = page.partition('name="seen" value="')[2].partition('"')[0]
                    change = {
                        "name": "Facial Palsy Friends",
                        "what": chance.choice(["enable", "disable", "review", "unreview"]),
                    }
                    client.post("/feeds/change", data=change | {"seen": seen, "token": token})
            os.waitpid(pid, 0)
        running.wait(20)
    return fault_in(data)


def fault_in(data: Path) -> str:
    """What does not fit together in a folder whose console was killed."""
    listed = load(data / "feeds.yaml")
    # What the next start of the console does.
    settle(open_workspace(read_environment(HOME, feeds=None, data=data, environ={})), data / "feeds.yaml")
    with closing(sqlite3.connect(data / "news.db")) as store:
        if store.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            return "the store is damaged"
        hidden = {row[0] for row in store.execute("SELECT id FROM entry WHERE standing = 'hidden'")}
        said = store.execute("SELECT about, after FROM act WHERE verb = 'feed changed' ORDER BY id").fetchall()
        logged = {row[0] for row in store.execute("SELECT value FROM act, json_each(act.reached) WHERE verb = 'hide'")}
    if hidden != logged:
        return f"hidden {sorted(hidden)}, in the log {sorted(logged)}"
    keys = {key: value == "true" for about, _ in said for key, value in [about.partition(": ")[2].split()]}
    feed = next(one for one in listed.feeds if one.name == "Facial Palsy Friends")
    found = {"enabled": feed.enabled, "review": feed.review}
    if found != {"enabled": True, "review": False} | keys:
        return f"the list has {found}, the log {keys}"
    if any("is_open" in after for _, after in said):
        return "a line of the log is open"
    page = (data / "site" / "index.html").read_text("utf-8")
    return "" if page.rstrip().endswith("</html>") else "the page is cut off"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(6))
def test_a_killed_console_leaves_a_decision_and_its_line_or_neither(number: int, demo: Path, tmp_path: Path) -> None:
    assert killed(demo, tmp_path, number) == ""


def main() -> None:
    """Kill a console so many times, each at another moment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=100)
    number = parser.parse_args().n
    with tempfile.TemporaryDirectory() as place:
        demo = Path(place, "demo")
        subprocess.run([sys.executable, str(HOME / "run.py"), "--data", str(demo), "demo"], check=True, capture_output=True)
        faults = []
        for one in range(number):
            folder = Path(place, str(one))
            fault = killed(demo, folder, one)
            faults += [f"{one}: {fault}"] if fault else []
            shutil.rmtree(folder)
    sys.stdout.write(f"{number} kills, {len(faults)} faults\n" + "\n".join(faults))


if __name__ == "__main__":
    main()
