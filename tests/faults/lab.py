"""A newsroom to disturb: a server, a list of feeds, and a store and a page of yesterday for the fault lab to begin from."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from aggregator.jobs.demo import dated
from aggregator.jobs.demo_feeds import SAMPLES
from tests.conftest import HOME, Answer, FeedServer
from tests.faults import held

CHOSEN = (
    "pubmed-search.xml",
    "journal.xml",
    "wordpress-charity.xml",
    "bing-news.xml",
    "clinicaltrials.xml",
    "jsonfeed.json",
)
NEW = "https://www.example.org/new"
_NEW_ITEM = (
    "<item><title>Facial nerve grafts restore smiles after Bell's palsy, ten-year study finds</title>"
    f'<link>{NEW}</link><guid isPermaLink="false">new-one</guid><pubDate>[[1h]]</pubDate>'
    "<description>Patients with facial paralysis were followed for ten years.</description></item>"
)


@dataclass(frozen=True)
class Lab:
    """What is to be disturbed, in a folder of its own."""

    folder: Path
    port: int
    compiled: Path
    home: Path = HOME

    @property
    def environment(self) -> dict[str, str]:
        """Only the lab's own server may be reached, and each start finds everything compiled."""
        ours = "AGGREGATOR_", "PYTHONDONTWRITEBYTECODE"
        return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
            "AGGREGATOR_ALLOW_HOSTS": f"127.0.0.1:{self.port}",
            "PYTHONPYCACHEPREFIX": str(self.compiled),
            # Timeouts are measured honestly while the calendar is faked.
            "DONT_FAKE_MONOTONIC": "1",
        }

    @property
    def seed(self) -> Path:
        """Yesterday's state."""
        return self.folder / "seed"

    def command(self, data: str | Path, *arguments: str) -> list[str]:
        """A command of the program."""
        feeds = str(self.folder / "feeds.yaml")
        return [sys.executable, str(self.home / "run.py"), "--feeds", feeds, "--data", str(data), *arguments]

    def run(self, data: str | Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command, run as it is."""
        command = self.command(data, *arguments)
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120, check=False)

    def disturb(
        self, tool: Path, action: str, options: Sequence[str], state: Path, *, is_plain: bool = True, seconds: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """An action of the fault lab, from the seed. `is_plain`: what goes wrong must be said in sentences."""
        arguments = ["{state}", str(self.folder / "expected.json"), *(["plain"] if is_plain else [])]
        check = shlex.join([sys.executable, held.__file__, *arguments])
        page, store = "{state}/site/index.html", "{state}/news.db"
        if action == "immutable":
            # The lab makes the page's folder immutable, which a link cannot be.
            page = f"{{state}}/releases/{(self.seed / 'site').resolve().name}/index.html"
        # In a mount namespace of its own, so that a lab that is stopped leaves nothing mounted.
        command = ["unshare", "--mount", sys.executable, str(tool), action, "--state", str(state), "--seed", str(self.seed)]
        command += ["--page", page, "--db", store, "--check", check, "--json", f"{state}.jsonl", *options]
        command += ["--", *self.command("{state}", "refresh")]
        return subprocess.run(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds,
            check=False,
        )  # fmt: skip


@contextmanager
def opened(folder: Path, compiled: Path, home: Path = HOME) -> Iterator[Lab]:
    """A lab with its server; the seed is a refresh, one entry hidden by staff, and then something new on the server."""
    server = FeedServer()
    try:
        lab = Lab(folder, server.port, compiled, home)
        _fill(server, "")
        _write_feeds(lab)
        _must_succeed(lab.run(lab.seed, "refresh"))
        with closing(sqlite3.connect(lab.seed / "news.db")) as store:
            shown = "SELECT url, id FROM entry WHERE admitted AND shown_at IS NOT NULL ORDER BY id"
            hidden, number = store.execute(shown).fetchone()
            before = store.execute("SELECT count(*) FROM entry").fetchone()[0]
        _must_succeed(lab.run(lab.seed, "hide", str(number)))
        # The lab's full disk has room for about sixty files that end within a block.
        # What is only kept to save time; the lab's full disk is small.
        shutil.rmtree(lab.seed / "compiled", ignore_errors=True)
        for release in (lab.seed / "releases").iterdir():
            if release != (lab.seed / "site").resolve():
                shutil.rmtree(release)
        expected = held.Expected(before, before + 1, hidden, NEW)
        (folder / "expected.json").write_text(json.dumps(asdict(expected)), "utf-8")
        _fill(server, _NEW_ITEM)
        yield lab
    finally:
        server.close()


def _fill(server: FeedServer, new: str) -> None:
    began_at = datetime.now(UTC)
    for number, name in enumerate(CHOSEN):
        text = (HOME / "data" / "samples" / name).read_text("utf-8")
        if number == 1 and new:
            head, end, tail = text.rpartition("</item>")
            assert end, "the sample has no item"
            text = f"{head}{end}{new}{tail}"
        kind = "application/feed+json" if name.endswith(".json") else "application/rss+xml"
        server.answers[f"/{name}"] = Answer(dated(text, began_at).encode(), headers={"Content-Type": kind})


def _write_feeds(lab: Lab) -> None:
    lines = ["feeds:"]
    for name in CHOSEN:
        lines += [f'  - name: "{SAMPLES[name][0]}"', f"    url: http://127.0.0.1:{lab.port}/{name}"]
    (lab.folder / "feeds.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def _must_succeed(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
