"""Sites whose feed addresses follow from a page's address: a table of patterns. Pure; callers check that a feed is there.

Sources: YouTube's, Reddit's, GitHub's, Mastodon's, Bluesky's, WordPress's, Blogger's, Medium's and Vimeo's own help pages;
for publishers the addresses that their journals' pages link to as “RSS”.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

_YOUTUBE = r"(?:www\.|m\.|music\.)?youtube\.com"
_REDDIT = r"(?:www\.|old\.|new\.|np\.|m\.)?reddit\.com"
_GITHUB = r"(?:www\.)?github\.com"
_REPOSITORY = (
    r"/(?!(?:about|apps|collections|contact|explore|features|issues|login|marketplace|notifications|orgs|pricing|pulls|"
    r"search|settings|sponsors|topics|trending)(?:/|$))(?P<owner>[\w-]+)/(?P<name>[\w.-]+?)(?:\.git)?"
)
_FEDIVERSE = r"(?:[\w-]+\.)*(?:mastodon|mstdn|fosstodon|hachyderm)\.[a-z.]+|mas\.to|(?:[\w-]+\.)+social"
_MEDIUM_PAGES = (
    r"(?!(?:about|business|feed|explore-topics|jobs-at-medium|m|me|membership|p|policy|search|topics?)(?:[/?]|$))"
)
_VIMEO_PAGES = r"(?!(?:\d+|about|blog|categories|features|join|log_in|ondemand|search|stock|upgrade|watch)(?:[/?]|$))"
_NATURE_PAGES = r"(?!(?:articles|collections|immersive|naturecareers|nature-index|search|siteindex)(?:[/?]|$))"
_ISSN = r"(?P<issn>\d{7}[\dXx])"
_END = r"/?(?:\?.*)?$"
_VIDEOS = "{scheme}://www.youtube.com/feeds/videos.xml"

# Host, path with query, the feeds' addresses, the likeliest first. The first row that matches counts.
_ROWS: tuple[tuple[str, ...], ...] = (
    # ---- videos and podcasts
    (_YOUTUBE, r"/channel/(?P<id>UC[\w-]{22})", _VIDEOS + "?channel_id={id}"),
    (_YOUTUBE, r"/(?:playlist|watch)\?(?:.*&)?list=(?P<id>(?:PL|UU|FL|OL)[\w-]{10,})", _VIDEOS + "?playlist_id={id}"),
    (r"youtu\.be", r"/[\w-]+\?(?:.*&)?list=(?P<id>(?:PL|UU|FL|OL)[\w-]{10,})", _VIDEOS + "?playlist_id={id}"),
    (_YOUTUBE, r"/user/(?P<id>[\w.-]+)", _VIDEOS + "?user={id}"),
    # Handles and videos: the channel's ID is on the page (see discover).
    (_YOUTUBE, r"/"),
    (r"(?:www\.)?vimeo\.com", r"/(?P<id>(?:channels|groups)/[\w-]+)", "{scheme}://vimeo.com/{id}/videos/rss"),
    (r"(?:www\.)?vimeo\.com", r"/" + _VIMEO_PAGES + r"(?P<id>[\w-]+)", "{scheme}://vimeo.com/{id}/videos/rss"),
    # ---- social networks
    (_REDDIT, r"/r/(?P<id>\w+)", "{scheme}://www.reddit.com/r/{id}/.rss"),
    (_REDDIT, r"/u(?:ser)?/(?P<id>[\w-]+)", "{scheme}://www.reddit.com/user/{id}/.rss"),
    (_GITHUB, _REPOSITORY + r"/commits/(?P<branch>[^?#]+?)" + _END,
     "{scheme}://github.com/{owner}/{name}/commits/{branch}.atom"),
    (_GITHUB, _REPOSITORY + r"/commits" + _END, "{scheme}://github.com/{owner}/{name}/commits.atom"),
    (_GITHUB, _REPOSITORY + r"/tags" + _END, "{scheme}://github.com/{owner}/{name}/tags.atom"),
    (_GITHUB, _REPOSITORY + r"/releases(?:/.*)?" + _END, "{scheme}://github.com/{owner}/{name}/releases.atom"),
    (_GITHUB, _REPOSITORY + r"(?:/.*)?" + _END, "{scheme}://github.com/{owner}/{name}/releases.atom",
     "{scheme}://github.com/{owner}/{name}/tags.atom", "{scheme}://github.com/{owner}/{name}/commits.atom"),
    (r"bsky\.app", r"/profile/(?P<id>[\w.:-]+)", "{scheme}://bsky.app/profile/{id}/rss"),
    (r"(?:www\.)?(?:tiktok\.com|threads\.(?:net|com))", r"/"),
    # ---- blogs
    (r"(?:www\.)?substack\.com", r"/@(?P<id>[\w-]+)", "{scheme}://{id}.substack.com/feed"),
    (r"open\.substack\.com", r"/pub/(?P<id>[\w-]+)", "{scheme}://{id}.substack.com/feed"),
    (r"(?!www\.|open\.)[\w-]+\.substack\.com", r"", "{site}/feed"),
    (r"(?:www\.)?medium\.com", r"/tag/(?P<id>[\w-]+)", "{scheme}://medium.com/feed/tag/{id}"),
    (r"(?:www\.)?medium\.com", r"/(?P<id>@[\w.-]+)", "{scheme}://medium.com/feed/{id}"),
    (r"(?:www\.)?medium\.com", r"/" + _MEDIUM_PAGES + r"(?P<id>[\w-]+/tagged/[\w-]+)", "{scheme}://medium.com/feed/{id}"),
    (r"(?:www\.)?medium\.com", r"/" + _MEDIUM_PAGES + r"(?P<id>[\w-]+)", "{scheme}://medium.com/feed/{id}"),
    (r"(?!www\.)[\w-]+\.medium\.com", r"", "{site}/feed"),
    (r"[\w-]+\.blogspot\.[a-z.]+", r"/search/label/(?P<id>[^/?#]+)", "{site}/feeds/posts/default/-/{id}"),
    (r"[\w-]+\.blogspot\.[a-z.]+", r"", "{site}/feeds/posts/default"),
    (r"(?:[a-z]{2}\.|www\.)?wordpress\.com", r"/tag/(?P<id>[\w%-]+)", "{scheme}://en.wordpress.com/tag/{id}/feed/"),
    (r"(?!www\.)[\w-]+\.wordpress\.com", r"/(?P<id>(?:category|tag|author)/[^?#]+?)" + _END, "{site}/{id}/feed/"),
    (r"(?!www\.)[\w-]+\.wordpress\.com", r"", "{site}/feed/"),
    # ---- journals
    (r"(?:www\.)?nature\.com", r"/(?P<id>subjects/[\w-]+)", "{scheme}://www.nature.com/{id}.rss"),
    (r"(?:www\.)?nature\.com", r"/" + _NATURE_PAGES + r"(?P<id>[\w-]+)", "{scheme}://www.nature.com/{id}.rss"),
    (r"journals\.plos\.org", r"/(?P<id>[a-z]+)", "{scheme}://journals.plos.org/{id}/feed/atom"),
    (r"(?:[\w-]+\.)*onlinelibrary\.wiley\.com", r"/(?:journal|toc|loi|page/journal)/" + _ISSN,
     "{scheme}://onlinelibrary.wiley.com/feed/{issn}/most-recent"),
    (r"(?:www\.)?tandfonline\.com", r"/(?:journals|toc|loi)/(?P<id>\w+)", "{scheme}://www.tandfonline.com/feed/rss/{id}",
     "{scheme}://www.tandfonline.com/action/showFeed?type=etoc&feed=rss&jc={id}"),
    (r"(?:www\.)?tandfonline\.com", r"/action/journalInformation\?(?:.*&)?journalCode=(?P<id>\w+)",
     "{scheme}://www.tandfonline.com/feed/rss/{id}"),
    # Atypon's platform has one address for all its journals.
    (r"journals\.sagepub\.com|(?:www\.)?liebertpub\.com", r"/(?:home|journal|toc|loi)/(?P<id>\w+)",
     "{site}/action/showFeed?type=etoc&feed=rss&jc={id}"),
    (r"(?:www\.)?sciencedirect\.com", r"/science/journal/" + _ISSN,
     "{scheme}://rss.sciencedirect.com/publication/science/{issn}"),
    (r"link\.springer\.com", r"/journal/(?P<id>\d+)",
     "{scheme}://link.springer.com/search.rss?facet-content-type=Article&facet-journal-id={id}"),
    (r"[\w-]+\.biomedcentral\.com", r"", "{site}/articles/most-recent/rss.xml"),
    (r"journals\.lww\.com", r"/(?P<id>[\w-]+)",
     "{scheme}://journals.lww.com/{id}/_layouts/15/OAKS.Journals/feed.aspx?FeedType=LatestArticles",
     "{scheme}://journals.lww.com/{id}/_layouts/15/OAKS.Journals/feed.aspx?FeedType=CurrentIssue"),
    (r"(?:www\.)?mdpi\.com", r"/journal/(?P<id>\w+)", "{scheme}://www.mdpi.com/rss/journal/{id}"),
    (r"(?:www\.)?frontiersin\.org", r"/(?P<id>journals/[\w-]+(?:/sections/[\w-]+)?)",
     "{scheme}://www.frontiersin.org/{id}/rss"),
    (r"(?:www\.)?(?P<server>medrxiv|biorxiv)\.org", r"/collection/(?P<id>[\w-]+)",
     "{scheme}://connect.{server}.org/{server}_xml.php?subject={id}"),
    # ---- any site: an account of the fediverse, a part of a WordPress site
    (_FEDIVERSE, r"/(?P<id>(?:users|tags)/\w+)" + _END, "{site}/{id}.rss"),
    (r".+", r"/@(?P<id>\w+)@(?P<home>[\w-]+(?:\.[\w-]+)+)", "{scheme}://{home}/@{id}.rss"),
    (r".+", r"/@(?P<id>\w+)(?:/\d+|/with_replies|/media)?" + _END, "{site}/@{id}.rss"),
    (r".+", r"/(?P<id>(?:[\w-]+/)*(?:category|tag|author)/[^?#]+?)" + _END, "{site}/{id}/feed/"),
    (r".+", r"/?\?(?P<id>(?:cat|tag|author)=[\w-]+)$", "{site}/?{id}&feed=rss2"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Pattern:
    host: re.Pattern[str]
    path: re.Pattern[str]
    feeds: tuple[str, ...]

    def match(self, parts: SplitResult) -> dict[str, str] | None:
        """The named groups of an address of this site, or None."""
        host = self.host.fullmatch(parts.hostname or "")
        path = self.path.match(f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/")
        return {**host.groupdict(), **path.groupdict()} if host and path else None


_PATTERNS = [_Pattern(re.compile(host, re.I), re.compile(path), feeds) for host, path, *feeds in _ROWS]  # type: ignore[arg-type]
# Addresses that are a feed's already.
_FEED = re.compile(
    r"(?:\.(?:rss|atom|rdf|xml)|[/.]rss|/feed|/feed/.*|/feeds/.*)/?(?:\?.*)?$|[?&](?:feed|format)=\w|FeedType=", re.I
)


def feeds_of_address(url: str) -> tuple[str, ...]:
    """The feed addresses known for the page at `url`, the likeliest first; empty if the site is not known, or `url` is a
    feed's own address."""
    parts = _parts(url)
    if parts is None or _FEED.search(f"{parts.path}?{parts.query}" if parts.query else parts.path):
        return ()
    for pattern in _PATTERNS:
        groups = pattern.match(parts)
        if groups is not None:
            site = f"{parts.scheme}://{parts.netloc}"
            return tuple(feed.format(**groups, scheme=parts.scheme, site=site) for feed in pattern.feeds)
    return ()


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return parts if parts.hostname else None


