"""Identity keys, by which an article is recognised. No other module spells one.

    doi:10.1001/x  pmid:38000000  pmcid:pmc123456  nct:nct01234567    identifiers of the literature and of the registry
    url:example.org/a                                                 the article's canonical address
    title:a headline of five words or more                            a copy under an address of its own
    guid:https://example.org/feed.xml 4711                            one feed's own name for an entry

Identifiers are lower case. Two entries that share an identifier or an address are the same article. Identifiers in running
text are mentions, spelled the same way: they relate two articles and do not make them one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from aggregator.errors import Hint, UsageError
from aggregator.text import fold
from aggregator.urls import canonical_url, doi_in


class Scheme(StrEnum):
    """The scheme of a key: what it identifies an article by."""

    DOI = "doi"
    PMID = "pmid"
    PMCID = "pmcid"
    NCT = "nct"
    URL = "url"
    TITLE = "title"
    GUID = "guid"


@dataclass(frozen=True, slots=True)
class Identifiers:
    """An article's own identifiers in the literature and the registry, as its entry gives them. PMC and NCT numbers include
    their letters."""

    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    nct: str | None = None


IDENTIFIERS = (Scheme.DOI, Scheme.PMID, Scheme.PMCID, Scheme.NCT)
_IDENTIFIER_PREFIXES = tuple(f"{scheme}:" for scheme in IDENTIFIERS)

# No letter or figure may precede an identifier: "XNCT01234567" names no trial.
_PMID = re.compile(r"(?:pubmed[:/]|pmid:?\s*|pubmed\.ncbi\.nlm\.nih\.gov/)(\d{1,8})(?!\d)", re.I)
_PMCID = re.compile(r"(?<![a-z0-9])PMC(\d{3,9})(?!\d)", re.I)
_NCT = re.compile(r"(?<![a-z0-9])NCT(\d{8})(?!\d)", re.I)
_PMID_IN_TEXT = re.compile(r"\bPMID:?\s*(\d{5,8})\b")
_DOI_IN_TEXT = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
# How a person writes an identifier, and the letters that the key's value begins with.
_WRITTEN = {
    Scheme.PMID: (re.compile(r"pmid[:\s]\s*0*([1-9]\d{0,8})", re.I), ""),
    Scheme.PMCID: (re.compile(r"(?:pmcid[:\s]\s*(?:pmc)?|pmc\s?)0*([1-9]\d{2,8})", re.I), "pmc"),
    Scheme.NCT: (re.compile(r"(?:nct[:\s]\s*(?:nct)?|nct)(\d{8})", re.I), "nct"),
}
_DOI_WRITTEN = re.compile(r"(?:doi[:\s]\s*)?(?:(?:https?://)?(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+$", re.I)
_MOST_MENTIONS = 20
_TITLE_LENGTH, _FEWEST_TITLE_WORDS = 200, 5


def key(scheme: Scheme, value: str) -> str:
    """The key of `value` in this scheme."""
    return f"{scheme.value}:{value.lower() if scheme in IDENTIFIERS else value}"


def has_scheme(written: str, scheme: Scheme) -> bool:
    """Whether a key is of this scheme."""
    return written.startswith(f"{scheme}:")


def value_of(written: str) -> str:
    """The value of a key, without its scheme."""
    return written.partition(":")[2]


def is_identifier(written: str) -> bool:
    """Whether a key is an identifier of the literature or of the registry."""
    return written.startswith(_IDENTIFIER_PREFIXES)


def keys_of(own: Identifiers, address: str = "") -> tuple[str, ...]:
    """The keys of an article, strongest first: its identifiers, then its canonical `address` if it has one of its own."""
    pairs = (
        (Scheme.DOI, own.doi),
        (Scheme.PMID, own.pmid),
        (Scheme.PMCID, own.pmcid),
        (Scheme.NCT, own.nct),
        (Scheme.URL, address),
    )
    return tuple(key(scheme, value) for scheme, value in pairs if value)


def identifiers_of(keys: Iterable[str]) -> Identifiers:
    """The identifiers among these keys."""
    values = dict(written.split(":", 1) for written in keys)
    return Identifiers(*(values.get(scheme) for scheme in IDENTIFIERS))


def title_key(title: str) -> str | None:
    """The key that recognises a copy under another address; None for a title of under five words, which proves nothing."""
    folded = fold(title)[:_TITLE_LENGTH]
    return key(Scheme.TITLE, folded) if folded.count(" ") + 1 >= _FEWEST_TITLE_WORDS else None


def guid_key(feed_url: str, guid: str) -> str:
    """The key of one feed's entry by its guid, which every entry has."""
    return key(Scheme.GUID, f"{feed_url} {guid}")


