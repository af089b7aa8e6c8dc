"""256 documents that real publishers served, over HTTP on loopback."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from aggregator.edition import choose
from aggregator.ingest.fetch import Limits
from aggregator.ingest.poll import PollLimits
from aggregator.publish.front import render_front, view
from aggregator.publish.outfeeds import render_feeds
from aggregator.render.templates import Templates
from aggregator.store import stories
from aggregator.values.reports import RunOutcome
from aggregator.values.stories import Freshness
from tests.conftest import HOME, Answer, Town

SEEN_AT_LEAST = 0.995
# RSS items that hold a namesake of markup as text: what an HTML page says about itself.
KNOWN_WRAPPERS = re.compile(
    r"apiclick\.aspx|google\.com/url\?|rd\.yahoo\.com|/\*http|go\.theregister\.com/feed|yandsearch\?cl4url"
)
TRACKERS = re.compile(
    r"utm_\w+|fbclid|gclid|at_medium|at_campaign|xtor|wt_mc|maca|dgcid|wprss|gusrc|s_cid|fc|ff|ns_\w+", re.I
)


def manifest(folder: Path) -> dict[str, int]:
    """The entries that each file holds: the manifest's count, and for JSON Feeds, which it counts as none, our own."""
    with (folder / "manifest.csv").open(encoding="utf-8") as rows:
        counts = {row["name"]: int(row["entries"]) for row in csv.DictReader(rows)}
    for name in counts:
        if name.endswith(".json"):
            counts[name] = len(json.loads((folder / "files" / name).read_text("utf-8-sig"))["items"])
    return counts


def serve(town: Town, folder: Path, **keys: object) -> dict[str, int]:
    """All files as feeds of one town."""
    counts = manifest(folder)
    for number, name in enumerate(sorted(counts)):
        etag = f'"{number}"' if number % 2 else None
        town.add(name, (folder / "files" / name).read_bytes(), path=f"/{name}", etag=etag, **keys)
    town.limits = PollLimits(per_host=20, feed=Limits(deadline=30))
    return counts


