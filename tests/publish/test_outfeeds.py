"""The feeds that go out: ids that stay, times that are the stories' own, whose words they are."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

from aggregator.edition import choose
from aggregator.publish.outfeeds import atom, render_feeds
from aggregator.values.settings import Site
from aggregator.values.stories import Candidates, Edition, Freshness, Story
from tests.conftest import NOW
from tests.test_edition import article

SITE = Site(url="https://www.example.org/news/")
ATOM = "{http://www.w3.org/2005/Atom}"


def edition(**changes: object) -> Edition:
    lead = replace(article(1, NOW, source="Daily Tale"), **changes)  # type: ignore[arg-type]
    return choose(Candidates((Story(7, (lead,)),)), SITE, Freshness(NOW, 1), now=NOW)


def test_an_entry_of_atom() -> None:
    body = atom(edition(evidence="trial", summary="In short.", topics=("bells-palsy",)).placed, SITE, str(SITE.url))
    entry = ET.fromstring(body).find(f"{ATOM}entry")  # noqa: S314 - ours

    assert entry is not None
    facts = {element.tag.removeprefix(ATOM): element.text for element in entry}
    assert facts["id"] == "tag:www.example.org,2026:story-7"
    assert facts["updated"] == facts["published"] == "2026-11-24T17:00:00Z"
    assert facts["summary"] == "Daily Tale · Randomised trial · In short."
    assert entry.findtext(f"{ATOM}source/{ATOM}id") == "https://example.com/"


def test_an_empty_feed_says_always_the_same() -> None:
    assert atom([], SITE, str(SITE.url)) == atom([], SITE, str(SITE.url))
    assert b"2026-01-01T00:00:00Z" in atom([], SITE, str(SITE.url))


def test_what_has_no_date_and_no_address_of_its_own_claims_none() -> None:
    found = edition(is_dated=False, url="")
    body = atom(found.placed, SITE, str(SITE.url))
    (item,) = json.loads(render_feeds(found, SITE)["feed.json"])["items"]

    assert b"<published>" not in body
    assert "date_published" not in item
    assert "external_url" not in item
    assert item["url"] == "https://www.example.org/news/"


def test_an_item_of_json_feed() -> None:
    files = render_feeds(edition(title="A <b>"), SITE)
    feed = json.loads(files["feed.json"])

    assert b"<" not in files["feed.json"]
    assert (feed["version"], feed["feed_url"]) == (
        "https://jsonfeed.org/version/1.1",
        "https://www.example.org/news/feed.json",
    )
    assert feed["items"][0]["authors"] == [{"name": "Daily Tale"}]
    assert feed["items"][0]["language"] == "en"


def test_without_an_address_of_the_site_there_are_no_feeds() -> None:
    assert render_feeds(edition(), Site()) == {}
