"""Each kind of page by Lighthouse 12 (npm, named by LIGHTHOUSE): at least 99 in every category."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from threading import Thread

import pytest

from tests.publish.full_store import full_site

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# Pages that search engines are asked to leave out: their words are other publishers'.
_LEFT_OUT = ("archive/2026-11.html", "archive/index.html")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    site = full_site(tmp_path_factory.mktemp("full") / "data")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("page", ["", "topics/bells-palsy.html", "labels.html", *_LEFT_OUT])
def test_lighthouse_finds_next_to_nothing(address: str, page: str, tmp_path: Path) -> None:
    program, chromium = os.environ.get("LIGHTHOUSE", ""), which("chromium")
    if not Path(program).exists() or chromium is None:
        pytest.skip("LIGHTHOUSE does not name the program (npm package lighthouse), or there is no Chromium here")
    report = tmp_path / "report.json"
    flags = (
        "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    )

    subprocess.run(
        [program, address + page, "--quiet", f"--chrome-flags={flags}", "--output=json", f"--output-path={report}"],
        env=os.environ | {"CHROME_PATH": chromium}, check=True, capture_output=True, timeout=240,
    )  # fmt: skip

    found = json.loads(report.read_text("utf-8"))
    scores = {name: round(100 * category["score"]) for name, category in found["categories"].items()}
    if page in _LEFT_OUT:
        assert found["audits"]["is-crawlable"]["score"] == 0
        del scores["seo"]
    assert {name: score for name, score in scores.items() if score < 99} == {}
    assert len(scores) >= 3
