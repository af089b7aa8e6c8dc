"""Addresses: what visitors follow is clean, what names one page compares equal."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.urls import (
    canonical_url,
    clean_url,
    doi_in,
    is_front_page,
    is_web,
    shown_address,
    web_address,
)


def google_token(address: str) -> str:
    """A Google News token of the kind that still holds the address."""
    size = len(address)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    return base64.urlsafe_b64encode(b"\x08\x13\x22" + length + address.encode() + b"\xd2\x01\x00").decode().rstrip("=")


LONG = "https://www.example.com/" + "a" * 150


@pytest.mark.parametrize(
    ("written", "clean"),
    [
        ("https://www.example.com/a?utm_source=rss&id=3", "https://www.example.com/a?id=3"),
        ("https://www.bbc.co.uk/news/x?at_medium=RSS&at_campaign=KARANGA#0", "https://www.bbc.co.uk/news/x"),
        (
            "https://pubmed.ncbi.nlm.nih.gov/123/?utm_source=Mobile Safari&fc=1&ff=2&v=2.15",
            "https://pubmed.ncbi.nlm.nih.gov/123/",
        ),
        (
            "http://www.bing.com/news/apiclick.aspx?ref=F&url=https%3a%2f%2fexample.com%2fa%3fid%3d3&c=1",
            "https://example.com/a?id=3",
        ),
        ("https://www.google.com/url?rct=j&url=https://example.com/a&ct=ga", "https://example.com/a"),
        ("http://us.rd.yahoo.com/dailynews/*http://news.example.com/s/x", "http://news.example.com/s/x"),
        (f"https://news.google.com/rss/articles/{google_token('https://example.com/a')}?oc=5", "https://example.com/a"),
        (f"https://news.google.com/rss/articles/{google_token(LONG)}?oc=5", LONG),
        (
            "https://news.google.com/rss/articles/CBMiOPAQUEtoken?oc=5",
            "https://news.google.com/rss/articles/CBMiOPAQUEtoken",
        ),
        ("https://example.com/a?ref=12345", "https://example.com/a?ref=12345"),
        ("https://example.com/a?ref=rss", "https://example.com/a"),
        ("https://example.com/?p=12", "https://example.com/?p=12"),
        ("//example.com/a", "https://example.com/a"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://l.instagram.com/?u=https%3A%2F%2Fexample.com%2Fa&e=x", "https://example.com/a"),
        ("https://out.reddit.com/t3_x?url=https%3A%2F%2Fexample.com%2Fa&token=x", "https://example.com/a"),
        ("https://www.google.com/amp/s/www.example.com/a?utm_source=x", "https://www.example.com/a"),
        ("https://www.google.com/amp/example.com/a", "http://example.com/a"),
        ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a", "https://www.example.com/a"),
        ("https://www-example-com.cdn.ampproject.org/v/www.example.com/a", "http://www.example.com/a"),
        ("https://urldefense.com/v3/__https://example.com/a?id=3__;!!AbC!xyz$", "https://example.com/a?id=3"),
        ("https://urldefense.com/v3/__https:/example.com/a*b__;Iw!!AbC!xyz$", "https://example.com/a#b"),
        (
            "https://urldefense.com/v3/__https://example.com/a**b__;Iw!!AbC!x$",
            "https://urldefense.com/v3/__https://example.com/a**b__;Iw!!AbC!x$",
        ),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__example.com_a&d=x", "https://example.com/a"),
        (
            "https://journals.sagepub.com/doi/abs/10.1177/0194599?ai=2b4&mi=eh&af=R",
            "https://journals.sagepub.com/doi/abs/10.1177/0194599",
        ),
        (
            "https://www.liebertpub.com/doi/10.1089/fpsam.2026.1?journalCode=fpsam",
            "https://www.liebertpub.com/doi/10.1089/fpsam.2026.1",
        ),
        (
            "https://onlinelibrary.wiley.com/doi/full/10.1002/lary.1?campaign=x",
            "https://onlinelibrary.wiley.com/doi/full/10.1002/lary.1",
        ),
        ("https://example.com/doi/list?page=2", "https://example.com/doi/list?page=2"),
        (
            "https://www.youtube.com/watch?v=abcdefghijk&si=x&pp=y&feature=shared",
            "https://www.youtube.com/watch?v=abcdefghijk",
        ),
        ("https://example.com/a?si=3&feature=4&sh=5", "https://example.com/a?si=3&feature=4&sh=5"),
        ("https://www.washingtonpost.com/a/?itid=hp_x", "https://www.washingtonpost.com/a/"),
        ("https://www.forbes.com/a/?sh=1a2b", "https://www.forbes.com/a/"),
        ("https://go.microsoft.com/fwlink/?LinkId=1", "https://go.microsoft.com/fwlink/?LinkId=1"),
        ("https://example.com/a?ref=blog.example.org", "https://example.com/a"),
        ("https://example.com/a?ref=page.html", "https://example.com/a?ref=page.html"),
        ("https://example.com/a?sc_itemid=3&sc_campaign=4", "https://example.com/a?sc_itemid=3"),
        ("https://example.com/a#Echobox=1700000000", "https://example.com/a"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_the_address_to_follow_is_clean(written: str, clean: str) -> None:
    assert clean_url(written) == clean


@pytest.mark.parametrize(
    "name",
    (
        "__hstc __hssc __hsfp hsCtaTracking sc_channel srsltid itm_source ttclid elqTrackId elqaid elq et_rid et_cid sfmc_id dm_i "
        "emci emdi ceid mc_tc campaign_source campaign_medium campaign_id hmb_campaign _branch_match_id linkId intcid reflink"
    ).split(),
)
def test_a_tracker_goes_and_what_stands_beside_it_stays(name: str) -> None:
    assert clean_url(f"https://example.com/a?id=3&{name}=x1") == "https://example.com/a?id=3"


@pytest.mark.parametrize(
    "variant",
    [
        "http://example.com/story/1",
        "https://www.example.com/story/1/",
        "https://m.example.com/story/1?utm_medium=feed",
        "https://example.com/story/1#comments",
        "https://example.com/story/1/amp/",
        "https://EXAMPLE.com/story/1/index.html",
        "https://amp.example.com/story/1?amp=1",
    ],
)
def test_variants_of_one_address_have_one_key(variant: str) -> None:
    assert canonical_url(variant) == "example.com/story/1"


@pytest.mark.parametrize(
    "variant",
    [
        "https://youtu.be/abcdefghijk?t=3",
        "https://m.youtube.com/watch?app=desktop&v=abcdefghijk",
        "https://www.youtube.com/shorts/abcdefghijk",
    ],
)
def test_a_video_has_one_key(variant: str) -> None:
    assert canonical_url(variant) == "youtube.com/watch?v=abcdefghijk"


def test_what_names_the_article_stays_in_the_key() -> None:
    assert canonical_url("https://example.com/?p=1") != canonical_url("https://example.com/?p=2")
    assert canonical_url("https://example.com/a?b=2&a=1") == canonical_url("https://example.com/a?a=1&b=2")


@given(
    st.from_regex(
        r"https?://[a-z]{1,8}\.(com|org)(/[a-z0-9._~%-]{0,6}){0,3}(\?[a-z]{1,4}=[a-z0-9]{0,4}(&[a-z]{1,3}=[a-z0-9]{1,3})?)?",
        fullmatch=True,
    )
)
def test_cleaning_twice_changes_nothing(url: str) -> None:
    assert clean_url(clean_url(url)) == clean_url(url)


@given(st.text(max_size=80))
def test_whatever_is_cleaned_is_a_web_address_or_nothing(text: str) -> None:
    assert clean_url(text) == "" or is_web(clean_url(text))


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("https://doi.org/10.1001/jama.2026.1", "10.1001/jama.2026.1"),
        ("https://journals.example/doi/abs/10.2105/AJPH.2014.302274?af=R", "10.2105/ajph.2014.302274"),
        ("https://www.biorxiv.org/content/10.1101/743294v1?rss=1", "10.1101/743294"),
        ("(doi: 10.1016/S0140-6736(07)61690-0).", "10.1016/s0140-6736(07)61690-0"),
        ("see 10.5555/x.y.", "10.5555/x.y"),
        ("https://link.springer.com/article/10.1007/s00405-026-1/fulltext", "10.1007/s00405-026-1"),
        ("version 10.2 of the form", None),
    ],
)
def test_a_doi_is_found_where_it_stands(text: str, doi: str | None) -> None:
    assert doi_in(text) == doi


@pytest.mark.parametrize(
    ("url", "front"),
    [
        ("https://example.com/", True),
        ("https://example.com/es", True),
        ("https://example.com/a-story", False),
        ("https://example.com/?p=1", False),
    ],
)
def test_a_front_page_is_nobody_s_own(url: str, front: bool) -> None:
    assert is_front_page(url) is front


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("feed://example.com/x", "https://"),
        ("example.com/x.xml", "https://"),
        ("example.com:8080/x", "https://"),
        ("“https://example.com/x”", "quotation mark"),
        ("https://example.com/my feed", "space"),
        ("https://u:p@example.com/x", "password"),
        ("file:///etc/passwd", "only https"),
        ("javascript:alert(1)", "only https"),
    ],
)
def test_staff_are_told_what_is_wrong_with_an_address(written: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        web_address(written)


def test_what_a_paste_brings_along_is_taken_off() -> None:
    assert web_address("  https://example.com/x\u200b ") == "https://example.com/x"


def test_secrets_are_masked_where_an_address_is_shown() -> None:
    assert "hunter2" not in shown_address("https://me:hunter2@example.com/f?token=hunter2&x=1")
    assert "abcdefghij" not in shown_address("https://pubmed.ncbi.nlm.nih.gov/rss/search/abcdefghij/?limit=10")


def test_an_address_with_a_character_that_turns_text_is_none() -> None:
    assert clean_url("https://example.org/%E2%80%AEcod.exe") == ""
    assert clean_url("https://example.org/%D8%A7%D9%84") != ""
