"""Did a state hold? Run by the fault lab after each fault: `held.py STATE EXPECTED [plain]`; complains and exits 1 where
not. With `plain`, what the run said (the lab names the file) must be sentences for staff and no traceback.

Only the standard library, for it runs a thousand times. EXPECTED is a JSON file, see `Expected`.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path


@dataclass(frozen=True)
class Expected:
    """How many entries are stored before and after the run that is disturbed, what staff hid, and what is new."""

    before: int
    after: int
    hidden: str
    fresh: str


class _Links(HTMLParser):
    """Addresses in a page, and the names that a link may point to."""

    def __init__(self) -> None:
        super().__init__()
        self.outside: set[str] = set()
        self.inside: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.names.add(value)
            if name in ("href", "src") and value:
                is_outside = value.startswith(("http:", "https:", "data:", "mailto:", "tel:"))
                (self.outside if is_outside else self.inside).add(value)


def problems(state: Path, expected: Expected) -> list[str]:
    """What did not hold; empty where all did."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")
        for companion in ("", "-wal"):
            source = state / f"news.db{companion}"
            if source.exists():
                shutil.copyfile(source, f"{copy}{companion}")
        with closing(sqlite3.connect(copy)) as store:
            return [*_of_the_store(store, expected), *_of_the_page(state, store, expected), *_leftovers(state)]


def _of_the_store(store: sqlite3.Connection, expected: Expected) -> list[str]:
    found = []
    sound = store.execute("PRAGMA integrity_check").fetchone()[0]
    if sound != "ok":
        found.append(f"integrity: {sound}")
    if lost := store.execute("PRAGMA foreign_key_check").fetchall():
        found.append(f"foreign keys: {lost[:3]}")
    if not store.execute("SELECT 1 FROM decision WHERE decision = 'hide'").fetchone():
        found.append("what staff decided is gone")
    standing = store.execute("SELECT standing FROM entry WHERE url = ?", [expected.hidden]).fetchall()
    if not standing or any(row != ("hidden",) for row in standing):
        found.append(f"the hidden entry stands as {standing}")
    if twice := store.execute("SELECT feed_id, guid FROM entry GROUP BY 1, 2 HAVING count(*) > 1").fetchall():
        found.append(f"entries doubled: {twice[:3]}")
    count = store.execute("SELECT count(*) FROM entry").fetchone()[0]
    if not expected.before <= count <= expected.after:
        found.append(f"{count} entries are stored, not {expected.before} to {expected.after}")
    return found


def _of_the_page(state: Path, store: sqlite3.Connection, expected: Expected) -> list[str]:
    found = []
    stored = {url for (url,) in store.execute("SELECT url FROM entry")}
    last = store.execute("SELECT outcome FROM run ORDER BY id DESC LIMIT 1").fetchone()
    # The seed's own run was a good one as well: only where the new entry is stored must the page have it.
    is_done = last == ("fresh",) and expected.fresh in stored
    site = state / "site"
    for page in sorted(site.resolve().rglob("*.html")):
        name, links = page.relative_to(site.resolve()), _Links()
        links.feed(page.read_text("utf-8"))
        found += [f"{name} points to {link}, which is not there" for link in links.inside if not _leads(page, link, links)]
        if lost := links.outside - stored:
            found.append(f"{name} shows what is not stored: {sorted(lost)[:3]}")
        if expected.hidden in links.outside:
            found.append(f"{name} shows what staff hid")
        if str(name) in ("index.html", "section.html") and is_done and expected.fresh not in links.outside:
            found.append(f"{name} is old though the last run says that it did its work")
    return found


def _leads(page: Path, link: str, links: _Links) -> bool:
    path, _, name = link.partition("#")
    if not path:
        return name in links.names
    target = page.parent / path
    return (target / "index.html" if target.is_dir() else target).is_file()


def _leftovers(state: Path) -> list[str]:
    """One fault may leave one half thing behind, for the next start to clear. More than one is a pile."""
    halves = [folder.name for folder in (state / "releases").iterdir() if not (folder / "section.html").is_file()]
    halves += [path.name for path in state.rglob(".*")]
    halves += [path.name for path in state.glob("*.next")]
    return [f"left over: {sorted(halves)}"] if len(halves) > 1 else []


def _unplain(said: Path) -> list[str]:
    text = said.read_text("utf-8", "replace")
    if "Traceback" not in text or "/aggregator/" not in text:
        # Python's own helpers may complain while they clear up.
        return []
    return [f"a traceback for staff: {' / '.join(text.splitlines()[-3:])[-160:]}"]


def main() -> int:
    """Say what did not hold."""
    expected = Expected(**json.loads(Path(sys.argv[2]).read_text("utf-8")))
    found = problems(Path(sys.argv[1]), expected)
    said = os.environ.get("FAULT_STDOUT")
    if said and "plain" in sys.argv[3:]:
        found += _unplain(Path(said))
    sys.stdout.write("; ".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
