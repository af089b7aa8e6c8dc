"""hide, unhide, review list, accept, reject: off the page or onto it, published at once, remembered for good."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Context, Typer

from aggregator.cli.place import place_of
from aggregator.cli.show import complain, say, table
from aggregator.jobs import curation
from aggregator.jobs.house import open_house
from aggregator.jobs.refresh import utc_now
from aggregator.store.decisions import ACCEPT, HIDE

review = Typer(no_args_is_help=True)
Entry = Annotated[str, Argument(metavar="ENTRY", help="A number, address or identifier (doi:…, pmid:…) of it.")]


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("hide")(hide_command)
    app.command("unhide")(unhide_command)
    app.add_typer(review, name="review", help="Entries of feeds with `review: true` that wait for staff.")


def hide_command(context: Context, entry: Entry) -> None:
    """Take an entry off the page, for good and from whichever feed it comes."""
    _decide(context, entry, HIDE, "is off the page and will not come back")


def unhide_command(context: Context, entry: Entry) -> None:
    """Let a hidden entry be shown again."""
    house = open_house(place_of(context).environment)
    for title in curation.forget(house, entry, now=utc_now()):
        say(f"“{title}” may be shown again.")


@review.command("list")
def list_command(context: Context) -> None:
    """What waits."""
    found = curation.waiting(open_house(place_of(context).environment))
    rows = [(str(one.entry), one.feed, f"{one.first_seen_at:%Y-%m-%d}", one.title, one.url) for one in found]
    if not rows:
        complain("Nothing waits.")
    table(("Entry", "Feed", "Seen", "Title", "Address"), rows)


@review.command("accept")
def accept_command(context: Context, entry: Entry) -> None:
    """Show it."""
    _decide(context, entry, ACCEPT, "is accepted", must_wait=True)


@review.command("reject")
def reject_command(context: Context, entry: Entry) -> None:
    """Never show it."""
    _decide(context, entry, HIDE, "is rejected and will not come back", must_wait=True)


def _decide(context: Context, entry: str, decision: str, done: str, *, must_wait: bool = False) -> None:
    house = open_house(place_of(context).environment)
    for title in curation.decide(house, entry, decision, now=utc_now(), must_wait=must_wait):
        say(f"“{title}” {done}.")
