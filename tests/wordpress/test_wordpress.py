"""The plugin in a real WordPress, as visitors, authors and administrators get it over HTTP."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from tests.conftest import Answer, FeedServer
from tests.publish.conftest import Served
from tests.wordpress.servers import PLUGIN, WordPress

pytestmark = [pytest.mark.slow, pytest.mark.wordpress]

THEMES = ("twentytwentyone", "twentytwentytwo", "twentytwentythree")
STORY = '<article class="fpn-story'
BLOCK = "<!-- wp:facial-paralysis-news/section {attributes} /-->"
HTML = {"Content-Type": "text/html; charset=utf-8"}
NOTE = "Only administrators see this."
LINK = ">Facial paralysis news</a></p>"


def section(inside: str) -> bytes:
    return f'<section class="fpn" aria-labelledby="fpn-title"><h2 id="fpn-title">News</h2>{inside}</section>'.encode()


@pytest.fixture
def source(wordpress: WordPress) -> FeedServer:
    """A news site of the test's own, which the plugin reads."""
    server = FeedServer()
    server.answers["/news/section.html"] = Answer(section("<p>First</p>"), headers=HTML)
    wordpress.may_ask(server.port)
    wordpress.configure(address=server.url("/news/"), source="address", age=True)
    return server


@pytest.fixture
def news(wordpress: WordPress, served: Served) -> Served:
    """The site that has everything, which the plugin reads."""
    wordpress.may_ask(served.server.port)
    wordpress.configure(address=served.url(), source="address", age=True)
    return served


# ---- what visitors see -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_block_and_shortcode_of_an_author_show_as_many_stories_as_asked(
    wordpress: WordPress, news: Served, theme: str
) -> None:
    wordpress.run(f"switch_theme( '{theme}' ); return 1;")
    pages = {
        text: wordpress.get(wordpress.write(text))
        for text in (
            BLOCK.format(attributes='{"stories":4,"topic":"bells-palsy"}'),
            '[facial_paralysis_news topic="bells-palsy" stories="6"]',
            "<!-- wp:shortcode -->[facial_paralysis_news]<!-- /wp:shortcode -->",
        )
    }

    assert [page.count(STORY) for page in pages.values()] == [4, 6, 12]
    for page in pages.values():
        assert page.count("/wp-content/plugins/facial-paralysis-news/assets/news.css?ver=") == 1
        assert page.index("assets/news.css") < page.index("</head>")
        assert "Withdrawn or doubted" in page
        assert f'href="{news.url("archive/index.html")}"' in page


# Where a site's administrators put the news, beside pages: a widget of a classic theme, a template of a block theme.
PLACES = {
    "twentytwentyone": """update_option( 'widget_block', array( 2 => array( 'content' => '%s' ), '_multiwidget' => 1 ) );
update_option( 'sidebars_widgets', array( 'sidebar-1' => array( 'block-2' ), 'array_version' => 3 ) ); return 1;""",
    "twentytwentythree": """$id = wp_insert_post( array( 'post_type' => 'wp_template', 'post_name' => 'home', 'post_status' => 'publish',
'post_content' => '%s' ) ); wp_set_post_terms( $id, 'twentytwentythree', 'wp_theme' ); return $id;""",
}


@pytest.mark.parametrize("theme", PLACES)
def test_widgets_and_templates_show_the_news_with_its_style_before_it(
    wordpress: WordPress, news: Served, theme: str
) -> None:
    place = PLACES[theme] % BLOCK.format(attributes='{"stories":3}')
    made = wordpress.run(f"switch_theme( '{theme}' ); wp_set_current_user( 1 ); {place}")
    try:
        page = wordpress.get("/?s=nothing" if theme == "twentytwentyone" else "/")
        assert page.count(STORY) == 3
        assert page.index("assets/news.css?ver=") < page.index(STORY)
    finally:
        wordpress.run(
            f"delete_option( 'widget_block' ); delete_option( 'sidebars_widgets' ); wp_delete_post( {made}, true ); return 1;"
        )


