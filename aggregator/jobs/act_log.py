"""The log of what staff did, for people and for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from aggregator.errors import UsageError
from aggregator.jobs.lookup import find_entries
from aggregator.jobs.named_entries import entries_named, is_reference
from aggregator.store import acts
from aggregator.store.database import Database
from aggregator.text import fold
from aggregator.values.acts import Act, Verb

PAGE = 50
_COLUMNS = ("number", "when (UTC)", "who", "what", "about", "before", "after", "entries", "undone by")


@dataclass(frozen=True, slots=True)
class LogPage:
    """Acts, newest first; `older` is the number below which the next page begins, None on the last one; everybody who ever
    did something."""

    acts: tuple[Act, ...]
    older: int | None
    actors: tuple[str, ...]


def read_log(database: Database, *, below: int | None = None, actor: str = "", about: str = "", most: int = PAGE) -> LogPage:
    """A page of the log: of one `actor`, and `about` an entry (a number, an address, an identifier) or with these words."""
    with database.read() as connection:
        entry = None
        if about and is_reference(about):
            # What looks like an address may be the name of a feed.
            with suppress(UsageError):
                entry, about = entries_named(connection, about)[0].number, ""
        found = acts.listed(connection, most=most + 1, below=below, actor=actor, entry=entry, about=about)
        older = found[most - 1].number if len(found) > most else None
        return LogPage(tuple(found[:most]), older, tuple(acts.actors(connection)))


def rule_changes(database: Database, *, most: int) -> list[Act]:
    """The last changes of the filter's rules, newest first."""
    with database.read() as connection:
        return acts.listed(connection, most=most, verbs=(Verb.FILTER, Verb.FILTER_UNDO))


def act_of(database: Database, written: str) -> Act | None:
    """The act with a number that somebody wrote; None where there is none."""
    if not (written.isascii() and written.isdigit() and len(written) < 16):
        return None
    with database.read() as connection:
        try:
            return acts.find(connection, int(written))
        except UsageError:
            return None


def numbers_named(database: Database, written: str, *, most: int = 10) -> list[int]:
    """The entries that somebody means by a number, an address, an identifier, or by words of the title; none where nothing
    matches."""
    if is_reference(written):
        with database.read() as connection, suppress(UsageError):
            return [one.number for one in entries_named(connection, written)]
    return [one.number for one in find_entries(database, written, most=most).entries] if fold(written).split() else []


def newest_act(database: Database) -> int:
    """The number of the newest act; 0 where there is none."""
    with database.read() as connection:
        return acts.newest(connection)


def as_csv(found: Iterable[Act]) -> str:
    """The acts for a spreadsheet, which executes none of it (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for act in found:
        before, after = act.change
        when = f"{act.at:%Y-%m-%d %H:%M:%S}"
        numbers = " ".join(map(str, act.reached))
        row = (act.number, when, act.actor, act.verb, act.about, before, after, numbers, act.undone_by or "")
        writer.writerow([harmless(str(cell)) for cell in row])
    return out.getvalue()


_CONTROL, _FORMULA = ("\t", "\r", "\n"), ("=", "+", "-", "@")


def harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for a text: an apostrophe goes before what would begin a formula."""
    is_risky = cell[:1] in _CONTROL or cell.lstrip()[:1] in _FORMULA
    return f"'{cell}" if cell and is_risky else cell
