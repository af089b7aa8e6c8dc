"""What is to be copied is right: the units by systemd's own tool where it is there, the rest by what can be read off."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from shutil import which

import pytest
from ruamel.yaml import YAML

from tests.conftest import HOME

DEPLOY = HOME / "deploy"


def test_the_container_copies_what_is_there_and_runs_what_exists() -> None:
    lines = (DEPLOY / "Dockerfile").read_text("utf-8").splitlines()
    copied = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]

    assert {name for name in copied if not (HOME / name).exists()} == set()
    assert "USER fpnews" in lines
    assert lines[-1] == 'CMD ["schedule"]'


def test_the_compose_file_is_read_only_but_for_its_volume() -> None:
    services = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]

    assert services["news"]["read_only"] is True
    assert services["news"]["cap_drop"] == ["ALL"]
    assert all(
        (DEPLOY / volume.split(":")[0]).exists()
        for one in services.values()
        for volume in one["volumes"]
        # config/ is made by the operator.
        if volume[0] == "." and not volume.startswith("../config:")
    )


def test_the_container_sees_the_folder_of_the_list_and_not_a_file_that_an_editor_may_replace() -> None:
    services = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")

    assert "../config:/app/config" in services["news"]["volumes"]
    assert "AGGREGATOR_FEEDS=/app/config/feeds.yaml" in dockerfile


def test_the_web_service_serves_the_folder_that_the_shipped_file_names() -> None:
    services = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]

    assert "alias /srv/news/data/site/;" in (DEPLOY / "nginx.conf").read_text("utf-8")
    assert services["web"]["volumes"] == ["news:/srv/news/data:ro", "./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]


def test_units_name_what_exists() -> None:
    service = (DEPLOY / "facial-paralysis-news.service").read_text("utf-8")

    assert "ExecStart=/srv/news/.venv/bin/python /srv/news/run.py refresh" in service
    assert "AGGREGATOR_FEEDS=/srv/news/config/feeds.yaml" in service
    assert "Persistent=true" in (DEPLOY / "facial-paralysis-news.timer").read_text("utf-8")
    for unit in re.findall(r"OnFailure=(\S+?@)", service):
        assert (DEPLOY / f"{unit}.service").is_file()


@pytest.mark.slow
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    if which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    timer, console = "facial-paralysis-news.timer", "facial-paralysis-news-console.service"
    signup = "facial-paralysis-news-signup.service"
    for name in ("facial-paralysis-news.service", timer, "facial-paralysis-news-failed@.service", console, signup):
        text = (DEPLOY / name).read_text("utf-8")
        # The paths of a real installation are not on this machine.
        text = text.replace("/srv/news/.venv/bin/python /srv/news/run.py", "/bin/true")
        (tmp_path / name).write_text(text.replace("User=fpnews\nGroup=fpnews\n", ""), "utf-8")

    units = [str(tmp_path / name) for name in ("facial-paralysis-news.service", timer, console, signup)]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False, timeout=60)
    told = [line for line in done.stderr.splitlines() if "facial-paralysis" in line]

    assert told == []
