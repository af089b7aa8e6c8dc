"""However a refresh ends: its report, its ping and its alarm go out, and `status` says why."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest
from filelock import FileLock

from aggregator.jobs import refresh as job
from tests.cli.conftest import Run
from tests.conftest import HOME, Answer, FeedServer, item, rss
from tests.receivers import Posts

# What is raised -> exit status, and what is said of it.
RAISED: list[tuple[BaseException, int, str]] = [
    (OSError(28, "No space left on device"), 1, "No space left on device"),
    (MemoryError(), 1, "out of memory"),
    (RuntimeError("can't start new thread"), 1, "can't start new thread"),
    (KeyError("lead"), 1, "fault (KeyError: 'lead')"),
    (KeyboardInterrupt(signal.SIGINT), 130, "It was stopped"),
    (KeyboardInterrupt(signal.SIGTERM), 143, "It was stopped"),
]


@pytest.fixture
def told(tmp_path: Path, server: FeedServer, posts: Posts, monkeypatch: pytest.MonkeyPatch, run: Run) -> Posts:
    """One feed, templates of its own, and somebody who is told."""
    server.answers["/a.xml"] = Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n  - name: Paper\n    url: {server.url('/a.xml')}\n", "utf-8")
    shutil.copytree(HOME / "templates", tmp_path / "templates")
    monkeypatch.setenv("AGGREGATOR_TEMPLATES", str(tmp_path / "templates"))
    monkeypatch.setenv("AGGREGATOR_WEBHOOK_URL", posts.url("/hook"))
    monkeypatch.setenv("AGGREGATOR_PING_URL", posts.url("/ping"))
    return posts


@pytest.mark.parametrize(("raised", "status", "words"), RAISED, ids=[f"{type(one).__name__} {at}" for one, at, _ in RAISED])
def test_whatever_is_raised_is_reported_told_and_remembered(
    run: Run, told: Posts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    raised: BaseException, status: int, words: str,
) -> None:  # fmt: skip
    def publish(*_: object, **__: object) -> None:
        raise raised

    monkeypatch.setattr(job, "publish", publish)

    if isinstance(raised, KeyError):
        # A fault of ours ends with the traceback that mends it, after all was told.
        with pytest.raises(KeyError):
            run("refresh", "--json")
        stdout = capsys.readouterr().out
    else:
        done = run("refresh", "--json")
        assert done.returncode in (status, 130)
        stdout = done.stdout

    report = json.loads(stdout)
    assert (report["outcome"], words in report["reason"]) == ("failed", True)
    assert [path for path, _ in told.received] == ["/ping/start", f"/ping/{status}", "/hook"]
    assert words in json.loads(told.received[-1][1])["text"]
    assert words in run("status").stdout


def test_a_folder_of_templates_that_is_gone_is_named(run: Run, told: Posts, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "templates" / "static")

    done = run("refresh", "--json")

    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["outcome"] == "failed"
    assert "templates/static cannot be read" in report["reason"]
    assert report["entries"]["new"] == 1
    assert [path for path, _ in told.received] == ["/ping/start", "/ping/1", "/hook"]
    assert "templates/static" in run("status").stdout


def test_an_alert_names_the_command_as_it_is_called_here(
    run: Run, told: Posts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGGREGATOR_PROGRAM", "news")
    shutil.rmtree(tmp_path / "templates" / "static")

    run("refresh")

    assert json.loads(told.received[-1][1])["text"].endswith("`news status` shows everything.")


def test_an_alarm_that_fails_hides_nothing(run: Run, told: Posts, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the alarm itself")

    monkeypatch.setattr("aggregator.jobs.alerts.Alarm.end", fail)

    done = run("refresh", "--json")

    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (0, "fresh")
    assert "the alarm itself" in done.stderr


def test_a_second_refresh_tells_nobody_that_it_could_not_begin(run: Run, told: Posts, tmp_path: Path) -> None:
    run("refresh")
    told.received.clear()

    with FileLock(tmp_path / "data" / "refresh.lock"):
        done = run("refresh", "--json")

    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (5, "failed")
    assert [path for path, _ in told.received] == ["/ping/start"]
