"""The three marks that an introduction may have: **strong**, *emphasis*, [words](https://…). All else is text."""

from __future__ import annotations

import re

from markupsafe import escape

from aggregator.urls import is_web

_LINK = re.compile(r"\[([^\[\]]{1,200})\]\(((?:[^\s()]|\([^\s()]*\)){1,500})\)")
_STRONG = re.compile(r"\*\*(?=\S)([^*]{1,500}?)(?<=\S)\*\*")
_EMPHASIS = re.compile(r"(?<![*\w])\*(?=\S)([^*]{1,500}?)(?<=\S)\*(?![*\w])")


def marked_html(paragraph: str) -> str:
    """A paragraph as HTML: everything escaped, the marks as elements; a link to anything but a web page stays text."""
    pieces, at = [], 0
    for found in _LINK.finditer(paragraph):
        if not is_web(found[2]):
            continue
        pieces.append(_styled(paragraph[at : found.start()]))
        pieces.append(f'<a href="{escape(found[2])}">{_styled(found[1])}</a>')
        at = found.end()
    return "".join([*pieces, _styled(paragraph[at:])])


def _styled(text: str) -> str:
    shown = _STRONG.sub(r"<strong>\1</strong>", str(escape(text)))
    return _EMPHASIS.sub(r"<em>\1</em>", shown)


def marked_text(paragraph: str) -> str:
    """A paragraph as plain text: without its marks, an address in brackets behind the words that lead there."""
    pieces, at = [], 0
    for found in _LINK.finditer(paragraph):
        if is_web(found[2]):
            pieces += [_unmarked(paragraph[at : found.start()]), f"{_unmarked(found[1])} ({found[2]})"]
            at = found.end()
    return "".join([*pieces, _unmarked(paragraph[at:])])


def _unmarked(text: str) -> str:
    return _EMPHASIS.sub(r"\1", _STRONG.sub(r"\1", text))
