"""What visitors get, in a real browser: accessible, light, whole without scripts and styles, still, and only from us."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import cycle, pairwise
from shutil import which
from typing import Any
from urllib.parse import urlsplit

import pytest

from aggregator.render.words import LANGUAGES
from tests.conftest import NOW, Answer, FeedServer
from tests.publish.conftest import KINDS as CONTENT_TYPES
from tests.publish.conftest import Served, serve, stories
from tests.publish.full_store import full_site

pytest.importorskip("playwright", reason="needs the `browser` dependency group")

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KINDS = {
    "first": "index.html", "archive": "archive/index.html", "month": "archive/2026-11.html", "topic": "topics/parotid.html",
    "story": "archive/story-4.html", "corrected": "archive/story-5.html", "retracted": "archive/story-25.html",
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
    options = {"rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": look != "print"}}}
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
    sizes = page.evaluate("""() => [...document.querySelectorAll("a, summary, input")].filter(one => one.getClientRects().length).map(one => {
        const box = (one.closest("label") || one).getBoundingClientRect();
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

    # The page, its lead, the first day and its first story.
    assert levels[:4] == [1, 2, 2, 3]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert told.startswith('- link "Skip to the news"')
    assert "- main:" in told
    assert '- navigation "Topics"' in told
    assert '- complementary "To look up"' in told
    assert '- region "Facial Paralysis News"' in told
    assert '- region "Today, 24 November 2026"' in told
    page.context.close()


# ---- what is seen first -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """The address of a page of a full site in a language."""
    servers: dict[str, FeedServer] = {}

    def url(path: str, language: str = "en") -> str:
        if language not in servers:
            # In a thread: this one has an event loop already, which drives the browser.
            with ThreadPoolExecutor(1) as thread:
                site = thread.submit(full_site, tmp_path_factory.mktemp(language), language).result()
            server = FeedServer()
            for file in site.rglob("*.*"):
                answer = Answer(file.read_bytes(), headers={"Content-Type": CONTENT_TYPES[file.suffix[1:]]})
                server.answers[f"/{file.relative_to(site)}"] = answer
            servers[language] = server
        return servers[language].url(f"/{path}")

    yield url
    for server in servers.values():
        server.close()


# How many headlines of the lead and the list are wholly within the window.
SEEN = """() => [...document.querySelectorAll(".fpn-list .fpn-headline")].filter(one => {
    const box = one.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
}).length"""


@pytest.mark.parametrize(("width", "height", "least"), [(1280, 800, 7), (360, 740, 3), (1600, 900, 7)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_screen_shows_many_headlines(
    full: Callable[..., str], browser: Browser, language: str, width: int, height: int, least: int
) -> None:
    page = opened(browser, full("index.html", language), width=width, height=height)

    assert page.evaluate(SEEN) >= least
    page.context.close()


def test_the_second_story_is_few_stops_away(full: Callable[..., str], browser: Browser) -> None:
    page = opened(browser, full("index.html"), width=1280)
    stops = 0
    while not page.evaluate("document.activeElement.closest('.fpn-day .fpn-headline') !== null"):
        page.keyboard.press("Tab")
        stops += 1
        assert stops <= 20
    page.context.close()


def test_the_way_past_the_head_is_the_first_stop(full: Callable[..., str], browser: Browser) -> None:
    page = opened(browser, full("index.html"))
    page.keyboard.press("Tab")
    skip = page.locator(".fpn-skip")

    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#fpn-news"
    page.context.close()


def test_kinds_are_chosen_without_script(full: Callable[..., str], browser: Browser) -> None:
    page = opened(browser, full("archive/2026-11.html"), width=1280, java_script_enabled=False)
    stories = page.locator(".fpn-list .fpn-story")
    every = stories.count()
    page.get_by_label("People and videos").check()
    shown = [one for one in stories.all() if one.is_visible()]

    assert 0 < len(shown) < every
    assert {one.get_attribute("data-group") for one in shown} == {"people"}
    # No day stands there without a story.
    assert all(day.locator(".fpn-story:visible").count() for day in page.locator(".fpn-day:visible").all())
    page.context.close()


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1600])
@pytest.mark.parametrize(
    "path", ["index.html", "labels.html", "archive/index.html", "archive/2026-W47.html", "topics/synkinesis.html"]
)
def test_a_full_site_is_in_order_at_every_width(full: Callable[..., str], browser: Browser, path: str, width: int) -> None:
    """In each language, light and dark: as axe sees it, with a contrast of 7:1, and nothing to scroll sideways."""
    for language, scheme in zip(LANGUAGES, cycle(("light", "dark"))):
        page = opened(browser, full(path, language), width=width, bypass_csp=True, color_scheme=scheme)
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate(
            'axe.run({"rules": {"color-contrast-enhanced": {"enabled": true}, "target-size": {"enabled": true}}})'
        )
        faults = [(one["id"], [node["html"][:150] for node in one["nodes"][:3]]) for one in found["violations"]]

        assert faults == [], (language, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert page.evaluate("document.documentElement.lang") == language
        page.context.close()


# ---- light, still, ours ----------------------------------------------------------------------------------------------


def test_the_first_view_fits_into_one_round_trip(served: Served) -> None:
    sent = sum(len(gzip.compress(served.files[name], 6)) for name in ("index.html", "static/news.css"))

    assert served.files["index.html"].count(b'<article class="fpn-story') == 12
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
    assert "Today," in [name.strip() for name in fresh.locator(".fpn-day-name").all_inner_texts()]
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
    assert page.locator(".fpn-results a").all_inner_texts() == [
        "Parálisis facial: qué hacer en los primeros días in Spanish"
    ]
    assert page.locator(".fpn-results .fpn-headline bdi").get_attribute("lang") == "es"
    assert page.get_by_role("status").inner_text() == "1 story."

    box.fill("bells palsy")
    expect(page.get_by_role("status")).to_have_text("12 stories.")
    assert "<script>alert(1)</script>" in page.locator(".fpn-results").inner_text()

    box.fill("paper 49")
    expect(page.locator(".fpn-results li")).to_have_count(1)
    assert "Journal 4, Paper 0, Paper 1 and 48 more" in page.locator(".fpn-results .fpn-meta").first.inner_text()

    box.fill("retracted versuch")
    notice = page.locator(".fpn-results .fpn-notice a")
    expect(notice).to_have_text("This study was retracted on 20 November 2026.")
    assert "Randomised trial" in page.locator(".fpn-results .fpn-meta").inner_text()
    assert page.evaluate("document.querySelector('.fpn-notice a').href") == served.url("archive/story-25.html")

    box.fill("xyzzy")
    expect(page.get_by_role("status")).to_have_text("Nothing found.")
    box.fill("")
    expect(page.get_by_role("status")).to_have_text("")
    page.context.close()


def test_a_month_that_cannot_be_read_is_said(browser: Browser) -> None:
    server = FeedServer()
    try:
        site = serve(server, stories(8)[:8])
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


STRICT = "default-src 'none'; script-src 'self'; style-src 'self'"


def included(served: Served, host: FeedServer, script: str = "") -> str:
    """A page of the institute's that includes the section and allows no inline script or style."""
    for name, kind in (("news.css", "text/css"), ("freshness.js", "text/javascript")):
        host.answers[f"/news/static/{name}"] = Answer(served.files[f"static/{name}"], headers={"Content-Type": kind})
    head = f'<title>An institute</title><link rel="stylesheet" href="/news/static/news.css">{script}'
    page = f'<!doctype html><html lang="en"><head>{head}</head><body>{served.files["section.html"].decode()}</body></html>'
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": STRICT}
    host.answers["/"] = Answer(page.encode(), headers=headers)
    return host.url("/")


SCRIPT = '<script src="/news/static/freshness.js" defer></script>'


@pytest.mark.parametrize("script", ["", SCRIPT])
@pytest.mark.parametrize("is_allowed", [True, False])
def test_an_included_section_names_its_days_by_their_dates_however_old_it_is(
    served: Served, browser: Browser, host: FeedServer, script: str, is_allowed: bool
) -> None:
    page = opened(browser, included(served, host, script), at=NOW + timedelta(days=4), java_script_enabled=is_allowed)
    told = page.locator(".fpn").inner_text()

    assert page.locator(".fpn-date").first.inner_text().strip() == "Tuesday, 24 November 2026"
    assert "Updated 24 November 2026, 9:00 am PST" in told
    assert not re.search(r"\b(today|yesterday)\b", told, re.I)
    page.context.close()


def test_its_script_says_how_old_an_included_section_is_under_a_strict_policy(
    served: Served, browser: Browser, host: FeedServer
) -> None:
    said: list[str] = []
    page = browser.new_context().new_page()
    page.on("console", lambda message: said.append(message.text))
    page.clock.set_fixed_time(NOW + timedelta(hours=2, minutes=5))
    page.goto(included(served, host, SCRIPT))
    assert "(2 hours ago)" in page.locator(".fpn-updated").inner_text()
    assert page.locator(".fpn-note").count() == 0

    page.clock.set_fixed_time(NOW + timedelta(days=4))
    page.reload()
    assert "(4 days ago)" in page.locator(".fpn-updated").inner_text()
    assert page.locator(".fpn-note").inner_text() == (
        "This page has not been updated for 4 days. There may be newer news than it shows."
    )
    assert said == []
    page.context.close()


# What themes and page builders say of elements. None of it is meant for the news.
LOUD = """h1, h2, h3, h4 { font: italic 300 40px/2 cursive; color: red; text-transform: uppercase; letter-spacing: 4px;
 text-align: center; background: yellow; padding: 9px; border: 3px solid lime; text-shadow: 1px 1px red }
section, article, header, footer { background: yellow; padding: 30px; margin: 30px; border: 2px solid red; color: red;
 border-radius: 9px; box-shadow: 0 0 9px red; text-align: center }
p, li, time, bdi, details, summary { font: italic 700 30px/3 cursive; color: red; text-transform: uppercase; background: yellow; padding: 9px }
ul { background: yellow; border: 2px solid red } li { margin: 20px; border: 2px solid red }
a { font-weight: 900; font-style: italic; color: red; border-bottom: 4px dotted red; background: yellow; text-transform: uppercase }"""
LOOK_OF_ALL = """() => [...document.querySelectorAll('.fpn, .fpn *')].map(one => {
  const style = getComputedStyle(one);
  const names = ['color', 'background-color', 'font-family', 'font-size', 'font-style', 'font-weight', 'line-height', 'letter-spacing',
    'text-transform', 'text-align', 'text-shadow', 'padding', 'margin', 'border-top', 'border-bottom', 'border-radius', 'box-shadow'];
  return [one.tagName + '.' + one.className, ...names.map(name => name + ': ' + style.getPropertyValue(name))];
})"""


def test_a_page_s_rules_for_elements_do_not_reach_an_included_section(
    served: Served, browser: Browser, host: FeedServer
) -> None:
    host.answers["/news/static/news.css"] = Answer(served.files["static/news.css"], headers={"Content-Type": "text/css"})
    looks = []
    for rules in ("", LOUD):
        body = f"<style>{rules}</style>{served.files['section.html'].decode()}"
        page = opened(browser, show(host, body), width=1280)
        looks.append(page.evaluate(LOOK_OF_ALL))
        page.context.close()

    changed = {
        f"{was[0]} {new}" for was, now in zip(*looks, strict=True) for old, new in zip(was, now, strict=True) if old != new
    }
    assert sorted(changed) == []


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


def test_a_full_week_is_printed_on_two_sheets(full: Callable[..., str], browser: Browser) -> None:
    page = opened(browser, full("archive/2026-W47.html"))
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", margin={"top": "12mm", "bottom": "12mm"}))

    assert page.locator(".fpn-story").count() >= 15
    assert len(sheets) <= 2
    page.context.close()


def test_on_paper_every_link_is_its_address(served: Served, browser: Browser) -> None:
    page = opened(browser, served.url())
    page.emulate_media(media="print")
    first = page.locator(".fpn-headline a").first
    after = first.evaluate("one => getComputedStyle(one, '::after').content")

    assert f"({first.get_attribute('href')})" in after
    assert page.pdf()[:4] == b"%PDF"
    page.context.close()
