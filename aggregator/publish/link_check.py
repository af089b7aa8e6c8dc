"""Check the links between the files of a release.

Only relative links are checked: the ones that we write. An address from an entry is always absolute and is not checked, so
no feed can stop a release by a link.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LINK = re.compile(rb"""<[a-z][^<>]*?\s(?:href|src)=(?:"([^"]*)"|'([^']*)')""", re.I)
# With a scheme, or from the root of a server.
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/", re.I)
_ID = re.compile(rb"""\sid=(?:"([^"]*)"|'([^']*)')""", re.I)


@dataclass(frozen=True, slots=True)
class Broken:
    """A broken link: the file that contains it, and its address as written."""

    file: str
    address: str


def broken(files: Mapping[str, bytes | Path], before: Path | None = None) -> list[Broken]:
    """The broken links of a release's pages, in order. All links of a new page are checked. A reused page (a path) was
    checked when it was written: only its links to files that the release `before` had and this one lacks can have broken
    since."""
    dropped = _files_of(before) - files.keys() if before is not None else frozenset()
    broken_links = []
    for name, content in sorted(files.items()):
        if not name.endswith(".html"):
            continue
        if isinstance(content, bytes):
            broken_links += [Broken(name, link) for link in links_of(content) if not _leads_somewhere(name, link, files)]
        elif dropped:
            broken_links += [
                Broken(name, link) for link in links_of(content.read_bytes()) if target(name, link)[0] in dropped
            ]
    return broken_links


def broken_in(folder: Path) -> list[Broken]:
    """The broken links of a release on the disk; all links of every page are checked."""
    return broken({name: (folder / name).read_bytes() for name in _files_of(folder)})


def links_of(page: bytes) -> Iterator[str]:
    """The relative addresses in the href and src attributes of a page, unescaped."""
    for match in _LINK.finditer(page):
        address = unescape((match[1] or match[2] or b"").decode("utf-8", "replace")).strip()
        if not _ELSEWHERE.match(address):
            yield address


def target(file: str, link: str) -> tuple[str, str]:
    """The file that a relative `link` in `file` leads to, by its name in the release, and the link's fragment, or ""."""
    parts = urlsplit(link)
    if not parts.path:
        return file, unquote(parts.fragment)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(parts.path)))
    if parts.path.rpartition("/")[2] in ("", ".", ".."):
        # A folder, for which servers send its index page.
        path = posixpath.normpath(posixpath.join(path, "index.html"))
    return path, unquote(parts.fragment)


def _leads_somewhere(file: str, link: str, files: Mapping[str, bytes | Path]) -> bool:
    name, fragment = target(file, link)
    content = files.get(name)
    if content is None:
        return False
    if not fragment or not name.endswith(".html"):
        return True
    page = content if isinstance(content, bytes) else content.read_bytes()
    return fragment in {unescape((match[1] or match[2] or b"").decode("utf-8", "replace")) for match in _ID.finditer(page)}


def _files_of(folder: Path) -> frozenset[str]:
    listing = ((Path(inside).relative_to(folder).as_posix(), names) for inside, _, names in os.walk(folder))
    return frozenset(name if inside == "." else f"{inside}/{name}" for inside, names in listing for name in names)
