"""newsletter: what comes back of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Context, Option, Typer

from aggregator.cli.output import say
from aggregator.cli.subscribers import open_desk, opened_mailbox, refuse_several
from aggregator.jobs.workspace import utc_now

app = Typer(no_args_is_help=True)


@app.callback()
def newsletter() -> None:
    """The newsletter."""


@app.command("bounces")
def bounces_command(
    context: Context,
    source: Annotated[str, Argument(metavar="[-]", help="- reads one report from standard input.")] = "",
    maildir: Annotated[Path | None, Option("--maildir", metavar="DIR", help="Read a Maildir.")] = None,
    imap: Annotated[bool, Option("--imap", help="Read the mailbox of AGGREGATOR_IMAP_URL.")] = False,
) -> None:
    """Read reports of undelivered mails, and complaints.

    Addresses that take no mail are written to no more; whoever complains is removed.
    """
    refuse_several(source, maildir, imap=imap)
    _, desk, workspace, place = open_desk(context)
    from aggregator.jobs.bounces import take_bounces  # noqa: PLC0415 - a dependency group of its own

    with opened_mailbox(place, source, maildir) as mailbox:
        done = take_bounces(desk, mailbox, workspace.settings, now=utc_now())
    numbers = {sort.value: number for sort, number in done.sorts.items()}
    say(
        f"{numbers['hard']} undeliverable, {numbers['soft']} for now, {numbers['complaint']} complaints, {numbers['none']} "
        f"about something else, {done.strangers} not about a letter of ours. Suspended: {done.suspended}; removed: "
        f"{done.left}."
    )
