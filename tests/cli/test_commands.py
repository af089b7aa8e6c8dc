"""Commands, their words and their exit statuses: others rely on them."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Run
from tests.conftest import HOME, Answer, FeedServer, item, rss

PALSY = item("New trial for Bell's palsy", "https://www.example.com/trial", guid="1")


@pytest.fixture
def feeds(tmp_path: Path, server: FeedServer) -> Path:
    """A feeds.yaml with one good feed."""
    server.answers["/a.xml"] = Answer(rss(PALSY))
    path = tmp_path / "feeds.yaml"
    path.write_text(f"feeds:\n  - name: Paper\n    url: {server.url('/a.xml')}\n")
    return path


def test_a_refresh_under_cron_is_silent_when_all_is_well(run_process: Run, feeds: Path, tmp_path: Path) -> None:
    done = run_process("refresh")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "New trial" in (tmp_path / "data" / "site" / "index.html").read_text()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_the_report_has_the_fields_that_others_rely_on(run: Run, feeds: Path) -> None:
    report = json.loads(run("refresh", "--json").stdout)

    assert report["outcome"] == "fresh"
    assert set(report["feeds"]) == {"total", "ok", "not_modified", "failed", "skipped", "never_worked"}
    assert set(report["entries"]) == {"seen", "new", "updated", "admitted", "rejected"}
    assert report["stories"] == {"new": 1, "shown": 1}
    assert report["failures"] == []
    assert report["seconds"] > 0


def test_a_feed_that_fails_is_told_when_the_run_is_not_well(run: Run, feeds: Path, server: FeedServer) -> None:
    server.answers["/a.xml"] = Answer(status=404)

    done = run("refresh")

    assert (done.returncode, done.stdout) == (4, "")
    assert "Paper" in done.stderr
    assert "is not there (HTTP 404)" in done.stderr


def test_a_broken_list_is_named_the_last_good_one_is_used_and_the_status_says_so(
    run: Run, feeds: Path, tmp_path: Path
) -> None:
    run("refresh")
    feeds.write_text(feeds.read_text() + "    colour: red\n")

    done = run("refresh", "--json")

    assert done.returncode == 2
    assert json.loads(done.stdout)["feeds"]["total"] == 1
    assert "feeds.yaml, line 4: feed “Paper”, “colour” is not a known key" in done.stderr
    assert (tmp_path / "data" / "site" / "index.html").exists()


def test_a_broken_list_without_a_good_one_touches_nothing(run: Run, feeds: Path, tmp_path: Path) -> None:
    feeds.write_text("feeds: [")

    done = run("refresh")

    assert done.returncode == 2
    assert "line 1" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_second_refresh_at_the_same_time_says_who_runs(run: Run, feeds: Path, server: FeedServer, tmp_path: Path) -> None:
    def slow(handler: object) -> None:
        time.sleep(3)

    server.answers["/a.xml"] = slow
    first = subprocess.Popen([sys.executable, HOME / "run.py", "refresh"], stderr=subprocess.DEVNULL)
    while not server.asked:
        time.sleep(0.02)

    second = run("refresh")
    first.send_signal(signal.SIGKILL)
    first.wait()
    server.answers["/a.xml"] = Answer(rss(PALSY))

    assert second.returncode == 5
    assert f"process {first.pid}, since" in second.stderr
    assert run("refresh").returncode == 0


def test_check_names_mistakes_and_says_what_it_cannot_know(run: Run, feeds: Path) -> None:
    good = run("check")
    feeds.write_text(feeds.read_text() + "    weight: heavy\n")
    bad = run("check")

    assert good.returncode == 0
    assert "check --online" in good.stdout
    assert bad.returncode == 2
    assert "line 4" in bad.stderr


def test_check_online_asks_each_feed_once_and_keeps_nothing(
    run: Run, feeds: Path, server: FeedServer, tmp_path: Path
) -> None:
    assert run("check", "--online").returncode == 0
    server.answers["/a.xml"] = Answer(b"<html><title>Moved</title></html>")

    done = run("check", "--online")

    assert done.returncode == 3
    assert "web page (“Moved”)" in done.stdout
    assert not (tmp_path / "data").exists()


def test_publish_on_an_empty_store_makes_a_complete_page(run: Run, feeds: Path, tmp_path: Path) -> None:
    done = run("publish")
    page = (tmp_path / "data" / "site" / "index.html").read_text()

    assert done.returncode == 0
    assert "0 stories" in done.stdout
    assert "appear here soon" in page
    assert page.rstrip().endswith("</html>")


def test_status_tells_runs_and_feeds(run: Run, feeds: Path, server: FeedServer) -> None:
    before = run("status")
    run("refresh")
    server.answers["/a.xml"] = Answer(status=500)
    run("refresh")

    text, data = run("status"), json.loads(run("status", "--json").stdout)

    assert before.returncode == 2
    assert "Run 2" in text.stdout
    assert "has trouble of its own (HTTP 500) (once)" in text.stdout
    assert [one["outcome"] for one in data["runs"]] == ["stale", "fresh"]
    assert data["feeds"][0]["admitted"] == 1


def test_feeds_list_and_test(run: Run, feeds: Path, server: FeedServer, tmp_path: Path) -> None:
    server.answers["/b.xml"] = Answer(rss(PALSY, item("A ride", "https://www.example.com/2"), title="Another"))

    assert "Paper\tnews\ton" in run("feeds", "list").stdout
    tried = run("feeds", "test", server.url("/b.xml"))
    wrong = run("feeds", "test", server.url("/nowhere"))

    assert "Another: 2 entries, 1 would be admitted." in tried.stdout
    assert wrong.returncode == 3
    assert "is not there (HTTP 404)" in wrong.stderr
    assert run("feeds", "test", "nonsense").returncode == 2
    assert not (tmp_path / "data").exists()


def test_filter_try_reads_standard_input(run: Run, feeds: Path) -> None:
    lines = '{"id": 1, "title": "Bell\'s palsy in spring", "summary": ""}\n\n{"id": "b", "title": "Tick season", "summary": ""}\n'

    verdicts = [json.loads(line) for line in run("filter", "try", "-", "--json", stdin=lines).stdout.splitlines()]

    assert [(one["id"], one["relevant"]) for one in verdicts] == [(1, True), ("b", False)]
    assert set(verdicts[0]) == {"id", "relevant", "waits", "score", "topics", "evidence", "reasons"}


def test_a_line_that_is_no_json_is_named(run: Run, feeds: Path) -> None:
    done = run("filter", "try", "-", stdin='{"id": 1, "title": "x"}\nnot json\n')

    assert done.returncode == 2
    assert "line 2" in done.stderr


def test_filter_explain_finds_an_entry_by_number_and_by_address(run: Run, feeds: Path) -> None:
    run("refresh")

    for name in ("1", "https://www.example.com/trial?utm_source=x"):
        assert "strong phrase: bells palsy in the title" in run("filter", "explain", name).stdout
    assert run("filter", "explain", "doi:10.5555/unknown").returncode == 2


def test_stories_try_groups_days_and_judges_pairs(run: Run, feeds: Path) -> None:
    def line(number: object, day: int, title: str) -> dict[str, object]:
        return {
            "id": number,
            "title": title,
            "summary": "",
            "url": f"https://x.example/{number}",
            "publisher": "X",
            "published": f"2026-11-{day}T08:00:00Z",
        }

    title = "Steroids are enough for most people"
    lines = [line("a", 20, title), line("b", 20, "Something else entirely happened here"), line("c", 21, title + ".")]
    pair = {"id": "p", "a": line("x", 20, title), "b": line("y", 20, title)}
    text = "\n".join(json.dumps(one) for one in [*lines, pair])

    told = {one["id"]: one for one in map(json.loads, run("stories", "try", "-", "--json", stdin=text).stdout.splitlines())}

    assert told["a"]["story"] == told["c"]["story"] != told["b"]["story"]
    assert told["p"] == {"id": "p", "same": True}


def test_serve_shows_the_site(run: Run, feeds: Path, tmp_path: Path) -> None:
    assert run("serve").returncode == 2
    run("refresh")
    serving = subprocess.Popen(
        [sys.executable, HOME / "run.py", "--data", tmp_path / "data", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has Ctrl-C ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        assert serving.stdout is not None
        told = serving.stdout.readline()
        address = told.split()[0]
        with urllib.request.urlopen(address) as answer:
            page = answer.read().decode()
        folders = {path: httpx.get(address + path) for path in ("static/", "topics/", "static", "archive/", "../")}
        serving.send_signal(signal.SIGINT)

        assert "New trial" in page
        assert "looking only" in told
        assert {path: answer.status_code for path, answer in folders.items()} == {
            "static/": 404, "topics/": 404, "static": 301, "archive/": 200, "../": 200,
        }  # fmt: skip
        assert [path for path, answer in folders.items() if "listing" in answer.text] == []
        assert serving.wait(timeout=10) == 130
    finally:
        serving.kill()
        serving.communicate()


def test_a_port_in_use_is_told(run: Run, feeds: Path) -> None:
    run("refresh")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 2
    assert "--port" in done.stderr


@pytest.mark.parametrize("wrong", [["nonsense"], ["refresh", "--loud"], ["feeds"], ["filter", "explain"]])
def test_wrong_use_is_told_with_status_two(run: Run, wrong: list[str]) -> None:
    done = run(*wrong)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_on_a_terminal_a_refresh_shows_its_summary(feeds: Path, server: FeedServer, tmp_path: Path) -> None:
    """In a real pseudo-terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, HOME / "run.py", "--feeds", feeds, "--data", tmp_path / "data", "refresh"],
        env={**os.environ, "AGGREGATOR_ALLOW_HOSTS": f"127.0.0.1:{server.port}", "TERM": "xterm"},
        stdin=child, stdout=child, stderr=child,
    )  # fmt: skip
    os.close(child)
    shown = b""
    while True:
        try:
            piece = os.read(parent, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(parent)

    assert process.wait() == 0
    assert b"1 new entry" in shown
    assert b"Feeds" in shown


def test_markup_and_terminal_codes_of_a_feed_stay_text(run: Run, feeds: Path, server: FeedServer) -> None:
    server.answers["/b.xml"] = Answer(
        rss(
            item("Facial palsy [red]alarm[/red] \x1b[31m&amp;#x1b;]0;owned&amp;#7;", "https://x.example/1"),
            title="[bold]Loud[/bold]",
        ).replace(b"\x1b", b"")
    )

    shown = run("feeds", "test", server.url("/b.xml")).stdout

    assert "[red]alarm[/red]" in shown
    assert "[bold]Loud[/bold]" in shown
    assert "\x1b" not in shown


def test_filter_evaluate_counts_and_holds_a_floor(run: Run, feeds: Path, tmp_path: Path) -> None:
    lines = [
        {
            "id": 1,
            "title": "Bell's palsy in spring",
            "summary": "",
            "label": True,
            "topics": ["bells-palsy"],
            "kind": "news",
        },
        {"id": 2, "title": "Cerebral palsy ride", "summary": "", "label": False, "hard": True},
        {"id": 3, "title": "Tick season", "summary": "", "label": True, "topics": []},
    ]
    file = tmp_path / "labelled.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))

    told = run("filter", "evaluate", str(file))
    data = json.loads(run("filter", "evaluate", str(file), "--json").stdout)

    assert "precision 1.000" in told.stdout
    assert "miss: Tick season" in told.stdout
    assert (data["items"], data["recall"], data["alarms"], data["mistakes"]) == (3, 0.5, 0.0, ["3"])
    assert run("filter", "evaluate", str(file), "--floor", "precision=0.99,recall=0.5").returncode == 0
    assert run("filter", "evaluate", str(file), "--floor", "recall=0.9").returncode == 1
    assert run("filter", "evaluate", str(file), "--floor", "luck=1").returncode == 2


def test_status_is_readable_where_only_ascii_can_be_shown(run: Run, feeds: Path, tmp_path: Path) -> None:
    assert run("refresh").returncode == 0
    few = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, str(HOME / "run.py"), "status"]

    done = subprocess.run(command, capture_output=True, env=os.environ | few, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert b"Paper" in done.stdout
    assert done.stdout.isascii()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("wrapper", "typed"), [("", "uv run run.py --help"), ("news", "news --help")])
def test_a_message_names_the_program_as_it_is_started_here(
    run: Run, feeds: Path, monkeypatch: pytest.MonkeyPatch, wrapper: str, typed: str
) -> None:
    monkeypatch.setenv("AGGREGATOR_PROGRAM", wrapper)

    assert f"`{typed}`" in run("no-such-command").stderr


def test_a_preview_of_a_file_that_is_not_there_is_refused(run: Run, feeds: Path, tmp_path: Path) -> None:
    run("refresh")

    done = run("filter", "preview", str(tmp_path / "missing.yaml"))

    assert done.returncode == 2
    assert "missing.yaml" in done.stderr
