"""Addresses of known sites, and the feeds that follow from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.feedlist.patterns import advice_on, feeds_of_address, lookup_of, needs_a_person

CHANNEL = "UC" + "a1B2-_c3D4e5" * 2
CHANNEL = CHANNEL[:24]
YOUTUBE = "https://www.youtube.com/feeds/videos.xml"
GITHUB = "https://github.com/clinic/face"
LWW = "https://journals.lww.com/otology-neurotology/_layouts/15/OAKS.Journals/feed.aspx?FeedType="


@pytest.mark.parametrize(
    ("address", "first"),
    [
        # ---- videos
        (f"https://www.youtube.com/channel/{CHANNEL}", f"{YOUTUBE}?channel_id={CHANNEL}"),
        (f"https://m.youtube.com/channel/{CHANNEL}/videos?view=0", f"{YOUTUBE}?channel_id={CHANNEL}"),
        ("https://www.youtube.com/playlist?list=PLabcdef1234567", f"{YOUTUBE}?playlist_id=PLabcdef1234567"),
        ("https://www.youtube.com/watch?v=abcdefghijk&list=PLabcdef1234567", f"{YOUTUBE}?playlist_id=PLabcdef1234567"),
        ("https://youtu.be/abcdefghijk?list=PLabcdef1234567", f"{YOUTUBE}?playlist_id=PLabcdef1234567"),
        ("https://www.youtube.com/user/FaceClinic", f"{YOUTUBE}?user=FaceClinic"),
        ("https://vimeo.com/faceclinic", "https://vimeo.com/faceclinic/videos/rss"),
        ("https://vimeo.com/user12345/videos", "https://vimeo.com/user12345/videos/rss"),
        ("https://vimeo.com/channels/smiles", "https://vimeo.com/channels/smiles/videos/rss"),
        ("https://vimeo.com/groups/smiles", "https://vimeo.com/groups/smiles/videos/rss"),
        # ---- social networks
        ("https://www.reddit.com/r/FacialNerve/", "https://www.reddit.com/r/FacialNerve/.rss"),
        ("https://old.reddit.com/r/FacialNerve/new", "https://www.reddit.com/r/FacialNerve/.rss"),
        ("http://reddit.com/r/FacialNerve", "http://www.reddit.com/r/FacialNerve/.rss"),
        ("https://www.reddit.com/user/some-one", "https://www.reddit.com/user/some-one/.rss"),
        ("https://www.reddit.com/u/some-one/", "https://www.reddit.com/user/some-one/.rss"),
        (GITHUB, GITHUB + "/releases.atom"),
        (GITHUB + ".git", GITHUB + "/releases.atom"),
        (GITHUB + "/releases/tag/v1", GITHUB + "/releases.atom"),
        (GITHUB + "/tags", GITHUB + "/tags.atom"),
        (GITHUB + "/commits", GITHUB + "/commits.atom"),
        (GITHUB + "/commits/main/", GITHUB + "/commits/main.atom"),
        (GITHUB + "/tree/main/docs", GITHUB + "/releases.atom"),
        ("https://mastodon.social/@clinic", "https://mastodon.social/@clinic.rss"),
        ("https://mastodon.social/@clinic/112233445566", "https://mastodon.social/@clinic.rss"),
        ("https://social.example.org/@clinic/with_replies", "https://social.example.org/@clinic.rss"),
        ("https://mastodon.social/@clinic@med.example.org", "https://med.example.org/@clinic.rss"),
        ("https://mastodon.social/users/clinic", "https://mastodon.social/users/clinic.rss"),
        ("https://mstdn.social/tags/facialpalsy", "https://mstdn.social/tags/facialpalsy.rss"),
        ("https://bsky.app/profile/clinic.example.org", "https://bsky.app/profile/clinic.example.org/rss"),
        ("https://bsky.app/profile/did:plc:abc123/post/1", "https://bsky.app/profile/did:plc:abc123/rss"),
        # ---- blogs
        ("https://smiles.substack.com/p/a-post", "https://smiles.substack.com/feed"),
        ("https://substack.com/@smiles", "https://smiles.substack.com/feed"),
        ("https://open.substack.com/pub/smiles/p/a-post?r=1", "https://smiles.substack.com/feed"),
        ("https://medium.com/@face.clinic/a-post-123abc", "https://medium.com/feed/@face.clinic"),
        ("https://medium.com/face-stories", "https://medium.com/feed/face-stories"),
        ("https://medium.com/face-stories/tagged/surgery", "https://medium.com/feed/face-stories/tagged/surgery"),
        ("https://medium.com/tag/facial-paralysis/latest", "https://medium.com/feed/tag/facial-paralysis"),
        ("https://faceclinic.medium.com/a-post-123abc", "https://faceclinic.medium.com/feed"),
        ("https://smiles.blogspot.com/2026/11/a-post.html", "https://smiles.blogspot.com/feeds/posts/default"),
        ("https://smiles.blogspot.co.uk", "https://smiles.blogspot.co.uk/feeds/posts/default"),
        ("https://smiles.blogspot.com/search/label/Bell%27s", "https://smiles.blogspot.com/feeds/posts/default/-/Bell%27s"),
        ("https://smiles.wordpress.com/2026/11/a-post/", "https://smiles.wordpress.com/feed/"),
        ("https://smiles.wordpress.com/category/bells-palsy/", "https://smiles.wordpress.com/category/bells-palsy/feed/"),
        ("https://wordpress.com/tag/synkinesis", "https://en.wordpress.com/tag/synkinesis/feed/"),
        ("https://blog.example.org/category/face", "https://blog.example.org/category/face/feed/"),
        ("https://example.org/news/tag/palsy/?x=1", "https://example.org/news/tag/palsy/feed/"),
        ("https://example.org/author/jane/", "https://example.org/author/jane/feed/"),
        ("https://example.org/?cat=5", "https://example.org/?cat=5&feed=rss2"),
        # ---- journals
        ("https://www.nature.com/nrneurol/", "https://www.nature.com/nrneurol.rss"),
        ("https://www.nature.com/subjects/facial-paralysis", "https://www.nature.com/subjects/facial-paralysis.rss"),
        ("https://journals.plos.org/plosone/browse/otology", "https://journals.plos.org/plosone/feed/atom"),
        ("https://onlinelibrary.wiley.com/journal/15314995", "https://onlinelibrary.wiley.com/feed/15314995/most-recent"),
        ("https://onlinelibrary.wiley.com/toc/1531499x/current", "https://onlinelibrary.wiley.com/feed/1531499x/most-recent"),
        ("https://aao.onlinelibrary.wiley.com/loi/10976817", "https://onlinelibrary.wiley.com/feed/10976817/most-recent"),
        ("https://www.tandfonline.com/journals/ioto20", "https://www.tandfonline.com/feed/rss/ioto20"),
        ("https://www.tandfonline.com/toc/ioto20/current", "https://www.tandfonline.com/feed/rss/ioto20"),
        ("https://www.tandfonline.com/action/journalInformation?journalCode=ioto20", "https://www.tandfonline.com/feed/rss/ioto20"),
        ("https://journals.sagepub.com/home/oto", "https://journals.sagepub.com/action/showFeed?type=etoc&feed=rss&jc=oto"),
        ("https://journals.sagepub.com/toc/oto/current", "https://journals.sagepub.com/action/showFeed?type=etoc&feed=rss&jc=oto"),
        ("https://www.liebertpub.com/journal/fpsam", "https://www.liebertpub.com/action/showFeed?type=etoc&feed=rss&jc=fpsam"),
        ("https://www.sciencedirect.com/science/journal/17486815", "https://rss.sciencedirect.com/publication/science/17486815"),
        ("https://link.springer.com/journal/405/volumes-and-issues", "https://link.springer.com/search.rss?facet-content-type=Article&facet-journal-id=405"),
        ("https://bmcneurol.biomedcentral.com/articles/10.1186/x", "https://bmcneurol.biomedcentral.com/articles/most-recent/rss.xml"),
        ("https://journals.lww.com/otology-neurotology/pages/default.aspx", LWW + "LatestArticles"),
        ("https://www.mdpi.com/journal/jcm", "https://www.mdpi.com/rss/journal/jcm"),
        ("https://www.frontiersin.org/journals/neurology", "https://www.frontiersin.org/journals/neurology/rss"),
        ("https://www.frontiersin.org/journals/neurology/sections/neuro-otology/articles", "https://www.frontiersin.org/journals/neurology/sections/neuro-otology/rss"),
        ("https://www.medrxiv.org/collection/otolaryngology", "https://connect.medrxiv.org/medrxiv_xml.php?subject=otolaryngology"),
        # ---- nothing follows
        ("https://www.youtube.com/@clinic", None),
        ("https://www.youtube.com/watch?v=abcdefghijk", None),
        ("https://www.youtube.com/watch?v=abcdefghijk&list=RDabcdef1234567", None),
        ("https://vimeo.com/123456789", None),
        ("https://www.tiktok.com/@clinic", None),
        ("https://github.com/features/actions", None),
        ("https://medium.com/search?q=x", None),
        ("https://www.nature.com/articles/s41586-020-1", None),
        ("https://www.reddit.com/", None),
        ("https://example.org/", None),
        ("https://example.org/news/2026", None),
        ("http://[bad", None),
        # ---- what is a feed already
        ("https://www.reddit.com/r/FacialNerve/.rss", None),
        (f"{YOUTUBE}?channel_id={CHANNEL}", None),
        ("https://github.com/clinic/face/releases.atom", None),
        ("https://medium.com/feed/@clinic", None),
        ("https://blog.example.org/category/face/feed/", None),
        ("https://example.org/?cat=5&feed=atom", None),
        ("https://smiles.blogspot.com/feeds/posts/default", None),
        (LWW + "CurrentIssue", None),
        ("https://onlinelibrary.wiley.com/feed/15314995/most-recent", None),
        ("https://www.nature.com/nrneurol.rss", None),
    ],
)  # fmt: skip
def test_the_feed_of_a_known_site_follows_from_its_address(address: str, first: str | None) -> None:
    assert next(iter(feeds_of_address(address)), None) == first


def test_more_than_one_address_is_tried_where_a_site_has_several() -> None:
    assert feeds_of_address(GITHUB) == (GITHUB + "/releases.atom", GITHUB + "/tags.atom", GITHUB + "/commits.atom")
    assert feeds_of_address("https://journals.lww.com/otology-neurotology/")[1] == LWW + "CurrentIssue"


@given(st.text(max_size=60), st.sampled_from(["https://", "https://github.com/", "https://[", "//", ""]))
def test_no_text_is_too_odd(text: str, before: str) -> None:
    for address in feeds_of_address(before + text):
        assert "{" not in address.partition("?")[0] or "{" in text
    assert lookup_of(before + text) is None


@pytest.mark.parametrize(
    ("address", "lookup"),
    [
        ("https://podcasts.apple.com/us/podcast/the-face/id1234567890", "https://itunes.apple.com/lookup?id=1234567890&entity=podcast"),
        ("https://podcasts.apple.com/podcast/id42?i=7", "https://itunes.apple.com/lookup?id=42&entity=podcast"),
        ("http://itunes.apple.com/de/podcast/the-face/id42", "http://itunes.apple.com/lookup?id=42&entity=podcast"),
        ("https://podcasts.apple.com/us/browse", None),
        ("https://example.org/us/podcast/x/id42", None),
    ],
)  # fmt: skip
def test_apple_is_asked_for_a_podcast_s_feed(address: str, lookup: str | None) -> None:
    assert lookup_of(address) == lookup


@pytest.mark.parametrize(
    ("address", "is_for_a_person"),
    [
        ("https://pubmed.ncbi.nlm.nih.gov/?term=facial+palsy", True),
        ("https://pubmed.ncbi.nlm.nih.gov/12345/", True),
        ("https://pubmed.ncbi.nlm.nih.gov/rss/search/1a2b3c/?limit=100", False),
        ("https://example.org/?term=pubmed", False),
    ],
)
def test_a_pubmed_search_needs_a_person(address: str, is_for_a_person: bool) -> None:
    assert ("Create RSS" in needs_a_person(address)) == is_for_a_person


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("https://www.youtube.com/@clinic", "channel ID"),
        ("https://www.sciencedirect.com/journal/a", "ISSN"),
        ("https://www.facebook.com/clinic", "offers no feeds"),
        ("https://x.com/clinic", "offers no feeds"),
        ("https://notfacebook.example/clinic", ""),
    ],
)
def test_where_no_feed_was_found_the_next_step_is_named(address: str, word: str) -> None:
    assert word in advice_on(address)
    assert bool(advice_on(address)) == bool(word)
