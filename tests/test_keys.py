"""Identity keys: one spelling for each identifier, whoever wrote it."""

from __future__ import annotations

import pytest

from aggregator.errors import UsageError
from aggregator.keys import (
    Identifiers,
    Scheme,
    feed_and_guid,
    guid_key,
    has_scheme,
    identifiers_in,
    identifiers_of,
    is_identifier,
    key,
    keys_in,
    keys_of,
    mentions_in,
    reference,
    title_key,
)
from aggregator.values.entries import Entry

DOI, PMID, PMCID, NCT = "doi:10.1234/abc", "pmid:123456", "pmcid:pmc1234567", "nct:nct01234567"

WRITTEN = [
    ("doi:10.1234/ABC", (DOI,)),
    ("DOI: 10.1234/abc", (DOI,)),
    ("doi 10.1234/abc", (DOI,)),
    ("10.1234/abc", (DOI,)),
    ("doi:https://doi.org/10.1234/abc", (DOI,)),
    ("doi.org/10.1234/abc", (DOI,)),
    ("https://doi.org/10.1234/ABC", (DOI, "url:doi.org/10.1234/ABC")),
    ("http://dx.doi.org/10.1234/abc", (DOI, "url:dx.doi.org/10.1234/abc")),
    ("https://www.example.org/doi/full/10.1234/abc?af=R", (DOI, "url:example.org/doi/full/10.1234/abc")),
    ("pmid:123456", (PMID,)),
    ("PMID: 123456", (PMID,)),
    ("PMID 0123456", (PMID,)),
    ("https://pubmed.ncbi.nlm.nih.gov/123456/", (PMID, "url:pubmed.ncbi.nlm.nih.gov/123456")),
    ("PMC1234567", (PMCID,)),
    ("pmc1234567", (PMCID,)),
    ("pmcid:1234567", (PMCID,)),
    ("pmcid:PMC1234567", (PMCID,)),
    (
        "https://pmc.ncbi.nlm.nih.gov/articles/PMC1234567/",
        (PMCID, "url:pmc.ncbi.nlm.nih.gov/articles/PMC1234567"),
    ),
    ("NCT01234567", (NCT,)),
    ("nct01234567", (NCT,)),
    ("nct:01234567", (NCT,)),
    ("nct:NCT01234567", (NCT,)),
    ("https://clinicaltrials.gov/study/NCT01234567", (NCT, "url:clinicaltrials.gov/study/NCT01234567")),
    ("https://news.example/trial-NCT01234567", ("url:news.example/trial-NCT01234567",)),
    (" https://www.news.example/a?utm_source=x ", ("url:news.example/a",)),
    ("", ()),
    ("17", ()),
    ("Bell's palsy", ()),
    ("pmid:", ()),
    ("pmid:abc", ()),
    ("doi:abc", ()),
    ("nct:123", ()),
    ("NCT0123456", ()),
    ("PMC12", ()),
    ("10.1234", ()),
    ("ftp://example.org/a", ()),
    ("about 10.1234/abc", ()),
]


@pytest.mark.parametrize(("written", "keys"), WRITTEN, ids=[written for written, _ in WRITTEN])
def test_whatever_a_person_writes_gives_the_keys_that_are_stored(written: str, keys: tuple[str, ...]) -> None:
    assert keys_in(written) == keys


def test_an_entry_and_a_mention_of_it_have_one_spelling() -> None:
    url = "https://clinicaltrials.gov/study/NCT01234567"
    registered = Entry(guid="1", url=url, title="T", identifiers=identifiers_in((url,), url))
    text = "The trial (NCT01234567), doi 10.1234/ABC., PMID: 123456"

    assert set(mentions_in(text, Identifiers())) == {DOI, NCT, PMID}
    assert registered.keys[0] in mentions_in(text, Identifiers())


def test_what_an_entry_says_of_itself_is_no_mention() -> None:
    own = Identifiers(doi="10.1234/abc", pmid="123456", nct="NCT01234567")

    assert mentions_in("10.1234/abc NCT01234567 PMID: 123456 NCT07654321", own) == ("nct:nct07654321",)


def test_at_most_twenty_mentions_are_kept() -> None:
    assert len(mentions_in(" ".join(f"NCT{n:08}" for n in range(50)), Identifiers())) == 20


@pytest.mark.parametrize(
    ("entry", "keys"),
    [
        (Entry(guid="1", url="", title="T"), ()),
        (Entry(guid="1", url="https://www.example.com/a/", title="T"), ("url:example.com/a",)),
        (Entry(guid="1", url="https://x.example/a", title="T", page="x.example/b"), ("url:x.example/b",)),
        (Entry(guid="1", url="https://x.example/a", title="T", is_url_own=False), ()),
        (
            Entry(guid="1", url="https://x.example/a", title="T", identifiers=Identifiers("10.1/X", "1", "PMC1", "NCT1")),
            ("doi:10.1/x", "pmid:1", "pmcid:pmc1", "nct:nct1", "url:x.example/a"),
        ),
    ],
    ids=["nothing", "address", "page", "shared address", "all"],
)
def test_keys_of_an_entry_strongest_first(entry: Entry, keys: tuple[str, ...]) -> None:
    assert entry.keys == keys


def test_identifiers_come_back_from_their_keys() -> None:
    own = Identifiers("10.1/x", "1", "pmc123", "nct01234567")

    assert identifiers_of((*keys_of(own), "url:example.org/a")) == own


def test_a_number_on_the_command_line_is_an_entry() -> None:
    assert reference(" 17 ") == (17, ())
    assert reference("PMC1234567") == (None, (PMCID,))


@pytest.mark.parametrize("written", ["", "smile again", "1234567890123456"])
def test_what_names_no_entry_is_said(written: str) -> None:
    with pytest.raises(UsageError, match="is not the number, address or identifier"):
        reference(written)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Smile again", None),
        ("A smile comes back", None),
        ("A smile comes back again", "title:a smile comes back again"),
        ("Ä Smile, comes — back  AGAIN!", "title:a smile comes back again"),
    ],
)
def test_a_short_title_is_no_key(title: str, expected: str | None) -> None:
    assert title_key(title) == expected


def test_a_guid_key_gives_back_its_feed_and_its_guid() -> None:
    written = guid_key("https://a.example/feed.xml", "tag:x 1: y")

    assert feed_and_guid(written) == ("https://a.example/feed.xml", "tag:x 1: y")
    assert has_scheme(written, Scheme.GUID)


@pytest.mark.parametrize("scheme", Scheme)
def test_identifiers_are_told_from_other_keys(scheme: Scheme) -> None:
    assert is_identifier(key(scheme, "x")) == (scheme in (Scheme.DOI, Scheme.PMID, Scheme.PMCID, Scheme.NCT))
