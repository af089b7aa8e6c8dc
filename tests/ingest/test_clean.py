"""A raw entry becomes plain text with the identifiers that are its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.ingest.clean import clean_document, clean_entry
from aggregator.ingest.raw import FeedSpec, RawEntry
from aggregator.keys import Identifiers, identifiers_in, mentions_in
from aggregator.values.entries import Entry
from tests.conftest import NOW

SPEC = FeedSpec("https://feeds.example.com/f", "A feed")
RAW = RawEntry(
    guid="g", link="https://www.example.com/1", title="A title", summary="A summary.", content="A summary. And a text."
)


def clean(raw: RawEntry, *, spec: FeedSpec = SPEC, language: str | None = None) -> Entry:
    entry = clean_entry(raw, spec, language=language, now=NOW)
    assert entry is not None
    return entry


def guids(*raws: RawEntry) -> list[tuple[str, bool]]:
    found = clean_document(raws, SPEC, language=None, now=NOW)
    return [(entry.guid.partition("#")[0] + "#" * ("#" in entry.guid), entry.is_url_own) for entry in found]


# ---- title, summary, text


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"title": "A &amp; B <b>bold</b>"}, "A & B bold"),
        ({"title": "A smile - Daily Tale", "source": "Daily Tale"}, "A smile"),
        ({"title": "A smile | Daily Tale - Daily Tale", "source": "daily tale"}, "A smile"),
        ({"title": "A smile - Daily Tale", "source": "Tale"}, "A smile - Daily Tale"),
        ({"title": "A smile - Daily Tale"}, "A smile - Daily Tale"),
        ({"title": ""}, "A summary."),
        ({"title": "", "summary": "", "content": "Only text."}, "Only text."),
    ],
)  # fmt: skip
def test_titles(changes: dict[str, object], title: str) -> None:
    assert clean(replace(RAW, **changes)).title == title  # type: ignore[arg-type]


def test_what_has_nothing_to_read_is_no_entry() -> None:
    assert clean_entry(replace(RAW, title="", summary="", content=""), SPEC, language=None, now=NOW) is None


def test_long_texts_are_cut_where_they_are_shown_and_where_they_are_kept() -> None:
    entry = clean(replace(RAW, title="t " * 600, summary="s " * 400, content="c " * 30_000))

    assert 400 < len(entry.title) <= 500
    assert 250 < len(entry.summary) <= 300
    assert len(entry.text) == 20_000


@pytest.mark.parametrize(
    ("summary", "content", "shown", "text"),
    [
        ("A summary.", "A summary. And a text.", "A summary.", "A summary. And a text."),
        ("A summary.", "Another text.", "A summary.", "A summary. Another text."),
        ("A summary.", "A summary.", "A summary.", "A summary."),
        ("A summary.", "", "A summary.", "A summary."),
        ("", "A text.", "A text.", "A text."),
        ("A summary […]", "A summary and its end.", "A summary…", "A summary and its end."),
        ("It begins ...", "", "It begins…", "It begins ..."),
    ],
)
def test_summary_and_text(summary: str, content: str, shown: str, text: str) -> None:
    entry = clean(replace(RAW, summary=summary, content=content))

    assert (entry.summary, entry.text) == (shown, text)


ABSTRACT = (
    "<h4>Background</h4><p>Facial palsy is common.</p><h4>Results</h4><p>Thirty of 40 recovered.</p>"
    "<h4>Conclusion</h4><p>Early exercises helped most patients to smile again. Read more »</p>"
)


@pytest.mark.parametrize("summary", [ABSTRACT, ABSTRACT[:60], ""], ids=["whole", "cut off", "in the content only"])
def test_a_structured_abstract_shows_its_conclusion_and_is_judged_whole(summary: str) -> None:
    entry = clean(replace(RAW, summary=summary, content=ABSTRACT))

    assert entry.summary == "Early exercises helped most patients to smile again."
    assert entry.text.startswith("Background Facial palsy is common. Results Thirty of 40 recovered. Conclusion Early")
    assert entry.body == entry.text


def test_an_entry_without_guid_and_link_keeps_its_name_when_its_summary_shows_the_conclusion() -> None:
    nameless = replace(RAW, guid="", link="", summary=ABSTRACT[:60])

    assert clean(replace(nameless, content="")).guid == clean(replace(nameless, content=ABSTRACT)).guid


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("A title. And more text that goes on for a while", "And more text that goes on for a while"),
        ("A title: short", "A title: short"),
        ("a TITLE", ""),
        ("Volume 3, Issue 4, Page 1-9, May 2026", ""),
        ("Journal of Smiles, Ahead of Print.", ""),
        ("Steroids help. Continue reading »", "Steroids help."),
        ("Steroids help. »", "Steroids help."),
        ("Steroids help. ›", "Steroids help."),
        ("Steroids help. →", "Steroids help."),
        ("Steroids help. >>", "Steroids help."),
        ("Steroids help. The post Steroids appeared first on Blog.", "Steroids help."),
    ],
)
def test_what_says_nothing_goes(summary: str, shown: str) -> None:
    assert clean(replace(RAW, summary=summary, content="")).summary == shown


@pytest.mark.parametrize(
    ("spec", "changes"),
    [
        (FeedSpec("https://news.google.com/rss/search?q=x", "Search"), {}),
        (SPEC, {"link": "https://news.google.com/rss/articles/x"}),
    ],
)
def test_lists_of_others_headlines_are_no_text(spec: FeedSpec, changes: dict[str, str]) -> None:
    entry = clean(replace(RAW, **changes), spec=spec)  # type: ignore[arg-type]

    assert (entry.summary, entry.text) == ("", "")


def test_an_address_that_names_google_news_far_behind_is_not_one_of_its_own() -> None:
    link = f"https://www.example.com/1?{'x' * 400}&from=news.google.com"

    assert clean(replace(RAW, link=link)).summary == "A summary."


@pytest.mark.parametrize(("length", "is_citation"), [(499, True), (500, False)])
def test_a_citation_has_fewer_than_500_characters(length: int, is_citation: bool) -> None:
    citation = "Publication date: May 2026 Source: "
    summary = citation + "x" * (length - len(citation))

    assert (clean(replace(RAW, summary=summary, content="")).summary == "") == is_citation


# ---- names: guid, address, source


@pytest.mark.parametrize(
    ("changes", "guid"),
    [
        ({"guid": " a\n b "}, "a b"),
        ({"guid": "https://x.example/1#3"}, "https://x.example/1#3".removesuffix("#3")),
        ({"guid": "https://x.example/1#1234"}, "https://x.example/1#1234"),
        ({"guid": "x#3"}, "x#3"),
        ({"guid": ""}, "https://www.example.com/1"),
        ({"guid": "x" * 400}, "x" * 400),
    ],
)
def test_guids(changes: dict[str, str], guid: str) -> None:
    assert clean(replace(RAW, **changes)).guid == guid  # type: ignore[arg-type]


def test_a_guid_without_end_and_an_entry_without_any_name_get_a_short_one() -> None:
    long, none = clean(replace(RAW, guid="x" * 401)).guid, clean(replace(RAW, guid="", link="")).guid

    assert (long[:5], none[:5]) == ("long:", "text:")
    assert len(long) == len(none) == 37
    assert none != clean(replace(RAW, guid="", link="", title="Another title")).guid
    assert none != clean(replace(RAW, guid="", link="", summary="Another summary.")).guid


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({}, "https://www.example.com/1"),
        ({"link": "", "guid": "https://x.example/1"}, "https://x.example/1"),
        ({"link": "http://127.0.0.1/x", "guid": "https://x.example/1"}, "https://x.example/1"),
        ({"link": "http://192.168.0.1/x"}, ""),
    ],
)
def test_addresses(changes: dict[str, str], url: str) -> None:
    assert clean(replace(RAW, **changes)).url == url  # type: ignore[arg-type]


def test_a_private_address_stays_where_the_feed_itself_lives_there() -> None:
    spec = FeedSpec("http://192.168.0.1/feed", "Intranet")

    assert clean(replace(RAW, link="http://192.168.0.1/x"), spec=spec).url == "http://192.168.0.1/x"


def test_the_source_is_the_entry_s_own_or_the_feed_s_name() -> None:
    assert clean(RAW).source == "A feed"
    assert clean(replace(RAW, source="<b>Daily</b> Tale")).source == "A feed"
    assert clean(replace(RAW, source="<b>Daily</b> Tale"), spec=replace(SPEC, is_search=True)).source == "Daily Tale"


def test_the_date_of_rss_1_0_is_called_updated() -> None:
    written, at = "2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)

    assert clean(replace(RAW, updated=written)).published_at == at
    assert clean(replace(RAW, published="2026-11-19", updated=written)).published_at != at


def test_categories_are_plain_each_once_and_at_most_twenty() -> None:
    names = ("<b>A</b>", "A", "", "x" * 300, *map(str, range(30)))

    found = clean(replace(RAW, categories=names)).categories

    assert found[:2] == ("A", "x" * 100)
    assert found[-1] == "15"


@pytest.mark.parametrize(
    ("names", "authors"),
    [
        (("Ann Lee", "Ann Lee", " "), ("Ann Lee",)),
        (("Ann Lee <ann@example.org>", "ben@example.org (Ben Ode)"), ("Ann Lee", "Ben Ode")),
        (("ann@example.org",), ()),
    ],
)
def test_authors(names: tuple[str, ...], authors: tuple[str, ...]) -> None:
    assert clean(replace(RAW, authors=names)).authors == authors


def test_authors_are_at_most_fifty() -> None:
    assert len(clean(replace(RAW, authors=tuple(f"Author {n}" for n in range(60)))).authors) == 50


# ---- identifiers


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC123/", Identifiers(pmcid="PMC123")),
        ("xPMC123456", Identifiers()),
        ("pmc12", Identifiers()),
        ("pubmed:123", Identifiers(pmid="123")),
        ("PMID: 99", Identifiers(pmid="99")),
        ("https://pubmed.ncbi.nlm.nih.gov/31/", Identifiers(pmid="31")),
        ("pmid:123456789", Identifiers()),
        ("10.1234/abc", Identifiers(doi="10.1234/abc")),
        ("https://doi.org/10.1234/abc", Identifiers(doi="10.1234/abc")),
        ("NCT01234567", Identifiers()),
        ("nothing", Identifiers()),
    ],
)
def test_identifiers_of_a_field(place: str, found: Identifiers) -> None:
    assert identifiers_in([place], "https://example.com/1") == found


@pytest.mark.parametrize(
    ("url", "nct"),
    [
        ("https://clinicaltrials.gov/study/x", "NCT01234567"),
        ("https://beta.clinicaltrials.gov/x", "NCT01234567"),
        ("https://example.com/", None),
        ("", None),
    ],
)
def test_a_registry_number_is_the_registry_s_own(url: str, nct: str | None) -> None:
    assert identifiers_in(["nct01234567"], url).nct == nct


def test_the_first_field_that_has_one_counts() -> None:
    assert identifiers_in(["x", "10.1234/a", "10.1234/b"], "").doi == "10.1234/a"


def test_pubmed_s_citation_line_names_the_paper_s_own_doi_and_no_other_text_does() -> None:
    line = "<p>J Smile. 2026 doi: 10.1234/abc. Online ahead of print.</p>"

    assert clean(replace(RAW, guid="pubmed:7", content=line)).identifiers == Identifiers(doi="10.1234/abc", pmid="7")
    assert clean(replace(RAW, content=line)).identifiers == Identifiers()
    assert clean(replace(RAW, guid="pubmed:7", identifiers=("10.1234/own",), content=line)).identifiers.doi == "10.1234/own"


@pytest.mark.parametrize(("end", "doi"), [(2000, "10.1234/abc"), (2016, None)])
def test_pubmed_s_citation_line_stands_in_the_first_2000_characters(end: int, doi: str | None) -> None:
    line = "doi: 10.1234/abc"
    content = "x " * ((end - len(line)) // 2) + line

    assert clean(replace(RAW, guid="pubmed:7", content=content)).identifiers.doi == doi


def test_mentions_are_what_a_text_names_besides_its_own() -> None:
    text = "See 10.1234/abc, 10.1234/abc again, PMID: 12345 and PMID 12."

    assert mentions_in(text, Identifiers(doi="10.1234/other", pmid="9")) == ("doi:10.1234/abc", "pmid:12345")
    assert mentions_in(text, Identifiers(doi="10.1234/abc", pmid="12345")) == ()
    assert len(mentions_in(" ".join(f"10.1234/a{n}" for n in range(40)), Identifiers())) == 20


def test_a_registry_number_in_a_text_is_a_mention_unless_it_is_the_entry_s_own() -> None:
    assert [one.lower() for one in mentions_in("nct00000001", Identifiers())] == ["nct:nct00000001"]
    assert mentions_in("NCT00000001", Identifiers(nct="NCT00000001")) == ()


# ---- a whole document


def test_repetitions_are_dropped_and_repeated_guids_get_a_mark_of_their_own() -> None:
    same_address = replace(RAW, title="Another title")
    other = replace(RAW, link="https://www.example.com/2", title="Third")

    assert guids(RAW, RAW) == [("g", True)]
    assert guids(RAW, same_address) == [("g", False), ("g#", False)]
    assert guids(RAW, other) == [("g", True), ("g#", True)]


def test_an_address_that_entries_share_is_nobody_s_own() -> None:
    two = replace(RAW, guid="h")

    assert guids(RAW, two) == [("g", False), ("h", False)]


def test_a_front_page_is_nobody_s_own_address() -> None:
    assert guids(replace(RAW, link="https://www.example.com/")) == [("g", False)]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "B"}, {"link": "https://www.example.com/2"}, {"summary": "B."}, {"content": "B."}, {"source": "B"},
        {"published": "2026-11-20"}, {"categories": ("B",)}, {"language": "de"}, {"authors": ("B",)},
    ],
)  # fmt: skip
def test_a_change_of_any_part_changes_the_hash(changes: dict[str, object]) -> None:
    assert clean(replace(RAW, **changes)).content_hash != clean(RAW).content_hash  # type: ignore[arg-type]


def test_the_language_is_the_entry_s_word_before_the_settings_before_the_document_s() -> None:
    spec = FeedSpec("https://feeds.example.com/f", "A feed", "fr")

    assert clean(replace(RAW, language="de"), spec=spec, language="it").language == "de"
    assert clean(RAW, spec=spec, language="it").language == "fr"
    assert clean(RAW, language="it").language == "it"
