"""What visitors get, in a real browser: accessible, light, whole without scripts and styles, still, and only from us."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from shutil import which
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import NOW, Answer, FeedServer
from tests.publish.conftest import Served, serve, stories

pytest.importorskip("playwright", reason="needs the `browser` dependency group")

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KINDS = {
    "first": "index.html", "archive": "archive/index.html", "month": "archive/2026-11.html", "topic": "topics/parotid.html",
    "story": "archive/story-4.html", "corrected": "archive/story-5.html",
}  # fmt: skip
WIDTHS = (320, 768, 1280)
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "contrast": {"contrast": "more"},
    "forced": {"forced_colors": "active"},
    "print": {"media": "print"},
}
HOST = """<!doctype html><html lang="en"><head><title>An institute</title><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/news/static/news.css">
<style>html {{ font-size: 62.5% }} body {{ font: 1.6rem/1.4 serif; background: #fff; color: #111 }} a {{ color: #b00 }}
h2 {{ text-transform: uppercase }} :root {{ --fpn-accent: #5b2a86; --fpn-size: 1.7rem }}</style></head>
<body><main><h1>Our institute</h1>{news}</main></body></html>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, offline but for loopback."""
    chromium = which("chromium") or which("chromium-browser") or which("google-chrome")
    if chromium is None:
        pytest.skip("there is no Chromium here")
    quiet = "--disable-background-networking --disable-component-update --disable-sync --no-first-run --disable-quic"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", *quiet.split()])
        yield running
        running.close()


def opened(browser: Browser, url: str, *, width: int = 390, height: int = 800, at: Any = NOW, **options: Any) -> Page:
    """A page in a context of its own, in which it is the day on which the page was made."""
    context: BrowserContext = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    page.clock.set_fixed_time(at)
    page.goto(url)
    return page


# ---- accessible ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_page_has_a_fault_that_axe_knows(served: Served, browser: Browser, kind: str, look: str) -> None:
    page = opened(browser, served.url(KINDS[kind]), bypass_csp=True)
    page.emulate_media(**LOOKS[look])
    page.evaluate(AXE_SCRIPT)
    # Contrast of 7:1, and the rules that are good practice.
    options = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for details in page.locator("details").all()[:3]:
            details.evaluate("one => { one.open = true; }")
        found = page.evaluate(f"axe.run({json.dumps(options)})")
        faults = [(one["id"], [node["html"][:150] for node in one["nodes"][:3]]) for one in found["violations"]]
        assert faults == [], width
        assert len(found["passes"]) > 10
    page.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_has_to_be_scrolled_sideways_at_400_percent(served: Served, browser: Browser, kind: str) -> None:
    page = opened(browser, served.url(KINDS[kind]), width=320, height=256)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    page.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_be_touched_is_large_enough(served: Served, browser: Browser, kind: str) -> None:
    page = opened(browser, served.url(KINDS[kind]))
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    sizes = page.evaluate("""() => [...document.querySelectorAll("a, summary, input")].map(one => {
        const box = one.getBoundingClientRect();
        return [one.className || one.textContent.slice(0, 40), box.width, box.height,
                one.matches(".fpn-headline a, summary, .fpn-shelves a, .fpn-more a, .fpn-action a, .fpn-pages a, input")];
    })""")

    assert [one for one in sizes if one[2] < (44 if one[3] else 24) or one[1] < 24] == []
    page.context.close()


def test_lines_are_short_enough_for_tired_eyes(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url(), width=1280)
    longest = page.evaluate("""() => Math.max(...[...document.querySelectorAll(".fpn-summary")].slice(0, 8).map(one => {
        const range = document.createRange(), text = one.firstChild, lines = new Map();
        for (let i = 0; i < text.length; i++) {
            range.setStart(text, i); range.setEnd(text, i + 1);
            const top = Math.round(range.getBoundingClientRect().top);
            lines.set(top, (lines.get(top) || 0) + 1);
        }
        return Math.max(...lines.values());
    }))""")

    assert 45 <= longest <= 70
    page.context.close()


def test_the_page_can_be_toured_with_the_keyboard_alone(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url(), width=1280)
    stops = page.evaluate("document.querySelectorAll('a[href], summary').length")
    visited = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        visited.append(
            page.evaluate("""() => {
            const one = document.activeElement, look = getComputedStyle(one), box = one.getBoundingClientRect();
            const is_seen = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2 && box.bottom > 0 && box.top < innerHeight;
            return [[...document.querySelectorAll("a[href], summary")].indexOf(one), is_seen];
        }""")
        )
        if page.evaluate("document.activeElement.matches('summary')"):
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.parentElement.open")
            page.keyboard.press("Enter")
    # What lies within closed details is passed over.
    places = [place for place, _ in visited if place >= 0]
    assert places[: len(set(places))] == sorted(set(places))
    assert all(is_seen for place, is_seen in visited if place >= 0)
    assert len(set(places)) > 20
    page.context.close()


def test_headings_and_landmarks_make_sense_read_aloud(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url())
    told = page.locator("body").aria_snapshot()
    levels = [int(level) for level in re.findall(r"heading .*\[level=(\d)\]", told)]

    assert levels[:3] == [1, 2, 3]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert told.startswith("- main:")
    assert '- region "Facial Paralysis News"' in told
    assert '- region "Today, 24 November 2026"' in told
    page.context.close()


# ---- light, still, ours ----------------------------------------------------------------------------------------------


def test_the_first_view_fits_into_one_round_trip(served: Served) -> None:
    sent = sum(len(gzip.compress(served.files[name], 6)) for name in ("index.html", "static/news.css"))

    assert served.files["index.html"].count(b'<article class="fpn-story"') == 12
    assert sent <= 14 * 1024


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [320, 1280])
def test_a_page_asks_only_us_complains_of_nothing_and_keeps_still(
    served: Served, browser: Browser, kind: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.clock.set_fixed_time(NOW + timedelta(hours=3))
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(served.url(KINDS[kind]))
    moved = page.evaluate("""() => new Promise(done => {
        let sum = 0;
        new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; }).observe({type: "layout-shift", buffered: true});
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 100)));
    })""")

    assert {urlsplit(url).netloc for url in asked} == {urlsplit(served.url()).netloc}
    assert said == []
    assert moved == 0
    context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_whole_without_scripts_and_without_styles(served: Served, browser: Browser, kind: str) -> None:
    page = opened(browser, served.url(KINDS[kind]), java_script_enabled=False)
    told = page.locator("body").inner_text()
    links = page.locator("main a").count()
    assert not page.locator(".fpn-search form").count() or not page.locator(".fpn-search form").is_visible()
    page.context.close()

    page = browser.new_context(viewport={"width": 320, "height": 800}, java_script_enabled=False).new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(served.url(KINDS[kind]))
    bare = page.locator("body").inner_text()

    assert len(told) > 150
    assert " ".join(bare.split()).count("Article") == " ".join(told.split()).count("Article")
    assert page.locator("main a").count() == links
    page.context.close()


# ---- honest about time -----------------------------------------------------------------------------------------------


def test_a_page_that_nobody_refreshed_says_so(served: Served, browser: Browser) -> None:
    fresh = opened(browser, served.url(), at=NOW + timedelta(hours=2, minutes=5))
    assert "(2 hours ago)" in fresh.locator(".fpn-updated").inner_text()
    assert fresh.locator(".fpn-day-name").first.inner_text().strip() == "Today,"
    assert fresh.locator(".fpn-note").count() == 0
    fresh.context.close()

    old = opened(browser, served.url(), at=NOW + timedelta(days=3))
    assert old.locator(".fpn-note").inner_text() == (
        "This page has not been updated for 3 days. There may be newer news than it shows."
    )
    assert old.locator(".fpn-day-name").count() == 0
    assert "(3 days ago)" in old.locator(".fpn-updated").inner_text()
    old.context.close()


def test_a_page_that_stays_open_grows_old_under_the_reader_s_eyes(served: Served, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.clock.install(time=NOW)
    page.goto(served.url())
    page.clock.fast_forward(40 * 3600 * 1000)

    assert "not been updated for a day" in page.locator(".fpn-note").inner_text()
    page.context.close()


# ---- search ----------------------------------------------------------------------------------------------------------


def test_the_archive_can_be_searched(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url("archive/index.html"))
    box = page.get_by_role("searchbox", name="Search the archive")
    box.fill("paralisis DIAS")
    page.locator(".fpn-results li").first.wait_for()
    assert page.locator(".fpn-results a").all_inner_texts() == ["Parálisis facial: qué hacer en los primeros días"]
    assert page.locator(".fpn-results .fpn-headline").get_attribute("lang") == "es"
    assert page.get_by_role("status").inner_text() == "1 story."

    box.fill("bells palsy")
    expect(page.get_by_role("status")).to_have_text("12 stories.")
    assert "<script>alert(1)</script>" in page.locator(".fpn-results").inner_text()

    box.fill("paper 49")
    expect(page.locator(".fpn-results li")).to_have_count(1)

    box.fill("xyzzy")
    expect(page.get_by_role("status")).to_have_text("Nothing found.")
    box.fill("")
    expect(page.get_by_role("status")).to_have_text("")
    page.context.close()


def test_a_month_that_cannot_be_read_is_said(browser: Browser) -> None:
    server = FeedServer()
    try:
        site = serve(server, stories(8))
        server.answers["/news/archive/2026-11.json"] = Answer(status=500)
        page = opened(browser, site.url("archive/index.html"))
        page.get_by_role("searchbox").fill("smile")
        expect(page.get_by_role("status")).to_contain_text("cannot be reached")
        page.context.close()
    finally:
        server.close()


# ---- on somebody's homepage ------------------------------------------------------------------------------------------


@pytest.fixture
def host() -> Iterator[FeedServer]:
    """The institute's own server: another origin than the news."""
    server = FeedServer()
    yield server
    server.close()


