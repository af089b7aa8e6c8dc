"""The stored entries that a person means by a number, an address or an identifier."""

from __future__ import annotations

import re

from aggregator.errors import UsageError
from aggregator.keys import reference
from aggregator.store import entries
from aggregator.store.database import Transaction
from aggregator.values.entries import FoundEntry


def is_reference(written: str) -> bool:
    """Whether this can be the number, address or identifier of an entry, and is not a pasted title or text."""
    text = written.strip()
    return text.isdigit() or (" " not in text and bool(re.search(r"[:/.]|^(?:NCT|PMC)\d", text, re.I)))


def entries_named(connection: Transaction, written: str) -> list[FoundEntry]:
    """The entries with this number, or with any key that `written` names, oldest first; UsageError where there are none."""
    number, keys = reference(written)
    found = entries.find(connection, number, keys)
    if not found:
        raise UsageError(f"No stored entry has the number, address or identifier “{written}”.")
    return found
