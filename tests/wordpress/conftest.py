"""What the tests of the WordPress plugin need of the machine: PHP, for some WordPress and MariaDB too, or a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import IS_SHARED_REQUIRED, FeedServer
from tests.publish.conftest import Served, serve, stories
from tests.wordpress.servers import CORE, PATH, WordPress, wordpress_in


def need(*programs: str) -> None:
    """Skip the test where one is missing; fail where nothing may be skipped."""
    missing = [program for program in programs if shutil.which(program, path=PATH) is None]
    if not missing:
        return
    message = f"this test needs {', '.join(missing)}"
    if IS_SHARED_REQUIRED:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """A site with everything, and a topic's fragment in the form of section.html."""
    server = FeedServer()
    site = serve(server, stories())
    server.answers["/news/topics/bells-palsy/section.html"] = server.answers["/news/section.html"]
    yield site
    server.close()


@pytest.fixture(scope="session")
def wordpress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    """A WordPress with the plugin, for all tests."""
    need("php", "mariadbd", "mariadb-install-db")
    if not (CORE / "wp-includes").is_dir():
        need("Debian's wordpress")
    # A socket's path may have 107 characters only.
    folder = tmp_path_factory.mktemp("wp")
    with wordpress_in(folder) as site:
        site.install()
        yield site
        assert site.complaints() == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, until the module ends: a second one cannot be driven beside it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the `browser` dependency group")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        need("chromium")
    quiet = "--no-sandbox --disable-background-networking --disable-component-update --disable-sync --no-first-run"
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=chromium, args=quiet.split())
        yield started
        started.close()


@pytest.fixture
def site_folder(tmp_path: Path, served: Served) -> Path:
    """The news as a folder, as the program publishes it: a link to a release."""
    for name, content in served.files.items():
        path = tmp_path / "releases" / "1" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "site").symlink_to("releases/1")
    return tmp_path / "site"