_PODCAST = re.compile(r"/(?:[a-z]{2}/)?podcast/(?:[^/]+/)?id(?P<id>\d+)", re.I)


def lookup_of(url: str) -> str | None:
    """The address at which Apple names the feed of a podcast (iTunes Search API, “lookup”); None for all other pages."""
    parts = _parts(url)
    if parts is None or parts.hostname not in ("podcasts.apple.com", "itunes.apple.com"):
        return None
    match = _PODCAST.match(parts.path)
    return f"{parts.scheme}://itunes.apple.com/lookup?id={match['id']}&entity=podcast" if match else None


# ---- what a person has to do -----------------------------------------------------------------------------------------

_PUBMED = (
    "PubMed makes no feed from the address of a search. Open the search on pubmed.ncbi.nlm.nih.gov, press “Create RSS” "
    "under the search box, and use the address that it gives."
)
_ADVICE = (
    (_YOUTUBE + r"|youtu\.be", "On YouTube, open the channel, press “… more”, “Share channel”, “Copy channel ID”, and use "
     "https://www.youtube.com/channel/ followed by that ID."),
    (r"(?:www\.)?sciencedirect\.com", "ScienceDirect's feeds are at https://rss.sciencedirect.com/publication/science/ "
     "followed by the journal's ISSN without its dash."),
    (r"(?:[\w-]+\.)*(?:facebook|instagram|linkedin|tiktok|twitter|x)\.com|(?:www\.)?threads\.(?:net|com)",
     "This site offers no feeds. Ask whether the publisher also has a site or a newsletter archive of its own."),
)  # fmt: skip


def needs_a_person(url: str) -> str:
    """What to do if an address is known to have no feed of its own (a PubMed search); else empty."""
    parts = _parts(url)
    is_pubmed = parts is not None and parts.hostname == "pubmed.ncbi.nlm.nih.gov"
    return _PUBMED if parts and is_pubmed and not parts.path.startswith("/rss/search/") else ""


def advice_on(url: str) -> str:
    """What may help if no feed was found at this address; empty if the site is not known."""
    host = (parts.hostname or "") if (parts := _parts(url)) else ""
    return next((advice for site, advice in _ADVICE if re.fullmatch(site, host)), "")