def rows(town: Town, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What the store holds, asked from outside."""
    with closing(sqlite3.connect(town.data / "news.db")) as store:
        return store.execute(query, values).fetchall()


@pytest.mark.slow
def test_every_real_document_is_read_or_told_in_words(town: Town, shared: Path) -> None:
    counts = serve(town, shared / "feeds")

    first = town.refresh()
    second = town.refresh()

    assert first.outcome == RunOutcome.FRESH
    assert first.feeds.ok + first.feeds.failed == len(counts) == 256
    assert first.entries.seen >= SEEN_AT_LEAST * sum(counts.values())
    for failure in first.failures:
        assert failure.reason.startswith(("answers with", "sends", "has entries without", "broke off")), failure
        assert "Error" not in failure.reason
    assert (second.entries.new, second.entries.updated) == (0, 0)
    assert second.feeds.not_modified == first.feeds.ok
    assert replace(second.feeds, ok=0, not_modified=0) == replace(
        first.feeds, ok=0, not_modified=0, failed=0, never_worked=first.feeds.failed
    )
    seen = dict(
        rows(town, "SELECT feed.name, poll.seen FROM poll JOIN feed ON feed.id = poll.feed_id WHERE poll.run_id = 1")
    )
    assert {name: count for name, count in counts.items() if name.endswith(".json") and seen[name] != count} == {}


@pytest.mark.slow
def test_what_is_published_of_them_is_clean(town: Town, shared: Path) -> None:
    """Everything admitted, everything shown: no markup of a feed, no tracker, no redirector, no author's e-mail."""
    serve(town, shared / "feeds", all_on_topic=True)
    town.refresh()

    assert rows(town, "SELECT title, summary FROM entry WHERE trim(title) = '' AND trim(summary) = ''") == []
    for (url,) in rows(town, "SELECT url FROM entry WHERE url != ''"):
        assert urlsplit(url).scheme in ("http", "https"), url
        assert not KNOWN_WRAPPERS.search(url), url
        assert not [name for name, _ in parse_qsl(urlsplit(url).query) if TRACKERS.fullmatch(name)], url
    for (authors,) in rows(town, "SELECT authors FROM entry"):
        assert not re.search(r"[\w.+-]+@[\w-]+\.\w", authors), authors

    workspace = town.workspace()
    database = workspace.open_database()
    with database.read() as connection:
        everything = stories.candidates(connection, most=100_000)
    database.close()
    site = town.site.model_copy(update={"stories": 500})
    elements: set[bytes] = set()
    for start in range(0, len(everything.stories), 500):
        some = replace(everything, stories=everything.stories[start : start + 500])
        edition = choose(
            some,
            site,
            Freshness(town.now, 256),
            now=max((a.dated_at for s in some.stories for a in s.articles if a.dated_at), default=town.now),
        )
        files = render_front(Templates(HOME / "templates"), view(edition, site, is_sample=False), site) | render_feeds(
            edition, site
        )
        elements.update(re.findall(rb"<(\w+)", files["section.html"].replace(b"<!doctype", b"")))
        assert b"\x1b" not in b"".join(files.values())
    allowed = {
        b"section",
        b"header",
        b"h2",
        b"h3",
        b"h4",
        b"p",
        b"time",
        b"article",
        b"a",
        b"span",
        b"ul",
        b"li",
        b"details",
        b"summary",
        b"footer",
        b"bdi",
        b"strong",
        b"div",
        b"aside",
        b"nav",
        b"ol",
        b"small",
        b"svg",
        b"path",
    }
    assert elements <= allowed


def test_seven_captures_of_one_pubmed_search_give_each_paper_once(town: Town, shared: Path) -> None:
    captures = sorted(
        (shared / "feeds" / "files").glob("pubmed-newspecies-*.xml"),
        key=lambda path: [*re.findall(r"\d{8}|-\d(?=\.)", path.name), ""],
    )
    town.add("PubMed", b"", path="/pubmed")
    seen = 0
    for capture in captures:
        town.server.answers["/pubmed"] = Answer(capture.read_bytes())
        town.now += timedelta(days=1)
        seen += town.refresh().entries.seen

    papers = rows(town, "SELECT id FROM entry")
    keys = rows(town, "SELECT entry_id, key FROM entry_key")
    named = {sort: {entry for entry, key in keys if key.startswith(sort)} for sort in ("doi:", "pmid:")}

    assert (len(captures), seen, len(papers)) == (7, 105, 62)
    assert named == {"doi:": {number for (number,) in papers}, "pmid:": {number for (number,) in papers}}


@pytest.mark.parametrize("pattern", ["ijsem-*", "*zookeys-*"])
def test_a_paper_in_pubmed_and_in_its_journal_is_one_article(town: Town, shared: Path, pattern: str) -> None:
    """Where the shared folder holds both feeds; the titles that both have must be one story each."""
    files = shared / "feeds" / "files"
    journals = sorted(files.glob(f"{pattern}.xml"))
    if not journals:
        return
    for number, path in enumerate([*sorted(files.glob("pubmed-newspecies-*.xml")), *journals]):
        town.add(path.name, path.read_bytes(), path=f"/{number}", all_on_topic=True)
    town.refresh()

    shared_titles = rows(
        town,
        "SELECT folded_title, count(DISTINCT story_id) FROM entry JOIN feed ON feed.id = feed_id GROUP BY folded_title "
        "HAVING sum(feed.name LIKE 'pubmed%') > 0 AND sum(feed.name NOT LIKE 'pubmed%') > 0",
    )

    assert len(shared_titles) >= 4
    assert [title for title, count in shared_titles if count != 1] == []


@pytest.mark.slow
def test_entries_with_other_guids_that_share_one_link_stay_apart(town: Town, shared: Path) -> None:
    serve(town, shared / "feeds", all_on_topic=True)
    town.refresh()

    shared_links = rows(
        town,
        "SELECT feed.name, entry.url, sum(story_reason LIKE 'same url:%') FROM entry JOIN feed ON feed.id = feed_id "
        "WHERE entry.url != '' GROUP BY feed_id, entry.url HAVING count(DISTINCT folded_title) > 1",
    )

    # What else they tell may make one event of them; the shared link never does.
    assert len({row[0] for row in shared_links}) >= 8
    assert [row for row in shared_links if row[2]] == []
