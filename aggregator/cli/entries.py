"""find, hide, unhide, review, decisions: entries looked up, off the page or onto it, and what staff decided."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Context, Option, Typer

from aggregator.cli.context import command_context, stored
from aggregator.cli.output import complain, say, say_probable_studies, say_when_shown, table
from aggregator.jobs import curation, studies
from aggregator.jobs.lookup import decisions_of, find_entries
from aggregator.jobs.workspace import utc_now
from aggregator.text import day_of, one_line
from aggregator.values.entries import why_not_shown
from aggregator.values.enums import Decision

review = Typer(no_args_is_help=True)
decisions = Typer(no_args_is_help=True)
_MOST = 20
Entry = Annotated[str, Argument(metavar="ENTRY", help="A number, address or identifier (doi:…, pmid:…) of it.")]


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("find")(find_command)
    app.command("hide")(hide_command)
    app.command("unhide")(unhide_command)
    app.add_typer(review, name="review", help="Entries that wait for staff (feeds with review: true).")
    app.add_typer(decisions, name="decisions", help="What staff decided.")


def find_command(
    context: Context,
    words: Annotated[list[str], Argument(metavar="WORDS", help="Words of the title.")],
    show_all: Annotated[bool, Option("--all", help=f"Print all of them, not only the newest {_MOST}.")] = False,
) -> None:
    """Find stored entries by words of their titles.

    The newest come first, each with its number and why it is or is not on the page.
    """
    place = command_context(context)
    zone = place.zone
    with stored(place) as database:
        found = find_entries(database, " ".join(words), most=None if show_all else _MOST)
    for one in found.entries:
        at = one.entry.published_at
        date = day_of(at, zone) if at else "no date"
        say(f"{one.number}  {one_line(one.entry.title)} ({one_line(one.entry.source)}, {date})")
        say(f"    {why_not_shown(one, zone)}")
    if not found.total:
        complain("No stored title has all of these words.")
    elif found.total > len(found.entries):
        say(f"… and {found.total - len(found.entries)} older ones: add a word, or --all.")


@decisions.callback()
def decisions_group() -> None:
    """What staff decided."""


@decisions.command("list")
def decisions_command(context: Context) -> None:
    """What was hidden, accepted, split, merged or overruled."""
    place = command_context(context)
    workspace = place.workspace()
    with stored(place) as database:
        taken, overruled = decisions_of(workspace, database)
    zone = workspace.settings.site.zone
    rows = [
        (
            day_of(one.at, zone), one.actor, one.what, "" if one.number is None else str(one.number),
            str(one.reached or ""), one.title, one.other,
        )
        for one in taken
    ]  # fmt: skip
    rows += [("", "", f"overruled: {decision}", "", "", key, "in feeds.yaml") for key, decision in overruled.items()]
    if not rows:
        complain("Nothing was decided yet.")
        return
    table(("Date", "Who", "Decision", "Entry", "Reached", "Title", "From or with"), rows)


def hide_command(context: Context, entry: Entry) -> None:
    """Take an entry off the page for good, whatever feed it is in."""
    _decide(context, entry, Decision.HIDE, "is off the page and will not come back")


def unhide_command(context: Context, entry: Entry) -> None:
    """Let a hidden entry be shown again."""
    workspace = command_context(context).workspace()
    decided = curation.forget(workspace, entry, now=utc_now())
    for title in decided.result:
        say(f"“{title}” may be shown again.")
    say_when_shown(decided)


@review.command("list")
def list_command(context: Context) -> None:
    """What waits, and reports that may be about a paper."""
    workspace = command_context(context).workspace()
    zone, found = workspace.settings.site.zone, curation.waiting(workspace)
    offered = studies.offered_in(workspace, now=utc_now())
    rows = [
        (str(one.entry), one.feed, f"{one.first_seen_at.astimezone(zone):%Y-%m-%d}", one.title, one.url) for one in found
    ]
    if not rows:
        complain("Nothing is waiting for review.")
    table(("Entry", "Feed", "Seen", "Title", "Address"), rows)
    say_probable_studies(offered)


@review.command("accept")
def accept_command(context: Context, entry: Entry) -> None:
    """Show it."""
    _decide(context, entry, Decision.ACCEPT, "is accepted", must_wait=True)


@review.command("reject")
def reject_command(context: Context, entry: Entry) -> None:
    """Never show it."""
    _decide(context, entry, Decision.HIDE, "is rejected and will not come back", must_wait=True)


def _decide(context: Context, entry: str, decision: Decision, done: str, *, must_wait: bool = False) -> None:
    workspace = command_context(context).workspace()
    decided = curation.decide(workspace, entry, decision, now=utc_now(), must_wait=must_wait)
    for title in decided.result:
        say(f"“{title}” {done}.")
    say_when_shown(decided)
