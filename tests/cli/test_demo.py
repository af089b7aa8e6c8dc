"""The demo: the real job on sample feeds, in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.backup.copies import back_up
from aggregator.jobs.demo import run_demo
from aggregator.jobs.demo_feeds import SAMPLES, is_sample
from aggregator.jobs.workspace import Progress
from aggregator.values.environment import read_environment
from aggregator.values.reports import RunOutcome, RunReport
from tests.cli.conftest import Run
from tests.conftest import HOME, NOW, Answer, FeedServer, KeptPool, item, rss


def make(data: Path, now: datetime = NOW, progress: Progress = lambda done, total, name: None) -> RunReport:
    """A demo in this folder, at a time of the test's own."""
    environment = read_environment(HOME, feeds=None, data=data, environ={})
    return asyncio.run(run_demo(environment, HOME / "data" / "samples", progress=progress, clock=lambda: now))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, kept_pool: KeptPool) -> Path:
    """A demo of a day long ago, which no test changes."""
    data = tmp_path_factory.mktemp("made") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aggregator.jobs.workspace.process_pool", lambda workers: kept_pool)
        make(data)
    return data


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the command's demo is: in the folder that AGGREGATOR_DATA names."""
    return tmp_path / "data" / "demo"


@pytest.fixture
def demo(place: Path, made: Path) -> Path:
    """There is one, of a day long ago."""
    shutil.copytree(made, place, symlinks=True)
    return place


def new_entries(stdout: str) -> int:
    found = re.search(r"(\d+) new entries", stdout)
    assert found is not None, stdout
    return int(found[1])


def begin_today(demo: Path) -> None:
    """Let the demo be of today."""
    mark = demo / "demo.json"
    mark.write_text(json.dumps(json.loads(mark.read_text()) | {"began_at": datetime.now(UTC).isoformat()}))


def refresh_as_before(data: Path, server: FeedServer) -> None:
    """A real feed in the demo's store, as `refresh` of an earlier version left it."""
    with closing(sqlite3.connect(data / "news.db")) as store, store:
        store.execute("UPDATE feed SET url = ?, name = 'Real' WHERE id = 1", (server.url("/real.xml"),))


def real_list(tmp_path: Path, server: FeedServer) -> None:
    server.answers["/real.xml"] = Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - name: Real\n    url: {server.url('/real.xml')}\n", "utf-8")


def test_the_demo_runs_twice_and_brings_nothing_the_second_time(run: Run, place: Path) -> None:
    first, second = run("demo"), run("demo")
    page = (place / "site" / "index.html").read_text()

    assert first.returncode == second.returncode == 0
    assert new_entries(first.stdout) == 57
    assert new_entries(second.stdout) == 0
    assert "serve" in first.stdout
    assert "10 of 10" in first.stderr
    for file in ("index.html", "section.html"):
        assert "Sample data" in (place / "site" / file).read_text()
    for absent in ("cerebral", "Möbius strip", "RETRACTED", "From the archive", "Embargoed", "CAGR", "Liberty Bell"):
        assert absent not in page
    assert page.count('class="fpn-story') == 12
    assert "Also reported by" in page


def test_the_demo_is_new_on_each_day_and_its_page_never_absent(demo: Path) -> None:
    page = demo / "site" / "index.html"
    seen, was_there = [], []

    for day in (1, 1, 2):
        report = make(demo, NOW + timedelta(days=day), lambda *_: was_there.append(page.is_file()))
        seen.append((report.outcome, report.entries.new, "Sample data" in page.read_text()))

    assert seen == [(RunOutcome.FRESH, 57, True), (RunOutcome.FRESH, 0, True), (RunOutcome.FRESH, 57, True)]
    assert was_there == [True] * 30
    assert len(list((demo / "releases").iterdir())) == 1, "yesterday's went when today's was there"


def test_the_command_begins_anew_on_the_next_day(run: Run, demo: Path) -> None:
    done = run("demo")

    assert (done.returncode, new_entries(done.stdout)) == (0, 57)


def test_a_demo_that_an_earlier_version_left_without_a_store_works_again(run: Run, demo: Path) -> None:
    """Only backups/, demo.json and the lock were left on its second day."""
    for path in demo.glob("news.db*"):
        path.unlink()
    (demo / "site").unlink()

    done = run("demo")

    assert (done.returncode, new_entries(done.stdout)) == (0, 57)


@pytest.mark.slow
def test_the_real_command_on_two_days(tmp_path: Path) -> None:
    done, page = [], tmp_path / "d" / "site" / "index.html"
    for day in (0, 1, 1):
        command = ["faketime", "-f", f"+{day}d", sys.executable, str(HOME / "run.py"), "--data", str(tmp_path / "d"), "demo"]
        one = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        done.append((one.returncode, new_entries(one.stdout), "Sample data" in page.read_text("utf-8")))

    assert done == [(0, 57, True), (0, 57, True), (0, 0, True)]


