"""deploy/news as the service user runs it: which variables it hands on, and where the command runs."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

import pytest

from tests.conftest import HOME

SHOW = '#!/bin/sh\nprintf "%s\\n" "$PWD" "$(umask)" "$@"\nenv | grep -e ^AGGREGATOR -e ^EVIL\n'


def said(tmp_path: Path, settings: str) -> list[str]:
    """What a program that shows its surroundings prints in the place of the real one."""
    for folder in ("deploy", ".venv/bin", "config"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "settings.env").write_text(settings, "utf-8")
    text = (HOME / "deploy" / "news").read_text("utf-8")
    text = text.replace("user=fpnews\n", f"user={getpass.getuser()}\n")
    text = text.replace("settings=/etc/facial-paralysis-news.env", f"settings={tmp_path}/settings.env")
    for name, content in (("deploy/news", text), (".venv/bin/python", SHOW)):
        (tmp_path / name).write_text(content, "utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "link").symlink_to("deploy/news")
    command = [str(tmp_path / "link"), "feeds", "disable", "The Paper"]
    environment = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.splitlines()


def test_a_command_runs_in_the_shared_folder_with_its_words_as_they_are(tmp_path: Path) -> None:
    assert said(tmp_path, "") == [
        f"{tmp_path}/config", "0007", f"{tmp_path}/run.py", "feeds", "disable", "The Paper",
        f"AGGREGATOR_FEEDS={tmp_path}/config/feeds.yaml", "AGGREGATOR_PROGRAM=news",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("AGGREGATOR_PROXY=http://proxy.example:3128", "http://proxy.example:3128"),
        ("AGGREGATOR_PROXY='http://u:p$HOME&`id`;\"x@h'", 'http://u:p$HOME&`id`;"x@h'),
        ('AGGREGATOR_PROXY="http://a=b#c d"', "http://a=b#c d"),
        ("AGGREGATOR_PROXY=it's", "it's"),
        ("AGGREGATOR_PROXY=", ""),
    ],
)
@pytest.mark.parametrize("end", ["\n", ""])
def test_a_line_of_the_settings_is_read_and_never_run(tmp_path: Path, line: str, value: str, end: str) -> None:
    known = said(tmp_path, f"# a remark\nEVIL=1\n\n{line}{end}")

    assert f"AGGREGATOR_PROXY={value}" in known
    assert "EVIL=1" not in known


def test_the_settings_may_name_another_list(tmp_path: Path) -> None:
    assert "AGGREGATOR_FEEDS=/elsewhere/feeds.yaml" in said(tmp_path, "AGGREGATOR_FEEDS=/elsewhere/feeds.yaml\n")
