"""Letters and the archive of issues in a real browser: as axe sees them, at the widths of a phone and of a mail window, light
and dark, and as valid HTML."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

pytest.importorskip(
    "playwright", reason="the browser group is not installed: uv run --group browser --group newsletter pytest"
)
pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, sync_playwright

from aggregator.values.subscribers import Wishes
from tests.newsletter.offices import Office
from tests.newsletter.test_letter import letter

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OPTIONS = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": False}}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield running
        running.close()


@pytest.fixture
def pages(office: Office, tmp_path: Path) -> list[Path]:
    """Letters as files, and the archive's pages."""
    found = []
    for name, wishes in {"plain": Wishes(), "large": Wishes(large_type=True), "spanish": Wishes(language="es")}.items():
        found.append(tmp_path / f"{name}.html")
        found[-1].write_text(letter(wishes=wishes).html, "utf-8")
    office.draft()
    office.approve()
    return [*found, *sorted((office.data / "site" / "newsletter").glob("*.html"))]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 600])
def test_no_page_has_a_fault_that_axe_knows(
    pages: list[Path], browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page, found, asked = context.new_page(), {}, list[str]()
    page.on("request", lambda request: asked.append(request.url))
    for path in pages:
        page.goto(path.resolve().as_uri())
        page.evaluate(AXE_SCRIPT)
        faults = page.evaluate(f"axe.run(document, {json.dumps(OPTIONS)})")["violations"]
        told = [(one["id"], [node["html"][:100] for node in one["nodes"][:2]]) for one in faults]
        # A mail has no landmarks: mail programs put it into a page of their own.
        told = [one for one in told if path.parent.name == "newsletter" or one[0] not in ("region", "landmark-one-main")]
        if page.evaluate("document.scrollingElement.scrollWidth") > width:
            told.append(("scrolls sideways", []))
        if told:
            found[path.name] = told
    context.close()

    assert found == {}
    assert [url for url in asked if not url.startswith("file:")] == []


def test_the_w3c_s_checker_finds_nothing(pages: list[Path]) -> None:
    checker = os.environ.get("VNU_JAR", "")
    if not Path(checker).is_file():
        pytest.skip("the W3C's checker is not here (VNU_JAR)")

    done = subprocess.run(
        ["java", "-jar", checker, "--errors-only", "--stdout", *map(str, pages)], capture_output=True, check=False, text=True
    )

    assert done.stdout == ""
