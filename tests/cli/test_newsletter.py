"""The newsletter at the command line, as staff and cron use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")
pytest.importorskip("cryptography", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.cli import app
from aggregator.jobs.demo_newsletter import make_sample_issue
from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.people import add_person
from aggregator.subscribers.vault import new_key, read_keys
from aggregator.values.environment import read_environment
from aggregator.values.subscribers import Wishes
from tests.conftest import HOME, NOW
from tests.newsletter.offices import copied, filled
from tests.receivers import MailServer

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full") / "data"
    filled(folder)
    return folder


@pytest.fixture
def run(full: Path, tmp_path: Path, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command of `newsletter` on sixty days of news and seven people."""
    data, key = copied(full, tmp_path / "data"), new_key()
    (tmp_path / "feeds.yaml").write_text(
        "site: {url: 'https://www.example.org/news/'}\nsignup: {url: 'https://signup.institute.example/'}\n"
        "newsletter: {a_minute: 100000}\nfeeds: [{name: News, url: 'https://www.example.com/feed'}]\n"
    )
    with SubscriberStore(data / "subscribers.db", read_keys(key, None)).writing() as rows:
        for number in range(7):
            add_person(rows, f"person{number}@example.org", Wishes(), now=NOW)
    monkeypatch.setenv("AGGREGATOR_SUBSCRIBERS_KEY", key)
    monkeypatch.setenv("AGGREGATOR_SMTP_URL", mail.address)
    monkeypatch.setenv("AGGREGATOR_MAIL_FROM", "news@institute.example")

    def called(*words: str) -> Result:
        where = ["--feeds", str(tmp_path / "feeds.yaml"), "--data", str(data)]
        return CliRunner().invoke(app, [*where, "newsletter", *words])

    return called


def test_an_issue_from_draft_to_everybody(run: Run, mail: MailServer, tmp_path: Path) -> None:
    drafted = run("draft", "--before", "2026-11-23")
    assert drafted.exit_code == 0, drafted.output
    assert "Issue 1, week, 2026-11-16 to 2026-11-22: draft." in drafted.stdout
    stories = [line.split("\t")[0] for line in drafted.stdout.splitlines() if line[:1].isdigit()]

    (tmp_path / "intro.txt").write_text("Dear readers,\n\n**hello**.")
    edited = run("edit", "1", "--drop", stories[0], "--first", stories[2], "--intro", str(tmp_path / "intro.txt"))
    assert f"Dropped: {stories[0]}." in edited.stdout
    assert "hello" in run("show", "1", "--text").stdout
    assert "<strong>hello</strong>" in run("show", "1", "--html").stdout

    assert "is not approved" in str(run("send", "1").exception)
    assert run("test", "1", "anna@institute.example").exit_code == 0
    assert run("approve", "1").exit_code == 0
    sent = run("send", "1")
    assert sent.stdout == "Issue 1: 7 sent.\n"
    assert sorted(str(one["To"]) for one in mail.messages[1:]) == [f"person{number}@example.org" for number in range(7)]

    (told,) = json.loads(run("status", "--json").stdout)
    assert (told["state"], told["sending"], told["letters"]) == ("approved", "done", {"sent": 7})
    assert "done" in run("status").stdout
    assert "\tsent\t7" in run("numbers").stdout
    assert json.loads(run("numbers", "--json").stdout)["topics"] == {"all": "7"}
    out = run("export", "1", "--out", str(tmp_path / "out"))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "letter.html",
        "letter.txt",
        "preheader.txt",
        "subject.txt",
    ]
    assert out.exit_code == 0


def test_a_sending_is_paused_resumed_and_cancelled(run: Run) -> None:
    run("draft", "--before", "2026-11-23")
    run("approve", "1")
    assert "is not being sent" in str(run("pause", "1").exception)
    assert "is not paused" in str(run("resume", "1").exception)
    cancelled = run("cancel", "1")
    assert cancelled.stdout == "Issue 1 is cancelled.\n"
    assert "is cancelled" in str(run("send", "1").exception)


def test_nothing_unknown_is_said_so(run: Run) -> None:
    run("draft", "--before", "2026-11-23")
    run("approve", "1")
    run("send", "1")

    assert "No letter of this issue is unknown" in run("resolve", "1").stderr
    assert "Choose one" in str(run("resolve", "1", "--again", "--arrived").exception)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "9"), "There is no issue 9"),
        (("draft", "--before", "monday"), "is not a day"),
        (("edit", "1", "--drop", "99999"), "does not have story 99999"),
        (("edit", "1", "--intro", "nowhere.txt"), "cannot be read"),
        (("test", "1", "nobody"), "No mail can be sent to that address"),
        (("resolve", "1", "--log", "nowhere.log"), "cannot be read"),
        (("export", "1", "--out", "/proc/x"), "is not approved"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(run: Run, words: tuple[str, ...], told: str) -> None:
    run("draft", "--before", "2026-11-23")

    done = run(*words)

    assert told in str(done.exception), done.output
    assert done.exit_code != 0


def test_without_the_key_nobody_cancels_what_may_have_been_sent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("draft", "--before", "2026-11-23")
    run("approve", "1")
    run("send", "1")
    monkeypatch.delenv("AGGREGATOR_SUBSCRIBERS_KEY")

    for command in ("cancel", "status", "draft"):
        done = run(command, *(["1"] if command == "cancel" else []))
        assert "cannot be read without the key" in str(done.exception), command


def test_a_week_that_is_not_over_is_not_drafted(run: Run) -> None:
    assert "is not over yet" in str(run("draft", "--before", "2099-01-01").exception)


def test_a_letter_is_shown_as_others_get_it(run: Run) -> None:
    run("draft", "--before", "2026-11-23")

    assert "Número 1" in run("show", "1", "--language", "es").stdout
    assert "22px" in run("show", "1", "--large", "--html").stdout
    assert "is not a language of letters" in str(run("show", "1", "--language", "xx").exception)


def test_nothing_is_due_where_nothing_is_set(run: Run) -> None:
    done = run("due")

    assert (done.exit_code, done.output) == (0, "")


def test_a_demo_shows_an_issue_and_mails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGGREGATOR_SUBSCRIBERS_KEY", raising=False)
    data = tmp_path / "demo"
    done = CliRunner().invoke(app, ["--data", str(data), "demo"])
    assert done.exit_code == 0, done.output
    assert "Newsletter: " in done.stdout
    assert "; 2 mails in " in done.stdout

    mails = {path.name: path.read_bytes() for path in (data / "mailbox").glob("*.eml")}
    assert len(mails) == 2
    assert (data / "site" / "newsletter" / "1.html").exists()
    again = CliRunner().invoke(app, ["--data", str(data), "demo"])
    assert "; 2 mails in " in again.stdout
    assert {path.name: path.read_bytes() for path in (data / "mailbox").glob("*.eml")} == mails

    # A demo's mails go into a folder, and nowhere else.
    refused = CliRunner().invoke(app, ["--data", str(data), "newsletter", "send", "1"])
    assert "--to-folder" in str(refused.exception)
    status = CliRunner().invoke(app, ["--data", str(data), "newsletter", "status"])
    assert "2 sent" in status.stdout
    environment = read_environment(HOME, feeds=None, data=data, environ={})
    assert make_sample_issue(environment, 80, clock=lambda: NOW) is not None