def test_a_page_of_the_same_news_twice_has_no_id_twice(wordpress: WordPress, news: Served) -> None:
    page = wordpress.get(wordpress.write("[facial_paralysis_news stories=2]\n\n[facial_paralysis_news stories=3]"))
    ids = re.findall(r'\bid="(fpn-[^"]+)"', page)

    assert page.count(STORY) == 5
    assert len(ids) == len(set(ids))
    assert {"fpn-title", "fpn-2-title"} <= set(ids)
    assert 'aria-labelledby="fpn-2-title"' in page


@pytest.mark.parametrize("theme", THEMES)
def test_no_filter_of_wordpress_changes_a_headline(wordpress: WordPress, source: FeedServer, theme: str) -> None:
    wordpress.run(f"switch_theme( '{theme}' ); return 1;")
    headline = """[gallery] [facial_paralysis_news] (n = 8) "Quoted" - Bell's -- 3x4... :) 8O ;-) [embed]https://evil.example/[/embed]"""
    source.answers["/news/section.html"] = Answer(section(f"<article><p>{headline}</p></article>"), headers=HTML)
    for text in (BLOCK.format(attributes=""), "[facial_paralysis_news]"):
        page = wordpress.get(wordpress.write(f"{text}\n\n[caption]x[/caption]"))
        told = re.search(r"<article><p>(.*?)</p></article>", page)
        assert told is not None
        assert unescape(told[1]) == headline


def test_a_feed_of_wordpress_has_a_link_only(wordpress: WordPress, news: Served) -> None:
    wordpress.write(BLOCK.format(attributes=""))
    feed = wordpress.get("/?feed=rss2")

    assert "fpn-story" not in feed
    assert f'<a href="{news.url()}"' in feed


# ---- an honest source that fails, and a hostile one ------------------------------------------------------------------


def test_when_the_source_is_gone_the_last_good_copy_stays_and_only_administrators_are_told(
    wordpress: WordPress, source: FeedServer
) -> None:
    place = wordpress.write("[facial_paralysis_news]")
    assert "<p>First</p>" in wordpress.get(place)

    source.answers["/news/section.html"] = Answer(b"gone", status=500)
    wordpress.run("Facial_Paralysis_News\\Copies::compare_all(); return 1;")
    page = wordpress.get(place)

    assert "<p>First</p>" in page
    assert NOTE not in page
    assert NOTE not in wordpress.get(place, cookies=wordpress.cookies("author"))
    told = wordpress.get(place, cookies=wordpress.cookies("admin"))
    assert "<p>First</p>" in told
    assert f"{NOTE} Facial Paralysis News: {source.url('/news/section.html')} answers with HTTP status 500." in unescape(
        told
    )


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=404), "answers with HTTP status 404."),
        (Answer(b"<p>Log in</p>", headers=HTML), "is not a whole section of the news."),
        (Answer(section("a")[:-4], headers=HTML), "is not a whole section of the news."),
        (Answer(section("a"), headers={"Content-Type": "text/plain"}), "is not HTML."),
        (Answer(section("a" * 600_000), headers=HTML), "has more than 524288 bytes."),
        (Answer(status=302, headers={"Location": "http://10.0.0.1/section.html"}), "cannot be reached: "),
        (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "cannot be reached: "),
    ],
)
def test_an_answer_that_is_no_section_is_named_and_visitors_get_a_link(
    wordpress: WordPress, source: FeedServer, answer: Answer, reason: str
) -> None:
    source.answers["/news/section.html"] = answer
    place = wordpress.write("[facial_paralysis_news]")
    page = wordpress.get(place)

    assert f'<a href="{source.url("/news/")}"{LINK}' in page
    assert NOTE not in page
    assert reason in unescape(wordpress.get(place, cookies=wordpress.cookies("admin")))


def test_addresses_that_wordpress_does_not_trust_are_not_asked(wordpress: WordPress, source: FeedServer) -> None:
    wordpress.may_ask(1)
    place = wordpress.write("[facial_paralysis_news]")

    assert LINK in wordpress.get(place)
    assert source.asked == []


