"""What must hold of the page: every link inside a release leads somewhere, what was taken over is what would be made anew,
what readers may see is there and what staff hid is not."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit

from aggregator.jobs.publish import publish
from tests.stateful.world import World


class _Links(HTMLParser):
    """The addresses in a page, and the names that an address may end in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.names: set[str] = {"", "top"}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See HTMLParser."""
        values = {name: value or "" for name, value in attrs}
        self.addresses += [values[name] for name in ("href", "src", "action") if name in values]
        self.names |= {values[name] for name in ("id", "name") if name in values}


def broken_links(site: Path, root: str = "https://www.example.org/news/") -> list[str]:
    """The links of a release that lead to no file of it, or to no place in that file; `root` is where it is served."""
    pages = {path.relative_to(site).as_posix(): _Links(path.read_text("utf-8")) for path in site.rglob("*.html")}
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    broken = []
    for name, page in pages.items():
        for address in page.addresses:
            parts = urlsplit(urljoin(root + name, address))
            if not parts.geturl().startswith(root):
                continue
            target = unquote(parts.path.removeprefix(urlsplit(root).path))
            target = target + "index.html" if not target or target.endswith("/") else target
            if target not in files:
                broken.append(f"{name} links to {address}, which is not there")
            elif target in pages and unquote(parts.fragment) not in pages[target].names:
                broken.append(f"{name} links to {address}, a place that {target} does not have")
    return broken


def check_links(world: World) -> None:
    """Every link resolves."""
    found = broken_links(world.data / "site")
    assert not found, "\n".join(["broken links:", *found[:5]])


def check_anew(world: World) -> None:
    """A release that takes pages over is the same as one that has nothing to take over."""
    world.publish()
    workspace = world.workspace()
    other = replace(workspace, data=world.folder / "anew")
    shutil.rmtree(other.data, ignore_errors=True)
    other.data.mkdir()
    with world.database() as database:
        publish(other, database, now=world.now)
    one, anew = _files(world.data / "site"), _files(other.data / "site")
    assert one.keys() == anew.keys(), f"only in one of both releases: {one.keys() ^ anew.keys()}"
    different = [name for name in one if one[name] != anew[name]]
    assert not different, f"not as they would be made anew: {different}\n{_difference(one, anew, different[0])}"


def _files(site: Path) -> dict[str, bytes]:
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def _difference(one: dict[str, bytes], other: dict[str, bytes], name: str) -> str:
    lines, others = (files[name].decode().splitlines() for files in (one, other))
    pairs = [f"- {a}\n+ {b}" for a, b in zip(lines, others, strict=False) if a != b]
    return "\n".join(pairs[:3])


def check_front(world: World) -> None:
    """The first page leads to no address twice."""
    page = (world.data / "site" / "index.html").read_text("utf-8")
    told = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    assert told, "the first page tells search engines nothing"
    links = [one["url"] for one in json.loads(told[1])["mainEntity"]["itemListElement"]]
    assert len(links) == len(set(links)), f"an address stands twice on the front: {sorted(links)}"


def check_seen(world: World) -> None:
    """What was admitted and may be seen is in the archive; what was hidden is in no file of the release."""
    rows = world.memory.rows.values()
    seen = {row.url for row in rows if row.is_seen}
    texts = dict(_texts(world.data / "site"))
    archive = "".join(text for name, text in texts.items() if name.startswith("archive/"))
    lost = [url for url in seen if f'"{url}"' not in archive]
    assert not lost, f"admitted and nowhere in the archive: {lost}"
    # A notice that waits for staff counts already.
    kept_back = {row.url for row in rows if row.standing == "hidden" or (row.standing and not row.notice)}
    for url in kept_back - {row.url for row in rows if row.is_admitted and not row.standing}:
        found = [name for name, text in texts.items() if f'"{url}"' in text]
        assert not found, f"{url} is hidden or waits, and stands in {found}"


def _texts(site: Path) -> Iterator[tuple[str, str]]:
    for path in site.rglob("*"):
        if path.is_file() and PurePosixPath(path).suffix in (".html", ".xml", ".json"):
            yield path.relative_to(site).as_posix(), path.read_text("utf-8")
