"""What feedparser reads in an XML feed, with three of its answers mended. With `feedparser_fast`, which makes it faster and
could be deleted, the only place that knows it.
"""

from __future__ import annotations

import io
from typing import Any

import feedparser
import feedparser.mixin

from aggregator.ingest import feedparser_fast

feedparser_fast.apply()

_Mixin = feedparser.mixin._FeedParserMixin
_sync_author_detail, _start_link = _Mixin._sync_author_detail, _Mixin._start_link


def _whole_author(self: Any, key: str = "author") -> None:
    """The whole text of an author's element for a name: feedparser takes addresses off it by a pattern that knows endings
    of two to four letters, and so makes "dation (Jane Roe" of press@example.foundation (Jane Roe)."""
    context = self._get_context()
    people = context.get(f"{key}s", [{}])
    if people[-1] or not context.get(key):
        _sync_author_detail(self, key)
    else:
        people[-1]["name"] = context[key]
        context.setdefault(f"{key}_detail", people[-1])


def _link_without_uri(self: Any, attributes: dict[str, str]) -> None:
    """A `uri` that is no web address (Bluesky's at://…) is not taken for the link, whose text is then lost."""
    if not attributes.get("uri", "").startswith(("http://", "https://", "/")):
        attributes.pop("uri", None)
    _start_link(self, attributes)


_Mixin._sync_author_detail = _whole_author
_Mixin._start_link = _link_without_uri
# A guid that is no address ("12345") stays what it is, wherever the feed is read.
_Mixin.can_be_relative_uri = _Mixin.can_be_relative_uri - {"id"}


def parse_bytes(body: bytes, headers: dict[str, str]) -> Any:
    """feedparser's dictionary. The bytes are wrapped: a bare string may name a file or an address. Neither its sanitiser nor
    its rewriting of links inside texts is needed, since `clean` makes plain text: each would be a quarter of its time."""
    return feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
