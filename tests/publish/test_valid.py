"""Every kind of page is valid HTML, by the W3C's own checker (vnu.jar, named by VNU_JAR)."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.publish.conftest import Served

pytestmark = pytest.mark.slow


def test_every_page_is_valid(served: Served, tmp_path: Path) -> None:
    jar = os.environ.get("VNU_JAR", "")
    if not Path(jar).is_file():
        pytest.skip("VNU_JAR does not name the HTML checker (npm package vnu-jar)")
    for name, content in served.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # A fragment is checked inside a page that includes it.
    host = b"<!doctype html><html lang='en'><head><title>Host</title></head><body><h1>Host</h1>%s</body></html>"
    for section in sorted(tmp_path.rglob("section.html")):
        section.write_bytes(host % section.read_bytes())

    command = ["java", "-jar", jar, "--format", "json", "--skip-non-html", *map(str, sorted(tmp_path.rglob("*.html")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = [one for one in json.loads(done.stderr)["messages"] if one["type"] == "error"]

    assert [(one["url"], one["message"]) for one in found] == []
