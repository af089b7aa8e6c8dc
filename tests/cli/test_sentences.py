"""What commands say: times in the site's zone, help that is not cut, one sentence where one is enough."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from aggregator.cli import app
from aggregator.text import day_of, moment_of
from aggregator.values.reports import FeedFailure, offline
from aggregator.values.settings import Site
from tests.cli.conftest import Done, Run
from tests.conftest import HOME, Answer, FeedServer, item, rss

UNKNOWN = "cannot be reached: the name x.example could not be found"


@pytest.fixture
def feeds(tmp_path: Path, server: FeedServer) -> Path:
    # The commands ask the real clock, so the feed is kept up whenever the tests run.
    story = item("Bell's palsy explained", "https://www.example.com/1", at=datetime.now(UTC))
    server.answers["/a.xml"] = Answer(rss(story))
    path = tmp_path / "feeds.yaml"
    path.write_text(f"site: {{time_zone: Asia/Tokyo}}\nfeeds:\n  - name: Paper\n    url: {server.url('/a.xml')}\n")
    return path


# ---- times -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", "5 November 2026, 23:30 UTC", "5 November 2026"),
        ("Asia/Tokyo", "6 November 2026, 08:30 JST", "6 November 2026"),
        ("America/Los_Angeles", "5 November 2026, 15:30 PST", "5 November 2026"),
    ],
)
def test_an_instant_is_written_in_the_site_s_zone(zone: str, moment: str, day: str) -> None:
    at = datetime(2026, 11, 5, 23, 30, tzinfo=UTC)

    assert moment_of(at, Site(time_zone=zone).zone) == moment
    assert day_of(at, Site(time_zone=zone).zone) == day


def test_no_message_writes_a_time_by_itself() -> None:
    """Formats of instants stand in `text` only; dates in tables are converted before."""
    wrong = [
        f"{path.name}: {found[0]}"
        for path in (HOME / "aggregator").rglob("*.py")
        if path.name != "text.py" and "publish" not in path.parts
        for found in re.finditer(r"%d %B|\} UTC\b|%H:%M[^\n]*UTC", path.read_text("utf-8"))
    ]

    assert wrong == []


def test_status_tells_times_in_the_site_s_zone(run: Run, feeds: Path) -> None:
    run("refresh")
    told = [*run("status").stdout.splitlines()[:2], run("status", "--fresh-within", "26").stdout]

    assert [line for line in told if "JST" not in line] == []


# ---- help ------------------------------------------------------------------------------------------------------------


def groups() -> Iterator[tuple[str, ...]]:
    tree = typer.main.get_command(app)
    yield ()
    yield from ((name,) for name, one in tree.commands.items() if hasattr(one, "commands"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("group", list(groups()), ids=" ".join)
def test_no_summary_is_cut_at_80_columns(run: Run, group: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = run(*group, "--help").stdout

    assert [line for line in told.splitlines() if line.endswith("...") and not line.startswith("Usage")] == []


def test_the_version_is_told(run: Run) -> None:
    assert re.match(r"Facial Paralysis News \d+\.\d+", run("--version").stdout)


# ---- offline ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reasons", "asked", "is_offline"),
    [
        ([UNKNOWN] * 45, 45, True),
        ([UNKNOWN] * 3, 3, True),
        ([UNKNOWN] * 2, 2, False),
        ([UNKNOWN] * 44, 45, False),
        ([UNKNOWN] * 44 + ["is not there (HTTP 404)"], 45, False),
        ([], 0, False),
    ],
)
def test_a_machine_that_is_offline_is_told_from_feeds_that_fail(reasons: list[str], asked: int, is_offline: bool) -> None:
    failures = [FeedFailure("A", "https://x.example/", reason) for reason in reasons]

    assert bool(offline(failures, asked)) == is_offline


def test_offline_is_one_sentence(run: Run, feeds: Path) -> None:
    listed = "".join(f"  - name: F{n}\n    url: https://f{n}.invalid/feed\n" for n in range(4))
    feeds.write_text(f"feeds:\n{listed}")
    sentence = "None of 4 names could be found. Is this machine online? Behind a proxy, set AGGREGATOR_PROXY."

    refreshed, checked = run("refresh"), run("check", "--online")

    assert (refreshed.returncode, refreshed.stderr.count("F1"), sentence in refreshed.stderr) == (4, 0, True)
    assert (checked.returncode, checked.stdout.count("F1"), sentence in checked.stdout) == (3, 0, True)


# ---- check, report, status -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "is_spoken"), [("en", True), ("en-GB", True), ("de", True), ("es-MX", True), ("it", False), ("ja", False)]
)
def test_a_language_without_words_is_refused(run: Run, feeds: Path, language: str, is_spoken: bool) -> None:
    feeds.write_text(f"site:\n  language: {language}\n" + feeds.read_text().partition("\n")[2])
    done = run("check")

    assert done.returncode == (0 if is_spoken else 2)
    assert ("feeds.yaml, line 2: the pages have words in en, de, es and fr only" in done.stderr) != is_spoken


def test_report_takes_the_last_month_and_says_where_there_was_none(run: Run, feeds: Path) -> None:
    before = run("report")
    run("refresh")
    told, empty = run("report"), run("report", "--month", "2020-01")

    assert before.returncode == 2
    assert "1 refresh," in told.stdout
    assert empty.returncode == 2
    assert re.search(r"There was no refresh in January 2020. The last one was in (\d{4}-\d\d): --month \1", empty.stderr)


def test_status_shows_only_what_needs_a_look(run: Run, feeds: Path, server: FeedServer) -> None:
    feeds.write_text(feeds.read_text() + f"  - name: Broken\n    url: {server.url('/none.xml')}\n")
    run("refresh")
    every, some = run("status"), run("status", "--only-trouble")

    assert "Paper\t" in every.stdout
    assert "Paper\t" not in some.stdout
    assert "Broken\t" in some.stdout


@pytest.mark.parametrize("width", [80, 110])
def test_status_fits_into_a_terminal(
    run: Run, at_terminal: Callable[..., Done], feeds: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    name = "A feed with a long name that goes on and on, facial paralysis"
    feeds.write_text(feeds.read_text().replace("Paper", name))
    run("refresh")
    monkeypatch.setenv("WIDTH", str(width))

    lines = at_terminal("status").stdout.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    rows = [line for line in lines if "A feed with" in line]

    assert len(rows) == 1
    assert len(rows[0].rstrip()) <= width
    assert ("▇" in rows[0]) == (width >= 110)


# ---- other systems ---------------------------------------------------------------------------------------------------


def test_on_another_system_one_sentence_says_so() -> None:
    program = "import runpy, sys; sys.modules['resource'] = None; sys.argv = ['run.py', 'feeds', 'list']; runpy.run_path('run.py', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=HOME, env=os.environ, check=False
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "This program runs on Linux and macOS only. On Windows, connect to the server with ssh.\n"
