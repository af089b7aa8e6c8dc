"""The files of deploy/ in the real servers: the section on a homepage, the pages below /news/, and nothing else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from aggregator.publish.site import release
from tests.conftest import FeedServer
from tests.deploy.conftest import Needs
from tests.deploy.servers import Web, quoted, running
from tests.publish.conftest import serve, stories

pytestmark = pytest.mark.slow
HEAD = '<!doctype html><html lang="en"><title>An institute</title><body><h1>Our institute</h1>\n'
ERRORS = ("error occurred", "404", "Not Found", "Warning", "Fatal")


@pytest.fixture(scope="module")
def files() -> Mapping[str, bytes]:
    """A release."""
    server = FeedServer()
    made = serve(server, stories()).files
    server.close()
    return made


@pytest.fixture
def folder(tmp_path: Path, files: Mapping[str, bytes]) -> Path:
    """A published site with a store beside it, and a homepage for each kind of server."""
    data, www = tmp_path / "data", tmp_path / "www"
    data.mkdir()
    www.mkdir()
    (data / "news.db").write_bytes(b"secret")
    (data / "news.db").chmod(0o600)
    release(data, "1", files)
    data.chmod(0o711)
    (www / "nginx.html").write_text(HEAD + quoted("**nginx**", "html"))
    (www / "apache.html").write_text(HEAD + quoted("**Apache**", "html"))
    (www / "news-missing.html").write_text('<p><a href="/news/">Facial paralysis news</a></p>')
    (www / "php.php").write_text(HEAD + quoted("**PHP**", "php"))
    for name in ("nginx", "apache"):
        (www / f"other-{name}.html").write_text(HEAD + '<!--#include nothing="/x.html" --><p>The end</p>')
    return tmp_path


@pytest.fixture(params=["nginx", "apache"])
def web(request: pytest.FixtureRequest, folder: Path, needs: Needs) -> Iterator[Web]:
    """Both servers that have includes of their own."""
    needs({"apache": "apache2"}.get(request.param, request.param))
    with running(request.param, folder) as site:
        yield site


def homepage(web: Web, **headers: str) -> str:
    found = web.get(f"/{web.name}.{'php' if web.name == 'php' else 'html'}", **headers)
    assert found.status_code == 200
    return found.text


# ---- the section on a homepage ---------------------------------------------------------------------------------------


def test_the_homepage_has_the_section(web: Web, files: Mapping[str, bytes]) -> None:
    assert files["section.html"].decode() in homepage(web)
    assert 'href="/news/static/news.css"' in homepage(web)
    assert web.get("/news/static/news.css").headers["content-type"].startswith("text/css")


def test_where_the_section_is_missing_visitors_get_a_link_and_no_error(web: Web) -> None:
    (web.data / "site" / "section.html").unlink()
    page = homepage(web)

    assert '<a href="/news/">Facial paralysis news</a>' in page
    assert [error for error in ERRORS if error in page] == []


def test_a_directive_that_is_wrong_shows_no_error(web: Web) -> None:
    page = web.get(f"/other-{web.name}.html").text

    assert "<p>The end</p>" in page
    assert [error for error in ERRORS if error in page] == []


def test_a_new_release_is_seen_at_once_everywhere(web: Web, files: Mapping[str, bytes]) -> None:
    before = homepage(web), web.get("/news/").text
    for name in ("section.html", "index.html", "static/news.css"):
        assert web.get(f"/news/{name}").content == files[name]

    changed = {name: content.replace(b"fpn-title", b"fpn-TITLE") for name, content in files.items()}
    release(web.data, "2", changed)

    assert "fpn-TITLE" not in "".join(before)
    assert "fpn-TITLE" in homepage(web)
    for name in ("section.html", "index.html", "static/news.css"):
        assert web.get(f"/news/{name}").content == changed[name]


# ---- the pages below /news/ ------------------------------------------------------------------------------------------


def test_pages_are_served_with_their_types_and_headers(web: Web, files: Mapping[str, bytes]) -> None:
    first = web.get("/news/")

    assert first.content == files["index.html"]
    assert {name: web.get(f"/news/{name}").headers["content-type"].partition(";")[0] for name in (
        "feed.xml", "feed.json", "topics/parotid.xml", "sitemap.xml", "topics/parotid.html", "static/icon.svg", "archive/index.html",
    )} == {
        "feed.xml": "application/atom+xml", "feed.json": "application/feed+json", "topics/parotid.xml": "application/atom+xml",
        "sitemap.xml": "text/xml" if web.name == "nginx" else "application/xml", "topics/parotid.html": "text/html",
        "static/icon.svg": "image/svg+xml", "archive/index.html": "text/html",
    }  # fmt: skip
    for path in ("/news/", "/news/feed.xml", "/news/static/news.css", "/news/nothing.html"):
        headers = web.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-cache"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_the_policy_of_the_server_leaves_what_the_pages_need(web: Web, files: Mapping[str, bytes]) -> None:
    """Both policies hold: what a page allows itself, the server must not forbid."""
    served = _directives(web.get("/news/").headers["content-security-policy"])
    for name in ("index.html", "archive/index.html", "topics/parotid.html"):
        found = re.search(rb'Content-Security-Policy" content="([^"]+)"', files[name])
        assert found is not None
        own = _directives(found[1].decode())
        hashes = {source for source in own.get("script-src", set()) if source.startswith("'sha256-")}
        own["script-src"] = own.get("script-src", set()) - hashes | ({"'unsafe-inline'"} if hashes else set())
        assert {key: sources - served.get(key, set()) for key, sources in own.items()} == {key: set() for key in own}


def _directives(policy: str) -> dict[str, set[str]]:
    found = [part.split() for part in policy.split(";") if part.strip()]
    return {key: set(sources) for key, *sources in found}


def test_the_folder_s_address_without_a_slash_leads_to_it(web: Web) -> None:
    found = web.get("/news")

    assert found.status_code == 301
    assert found.headers["location"].endswith("/news/")


def test_what_has_not_changed_is_not_sent_again_and_text_is_compressed(web: Web, files: Mapping[str, bytes]) -> None:
    for name in ("index.html", "static/news.css", "feed.xml", "archive/2026-11.json", "static/search.js"):
        first = web.get(f"/news/{name}", **{"Accept-Encoding": "gzip"})
        again = web.get(f"/news/{name}", **{"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]})
        assert first.headers["content-encoding"] == "gzip"
        assert first.content == files[name]
        assert int(first.headers.get("content-length", 0)) < len(files[name])
        assert "Accept-Encoding" in first.headers["vary"]
        assert (again.status_code, again.content) == (304, b"")


UNREACHABLE = (
    "/news/../news.db", "/news../news.db", "/news/../data/news.db", "/news/%2e%2e/news.db", "/news/..%2fnews.db",
    "/news/static/../../news.db", "/news/static/%2e%2e/%2e%2e/news.db", "/news/..%5cnews.db", "/news/..;/news.db", "/news//../news.db",
    "/news.db", "/data/news.db", "/news/news.db", "/news/releases/", "/news/site/", "/news/.git/config", "/news/.hidden",
    "/news/static/.hidden", "/news/archive/inputs.txt", "/news/link.html", "/news/out/passwd", "/../../etc/passwd", "/news/%00",
    "/srv/news/data/news.db", "/news/static/", "/news/topics/",
)  # fmt: skip


def test_nothing_else_can_be_reached(web: Web) -> None:
    """Not even where the store's own rights would allow it, and links lie in the release."""
    site = web.data / "site"
    (site / "link.html").symlink_to("../../news.db")
    (site / "out").symlink_to("/etc")
    for hidden in (".hidden", "static/.hidden", "archive/inputs.txt"):
        (site / hidden).unlink(missing_ok=True)
        (site / hidden).write_text("secret")
    (web.data / "news.db").chmod(0o644)
    answers = {path: web.raw(path) for path in UNREACHABLE}

    assert {
        path: int(answer.split()[1]) for path, answer in answers.items() if int(answer.split()[1]) not in (400, 403, 404)
    } == {}
    assert [path for path, answer in answers.items() if re.search(b"secret|root:|Index of", answer)] == []


