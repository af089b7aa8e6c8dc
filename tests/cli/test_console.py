"""console, console user: as a person at a terminal meets them."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from aggregator.cli.console import refuse_without_group
from aggregator.errors import UsageError
from tests.conftest import HOME

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")
pytest.importorskip("argon2", reason="the console needs its dependency group: uv run --group console pytest")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("console") / "data"
    assert run(folder, "demo")[0] == 0
    return folder


def run(data: Path, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, str(HOME / "run.py"), "--data", str(data), *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_a_demo_s_console_prints_a_link_that_signs_in_and_ends_by_ctrl_c(data: Path) -> None:
    command = [sys.executable, str(HOME / "run.py"), "--data", str(data), "console", "--demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        link = running.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/demo/[\w-]{32}", link), link
        with httpx.Client(trust_env=False, follow_redirects=True, timeout=30) as client:
            page = client.get(link)
        assert page.status_code == 200
        assert "Sample data" in page.text
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130
        assert "Traceback" not in running.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["console"], "contains a demo"),
        (["console", "--demo", "--host", "0.0.0.0"], "listens on this machine only"),
        (["console", "--demo", "--behind-proxy", "news.example.org"], "listens on this machine only"),
        (["console", "user", "add", "a b"], "cannot be a name"),
        (["console", "user", "add", "anna", "--role", "king"], "is not a role"),
        (["console", "user", "disable", "nobody"], "There is no account"),
        (["console", "user", "reset", "nobody"], "There is no account"),
    ],
)
def test_what_cannot_be_is_one_sentence(data: Path, arguments: list[str], said: str) -> None:
    status, out, error = run(data, *arguments)

    assert status == 2
    assert out == ""
    assert said in error
    assert "Traceback" not in error


def test_a_folder_that_no_demo_made_has_no_demo_console(tmp_path: Path) -> None:
    status, _, error = run(tmp_path / "data", "console", "--demo")

    assert status == 2
    assert "was not made by a demo" in error


def test_accounts_are_added_listed_and_disabled(data: Path) -> None:
    status, out, error = run(data, "console", "user", "add", "Anna", "--role", "reader")
    assert (status, bool(re.fullmatch(r"/setup/[\w-]{43}\n", out))) == (0, True)
    assert "good once, for one day" in error
    assert "There is an account “anna” already" in run(data, "console", "user", "add", "anna")[2]
    assert run(data, "console", "user", "reset", "anna")[1] != out
    assert "no password yet" in run(data, "console", "user", "list")[1]
    assert run(data, "console", "user", "disable", "anna")[1] == "anna is signed out and can no longer sign in.\n"
    assert "disabled" in run(data, "console", "user", "list")[1]


def test_a_refresh_imports_nothing_of_the_console(data: Path) -> None:
    code = (
        "import sys; sys.argv = ['run.py', '--data', sys.argv[1], 'status']; import aggregator.cli as cli; cli.main(); "
        "sys.exit(str([name for name in sys.modules if name.split('.')[0] in ('starlette', 'uvicorn', 'argon2', 'multipart')] or ''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(data)], capture_output=True, text=True, check=False, cwd=HOME, env=os.environ | {}
    )

    assert done.stderr.strip() in ("", "0"), done.stderr


def test_without_its_group_one_sentence_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr("aggregator.cli.console.find_spec", lambda name: None if name == "argon2" else known(name))
    with pytest.raises(UsageError, match=r"uv run --group console run\.py console"):
        refuse_without_group()
