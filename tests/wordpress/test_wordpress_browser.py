"""The plugin in a real WordPress and a real browser: still, ours alone, honest about time, and usable for authors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.conftest import NOW, Answer, FeedServer
from tests.publish.conftest import Served
from tests.wordpress.servers import WordPress

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.wordpress]

THEMES = ("twentytwentyone", "twentytwentytwo", "twentytwentythree")
TEXTS = {
    "block": '<!-- wp:facial-paralysis-news/section {"stories":5} /-->',
    "shortcode": '[facial_paralysis_news topic="bells-palsy" stories="5"]',
}
# What of the section has moved. A theme's own heading may: its font is exchanged when it has arrived, also without the section.
SHIFTS = """() => new Promise(done => {
    const moved = [];
    const look = list => { for (const shift of list.getEntries()) for (const {node} of shift.sources) {
        const element = node && (node.closest ? node : node.parentElement);
        if (!element || element.closest(".fpn")) moved.push([shift.value, element && element.outerHTML.slice(0, 200)]);
    } };
    new PerformanceObserver(look).observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(moved), 300)));
})"""


@pytest.fixture
def news(wordpress: WordPress, served: Served) -> Served:
    """The site that has everything, which the plugin reads."""
    wordpress.may_ask(served.server.port)
    wordpress.configure(address=served.url(), source="address", age=True)
    return served


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", TEXTS)
def test_in_every_theme_nothing_moves_and_nobody_else_is_asked(
    wordpress: WordPress, news: Served, browser: Any, kind: str, theme: str
) -> None:
    wordpress.run(f"switch_theme( '{theme}' ); return 1;")
    place = wordpress.write(TEXTS[kind])
    for width in (1280, 360):
        context = browser.new_context(viewport={"width": width, "height": 800})
        page = context.new_page()
        page.clock.set_fixed_time(NOW + timedelta(days=4))
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, said=said: said.append(f"{message.text} {message.location}"))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(wordpress.url(place))
        moved = page.evaluate(SHIFTS)

        assert moved == [], width
        assert page.locator(".fpn-story").count() == 5
        assert page.locator(".fpn").evaluate("one => one.clientWidth === one.parentElement.clientWidth")
        assert page.locator(".fpn-title").evaluate("one => getComputedStyle(one).fontWeight") == "700"
        assert {urlsplit(url).netloc for url in asked} == {f"127.0.0.1:{wordpress.port}"}
        assert said == []
        box = page.locator(".fpn").evaluate(
            "one => [one.getBoundingClientRect().left, one.getBoundingClientRect().left + one.scrollWidth]"
        )
        assert 0 <= box[0] < box[1] <= width
        context.close()


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_page_that_a_cache_kept_for_four_days_shows_dates_and_its_age(
    wordpress: WordPress, news: Served, browser: Any, is_allowed: bool
) -> None:
    wordpress.run("switch_theme( 'twentytwentythree' ); return 1;")
    cache = FeedServer()
    try:
        kept = wordpress.get(wordpress.write(TEXTS["block"]))
        cache.answers["/"] = Answer(kept.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
        context = browser.new_context(java_script_enabled=is_allowed)
        page = context.new_page()
        page.clock.set_fixed_time(NOW + timedelta(days=4))
        page.goto(cache.url("/"))
        told = page.locator(".fpn").inner_text()
        notes = page.locator(".fpn-note").all_inner_texts()
        context.close()
    finally:
        cache.close()

    assert "Tuesday, 24 November 2026" in told
    assert "today" not in told.lower()
    assert "yesterday" not in told.lower()
    assert ("(4 days ago)" in told) == is_allowed
    assert (notes == ["This page has not been updated for 4 days. There may be newer news than it shows."]) == is_allowed


def test_two_sections_of_a_page_each_say_how_old_they_are(wordpress: WordPress, news: Served, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.clock.set_fixed_time(NOW + timedelta(days=4))
    page.goto(wordpress.url(wordpress.write(f"{TEXTS['shortcode']}\n\n{TEXTS['shortcode']}")))

    assert page.locator(".fpn-updated").count() == 2
    assert all("(4 days ago)" in one for one in page.locator(".fpn-updated").all_inner_texts())
    context.close()


def test_an_author_adds_the_block_in_the_editor_and_sees_the_news(wordpress: WordPress, news: Served, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies(
        [{"name": name, "value": value, "url": wordpress.url()} for name, value in wordpress.cookies("author").items()]
    )
    page = context.new_page()
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(wordpress.url("/wp-admin/post-new.php"))
    page.wait_for_function("window.wp && wp.blocks && wp.blocks.getBlockType('facial-paralysis-news/section')")
    page.evaluate("""() => {
        wp.data.dispatch('core/edit-post').toggleFeature('welcomeGuide');
        wp.data.dispatch('core/block-editor').insertBlocks(wp.blocks.createBlock('facial-paralysis-news/section', {stories: 3}));
    }""")
    page.locator(".wp-block-facial-paralysis-news-section .fpn-story").first.wait_for()
    assert page.locator(".wp-block-facial-paralysis-news-section .fpn-story").count() == 3

    page.get_by_label("Topic", exact=True).select_option("bells-palsy")
    page.get_by_label("Stories", exact=True).fill("2")
    page.wait_for_function("document.querySelectorAll('.wp-block-facial-paralysis-news-section .fpn-story').length === 2")
    saved = page.evaluate("wp.data.select('core/editor').getEditedPostContent()")

    assert saved == '<!-- wp:facial-paralysis-news/section {"topic":"bells-palsy","stories":2} /-->'
    assert failed == []
    context.close()


def test_the_settings_fit_on_one_screen(wordpress: WordPress, news: Served, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(
        [{"name": name, "value": value, "url": wordpress.url()} for name, value in wordpress.cookies("admin").items()]
    )
    page = context.new_page()
    page.goto(wordpress.url("/wp-admin/options-general.php?page=facial-paralysis-news"))
    page.get_by_role("button", name="Test the source").click()

    page.get_by_text(f"Found 12 stories in {news.url()}.").wait_for()
    assert page.locator("#wpbody-content .wrap").evaluate("one => one.getBoundingClientRect().bottom") <= 800
    context.close()
