"""One line for each feed and each run, with every secret masked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.monitoring.log import log, set_up
from tests.conftest import HOME, Answer, FeedServer, item, rss


def test_a_refresh_logs_a_line_for_each_feed_and_one_for_the_run(server: FeedServer, tmp_path: Path) -> None:
    server.answers["/feed.xml?token=verysecret"] = Answer(rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    addresses = {"Good": server.url("/feed.xml?token=verysecret"), "Bad": server.url("/gone.xml")}
    lines = "".join(f"  - name: {name}\n    url: {url}\n" for name, url in addresses.items())
    (tmp_path / "feeds.yaml").write_text(f"feeds:\n{lines}", "utf-8")
    environment = os.environ | {
        "AGGREGATOR_ALLOW_HOSTS": f"127.0.0.1:{server.port}",
        "AGGREGATOR_LOG": str(tmp_path / "log"),
    }
    command: list[str | Path] = [
        sys.executable,
        HOME / "run.py",
        "--feeds",
        tmp_path / "feeds.yaml",
        "--data",
        tmp_path / "data",
        "refresh",
    ]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    text = (tmp_path / "log").read_text("utf-8")
    logged = [json.loads(line) for line in text.splitlines()]
    assert done.stderr == ""
    assert "verysecret" not in text
    assert [line["event"] for line in logged] == ["feed", "feed", "run"]
    by_name = {line["feed"]: line for line in logged[:2]}
    assert (by_name["Good"]["outcome"], by_name["Good"]["new"]) == ("parsed", 1)
    assert "404" in by_name["Bad"]["reason"]
    assert logged[2]["outcome"] == "fresh"


@pytest.mark.parametrize(
    "secret",
    ["https://user:hunter2@example.org/", "https://example.org/?api_key=hunter2", "https://pubmed.ncbi.nlm.nih.gov/rss/search/hunter2hunter2/",
     "it answers 404 at https://user:hunter2@example.org/x"],
)  # fmt: skip
def test_secrets_are_masked_wherever_they_stand(secret: str, tmp_path: Path) -> None:
    set_up(str(tmp_path / "log"))
    try:
        log().info("something", about=secret)
    finally:
        set_up("")

    assert "hunter2" not in (tmp_path / "log").read_text("utf-8")
