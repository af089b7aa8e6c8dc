"""An address becomes bytes, bytes become entries.

guard    which addresses may be connected to
fetch    an address -> bytes, not modified, or why not
parse    bytes -> raw entries (xmlfeed, or jsonfeed), in a worker process of the pool
clean    a raw entry -> an `Entry` of plain text (dates, language beside it)
poll     all feeds concurrently; none delays or stops another

Two modules only save time and could be deleted: feedparser_fast, which xmlfeed applies, and incremental, which the pool
calls in place of parse.
"""

import sys

# httpx imports what its own command line needs, where that is installed: 2 MB and a twentieth of a command's start.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
