"""Hosts, and the type of feed that they most likely have."""

from __future__ import annotations

import pytest

from aggregator.feedlist.kinds import is_patients_words, type_of


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://www.youtube.com/feeds/videos.xml?channel_id=x", "video"),
        ("https://vimeo.com/x/videos/rss", "video"),
        ("https://connect.medrxiv.org/medrxiv_xml.php?subject=neurology", "preprint"),
        ("https://connect.biorxiv.org/biorxiv_xml.php?subject=neuroscience", "preprint"),
        ("https://clinicaltrials.gov/api/rss?cond=x", "registry"),
        ("https://pubmed.ncbi.nlm.nih.gov/rss/search/x/", "search"),
        ("https://www.bing.com/news/search?q=x&format=rss", "search"),
        ("https://www.eurekalert.org/rss/medicine_health.xml", "press"),
        ("https://www.prnewswire.com/rss/x.rss", "press"),
        ("https://onlinelibrary.wiley.com/feed/15314995/most-recent", "journal"),
        ("https://rss.sciencedirect.com/publication/science/17486815", "journal"),
        ("https://link.springer.com/search.rss", "journal"),
        ("https://bmcneurol.biomedcentral.com/articles/most-recent/rss.xml", "journal"),
        ("https://WWW.Nature.com./nrneurol.rss", "journal"),
        ("https://www.nih.gov/news-releases/feed.xml", "government"),
        ("https://www.england.nhs.uk/feed/", "government"),
        ("https://www.example.org/feed/", "news"),
        ("https://notnature.com/feed", "news"),
        ("https://nature.com.example.org/feed", "news"),
        ("https://government.example/feed", "news"),
        ("http://[bad", "news"),
    ],
)
def test_the_type_is_guessed_by_the_host(address: str, kind: str) -> None:
    assert type_of(address).value == kind


@pytest.mark.parametrize(
    ("address", "wait"),
    [("https://www.reddit.com/r/x/.rss", True), ("https://reddit.com.example/x", False), ("https://notreddit.com/x", False)],
)
def test_people_s_own_posts_are_known(address: str, wait: bool) -> None:
    assert is_patients_words(address) == wait