def test_no_folder_but_the_release_needs_to_be_readable(web: Web, files: Mapping[str, bytes]) -> None:
    """711 is enough for the data folder, and 700 is not."""
    assert web.get("/news/").status_code == 200
    web.data.chmod(0o700)
    assert web.get("/news/").status_code in (403, 404)
    assert "Facial paralysis news" in homepage(web)


# ---- PHP -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def php(folder: Path, needs: Needs) -> Iterator[Web]:
    """PHP's own server, shut into the folders that it needs."""
    needs("php")
    cache = Path("/var/cache/facial-paralysis-news")
    page = folder / "www" / "php.php"
    (folder / "copies").mkdir()
    page.write_text(page.read_text().replace(str(cache), "/var/www/html/copies"))
    (folder / "www" / "copies").mkdir()
    with running("php", folder) as site:
        yield site


def test_php_prints_the_section_and_sees_a_new_release_at_once(php: Web, files: Mapping[str, bytes]) -> None:
    assert files["section.html"].decode() in homepage(php)

    release(php.data, "2", {**files, "section.html": b'<section class="fpn">Another</section>'})

    assert '<section class="fpn">Another</section>' in homepage(php)


def test_php_prints_the_last_good_copy_and_then_a_link(php: Web, files: Mapping[str, bytes]) -> None:
    homepage(php)
    shutil.rmtree(php.data / "releases")
    assert files["section.html"].decode() in homepage(php)
    assert [path.name for path in (php.www / "copies").iterdir()] == ["section.html"]

    (php.www / "copies" / "section.html").unlink()
    page = homepage(php)

    assert '<a href="/news/">Facial paralysis news</a>' in page
    assert [error for error in ERRORS if error in page] == []


def test_php_prints_the_section_where_no_copy_can_be_written(php: Web, files: Mapping[str, bytes]) -> None:
    (php.www / "copies").rmdir()

    assert files["section.html"].decode() in homepage(php)


def test_php_never_runs_what_the_section_says(php: Web, files: Mapping[str, bytes]) -> None:
    release(php.data, "2", {**files, "section.html": b"<p><?php echo 6 * 7; ?></p>"})

    assert "<?php echo 6 * 7; ?>" in homepage(php)
