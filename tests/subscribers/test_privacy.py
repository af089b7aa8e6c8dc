"""After a full cycle with many people: no address and no wish of anybody in any file that the program writes.

`PEOPLE=1000 pytest -m slow tests/subscribers/test_privacy.py` takes more of them than CI does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.jobs import subscribers as jobs
from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.vault import read_keys
from aggregator.values.subscribers import Frequency, Wishes
from tests.conftest import HOME, Answer, FeedServer, item, rss
from tests.subscribers.desks import KEY, Desk
from tests.subscribers.test_people import NOTHING

pytestmark = pytest.mark.slow

# A wish that no page and no store has for another reason.
WISHES = Wishes(topics=("moebius",), frequency=Frequency.MONTHLY, on_paper=True)
PEOPLE = int(os.environ.get("PEOPLE", "250"))
ERASED = 12
POSTAL = "17 Unmistakable Lane"


def test_nothing_of_anybody_is_anywhere(tmp_path: Path, server: FeedServer) -> None:
    data, key = tmp_path / "data", KEY.hex()
    at = datetime.now(UTC) - timedelta(hours=3)
    server.answers["/feed.xml"] = Answer(
        rss(item("Bell’s palsy trial: early steroids help", "https://www.example.com/1", at=at))
    )
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - name: News\n    url: {server.url('/feed.xml')}\n")
    environment = os.environ | {
        "AGGREGATOR_ALLOW_HOSTS": f"127.0.0.1:{server.port}", "AGGREGATOR_SUBSCRIBERS_KEY": key,
        "AGGREGATOR_LOG": str(tmp_path / "news.log"),
    }  # fmt: skip

    def run(*arguments: str) -> str:
        command = [
            sys.executable,
            str(HOME / "run.py"),
            "--feeds",
            str(tmp_path / "feeds.yaml"),
            "--data",
            str(data),
            *arguments,
        ]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    said = run("refresh")
    desk = Desk(data)
    desk.now = datetime.now(UTC)
    for number in range(PEOPLE):
        desk.ask(f"person{number}@unmistakable.example", WISHES)
    for letter in desk.letters():
        jobs.confirm(desk.desk, letter["code"], now=desk.now)
    with desk.desk.store.reading() as rows:
        sealed = [bytes(row["sealed"]) for row in rows.raw.execute("SELECT sealed FROM person ORDER BY id LIMIT 12")]
    jobs.change(desk.desk, desk.token("person99@unmistakable.example"), WISHES, postal=POSTAL, now=desk.now)
    said += (
        run("subscribers", "backup")
        + run("subscribers", "list")
        + run("backup")
        + run("export", str(tmp_path / "all.jsonl.gz"))
    )
    desk.now = datetime.now(UTC)
    said += run("subscribers", "erase", "person0@unmistakable.example")
    for number in range(1, ERASED):
        jobs.erase_person(desk.desk, f"person{number}@unmistakable.example", now=desk.now)
    said += run("publish") + run("subscribers", "retention")

    files = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 20
    content = {path: path.read_bytes() for path in files}
    secrets = (b"unmistakable", b"Unmistakable", b'"moebius"', b"on_paper")
    found = [
        (path.relative_to(tmp_path), secret)
        for path, text in content.items()
        for secret in secrets
        if secret in text and not ("subscriber" not in path.name and secret == b'"moebius"')
    ]
    assert found == []
    assert "unmistakable" not in said.lower()
    # Of those who were erased, not even what was sealed is left.
    assert not any(one in text for path, text in content.items() if path.name.startswith("subscribers.db") for one in sealed)

    said = run("subscribers", "restore")
    assert f"{ERASED} departures" in said
    again = jobs.SubscriberDesk(SubscriberStore(data / "subscribers.db", read_keys(key, None)), data, "")
    assert jobs.count(again).people["confirmed"] == PEOPLE - ERASED
    for number in range(ERASED):
        assert jobs.export_person(again, f"person{number}@unmistakable.example") == NOTHING