def test_a_hostile_source_adds_nothing_but_words(wordpress: WordPress, source: FeedServer) -> None:
    place = wordpress.write("[facial_paralysis_news]")
    wordpress.get(place)
    before = _active(wordpress.get(place))
    hostile = """<script>x()</script><img src=x onerror=x()><p style="position:fixed" onclick="x()" id="wpadminbar">Words</p>
<style>*{}</style><a href="javascript:x()">Link</a><iframe src="//evil.example"></iframe><svg><foreignObject><img src=x></foreignObject>
<use href="//evil.example/#a"/></svg><form action="//evil.example"><input></form><link rel="stylesheet" href="//evil.example/">"""
    source.answers["/news/section.html"] = Answer(section(hostile), headers=HTML)
    wordpress.run("Facial_Paralysis_News\\Copies::compare_all(); return 1;")
    page = wordpress.get(place)

    assert "<p>Words</p>" in page
    assert "evil.example" not in page
    assert _active(page) == before
    assert re.search(r"x\(\)|foreignObject|javascript:x|<a href=\"javascript", page) is None


def _active(page: str) -> list[str]:
    """What of a page runs, loads or sends."""
    return re.findall(r"<(?:script|style|iframe|link|form|img|object|use|foreignObject)\b[^>]*>", page)


def test_a_copy_that_somebody_changed_in_the_database_is_checked_too(wordpress: WordPress, source: FeedServer) -> None:
    place = wordpress.write("[facial_paralysis_news]")
    wordpress.get(place)
    changed = section("<p onclick=x()>Changed</p>").decode().replace('"', '\\"')
    wordpress.run(f"return update_option( 'facial_paralysis_news_copy_', \"{changed}\" );")

    assert "<p>Changed</p>" in wordpress.get(place)


TOPICS = (
    "../../wp-config",
    "..",
    "/etc/passwd",
    "bells-palsy/../..",
    "bells-palsy\\\\..",
    "bells%2fpalsy",
    "Bells",
    "a b",
    "a--b",
    "-a",
    "a" * 61,
)


def test_topics_that_are_paths_are_refused(wordpress: WordPress, source: FeedServer) -> None:
    page = wordpress.get(wordpress.write("\n\n".join(f'[facial_paralysis_news topic="{topic}"]' for topic in TOPICS)))

    assert page.count(LINK) == len(TOPICS)
    assert source.asked == []


# ---- a folder --------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_and_a_new_release_is_seen(wordpress: WordPress, site_folder: Path) -> None:
    wordpress.configure(address="https://www.example.org/news/", source="folder", folder=str(site_folder), age=True)
    place = wordpress.write("[facial_paralysis_news stories=2]")
    assert wordpress.get(place).count(STORY) == 2

    release = site_folder.parent / "releases" / "2"
    release.mkdir()
    (release / "section.html").write_bytes(section('<p>Second</p><a href="archive/">All</a>'))
    site_folder.unlink()
    site_folder.symlink_to("releases/2")
    wordpress.run("Facial_Paralysis_News\\Copies::expire(); return 1;")
    page = wordpress.get(place)

    assert "<p>Second</p>" in page
    assert '<a href="https://www.example.org/news/archive/">All</a>' in page


def test_a_process_that_has_read_one_release_reads_the_next(wordpress: WordPress, site_folder: Path) -> None:
    wordpress.configure(address="https://www.example.org/news/", source="folder", folder=str(site_folder), age=True)
    release = site_folder.parent / "releases" / "2"
    release.mkdir()
    (release / "section.html").write_bytes(section("<p>Second</p>"))

    read = wordpress.run(
        "$read = array( Facial_Paralysis_News\\Source::section( '' ) );"
        f"exec( 'ln -sfn releases/2 {site_folder}' );"
        "$read[] = Facial_Paralysis_News\\Source::section( '' );"
        "return $read;"
    )

    assert ["<p>Second</p>" in one for one in read] == [False, True]