def test_a_folder_that_is_named_is_taken_as_it_is(run: Run, tmp_path: Path) -> None:
    run("--data", str(tmp_path / "here"), "demo")

    assert (tmp_path / "here" / "site" / "index.html").is_file()


def test_the_demo_never_touches_a_store_that_it_did_not_make(run: Run, place: Path) -> None:
    place.mkdir(parents=True)
    (place / "news.db").write_text("precious")

    done = run("demo")

    assert done.returncode == 2
    assert "did not make" in done.stderr
    assert (place / "news.db").read_text() == "precious"


@pytest.mark.parametrize("is_today", [True, False])
def test_nor_one_that_real_feeds_were_refreshed_into_afterwards(
    run: Run, demo: Path, server: FeedServer, is_today: bool
) -> None:
    refresh_as_before(demo, server)
    if is_today:
        begin_today(demo)
    before = {path: path.read_bytes() for path in demo.rglob("*.html")}

    done = run("demo")

    assert done.returncode == 2
    assert "not the demo's" in done.stderr
    assert {path: path.read_bytes() for path in demo.rglob("*.html")} == before
    with closing(sqlite3.connect(demo / "news.db")) as store:
        assert store.execute("SELECT count(*) FROM entry").fetchone() == (57,)


@pytest.mark.parametrize("kind", ["of real feeds", "damaged"])
def test_nor_copies_that_may_be_of_another_store(run: Run, demo: Path, server: FeedServer, kind: str) -> None:
    refresh_as_before(demo, server)
    copy = back_up(demo / "news.db", now=NOW + timedelta(hours=1))
    if kind == "damaged":
        copy.write_bytes(b"no copy")
    before = copy.read_bytes()
    for path in demo.glob("news.db*"):
        path.unlink()

    done = run("demo")

    assert done.returncode == 2
    assert copy.name in done.stderr
    assert copy.read_bytes() == before


@pytest.mark.parametrize(
    "command",
    [
        ("refresh",),
        ("refresh", "--dry-run"),
        ("schedule",),
        ("restore",),
        ("import", "all.jsonl"),
        ("filter", "apply", "{feeds}"),
    ],
)
def test_what_writes_a_real_store_refuses_a_demo_s_folder(
    run: Run, demo: Path, tmp_path: Path, server: FeedServer, command: tuple[str, ...]
) -> None:
    real_list(tmp_path, server)

    done = run("--data", str(demo), *(part.format(feeds=tmp_path / "feeds.yaml") for part in command))

    assert done.returncode == 2
    assert "contains a demo" in done.stderr
    assert "--data" in done.stderr
    assert server.asked == []


@pytest.mark.parametrize("command", [("publish",), ("hide", "1"), ("stories", "regroup")])
def test_every_page_that_is_made_in_a_demo_says_so(
    run: Run, demo: Path, tmp_path: Path, server: FeedServer, command: tuple[str, ...]
) -> None:
    real_list(tmp_path, server)

    assert run("--data", str(demo), *command).returncode == 0

    assert len(list((demo / "releases").iterdir())) == 2
    pages = list((demo / "site").rglob("*.html"))
    assert [path.name for path in pages if "Sample data" not in path.read_text("utf-8")] == []


def test_a_real_store_that_began_as_a_demo_is_refreshed_and_staff_are_told(
    run: Run, demo: Path, tmp_path: Path, server: FeedServer
) -> None:
    real_list(tmp_path, server)
    refresh_as_before(demo, server)

    done = run("--data", str(demo), "refresh", "--json")

    assert done.returncode == 0, done.stderr
    assert any("sample entries" in note for note in json.loads(done.stdout)["notes"])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8080/journal.xml", True),
        ("http://127.0.0.1:1/jsonfeed.json", True),
        ("http://127.0.0.1:8080/other.xml", False),
        ("http://127.0.0.1/journal.xml", False),
        ("https://127.0.0.1:8080/journal.xml", False),
        ("http://127.0.0.1:8080/a/journal.xml", False),
        ("http://www.example.org:80/journal.xml", False),
    ],
)
def test_which_addresses_are_samples(address: str, expected: bool) -> None:
    assert is_sample(address) is expected


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_samples_name_no_address_that_could_be_somebody_s(name: str) -> None:
    """Invented publishers live under names that are reserved for examples (RFC 2606); papers under numbers nobody has."""
    text = (HOME / "data" / "samples" / name).read_text("utf-8")
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    services = {
        "pubmed.ncbi.nlm.nih.gov", "doi.org", "clinicaltrials.gov", "news.google.com", "www.bing.com", "www.youtube.com", "i1.ytimg.com",
        "purl.org", "prismstandard.org", "www.w3.org", "search.yahoo.com", "jsonfeed.org",
    }  # fmt: skip

    strangers = {host for host in hosts - services if not re.search(r"(?:^|\.)example\.(?:com|org|net)$", host)}

    assert strangers <= {"purl.org", "www.youtube.com"}
