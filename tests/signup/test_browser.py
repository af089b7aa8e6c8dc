"""Sign-up in a real browser: as axe sees it, without script, on a phone, and as valid HTML."""

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
pytest.importorskip("starlette", reason="sign-up needs its dependency group: uv run --group newsletter pytest")

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from aggregator.render.words import LANGUAGES
from tests.signup.doors import Door

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield running
        running.close()


def pages(door: Door) -> list[str]:
    """Addresses of every kind of page."""
    door.subscribe("waiting@example.org")
    code = door.link(door.letters()[0])
    return ["/subscribe", "/asked", code, "/wishes/x", "/leave/x", "/confirm/nobodys"]


def faults(page: Page, width: int) -> list[object]:
    options = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")["violations"]
    told: list[object] = [(one["id"], [node["html"][:120] for node in one["nodes"][:2]]) for one in found]
    return told + (["scrolls sideways"] if page.evaluate("document.scrollingElement.scrollWidth") > width else [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_has_a_fault_that_axe_knows(
    door: Door, browser: Browser, scheme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page, found = context.new_page(), {}
    for path in pages(door):
        for language in LANGUAGES:
            page.goto(f"{door.bound.url.rstrip('/')}{path}{'&' if '?' in path else '?'}lang={language}")
            if told := faults(page, width):
                found[path, language] = told
    context.close()

    assert found == {}


def test_somebody_subscribes_without_a_script_by_keyboard(door: Door, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{door.bound.url}subscribe")
    page.keyboard.press("Tab")
    page.keyboard.type("jane@example.org")
    page.keyboard.press("Enter")
    # A form that is sent within two seconds is shown once more, with what was typed.
    assert page.locator("h1").inner_text() == "Please send the form once more"
    assert page.locator("#address").input_value() == "jane@example.org"
    assert door.counts()["pending"] == 0
    page.wait_for_timeout(2100)
    page.locator("#address").press("Enter")
    assert page.locator("h1").inner_text() == "Check your inbox"
    assert door.counts()["pending"] == 1
    context.close()


def test_every_page_is_valid(door: Door, tmp_path: Path) -> None:
    jar = os.environ.get("VNU_JAR", "")
    if not Path(jar).is_file():
        pytest.skip("VNU_JAR does not name the HTML checker (npm package vnu-jar)")
    for number, path in enumerate(pages(door)):
        for language in LANGUAGES:
            text = door.client.get(f"{path}?lang={language}").text
            (tmp_path / f"{number}-{language}.html").write_text(text, "utf-8")

    command = ["java", "-jar", jar, "--format", "json", *map(str, sorted(tmp_path.glob("*.html")))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = [one for one in json.loads(done.stderr)["messages"] if one["type"] == "error"]

    assert [(one["url"], one["message"]) for one in found] == []
