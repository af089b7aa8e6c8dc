"""Guess the type of a feed from its host. Pure; staff can say otherwise."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aggregator.values.settings import FeedType

# Host endings, of whole labels; the first row that matches counts.
_HOSTS: tuple[tuple[FeedType, tuple[str, ...]], ...] = (
    (FeedType.VIDEO, ("youtube.com", "youtu.be", "vimeo.com")),
    (FeedType.PREPRINT, ("medrxiv.org", "biorxiv.org", "arxiv.org", "researchsquare.com", "preprints.org", "ssrn.com")),
    (FeedType.REGISTRY, ("clinicaltrials.gov", "isrctn.com", "clinicaltrialsregister.eu", "euclinicaltrials.eu", "drks.de",
                         "anzctr.org.au")),
    (FeedType.SEARCH, ("pubmed.ncbi.nlm.nih.gov", "news.google.com", "bing.com", "europepmc.org")),
    (FeedType.PRESS, ("eurekalert.org", "prnewswire.com", "prnewswire.co.uk", "businesswire.com", "globenewswire.com",
                      "newswise.com", "alphagalileo.org", "accesswire.com", "einpresswire.com", "idw-online.de")),
    (FeedType.JOURNAL, ("wiley.com", "tandfonline.com", "sagepub.com", "sciencedirect.com", "link.springer.com",
                        "biomedcentral.com", "lww.com", "mdpi.com", "frontiersin.org", "plos.org", "nature.com",
                        "jamanetwork.com", "liebertpub.com", "thieme-connect.com", "thieme-connect.de", "nejm.org",
                        "thelancet.com", "bmj.com", "oup.com", "cambridge.org", "karger.com", "cell.com", "science.org",
                        "ncbi.nlm.nih.gov", "hindawi.com", "elifesciences.org", "jstor.org", "ingentaconnect.com",
                        "thejns.org", "neurology.org", "elsevierhealth.com", "joms.org", "jprasurg.com")),
    (FeedType.GOVERNMENT, ("gov", "gov.uk", "nhs.uk", "gc.ca", "gov.au", "govt.nz", "europa.eu", "who.int", "mil")),
)  # fmt: skip


def type_of(url: str) -> FeedType:
    """The most likely type of a feed at this address; `news` if its host is not listed."""
    host = _host(url)
    for kind, endings in _HOSTS:
        if any(host == ending or host.endswith(f".{ending}") for ending in endings):
            return kind
    return FeedType.NEWS


def is_patients_words(url: str) -> bool:
    """Whether a feed consists of people's own posts (Reddit), which should wait for staff before they are shown."""
    return re.search(r"(?:^|\.)reddit\.com$", _host(url)) is not None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
