"""subscribers, intake, signup: who wants the newsletter."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from typer import Argument, Context, Exit, Option, Typer

from aggregator.cli.context import CommandContext, command_context
from aggregator.cli.output import complain, counting, program, say, say_json, table
from aggregator.errors import StoreBusyError, UsageError
from aggregator.jobs.demo_feeds import refuse_demo
from aggregator.jobs.workspace import Workspace, utc_now
from aggregator.text import moment_of, one_line
from aggregator.values.subscribers import Door, Frequency, Wishes

app = Typer(no_args_is_help=True)
PORT = 8812
Address = Annotated[str, Argument(metavar="ADDRESS", help="The e-mail address.")]
AsJson = Annotated[bool, Option("--json", help="Print one JSON object.")]


def add_to(whole: Typer) -> None:
    """Add the commands."""
    whole.add_typer(app, name="subscribers", help="Who wants the newsletter.")
    whole.command("intake")(intake_command)
    whole.command("signup")(signup_command)


def is_newsletter_missing() -> bool:
    """Whether the newsletter's dependency group is not installed."""
    return any(find_spec(name) is None for name in ("cryptography", "css_inline", "starlette", "uvicorn", "multipart"))


def refuse_without_newsletter() -> None:
    """UsageError where the newsletter's dependency group is missing."""
    if is_newsletter_missing():
        raise UsageError(
            "The newsletter needs its dependency group: run `uv run --group newsletter run.py …`, or install it with "
            "`uv sync --group newsletter`."
        )


def _jobs() -> ModuleType:
    """The job, which needs the newsletter's dependency group."""
    refuse_without_newsletter()
    from aggregator.jobs import subscribers  # noqa: PLC0415 - see above

    return subscribers


def open_desk(context: Context) -> tuple[ModuleType, Any, Workspace, CommandContext]:
    """The job, the list, the workspace and the context of a command. UsageError where the group or the key is missing."""
    place, jobs = command_context(context), _jobs()
    refuse_demo(place.environment.data)
    workspace = place.workspace()
    return jobs, jobs.open_subscribers(place.environment, workspace), workspace, place


def _copies() -> ModuleType:
    from aggregator.jobs import subscriber_copies  # noqa: PLC0415 - needs the group

    return subscriber_copies


# ---- subscribers -----------------------------------------------------------------------------------------------------


@app.command("new-key")
def new_key_command() -> None:
    """Print a new key for the list.

    Keep it where the list is not: without it nobody can read the list, with it everybody who has the file can.
    """
    say(_jobs().new_key())


@app.command("rotate-key")
def rotate_command(context: Context) -> None:
    """Seal the list anew with the first of several keys.

    Put the new key before the old one, separated by a comma or on a line of its own, then run this, then remove the old one.
    """
    _, desk, _, _ = open_desk(context)
    if len(desk.store.keys) < 2:
        raise UsageError("Only one key is set. Put the new one before it, separated by a comma, and run this again.")
    count = desk.store.renew()
    _copies().back_up(desk, now=utc_now())
    say(f"{count} rows are sealed anew, and a copy was made with the new key. Earlier copies still need the old one.")


@app.command("list")
def list_command(context: Context, as_json: AsJson = False) -> None:
    """How many there are; nobody is named."""
    jobs, desk, _, _ = open_desk(context)
    counted = jobs.count(desk)
    if as_json:
        say_json({"people": counted.people, "letters": counted.letters, "messages": counted.messages})
        return
    rows = [*counted.people.items(), *((f"letters {state}", number) for state, number in counted.letters.items())]
    table(("What", "How many"), [(name, str(number)) for name, number in [*rows, ("messages for staff", counted.messages)]])


@app.command("messages")
def messages_command(
    context: Context, done: Annotated[int, Option("--done", help="Take this one off the list.")] = 0
) -> None:
    """Messages that a person must look at, with the reason."""
    jobs, desk, workspace, _ = open_desk(context)
    if done:
        if not jobs.finish_message(desk, done, now=utc_now()):
            raise UsageError(f"No message {done} waits.")
        say(f"Message {done} is done.")
        return
    waiting = jobs.messages(desk)
    if not waiting:
        complain("No message waits.")
        return
    zone = workspace.settings.site.zone
    table(
        ("Number", "Came", "Where", "Why"),
        [(str(one.id), moment_of(one.at, zone), one_line(one.place), one_line(one.why)) for one in waiting],
    )


@app.command("add")
def add_command(
    context: Context,
    address: Address,
    topics: Annotated[list[str] | None, Option("--topic", help="A condition; none means all.")] = None,
    monthly: Annotated[bool, Option("--monthly", help="Every month, not every week.")] = False,
    large: Annotated[bool, Option("--large", help="In large type.")] = False,
    paper: Annotated[str, Option("--paper", metavar="POSTAL", help="On paper too, to this postal address.")] = "",
) -> None:
    """Send somebody the letter to confirm, as they asked you to.

    It also lets an address be written to again that was erased or complained.
    """
    jobs, desk, workspace, place = open_desk(context)
    wishes = jobs.wishes_from(
        topics or [],
        Frequency.MONTHLY if monthly else Frequency.WEEKLY,
        workspace.settings.site.language,
        on_paper=bool(paper),
        large_type=large,
    )
    if topics and len(wishes.topics) < len(set(topics)):
        raise UsageError(f"There is no condition “{next(one for one in topics if one not in wishes.topics)}”.")
    jobs.allow_again(desk, address)
    jobs.ask(desk, address, wishes, door=Door.STAFF, postal=paper, now=utc_now())
    say("A letter with a link is queued, unless one went there within a day.")
    _deliver(desk, workspace, place)


