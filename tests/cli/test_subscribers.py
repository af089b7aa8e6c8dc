"""subscribers, intake, signup: what is printed, and with which exit status."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("starlette", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.cli import app
from aggregator.errors import StoreBusyError
from aggregator.subscribers.vault import new_key
from tests.cli.conftest import Run
from tests.receivers import MailServer

SAMPLES = Path(__file__).parents[1] / "subscribers" / "messages"


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGGREGATOR_SUBSCRIBERS_KEY", new_key())
    (tmp_path / "feeds.yaml").write_text(
        "site: {url: 'https://news.institute.example/'}\nsignup: {url: 'https://signup.institute.example', "
        "senders: [wordpress@institute.example], own_domains: [institute.example]}\n"
        "feeds:\n  - {name: News, url: 'https://www.example.com/feed'}\n"
    )
    return tmp_path


def sample(result: str) -> Path:
    return next(
        path
        for path in sorted(SAMPLES.glob("*.eml"))
        if json.loads(path.with_suffix(".json").read_text())["result"] == result
    )


def test_without_a_key_nothing_starts_and_the_way_out_is_told(
    run: Run, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGGREGATOR_SUBSCRIBERS_KEY")
    done = run("subscribers", "list")
    assert done.returncode == 2
    assert "needs a key" in done.stderr
    assert "subscribers new-key" in done.stderr
    assert run("signup").returncode == 2
    assert len(run("subscribers", "new-key").stdout.strip()) == 43


@pytest.mark.parametrize(
    ("result", "said"), [("subscribe", "Subscribe: "), ("leave", "Leave: "), ("staff", "For staff"), ("ignore", "Not about")]
)
def test_a_message_is_explained_without_a_key_and_without_a_trace(
    run: Run, listed: Path, result: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGGREGATOR_SUBSCRIBERS_KEY")
    done = run("intake", "--try", str(sample(result)))
    assert (done.returncode, said in done.stdout, "Why: " in done.stdout) == (0, True, True)
    assert json.loads(run("intake", "--try", str(sample(result)), "--json").stdout)["result"] == result
    assert not (listed / "data" / "subscribers.db").exists()


def test_a_file_that_is_not_there_is_told(run: Run, listed: Path) -> None:
    done = run("intake", "--try", "no.eml")
    assert (done.returncode, "no.eml cannot be read" in done.stderr) == (2, True)


def test_the_intake_needs_one_place(run: Run, listed: Path, tmp_path: Path) -> None:
    assert run("intake").returncode == 2
    assert run("intake", "--imap", "--maildir", str(tmp_path)).returncode == 2
    done = run("intake", "--imap")
    assert (done.returncode, "AGGREGATOR_IMAP_URL" in done.stderr) == (2, True)
    done = run("intake", "--maildir", str(tmp_path))
    assert (done.returncode, "is not a Maildir" in done.stderr) == (2, True)


def maildir(folder: Path, *samples: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, path in enumerate(samples):
        (folder / "new" / f"17000000{number:02}.M1P1.host").write_bytes(path.read_bytes())
    return folder


def test_a_mailbox_is_read_once_and_letters_go_out(run: Run, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = maildir(listed / "box", sample("subscribe"), sample("leave"), sample("staff"), sample("ignore"))
    with MailServer() as mail:
        monkeypatch.setenv("AGGREGATOR_SMTP_URL", mail.address)
        monkeypatch.setenv("AGGREGATOR_MAIL_FROM", "Institute <news@institute.example>")
        done = run("intake", "--maildir", str(box))
        assert (done.returncode, done.stdout) == (
            0,
            "4 messages read: 1 to subscribe, 1 to leave, 1 for staff, 1 about something else.\n",
        )
        assert run("intake", "--maildir", str(box)).stdout.startswith("0 messages read")
        wanted = json.loads(sample("subscribe").with_suffix(".json").read_text())["address"]
        assert [letter["To"] for letter in mail.messages] == [wanted]
        assert "https://signup.institute.example/confirm/" in mail.messages[0].get_payload(decode=True).decode()  # type: ignore[union-attr]

    flags = sorted(path.name.rpartition(":2,")[2] for path in (box / "cur").iterdir())
    # What staff must answer stays unread for them.
    assert flags == ["Sz", "z", "z", "z"]
    assert "staff" not in run("subscribers", "list").stderr
    done = run("subscribers", "messages")
    assert "Maildir 1700000002" in done.stdout
    # Who wants to leave and is not on the list under this address is not forgotten.
    assert "not on the list" in done.stdout
    assert run("subscribers", "messages", "--done", "1").returncode == 0
    assert run("subscribers", "messages", "--done", "1").returncode == 2


def test_staff_add_import_export_and_erase(run: Run, listed: Path) -> None:
    assert run("subscribers", "add", "jane@example.com", "--topic", "synkinesis").returncode == 0
    done = run("subscribers", "add", "jane@example.com", "--topic", "nothing")
    assert (done.returncode, "no condition “nothing”" in done.stderr) == (2, True)
    assert run("subscribers", "add", "jane").returncode == 2
    (listed / "list.csv").write_text("Name,Mail\nBob,bob@example.org\n")
    done = run("subscribers", "import", str(listed / "list.csv"))
    assert (done.returncode, "1 person is asked" in done.stdout, "No address in line 1." in done.stderr) == (0, True, True)
    assert run("subscribers", "import", "no.csv").returncode == 2
    assert json.loads(run("subscribers", "list", "--json").stdout)["people"]["pending"] == 2
    assert json.loads(run("subscribers", "export", "jane@example.com").stdout)["on_the_list"] is None
    assert "It is erased." in run("subscribers", "erase", "jane@example.com").stdout
    done = run("subscribers", "erase", "nobody@example.com")
    assert ("Nothing was kept of it." in done.stdout, "A code of it stays" in done.stderr) == (True, True)
    assert run("subscribers", "retention").returncode == 0


def test_a_copy_is_made_and_restored(run: Run, listed: Path) -> None:
    run("subscribers", "add", "jane@example.com")
    assert run("subscribers", "restore").returncode == 2
    assert run("subscribers", "backup").returncode == 0
    done = run("subscribers", "restore")
    assert (done.returncode, "0 departures" in done.stdout) == (0, True)
    assert run("subscribers", "restore", str(listed / "feeds.yaml")).returncode == 2


def test_the_key_is_rotated(run: Run, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("subscribers", "add", "jane@example.com")
    fresh, old = new_key(), os.environ["AGGREGATOR_SUBSCRIBERS_KEY"]
    alone = run("subscribers", "rotate-key")
    assert (alone.returncode, "Only one key is set" in alone.stderr) == (2, True)
    monkeypatch.setenv("AGGREGATOR_SUBSCRIBERS_KEY", f"{fresh},{old}")
    assert run("subscribers", "rotate-key").returncode == 0
    monkeypatch.setenv("AGGREGATOR_SUBSCRIBERS_KEY", fresh)
    assert run("subscribers", "list").returncode == 0
    monkeypatch.setenv("AGGREGATOR_SUBSCRIBERS_KEY", old)
    assert run("subscribers", "list").returncode == 1


def test_a_mail_server_keeps_a_message_while_the_list_is_busy(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 75 is what sysexits.h calls a temporary failure."""

    def busy(*_: object, **__: object) -> None:
        raise StoreBusyError("subscribers.db is held by another process; try again when that has ended.")

    monkeypatch.setattr("aggregator.jobs.intake.take_in", busy)
    where = ["--feeds", str(listed / "feeds.yaml"), "--data", str(listed / "data")]

    piped = CliRunner().invoke(app, [*where, "intake", "-"], input=sample("subscribe").read_bytes())
    (listed / "box" / "new").mkdir(parents=True)
    (listed / "box" / "cur").mkdir()
    read = CliRunner().invoke(app, [*where, "intake", "--maildir", str(listed / "box")])

    assert piped.exit_code == 75
    assert isinstance(read.exception, StoreBusyError)