def test_nothing_outside_the_folder_is_read(wordpress: WordPress, site_folder: Path) -> None:
    outside = site_folder.parent / "outside"
    outside.mkdir()
    (outside / "section.html").write_bytes(section("<p>Secret</p>"))
    (site_folder / "topics" / "linked").symlink_to(outside)
    (site_folder / "topics" / "file").mkdir()
    (site_folder / "topics" / "file" / "section.html").symlink_to(outside / "section.html")
    (site_folder / "topics" / "pipe" / "section.html").mkdir(parents=True)
    wordpress.configure(address="https://www.example.org/news/", source="folder", folder=str(site_folder))
    for topic in ("linked", "file", "pipe", "nothing"):
        page = wordpress.get(wordpress.write(f'[facial_paralysis_news topic="{topic}"]'))
        assert LINK in page
        assert "Secret" not in page


def test_the_folder_of_wp_config_comes_before_the_setting(wordpress: WordPress, site_folder: Path) -> None:
    wordpress.configure(address="https://www.example.org/news/", source="address")
    fixed = f"define( 'FACIAL_PARALYSIS_NEWS_FOLDER', '{site_folder}' );"
    told = wordpress.php(f"{fixed} require 'wp-load.php'; echo do_shortcode( '[facial_paralysis_news stories=3]' );")

    assert told.count(STORY) == 3


# ---- caches ----------------------------------------------------------------------------------------------------------


def test_many_visitors_at_once_ask_the_source_once(wordpress: WordPress, source: FeedServer) -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(1)
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.end_headers()
        handler.wfile.write(section("<p>Slow</p>"))

    source.answers["/news/section.html"] = slowly
    place = wordpress.write("[facial_paralysis_news]")
    with ThreadPoolExecutor(3) as visitors:
        pages = list(visitors.map(lambda _: wordpress.get(place), range(6)))

    assert len(source.asked) == 1
    assert all("<p>Slow</p>" in page or LINK in page for page in pages)
    assert "<p>Slow</p>" in wordpress.get(place)


def test_a_source_that_hangs_is_left_after_five_seconds_and_not_asked_again_at_once(
    wordpress: WordPress, source: FeedServer
) -> None:
    place = wordpress.write("[facial_paralysis_news]")
    wordpress.get(place)
    source.answers["/news/section.html"] = lambda handler: time.sleep(9)
    wordpress.run("Facial_Paralysis_News\\Copies::expire(); return 1;")
    begin = time.monotonic()
    assert "<p>First</p>" in wordpress.get(place)
    assert 4 < time.monotonic() - begin < 9

    assert "<p>First</p>" in wordpress.get(place)
    assert len(source.asked) == 2


LOCK = "global $wpdb; return $wpdb->insert( $wpdb->options, array( 'option_name' => 'facial_paralysis_news_lock', 'option_value' => time() - %d ) );"


@pytest.mark.parametrize(("age", "is_asked"), [(5, False), (60, True)])
def test_a_lock_that_a_killed_process_left_is_taken_after_half_a_minute(
    wordpress: WordPress, source: FeedServer, age: int, is_asked: bool
) -> None:
    place = wordpress.write("[facial_paralysis_news]")
    wordpress.run(LOCK % age)

    assert ("<p>First</p>" in wordpress.get(place)) == is_asked
    assert len(source.asked) == is_asked


# A page cache as plugins make them: visitors get a page that was kept until the cache is emptied.
PAGE_CACHE = """<?php
function fpn_kept() { return WP_CONTENT_DIR . '/kept-' . md5( $_SERVER['REQUEST_URI'] ) . '.html'; }
function wp_cache_clear_cache() { array_map( 'unlink', glob( WP_CONTENT_DIR . '/kept-*.html' ) ); }
add_action( 'clean_post_cache', function ( $id ) { file_put_contents( WP_CONTENT_DIR . '/cleaned.txt', "$id\\n", FILE_APPEND ); } );
if ( PHP_SAPI === 'cli-server' && is_file( fpn_kept() ) ) { readfile( fpn_kept() ); exit; }
add_action( 'template_redirect', function () {
	ob_start( function ( $page ) { file_put_contents( fpn_kept(), $page ); return $page; } );
} );
"""