def show(host: FeedServer, body: str) -> str:
    host.answers["/"] = Answer(HOST.format(news=body).encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    return host.url("/")


def element(served: Served, attributes: str = "") -> str:
    return (
        f'<script src="{served.url("embed.js")}" defer></script>'
        f'<facial-paralysis-news {attributes}><a href="{served.url()}">Facial paralysis news</a></facial-paralysis-news>'
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_server_s_include_looks_like_a_part_of_the_page(
    served: Served, browser: Browser, host: FeedServer, scheme: str
) -> None:
    host.answers["/news/static/news.css"] = Answer(served.files["static/news.css"], headers={"Content-Type": "text/css"})
    page = opened(browser, show(host, served.files["section.html"].decode()), bypass_csp=True, color_scheme=scheme)

    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run({rules: {'color-contrast-enhanced': {enabled: true}}})")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    look = page.locator(".fpn-headline a").first.evaluate(
        "one => [getComputedStyle(one).color, getComputedStyle(one).fontSize]"
    )
    assert look[0] == "rgb(91, 42, 134)"
    assert 18 <= float(look[1].removesuffix("px")) <= 20
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.context.close()


def test_the_element_shows_the_news_in_a_page_of_another_origin(served: Served, browser: Browser, host: FeedServer) -> None:
    page = opened(browser, show(host, element(served)))
    page.locator("facial-paralysis-news .fpn-story").first.wait_for()

    assert page.locator("facial-paralysis-news .fpn-story").count() == 12
    assert page.get_by_role("link", name="Smile", exact=True).is_visible()
    assert page.locator(".fpn-headline a").first.evaluate("one => getComputedStyle(one).color") == "rgb(91, 42, 134)"
    assert page.locator(".fpn-date").first.evaluate("one => getComputedStyle(one).textTransform") == "none"
    assert not page.get_by_role("link", name="Facial paralysis news", exact=True).is_visible()
    page.context.close()


def test_the_element_is_dark_only_where_it_may(served: Served, browser: Browser, host: FeedServer) -> None:
    words = {}
    for attributes in ("", 'scheme="auto"'):
        page = opened(browser, show(host, element(served, attributes)), color_scheme="dark")
        words[attributes] = page.locator(".fpn-summary").first.evaluate("one => getComputedStyle(one).color")
        page.context.close()

    assert words == {"": "rgb(34, 40, 43)", 'scheme="auto"': "rgb(228, 225, 218)"}


@pytest.mark.parametrize("missing", ["embed.js", "section.html", "static/news.css"])
def test_the_element_is_never_an_empty_box(browser: Browser, host: FeedServer, missing: str) -> None:
    server = FeedServer()
    try:
        site = serve(server, stories(3))
        del server.answers[f"/news/{missing}"]
        page = opened(browser, show(host, element(site)))
        page.wait_for_load_state("networkidle")
        assert page.get_by_role("link", name="Facial paralysis news").is_visible()
        page.context.close()
    finally:
        server.close()


def test_the_element_is_a_plain_link_without_scripts(served: Served, browser: Browser, host: FeedServer) -> None:
    page = opened(browser, show(host, element(served)), java_script_enabled=False)

    assert page.get_by_role("link", name="Facial paralysis news").is_visible()
    page.context.close()


def test_on_paper_every_link_is_its_address(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url())
    page.emulate_media(media="print")
    after = page.locator(".fpn-headline a").first.evaluate("one => getComputedStyle(one, '::after').content")

    assert "https://example.com/1" in after
    assert page.pdf()[:4] == b"%PDF"
    page.context.close()