def feed_and_guid(written: str) -> tuple[str, str]:
    """The feed's address and the guid of a guid key."""
    feed_url, _, guid = value_of(written).partition(" ")
    return feed_url, guid


# ---- what people and publishers write ---------------------------------------------------------------------------------


def keys_in(written: str) -> tuple[str, ...]:
    """The keys of an article as a person names it: a DOI, PMID, PMC or NCT number in any usual spelling, or an address,
    which gives its own key and those of the identifiers in it. Empty if it is none of these."""
    text = written.strip()
    identifier = _identifier_named(text)
    if identifier:
        return (identifier,)
    address = canonical_url(text)
    if address:
        return keys_of(identifiers_in((text,), text), address)
    doi = doi_in(text) if _DOI_WRITTEN.match(text) else None
    return (key(Scheme.DOI, doi),) if doi else ()


def _identifier_named(text: str) -> str | None:
    """The key of an identifier written with its scheme (`pmid:123`, `PMC123456`, `NCT01234567`), or None."""
    for scheme, (pattern, letters) in _WRITTEN.items():
        match = pattern.fullmatch(text)
        if match:
            return key(scheme, letters + match[1])
    return None


def reference(written: str) -> tuple[int | None, tuple[str, ...]]:
    """Parse ENTRY of the command line: a printed number and no keys, or None and the keys of an address or identifier.
    UsageError if it is neither."""
    text = written.strip()
    if text.isdecimal() and len(text) < 16:
        return int(text), ()
    keys = keys_in(text)
    if not keys:
        raise UsageError(
            f"“{written}” is not the number, address or identifier of an entry; "
            "write a number that was shown, https://…, doi:…, pmid:…, PMC… or NCT….",
            hint=Hint.FIND_BY_TITLE,
        )
    return None, keys


def identifiers_in(places: Sequence[str], url: str) -> Identifiers:
    """The identifiers in these fields of an entry; a registry number only if `url` is an address of the registry."""
    host = urlsplit(url).hostname or "" if url else ""
    pmid = next((match[1] for place in places if (match := _PMID.search(place))), None)
    doi = next((doi for place in places if (doi := doi_in(place))), None)
    pmcid = next((f"PMC{match[1]}" for place in places if (match := _PMCID.search(place))), None)
    is_registry = host.endswith("clinicaltrials.gov")
    nct = next((f"NCT{match[1]}" for place in places if (match := _NCT.search(place))), None) if is_registry else None
    return Identifiers(doi, pmid, pmcid, nct)


def mentions_in(text: str, own: Identifiers) -> tuple[str, ...]:
    """Keys of the identifiers in running text that are not the entry's own, at most 20."""
    most = _MOST_MENTIONS
    mentions = [
        key(Scheme.DOI, doi) for match in _DOI_IN_TEXT.findall(text)[:most] if (doi := doi_in(match)) and doi != own.doi
    ]
    if "nct" in text.lower():
        mentions += [key(Scheme.NCT, f"NCT{number}") for number in _NCT.findall(text)[:most] if f"NCT{number}" != own.nct]
    if "PMID" in text:
        mentions += [key(Scheme.PMID, number) for number in _PMID_IN_TEXT.findall(text)[:most] if number != own.pmid]
    return tuple(dict.fromkeys(mentions))[:most]
