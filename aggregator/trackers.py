"""Tell the parts of an address that track who sent the visitor from those that name the article."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qsl, urlencode

from aggregator.wrappers import is_at

# Parameters that say who sent the visitor, on any host. `id`, `p`, `v`, `sid`, `storyID` and the like name the article.
_TRACKERS = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|at_(?:medium|campaign|custom\w*|link_\w+|ptr_name|format|bbc_team)|"
    r"fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|mc_[ce]id|_hsenc|_hsmi|mkt_tok|oly_\w+_id|vero_\w+|"
    r"dgcid|xtor|wt_(?:mc|zmc)|wt\.(?:mc|rss)\w*|maca|cmpid|cmp|ocid|ncid|ito|sr_share|smid|smtyp|icid|s_cid|"
    r"soc_(?:src|trk)|spm|gusrc|wprss|_ga|_gl|feedname|feedtype|ns_\w+|_openstat|"
    r"rss(?:feed|id)?|from_?rss|via_?rss|utm|feed|mwrsm|postshare|ftag|_r|smprod|pgtype|campaign_id|instance_id|segment_id|"
    r"regi_id|guccounter|guce_\w+|cx_\w+|mkwid|pcrid|ref_src|ref_url|sfnsn|tracking_?id|__twitter_impression|emc_\w+|sref|"
    r"fb_\w+|rft_dat|cn-reloaded|tpcc|outputtype|"
    # HubSpot, Sitecore's campaigns (its sc_itemid and sc_lang name the page), Google Merchant, TikTok, Eloqua, Salesforce,
    # dotdigital, EveryAction, Mailchimp, Branch, Echobox and others.
    r"__hs(?:tc|sc|fp)|hsctatracking|sc_(?!itemid|lang|site|mode|device|database)\w+|srsltid|itm_\w+|ttclid|"
    r"elq(?:track\w*|aid|at|ak|campaignid|cst|_\w+)?|et_[cr]id|sfmc_\w+|dm_i|em[cd]i|ceid|mc_tc|campaign_(?:source|medium|name|"
    r"term|content)|hmb_\w+|_branch_\w+|linkid|intcid|reflink)",
    re.I,
)
# Parameters that track only with a value that matches: `ref=rss`, but not `ref=12345`.
_TRACKING_VALUES: dict[str, re.Pattern[str]] = {
    name: re.compile(value, re.I)
    for name, value in {
        # Ghost and others name the site that links: ref=example.org.
        "ref": r"rss|feed|twitter|fb|home\w*|.*rss.*|(?:[a-z0-9-]+\.)+(?!html?$|php$|aspx?$|pdf$|xml$)[a-z]{2,24}",
        "print": r"true|1|yes",
        "source": r"rss.*|feed.*|twitter|email",
        "src": r"rss.*|feed.*",
        "partner": r"rss\w*",
        "emc": r"rss",
        "af": r"r",
        "track": r"rss",
        "": r"rss.*",
        "from": r"rss|feed",
        "medium": r"rss|feed",
        "mod": r"rss\w*",
        "output": r"rss",
        "cid": r"rss\w*",
        "campaign": r"rss.*",
        "psp": r"\w+",
        "oc": r"5",
    }.items()
}
# Parameters that say who sent the visitor on one host only: host ending, names.
_TRACKERS_AT = (
    ("youtube.com", re.compile(r"si|pp|feature|ab_channel")),
    ("youtu.be", re.compile(r"si|pp|feature")),
    ("washingtonpost.com", re.compile(r"itid")),
    ("forbes.com", re.compile(r"sh")),
)
# Hosts on which only such a parameter names the page (`fwlink/?LinkId=1`).
_ONLY_NAMED_BY_QUERY = ("go.microsoft.com",)
_TRACKING_FRAGMENT = re.compile(r"(?:(?:ref|xtor|utm_\w+|at_\w+|rss|source|echobox)=.*|rss|\d{1,3}|ftag=.*|intcid=.*)", re.I)

# Pages on which no parameter names the article: host ending, path beginning.
_NO_QUERY = (
    ("pubmed.ncbi.nlm.nih.gov", r"/\d"),
    ("clinicaltrials.gov", r"/(?:study|ct2/show)/"),
    ("biorxiv.org", r"/content/"),
    ("medrxiv.org", r"/content/"),
)
# Atypon's journals (Sage, Wiley, Taylor & Francis and some hundred others) name an article by its DOI alone.
_NAMED_BY_DOI = re.compile(r"(?:/\w+)?/doi/(?:[a-z]+/)?10\.\d{4,9}(?:/|%2f)", re.I)


def is_tracker(host: str, name: str, value: str) -> bool:
    """Whether a parameter of an address at `host` says who sent the visitor."""
    if host in _ONLY_NAMED_BY_QUERY:
        return False
    pattern = _TRACKING_VALUES.get(name.lower())
    if _TRACKERS.fullmatch(name) or (pattern is not None and pattern.fullmatch(value)):
        return True
    return any(is_at(host, ending) and names.fullmatch(name) for ending, names in _TRACKERS_AT)


def is_tracking_fragment(fragment: str) -> bool:
    """Whether a fragment says who sent the visitor, or is a mere counter."""
    return _TRACKING_FRAGMENT.fullmatch(fragment) is not None


def needs_no_query(host: str, path: str) -> bool:
    """Whether the path alone names the article."""
    return _NAMED_BY_DOI.match(path) is not None or any(
        is_at(host, ending) and re.match(start, path) for ending, start in _NO_QUERY
    )


def query_without(parts: SplitResult, drop: Callable[[str, str], bool]) -> str:
    """The query without the parameters for which `drop(name, value)` is true; unchanged if there are none."""
    if not parts.query:
        return ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not drop(name, value)]
    # An unchanged query stays as it was written: some servers depend on its order and escaping.
    return parts.query if len(kept) == len(pairs) else urlencode(kept)
