"""What staff do to feeds.yaml and to templates never takes the page away: the whole command, with the fault lab's edits."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.cli import main
from tests.conftest import HOME, Answer, FeedServer, item, rss

pytestmark = [pytest.mark.faults, pytest.mark.slow]

Command = Callable[..., tuple[int, str]]

# These are read as they stand here (see test_config): unknown to us, or refused where the connection is made.
TAKEN = {"url-loopback", "url-metadata", "big-int"}


@pytest.fixture
def edits(shared: Path, tmp_path: Path) -> Path:
    """The edits, and a manifest that says what is expected of each."""
    script = shared / "hostile" / "faults" / "make_staff_edits.py"
    subprocess.run([sys.executable, script, "--out", tmp_path / "edits"], check=True, capture_output=True)
    return tmp_path / "edits"


@pytest.fixture
def command(
    server: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """A refresh in a workspace of the test's own: its status, and what it told staff. One has been done."""
    stories = [item(f"Bell's palsy: what helps, part {number}", f"https://www.example.org/{number}") for number in range(3)]
    server.answers["/feed.xml"] = Answer(rss(*stories), headers={"ETag": '"1"'})
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - name: A feed\n    url: {server.url('/feed.xml')}\n", "utf-8")
    shutil.copytree(HOME / "templates", tmp_path / "templates")
    monkeypatch.setenv("AGGREGATOR_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("AGGREGATOR_FEEDS", str(tmp_path / "feeds.yaml"))
    monkeypatch.setenv("AGGREGATOR_TEMPLATES", str(tmp_path / "templates"))
    monkeypatch.setenv("AGGREGATOR_ALLOW_HOSTS", f"127.0.0.1:{server.port}")
    monkeypatch.setattr(sys, "argv", ["run.py", "refresh"])

    def call() -> tuple[int, str]:
        status = main()
        return status, capsys.readouterr().err

    assert call() == (0, "")
    return call


def manifest(edits: Path, kind: str) -> list[tuple[str, Path, str, str]]:
    """Name, file, what is expected, and what is to be done instead of writing the file."""
    lines = [json.loads(line) for line in (edits / "manifest.jsonl").read_text("utf-8").splitlines()]
    files = [(edits / line["file"], line["expect"], line["action"]) for line in lines if line["file"].startswith(kind)]
    return [(path.stem, path, expected, action) for path, expected, action in files]


def test_a_broken_list_is_refused_whole_and_the_last_good_one_is_used(edits: Path, command: Command, tmp_path: Path) -> None:
    feeds, page, wrong = tmp_path / "feeds.yaml", tmp_path / "data" / "site" / "index.html", []
    for name, path, expected, action in manifest(edits, "yaml"):
        if expected == "accept" or name in TAKEN:
            continue
        if feeds.is_dir():
            feeds.rmdir()
        feeds.unlink(missing_ok=True)
        if action == "MKDIR":
            feeds.mkdir()
        elif action != "DELETE":
            shutil.copyfile(path, feeds)

        status, told = command()

        is_named = "feeds.yaml" in told and "last good copy" in told
        is_left = not feeds.is_file() or feeds.read_bytes() == path.read_bytes()
        if (status, is_named, is_left, "part 2" in page.read_text("utf-8")) != (2, True, True, True):
            wrong.append((name, status, told[-200:]))

    assert wrong == []
    with closing(sqlite3.connect(tmp_path / "data" / "news.db")) as store:
        assert store.execute("SELECT count(*) FROM entry").fetchone() == (3,)


def test_a_foreign_template_leaves_the_last_good_page(edits: Path, command: Command, tmp_path: Path) -> None:
    template, page, wrong = tmp_path / "templates" / "pages" / "index.html", tmp_path / "data" / "site" / "index.html", []
    before = page.read_bytes()
    for name, path, _, action in manifest(edits, "templates"):
        # The tests may run as root, who reads every file: an empty one stands for the unreadable one.
        template.write_bytes(b"" if action else path.read_bytes())

        status, told = command()

        if (status, "templates/" in told, page.read_bytes() == before) != (1, True, True):
            wrong.append((name, status, told[-200:]))

    assert wrong == []


def ours(text: str) -> str:
    """A template of the lab, in the words of ours: so it renders, and what is wrong with it is what was meant."""
    words = {
        " title ": " page.title ",
        "{% for item in items %}": "{% for day in page.days %}{% for item in day.stories %}",
        "</article>{% endfor %}": "</article>{% endfor %}{% endfor %}",
        "items[0]": "page.days[0].stories[0]",
        "item.link": "item.url",
    }
    for theirs, word in words.items():
        text = text.replace(theirs, word)
    return text


def test_a_template_that_renders_but_is_dangerous_or_blank_leaves_the_last_good_page(
    edits: Path, command: Command, tmp_path: Path
) -> None:
    template, page, wrong = tmp_path / "templates" / "pages" / "index.html", tmp_path / "data" / "site" / "index.html", []
    before = page.read_bytes()
    for name, path, expected, action in manifest(edits, "templates"):
        if action or name in ("latin1", "huge") or expected not in ("danger", "keep"):
            continue
        template.write_text(ours(path.read_text("utf-8")), "utf-8")

        status, told = command()

        if (status, page.read_bytes() == before) != (1, True):
            wrong.append((name, status, told[-100:]))
            before = page.read_bytes()

    assert wrong == []