@pytest.fixture
def page_cache(wordpress: WordPress) -> Path:
    """A stand-in for a page cache; the file in which it notes which posts were cleaned."""
    (wordpress.www / "wp-content" / "mu-plugins" / "page-cache.php").write_text(PAGE_CACHE)
    return wordpress.www / "wp-content" / "cleaned.txt"


def test_page_caches_are_emptied_when_the_news_has_changed(
    wordpress: WordPress, source: FeedServer, page_cache: Path
) -> None:
    try:
        place = wordpress.write("[facial_paralysis_news]")
        assert "<p>First</p>" in wordpress.get(place)
        source.answers["/news/section.html"] = Answer(section("<p>Second</p>"), headers=HTML)
        assert "<p>First</p>" in wordpress.get(place)

        page_cache.unlink(missing_ok=True)
        _run_event(wordpress)
        assert place.partition("=")[2] in page_cache.read_text().split()
        assert "<p>Second</p>" in wordpress.get(place)

        page_cache.unlink()
        _run_event(wordpress)
        assert not page_cache.exists()
    finally:
        (page_cache.parent / "mu-plugins" / "page-cache.php").unlink()


def _run_event(wordpress: WordPress) -> None:
    """What WP-Cron does every hour."""
    wordpress.run("foreach ( array_keys( _get_cron_array() ) as $at ) { foreach ( _get_cron_array()[ $at ] as $name => $events ) {"
                  "if ( 0 === strpos( $name, 'facial' ) ) { do_action( $name ); } } } return 1;")  # fmt: skip


# ---- settings --------------------------------------------------------------------------------------------------------

PAGE = "/wp-admin/options-general.php?page=facial-paralysis-news"


def form(page: str, at: int = 0) -> dict[str, str]:
    """The hidden fields of a form on the settings page."""
    fields = re.findall(r"""<input type=["']hidden["'][^>]*>""", page.split("<form")[1 + at].partition("</form>")[0])
    return {name[2]: value[2] for name, value in ((_attribute("name", one), _attribute("value", one)) for one in fields)}


def _attribute(name: str, tag: str) -> re.Match[str]:
    found = re.search(rf"""\b{name}=(["'])(.*?)\1""", tag)
    assert found is not None
    return found


def save(wordpress: WordPress, **fields: str) -> str:
    """Fill in the form as an administrator; the page that follows."""
    cookies = wordpress.cookies("admin")
    sent = form(wordpress.get(PAGE, cookies=cookies))
    sent |= {f"facial_paralysis_news[{name}]": value for name, value in fields.items()}
    return httpx.post(
        wordpress.url("/wp-admin/options.php"), data=sent, cookies=cookies, follow_redirects=True, timeout=30
    ).text


def stored(wordpress: WordPress) -> dict[str, object]:
    options: dict[str, object] = wordpress.run("return Facial_Paralysis_News\\Options::all();")
    return options


# The address that is sent, and the one that is stored then; before, it was https://before.example/.
SENT = {
    "https://www.example.org/news": "https://www.example.org/news/",
    " https://www.example.org/news/index.html ": "https://www.example.org/news/",
    "http://127.0.0.1:8000": "http://127.0.0.1:8000/",
    "javascript:alert(1)": "",
    "https://user:pass@www.example.org/": "https://before.example/",
    "https://www.example.org/?a=b": "https://before.example/",
    "": "",
}


def test_an_address_is_made_clean_or_refused(wordpress: WordPress) -> None:
    wordpress.configure(address="https://before.example/")
    given = ",".join(f"'{address}'" for address in SENT)
    kept = wordpress.run(
        f"return array_map( function ( $one ) {{ return Facial_Paralysis_News\\Options::sanitize( array( 'address' => $one ) )['address']; }},"
        f"array( {given} ) );"
    )

    assert dict(zip(SENT, kept, strict=True)) == SENT