@app.command("import")
def import_command(
    context: Context,
    file: Annotated[Path, Argument(metavar="FILE.csv", help="A list kept by hand: an address in each line.")],
) -> None:
    """Ask everybody on a list kept by hand to confirm.

    Nobody is subscribed by it. Everybody gets one letter, at most sixty an hour; run `intake` or `signup` to send the rest.
    """
    jobs, desk, workspace, place = open_desk(context)
    try:
        lines = file.read_text("utf-8-sig", "replace").splitlines()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    with counting("People") as told:
        wishes = Wishes(language=workspace.settings.site.language)
        asked, wrong = jobs.import_list(desk, lines, wishes, now=utc_now(), told=lambda done: told(done, len(lines)))
    say(f"{asked} {'person is' if asked == 1 else 'people are'} asked to confirm.")
    if wrong:
        shown = f"{', '.join(map(str, wrong[:20]))}{' …' if len(wrong) > 20 else ''}"
        complain(f"No address in {'line' if len(wrong) == 1 else 'lines'} {shown}.")
    if asked > 1:
        complain(f"A letter goes out every two minutes while `{program()} signup` runs; all within {_hours(asked)}.")
    _deliver(desk, workspace, place)


@app.command("export")
def export_command(context: Context, address: Address) -> None:
    """Print all that is kept of an address, for its owner."""
    jobs, desk, _, _ = open_desk(context)
    say(json.dumps(jobs.export_person(desk, address), ensure_ascii=False, indent=2))


@app.command("erase")
def erase_command(context: Context, address: Address) -> None:
    """Delete all that is kept of an address.

    What stays is a keyed hash by which it is never written to again. `subscribers add` lifts that.
    """
    jobs, desk, _, _ = open_desk(context)
    was_known = jobs.erase_person(desk, address, now=utc_now())
    say("It is erased." if was_known else "Nothing was kept of it.")
    complain("A code of it stays, by which it is never written to again; `subscribers add` lifts that.")


@app.command("retention")
def retention_command(context: Context) -> None:
    """Delete what is kept for a time only.

    Requests after 72 hours, networks after 30 days, letters and messages after 90 days. `signup` and `intake` do it daily.
    """
    jobs, desk, _, _ = open_desk(context)
    forgotten = jobs.retain(desk, now=utc_now())
    say(f"Deleted: {', '.join(f'{number} {name}' for name, number in forgotten.items())}.")


@app.command("backup")
def backup_command(context: Context) -> None:
    """Write an encrypted copy of the list.

    `signup` and `intake` do it daily. Copies are kept for 14 days, in subscriber-copies/ of the data folder.
    """
    _, desk, _, place = open_desk(context)
    say(f"The list is copied to {place.short(_copies().back_up(desk, now=utc_now()))}.")


@app.command("restore")
def restore_command(
    context: Context, file: Annotated[Path | None, Argument(metavar="[FILE]", help="A copy; by default the newest.")] = None
) -> None:
    """Put a copy of the list in its place.

    Whoever left or was erased since is let go again, and no letter that the copy had queued is sent.
    """
    refuse_without_newsletter()
    place = command_context(context)
    refuse_demo(place.environment.data)
    done = _copies().restore(place.environment, place.workspace(), file, now=utc_now())
    gone = f"{done.departures} {'departure' if done.departures == 1 else 'departures'}"
    say(f"{done.copy.name} is restored; {gone} since then were applied again. The list that it replaced was copied first.")
    if done.moved:
        complain(f"{done.moved} of them had moved to an address that the copy does not have, and must subscribe again.")


def _deliver(desk: Any, workspace: Workspace, place: CommandContext) -> None:
    from aggregator.jobs.deliveries import deliver  # noqa: PLC0415 - needs the group

    done = deliver(desk, place.environment, workspace.settings, now=utc_now())
    if done.problem:
        complain(done.problem)
    for outcome, number in done.outcomes.items():
        complain(
            f"{_OUTCOMES[outcome]}: {number}{f' ({one_line(done.answer)})' if done.answer and outcome != 'sent' else ''}."
        )


# What became of letters, as staff read it.
_OUTCOMES = {
    "sent": "Letters sent",
    "later": "Letters that the server does not take now and that are tried again",
    "refused": "Letters that the server refused for good",
    "unknown": "Letters of which nobody knows whether they arrived",
}


def _hours(people: int) -> str:
    """How long the letters to so many people take."""
    return f"{max(1, round(people / 30))} {'hour' if people <= 45 else 'hours'}"


