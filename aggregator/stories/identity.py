"""The same article: keys that two entries share only where they are one.

An identifier of the entry itself (DOI, PMID, PMCID, a registry number) or its address. Identifiers in running text are
mentions and make no key. Keys are plain text, `doi:10.1001/x`, so that staff can write them too.
"""

from __future__ import annotations

from aggregator.urls import canonical_url
from aggregator.values.entries import Entry


def keys_of(entry: Entry) -> tuple[str, ...]:
    """The keys that identify the entry's article, strongest first."""
    own = entry.identifiers
    keys = [
        f"{name}:{value.lower()}"
        for name, value in (("doi", own.doi), ("pmid", own.pmid), ("pmcid", own.pmcid), ("nct", own.nct))
        if value
    ]
    if entry.url and entry.is_url_own:
        keys.append(f"url:{canonical_url(entry.url)}")
    return tuple(keys)


def conflicts(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both name themselves by different identifiers of one sort: different DOIs are different articles."""
    for sort in ("doi:", "pmid:", "nct:"):
        names = {key for key in one if key.startswith(sort)}
        others = {key for key in other if key.startswith(sort)}
        if names and others and not names & others:
            return True
    return False
