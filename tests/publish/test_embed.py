"""<facial-paralysis-news> on a page that is read before the news is there: nothing moves, and the page's column is used."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from tests.conftest import HOME, NOW, Answer, FeedServer
from tests.publish.conftest import Served

pytest.importorskip("playwright", reason="needs the `browser` dependency group")

from playwright.sync_api import Browser

from tests.publish import test_browser

browser, host, element = test_browser.browser, test_browser.host, test_browser.element
pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = """<!doctype html><html lang="en"><head><title>An institute</title><meta name="viewport" content="width=device-width">
<style>main {{ max-width: 650px; margin: auto }} {rules}</style></head>
<body><main><h1>Our institute</h1><p>What we do.</p>{news}<h2>How to find us</h2><p>{text}</p></main></body></html>"""
# Counts until the news is there and was painted.
SHIFT = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; }).observe({type: "layout-shift", buffered: true});
    setTimeout(() => done(sum), 1500);
})"""


def documented() -> str:
    """The rule that docs/homepage.md gives to the page's own style sheet."""
    found = re.search(
        r"^```css\n(.*facial-paralysis-news.*?)^```", (HOME / "docs/homepage.md").read_text(), re.MULTILINE | re.DOTALL
    )
    return found[1] if found else ""


def late(answer: Answer) -> Callable[[BaseHTTPRequestHandler], None]:
    """The same answer .6 s later."""

    def call(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.6)
        handler.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)

    return call


def show(host: FeedServer, news: str, rules: str = "") -> str:
    page = PAGE.format(news=news, rules=rules, text="Come by train. " * 100)
    host.answers["/"] = Answer(page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    return host.url("/")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("slow", [("section.html",), ("embed.js", "section.html", "static/news.css")])
def test_nothing_moves_when_the_news_comes_late(
    served: Served,
    browser: Browser,
    host: FeedServer,
    slow: tuple[str, ...],
    width: int,
) -> None:
    before = dict(served.server.answers)
    for name in slow:
        answer = before[f"/news/{name}"]
        assert isinstance(answer, Answer)
        served.server.answers[f"/news/{name}"] = late(answer)
    try:
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.clock.set_fixed_time(NOW)
        page.goto(show(host, element(served), documented()), wait_until="commit")
        page.locator("h1").wait_for()
        moved = page.evaluate(SHIFT)
        assert page.locator("facial-paralysis-news .fpn-story").count() == 12
        page.close()
    finally:
        served.server.answers.update(before)

    assert moved < 0.02


def test_no_room_is_kept_for_news_that_does_not_come(served: Served, browser: Browser, host: FeedServer) -> None:
    missing = served.server.answers.pop("/news/section.html")
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        with page.expect_console_message(lambda message: message.text.startswith("facial-paralysis-news")):
            page.goto(show(host, element(served), documented()))
        height = page.locator("facial-paralysis-news").evaluate("one => one.getBoundingClientRect().height")
        assert page.get_by_role("link", name="Facial paralysis news").is_visible()
        page.close()
    finally:
        served.server.answers["/news/section.html"] = missing

    assert 0 < height < 60


def test_no_room_is_kept_without_scripts(served: Served, browser: Browser, host: FeedServer) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    page.goto(show(host, element(served), documented()))
    box = page.locator("facial-paralysis-news").bounding_box()
    page.close()

    assert box is not None
    assert 0 < box["height"] < 60


@pytest.mark.parametrize("width", [360, 1280])
def test_the_news_is_as_wide_as_its_column_and_its_lines_are_not_longer_than_elsewhere(
    served: Served,
    browser: Browser,
    host: FeedServer,
    width: int,
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for rules, expected in (
        ("", None),
        (":root { --fpn-width: 300px }", 300),
        ("main { max-width: none !important }", None),
    ):
        page.goto(show(host, element(served), rules))
        page.locator("facial-paralysis-news .fpn-story").first.wait_for()
        news, column = page.evaluate("['.fpn', 'main'].map(one => (document.querySelector(one) || "
                                     "document.querySelector('facial-paralysis-news').shadowRoot.querySelector(one)).clientWidth)")  # fmt: skip
        line = page.locator(".fpn-summary").first.evaluate(
            "one => one.clientWidth / parseFloat(getComputedStyle(one).fontSize)"
        )
        assert news == min(expected or column, column)
        assert line <= 41
    page.close()