_TEMPORARY_FAILURE = 75


# ---- intake ----------------------------------------------------------------------------------------------------------


def intake_command(
    context: Context,
    source: Annotated[str, Argument(metavar="[-]", help="- reads one message from standard input.")] = "",
    maildir: Annotated[Path | None, Option("--maildir", metavar="DIR", help="Read a Maildir.")] = None,
    imap: Annotated[bool, Option("--imap", help="Read the mailbox of AGGREGATOR_IMAP_URL.")] = False,
    try_file: Annotated[Path | None, Option("--try", metavar="FILE.eml", help="Say what a message is; do nothing.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find sign-ups among the messages of the contact form.

    Whoever asks for the newsletter gets a letter to confirm; everything else stays untouched, for staff.
    """
    if try_file is not None:
        _try(context, try_file, as_json=as_json)
        return
    refuse_several(source, maildir, imap=imap)
    _, desk, workspace, place = open_desk(context)
    from aggregator.jobs.intake import take_in  # noqa: PLC0415 - needs the group

    with opened_mailbox(place, source, maildir) as mailbox:
        try:
            taken = take_in(desk, mailbox, workspace.settings, now=utc_now())
        except StoreBusyError as error:
            if not source:
                raise
            # So that the mail server keeps the message and tries again (sysexits.h: EX_TEMPFAIL).
            complain(str(error))
            raise Exit(_TEMPORARY_FAILURE) from error
    _copies().tidy(desk, now=utc_now())
    numbers = {result.value: number for result, number in taken.results.items()}
    if as_json:
        say_json({"read": taken.read, "known": taken.known, **numbers})
    else:
        say(
            f"{taken.read} {'message' if taken.read == 1 else 'messages'} read: {numbers['subscribe']} to subscribe, "
            f"{numbers['leave']} to leave, {numbers['staff']} for staff, {numbers['ignore']} about something else."
        )
    _deliver(desk, workspace, place)


def refuse_several(source: str, maildir: Path | None, *, imap: bool) -> None:
    """UsageError unless just one place to read from is named."""
    if sum([source == "-", maildir is not None, imap]) != 1 or source not in ("", "-"):
        raise UsageError("Name one place to read from: --maildir DIR, --imap, or - for standard input.")


@contextmanager
def opened_mailbox(place: CommandContext, source: str, maildir: Path | None) -> Iterator[Any]:
    """The mailbox that a command reads: `-` for standard input, a Maildir, else that of the environment. UsageError where it
    is none, StoreError where it cannot be reached."""
    from aggregator.jobs.intake import open_mailbox  # noqa: PLC0415 - needs the group

    content = sys.stdin.buffer.read(2_000_000) if source else None
    with closing(open_mailbox(place.environment, maildir=maildir, content=content)) as mailbox:
        yield mailbox


_SAID = {
    "subscribe": "Subscribe: {}",
    "leave": "Leave: {}",
    "staff": "For staff: {}",
    "ignore": "Not about the newsletter{}",
}


def _try(context: Context, file: Path, *, as_json: bool) -> None:
    refuse_without_newsletter()
    from aggregator.jobs.intake import topics_offered, try_file  # noqa: PLC0415 - needs the group

    reading = try_file(file, command_context(context).workspace().settings)
    topics = topics_offered(reading)
    if as_json:
        say_json({"result": reading.result.value, "address": reading.address or None, "for_staff": reading.for_staff,
                  "why": reading.why, "topics": topics})  # fmt: skip
        return
    say(_SAID[reading.result.value].format(reading.address or ("" if reading.result == "ignore" else "no address")))
    say(f"Why: {one_line(reading.why)}.")
    if reading.for_staff and reading.result != "staff":
        say("The message also asks something else, so staff find it unread.")
    if topics:
        say(f"Conditions that it names: {', '.join(topics)}.")


# ---- signup ----------------------------------------------------------------------------------------------------------


def signup_command(
    context: Context,
    port: Annotated[int, Option("--port", help="The port to listen on.", min=0, max=65535)] = PORT,
    host: Annotated[str, Option("--host", help="The address to listen on.")] = "127.0.0.1",
    behind_proxy: Annotated[str, Option("--behind-proxy", metavar="HOST", help="Its name behind a server with TLS.")] = "",
) -> None:
    """Serve the public pages of the newsletter.

    People subscribe, confirm, choose and unsubscribe there. It also sends the letters that wait. It listens on this machine
    only; a web server with TLS makes it known elsewhere. Stop it with Ctrl+C.
    """
    refuse_without_newsletter()
    from aggregator.signup.server import bind  # noqa: PLC0415 - a dependency group of its own

    place = command_context(context)
    refuse_demo(place.environment.data)
    bound = bind(place.environment, host=host, port=port, behind_proxy=behind_proxy.strip(), clock=utc_now)
    say(bound.url)
    complain(f"Stop with Ctrl+C. `{program()} subscribers list` says how many there are.")
    sys.stdout.flush()
    bound.serve()
    raise Exit(0)
