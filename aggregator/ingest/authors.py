"""Author names, without the e-mail addresses that 36 of 492 real feeds put beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aggregator.text import plain_text, shorten

_MOST, _LONGEST = 50, 200
# Every repetition is bounded, and so is the input: a hostile author field of 80 kB took 40 seconds.
_MAIL = re.compile(
    r"""<?(?:mailto:)?(?:"[^"]{1,64}"|[^\s@<>()\[\],;:"]{1,64})@(?:\[[\d.]+\]|[\w-]+(?:\.[\w-]+)*)(?:\?subject=\S{0,200})?>?"""
)
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|<\s*>")
_ONLY_BRACKETS = re.compile(r"\(([^()]*)\)")


def author_names(written: Sequence[str]) -> tuple[str, ...]:
    """The distinct names in a feed's author fields: at most 50, of at most 200 characters each."""
    names = map(_name, written[:_MOST])
    return tuple(dict.fromkeys(shorten(name, _LONGEST) for name in names if name))


def _name(written: str) -> str:
    """RSS 2.0 writes "mail (name)", most others "name <mail>"."""
    text = plain_text(written[:2000])[:500]
    if "@" in text:
        text = _MAIL.sub("", text)
    bare = _EMPTY_BRACKETS.sub("", text).strip(" ,;:<>\"'")
    inside = _ONLY_BRACKETS.fullmatch(bare)
    return (inside[1] if inside else bare).strip(" ,;:<>\"'")


_CITED = re.compile(r"(?:^|[.;:] )((?:[A-ZÀ-Þ][\w’'-]+ )+[A-Z]{1,3})(?:,|\.|;| et al)")


def cited_author(summary: str) -> tuple[str, ...]:
    """The first author as PubMed and preprint servers write it into the summary: "2026 Mar 5. Lindqvist E, Barr T."; empty
    where none is named."""
    found = _CITED.search(summary)
    return (found[1],) if found else ()
