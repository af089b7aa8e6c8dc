"""The console in a real browser: by keyboard alone, without script, on a phone, as axe sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("playwright", reason="the browser group is not installed: uv run --group browser --group console pytest")

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.console.people import Console, entries_on

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = (
    "/", "/feeds", "/rules?of=never&phrase=smile", "/rules/history", "/stories", "/find?q=palsy", "/log", "/preview", "/month",
    "/help", "/account", "/entries/1", "/entries/1/merge?with=palsy", "/nothing",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield running
        running.close()


def signed_in(console: Console, browser: Browser, **options: Any) -> tuple[BrowserContext, Page]:
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(f"{console.url}/demo/{console.bound.desk.demo_secret}")
    return context, page


def let_wait(console: Console, number: int) -> None:
    """Let so many admitted entries wait for staff."""
    console.write(
        "UPDATE entry SET standing = 'waiting' WHERE id IN (SELECT id FROM entry WHERE admitted ORDER BY id LIMIT ?)", number
    )


def waiting(console: Console) -> int:
    ((number,),) = console.rows("SELECT count(*) FROM entry WHERE admitted AND standing = 'waiting'")
    assert isinstance(number, int)
    return number


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_morning_by_keyboard_alone(console: Console, browser: Browser, has_script: bool) -> None:
    """Thirty entries that wait are accepted and rejected in turn, without a mouse."""
    let_wait(console, 30)
    context, page = signed_in(console, browser, java_script_enabled=has_script)
    began, number = time.monotonic(), 0
    while waiting(console) and number < 40:
        number += 1
        if has_script:
            page.locator("[data-row]").first.focus()
            page.keyboard.press("a" if number % 2 else "r")
        else:
            word = "Accept" if number % 2 else "Reject"
            page.locator("#waiting ~ [data-row] button", has_text=word).first.focus()
            page.keyboard.press("Enter")
        expect(page.locator(".did")).to_be_visible()
        page.locator(f".did:has-text('{'Accepted' if number % 2 else 'Rejected'}')").wait_for()
    seconds = time.monotonic() - began

    assert waiting(console) == 0
    print(f"{number} decisions in {seconds:.1f} s")  # noqa: T201 - a figure for whoever runs it
    context.close()


def test_keys_move_open_hide_and_undo(console: Console, browser: Browser) -> None:
    context, page = signed_in(console, browser)
    shown = entries_on(page.content())
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f"#e{shown[1]}")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator(f"#e{shown[0]} details")).to_have_attribute("open", "")
    page.keyboard.press("h")
    expect(page.locator(f"#e{shown[0]}")).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('[data-row]')")
    page.keyboard.press("u")
    expect(page.locator(f"#e{shown[0]}")).to_have_count(1)
    page.keyboard.press("?")
    page.wait_for_url("**/help#keys")
    context.close()


def test_single_keys_can_be_switched_off(console: Console, browser: Browser) -> None:
    context, page = signed_in(console, browser)
    page.goto(f"{console.url}/account")
    page.get_by_role("button", name="Switch them off").click()
    page.goto(console.url)
    page.locator("[data-row]").first.focus()
    page.keyboard.press("h")
    page.keyboard.press("j")

    assert console.rows("SELECT * FROM act") == []
    context.close()


def test_typing_a_phrase_shows_what_it_would_change(console: Console, browser: Browser) -> None:
    context, page = signed_in(console, browser)
    page.goto(f"{console.url}/rules")
    page.locator("#of").select_option("never")
    page.locator("#phrase").press_sequentially("smile")
    expect(page.locator("#preview")).to_contain_text("remove 2")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_page_has_a_fault_that_axe_knows(console: Console, browser: Browser, scheme: str, width: int) -> None:
    let_wait(console, 2)
    options = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
    size = {"width": width, "height": 800}
    context, page = signed_in(console, browser, color_scheme=scheme, viewport=size, bypass_csp=True)
    found = []
    for path in (*PAGES, "/sign-in"):
        if path == "/sign-in":
            context.clear_cookies()
        page.goto(console.url + path)
        for details in page.locator("details").all()[:3]:
            details.evaluate("one => { one.open = true; }")
        page.evaluate(AXE_SCRIPT)
        faults = page.evaluate(f"axe.run(document, {json.dumps(options)})")["violations"]
        found += [(path, one["id"], [node["html"][:120] for node in one["nodes"][:2]]) for one in faults]
        if page.evaluate("document.scrollingElement.scrollWidth") > width:
            found.append((path, "scrolls sideways", []))
    context.close()

    assert found == []


def test_buttons_are_large_and_nothing_comes_from_elsewhere(console: Console, browser: Browser) -> None:
    let_wait(console, 2)
    context, page = signed_in(console, browser, viewport={"width": 360, "height": 740})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    small = []
    for path in PAGES:
        page.goto(console.url + path)
        small += page.evaluate(
            "() => [...document.querySelectorAll('button, .button, summary, nav a')].filter(one => one.getClientRects().length)"
            ".filter(one => one.getBoundingClientRect().height < 48).map(one => one.textContent.trim().slice(0, 40))"
        )
    context.close()

    assert small == []
    assert [url for url in asked if not url.startswith((console.url, "data:"))] == []


def test_pages_and_script_are_small(console: Console) -> None:
    import gzip  # noqa: PLC0415

    anna = console.person()
    assert len(anna.get("/console.js").content) <= 6000
    for path in PAGES[:-1]:
        assert len(gzip.compress(anna.at(path).encode())) <= 30_000, path