@pytest.mark.parametrize(
    ("sent", "is_kept"), [("https://www.example.org/news", True), ("https://www.example.org/?a=b", False)]
)
def test_the_settings_page_stores_an_address_or_says_why_not(wordpress: WordPress, sent: str, is_kept: bool) -> None:
    wordpress.configure(address="https://before.example/")
    page = save(wordpress, address=sent, source="address", folder="")

    assert stored(wordpress)["address"] == ("https://www.example.org/news/" if is_kept else "https://before.example/")
    assert ("It was not changed." in page) == (not is_kept)


def test_the_test_button_says_in_one_sentence_what_was_found(wordpress: WordPress, news: Served) -> None:
    cookies = wordpress.cookies("admin")
    for address, told in (
        (news.url(), f"Found 12 stories in {news.url()}."),
        (news.url("x/"), "answers with HTTP status 404."),
    ):
        save(wordpress, address=address, source="address", age="1")
        fields = form(wordpress.get(PAGE, cookies=cookies), at=1)
        page = httpx.post(
            wordpress.url(PAGE), data={**fields, "facial_paralysis_news_test": "1"}, cookies=cookies, timeout=30
        )
        assert told in unescape(page.text)


def test_only_administrators_with_a_nonce_change_settings(wordpress: WordPress, news: Served) -> None:
    before = stored(wordpress)
    fields = {
        "option_page": "facial-paralysis-news",
        "action": "update",
        "facial_paralysis_news[address]": "https://evil.example/",
    }
    for who, sent in (("admin", fields), ("admin", {**fields, "_wpnonce": "0"}), ("author", fields)):
        answer = httpx.post(wordpress.url("/wp-admin/options.php"), data=sent, cookies=wordpress.cookies(who), timeout=30)
        assert answer.status_code == 403
    tested = httpx.post(
        wordpress.url(PAGE), data={"facial_paralysis_news_test": "1"}, cookies=wordpress.cookies("admin"), timeout=30
    )

    assert tested.status_code == 403
    assert httpx.get(wordpress.url(PAGE), cookies=wordpress.cookies("author"), timeout=30).status_code == 403
    assert stored(wordpress) == before


# ---- coming and going ------------------------------------------------------------------------------------------------

LEFT = """global $wpdb; $left = array();
foreach ( array( 'options' => 'option_name', 'usermeta' => 'meta_key', 'postmeta' => 'meta_key' ) as $table => $column ) {
	$left = array_merge( $left, $wpdb->get_col( "SELECT $column FROM {$wpdb->$table} WHERE $column LIKE '%facial%' OR $column LIKE 'fpn%'" ) );
}
$cron = array_filter( array_keys( array_merge( array(), ...array_values( _get_cron_array() ) ) ), function ( $name ) { return false !== strpos( $name, 'facial' ); } );
return array_merge( $left, array_values( $cron ), glob( WP_CONTENT_DIR . '/uploads/*facial*' ), $wpdb->get_col( "SHOW TABLES LIKE '%facial%'" ) );"""


def test_deactivated_it_leaves_no_event_and_deleted_it_leaves_nothing(wordpress: WordPress, news: Served) -> None:
    wordpress.get(wordpress.write('[facial_paralysis_news topic="bells-palsy"] [facial_paralysis_news topic="nothing"]'))
    assert "facial_paralysis_news_hourly" in wordpress.run(LEFT)
    assert len(wordpress.run(LEFT)) >= 6
    try:
        wordpress.admin_run(f"deactivate_plugins( '{PLUGIN}' ); return 1;")
        assert "facial_paralysis_news_hourly" not in wordpress.run(LEFT)
        assert wordpress.run("return shortcode_exists( 'facial_paralysis_news' );") is False

        assert wordpress.admin_run(f"return delete_plugins( array( '{PLUGIN}' ) );") is True
        assert wordpress.run(LEFT) == []
        assert not (wordpress.www / "wp-content/plugins/facial-paralysis-news").exists()
    finally:
        wordpress.install()
