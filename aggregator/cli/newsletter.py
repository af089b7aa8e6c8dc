"""newsletter: draft, look, change, approve, send, and what comes back of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from typer import Argument, Context, Exit, Option, Typer

from aggregator.cli.context import CommandContext, command_context
from aggregator.cli.output import complain, counting, program, say, say_json, table
from aggregator.cli.subscribers import AsJson, open_desk, opened_mailbox, refuse_several, refuse_without_newsletter
from aggregator.errors import UsageError
from aggregator.jobs.demo_feeds import is_demo, with_demo_key
from aggregator.jobs.workspace import Store, Workspace, open_stored, utc_now
from aggregator.text import moment_of, one_line
from aggregator.values.environment import has_subscribers
from aggregator.values.issues import Issue, IssueRecord, IssueState, Period
from aggregator.values.subscribers import Wishes

app = Typer(no_args_is_help=True)
Number = Annotated[int, Argument(metavar="N", help="The number of the issue.", min=1)]


@app.callback()
def newsletter() -> None:
    """The newsletter: draft it, approve it, send it."""


# ---- what commands stand on ------------------------------------------------------------------------------------------


def _jobs() -> tuple[ModuleType, ModuleType, ModuleType]:
    """The jobs on issues, on their sending, and on the rest."""
    refuse_without_newsletter()
    from aggregator.jobs import issues, mailing, newsletter  # noqa: PLC0415 - a dependency group of its own

    return issues, mailing, newsletter


@contextmanager
def _opened(context: Context) -> Iterator[tuple[CommandContext, Workspace, Store]]:
    """The context of a command, the workspace, and the store; in a demo's folder the demo's."""
    refuse_without_newsletter()
    place = command_context(context)
    workspace = place.workspace()
    if is_demo(place.environment.data):
        from aggregator.jobs.demo_newsletter import with_sign_up  # noqa: PLC0415 - a dependency group of its own

        workspace = with_sign_up(workspace)
    with open_stored(place.environment.data, place.zone) as database:
        yield place, workspace, database


def _has_list(place: CommandContext) -> bool:
    """Whether this command can read the list of subscribers. UsageError where there is one and its key is missing: nobody
    knows then who has which issue."""
    if has_subscribers(with_demo_key(place.environment)):
        return True
    if (place.environment.data / "subscribers.db").exists():
        raise UsageError(
            "Issues may have been sent, and who has them cannot be read without the key of the list: set "
            "AGGREGATOR_SUBSCRIBERS_KEY, or AGGREGATOR_SUBSCRIBERS_KEY_FILE to a file that holds it."
        )
    return False


def _desk(place: CommandContext, workspace: Workspace) -> Any:
    """The list of subscribers; a demo has a key of its own. UsageError where there is none."""
    from aggregator.jobs.subscribers import open_subscribers  # noqa: PLC0415 - a dependency group of its own

    return open_subscribers(with_demo_key(place.environment), workspace)


# ---- make ------------------------------------------------------------------------------------------------------------


@app.command("draft")
def draft_command(
    context: Context,
    period: Annotated[Period, Option("--period", help="What it covers.")] = Period.WEEK,
    before: Annotated[str, Option("--before", metavar="2026-11-30", help="The period that ended before that day.")] = "",
) -> None:
    """Choose the stories of an issue, and tell staff.

    It covers the newest week (Monday to Sunday) or month that is over. Nothing is sent before somebody approves it.
    """
    issues, _, jobs = _jobs()
    with _opened(context) as (place, workspace, database):
        has_list = _has_list(place)
        above = jobs.highest_sent(_desk(place, workspace)) if has_list else 0
        drafted = issues.draft(workspace, database, period, on=_day(before), above=above, now=utc_now())
        if not is_demo(place.environment.data) and (problem := jobs.tell_staff(workspace, place.environment, drafted)):
            complain(problem)
        _say_issue(drafted.record)
        command = f"{program()} newsletter"
        complain(
            f"Change it: `{command} edit {drafted.issue.number}`. Approve it: `{command} approve {drafted.issue.number}`."
        )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise UsageError(f"“{one_line(written)}” is not a day; write one like 2026-11-30.") from None


def _say_issue(record: IssueRecord) -> None:
    issue = record.issue
    say(f"Issue {issue.number}, {issue.period}, {issue.first} to {issue.last}: {record.state}.")
    say(f"Subject: {one_line(issue.subject)}")
    if issue.preheader:
        say(f"Beside it: {one_line(issue.preheader)}")
    if issue.intro:
        say(f"Introduction: {one_line(issue.intro)}")
    for notice in issue.notices:
        say(f"Withdrawn since issue {notice.told_in}: {one_line(notice.title)}")
    rows = [(str(one.story), _kind(one, issue), one_line(one.title), one_line(one.source)) for one in issue.stories]
    table(("Story", "Kind", "Title", "Source"), rows)
    if issue.dropped:
        say(f"Dropped: {', '.join(str(one.story) for one in issue.dropped)}.")


def _kind(one: Any, issue: Issue) -> str:
    marks = ["taken out"] if one.story in issue.pulled else []
    return ", ".join([one.evidence, *marks, *([] if one.is_safe else ["needs a look"])])


@app.command("show")
def show_command(
    context: Context,
    number: Number,
    text: Annotated[bool, Option("--text", help="Print the plain text of the letter.")] = False,
    html: Annotated[bool, Option("--html", help="Print its HTML.")] = False,
    large: Annotated[bool, Option("--large", help="In large type.")] = False,
    language: Annotated[str, Option("--language", help="In another language: en, de, es, fr.")] = "",
) -> None:
    """An issue: its stories, or the letter itself."""
    issues, _, _ = _jobs()
    if language:
        issues.refuse_language(language)
    with _opened(context) as (_, workspace, database):
        wishes = Wishes(language=language or workspace.settings.site.language, large_type=large)
        drafted = issues.show(workspace, database, number, wishes)
    if text or html or language or large:
        sys.stdout.write(f"{drafted.letter.html}\n" if html else drafted.letter.text)
        return
    _say_issue(drafted.record)


@app.command("edit")
def edit_command(
    context: Context,
    number: Number,
    drop: Annotated[list[int] | None, Option("--drop", metavar="STORY", help="Leave a story out.")] = None,
    restore: Annotated[list[int] | None, Option("--restore", metavar="STORY", help="Take one back.")] = None,
    first: Annotated[list[int] | None, Option("--first", metavar="STORY", help="Put a story first.")] = None,
    subject: Annotated[str | None, Option("--subject", help="The subject of the mail.")] = None,
    preheader: Annotated[str | None, Option("--preheader", help="What inboxes show beside it.")] = None,
    intro: Annotated[Path | None, Option("--intro", metavar="FILE.txt", help="The introduction; - reads it here.")] = None,
) -> None:
    """Change a draft: its stories, its texts.

    The introduction is plain text; **strong**, *emphasis* and [words](https://…) are its only marks.
    """
    issues, _, _ = _jobs()
    with _opened(context) as (_, workspace, database):
        drafted = issues.edit(
            workspace, database, number, drop=drop or [], restore=restore or [], first=first or [], subject=subject,
            preheader=preheader, intro=_intro(intro),
        )  # fmt: skip
    _say_issue(drafted.record)


def _intro(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{file} cannot be read: {getattr(error, 'strerror', '') or 'it is not plain text'}.") from error


@app.command("test")
def test_command(
    context: Context, number: Number, address: Annotated[str, Argument(metavar="ADDRESS", help="Your own.")]
) -> None:
    """Send an issue to one address, marked as a test."""
    _, _, jobs = _jobs()
    with _opened(context) as (place, workspace, database):
        problem = jobs.send_test(workspace, database, place.environment, number, address, now=utc_now())
    if problem:
        complain(problem)
        raise Exit(1)
    say("The test is sent. Its links lead to no subscriber.")


@app.command("approve")
def approve_command(context: Context, number: Number) -> None:
    """Freeze an issue, so that it can be sent.

    Stories that were withdrawn or hidden since it was drafted are left out. It appears in the archive of the site.
    """
    issues, _, _ = _jobs()
    with _opened(context) as (_, workspace, database):
        record = issues.stored(database, number)
        before, digest = record.issue.stories, record.digest
        drafted = issues.approve(workspace, database, number, now=utc_now())
    kept = {one.story for one in drafted.issue.stories}
    for one in before:
        if one.story not in kept:
            complain(f"Left out, because it was withdrawn or hidden: {one_line(one.title)}")
    _say_issue(drafted.record)
    if drafted.record.digest != digest:
        complain(f"Send it: `{program()} newsletter send {number}`.")


@app.command("export")
def export_command(
    context: Context,
    number: Number,
    out: Annotated[Path, Option("--out", metavar="DIR", help="Where to write it.")],
    unsubscribe: Annotated[
        str, Option("--unsubscribe", help="What the other system replaces by the link to unsubscribe.")
    ] = "{{unsubscribe}}",
) -> None:
    """Write an approved issue for another mailing system."""
    issues, _, _ = _jobs()
    with _opened(context) as (place, workspace, database):
        files = issues.export(workspace, database, number, out, unsubscribe=unsubscribe)
    for file in files:
        say(place.short(file))


# ---- send ------------------------------------------------------------------------------------------------------------


@app.command("send")
def send_command(
    context: Context,
    number: Number,
    to_folder: Annotated[
        Path | None, Option("--to-folder", metavar="DIR", help="Write the mails there; they count as sent.")
    ] = None,
    sure: Annotated[bool, Option("--sure", help="Send although the list is a copy, or it is late.")] = False,
) -> None:
    """Send an approved issue, or go on with it.

    Nobody gets it twice, whatever happens. It can be stopped and run again at any time.
    """
    _, mailing, _ = _jobs()
    with _opened(context) as (place, workspace, database):
        if is_demo(place.environment.data) and to_folder is None:
            raise UsageError("A demo sends nothing: name a folder for its mails with --to-folder.")
        transport = mailing.folder(to_folder) if to_folder is not None else mailing.smtp(place.environment)
        environment, desk = with_demo_key(place.environment), _desk(place, workspace)
        with counting("Letters") as told:
            sent = mailing.send(
                desk, workspace, database, environment, number, open_transport=transport, clock=utc_now, is_sure=sure,
                told=told, on_pulled=partial(_tell_pulled, place, workspace, number),
            )  # fmt: skip
        _say_sent(place, number, sent)
    raise Exit(1 if sent.problem else 0)


def _say_sent(place: CommandContext, number: int, sent: Any) -> None:
    counted = ", ".join(f"{count} {_OUTCOMES[outcome]}" for outcome, count in sent.outcomes.items())
    say(f"Issue {number}: {counted or 'no letter was due'}.")
    for title in sent.pulled:
        complain(f"Taken out, because it was withdrawn or hidden since it was approved: {one_line(title)}")
    if sent.problem:
        complain(sent.problem)
    if sent.next_at is not None and sent.state == "sending":
        complain(f"{sent.tally.get('todo', 0)} are tried again, from {moment_of(sent.next_at, place.zone)} on.")
    if unknown := sent.tally.get("unknown", 0):
        complain(
            f"Of {unknown} nobody knows whether they got it; `{program()} newsletter resolve {number}` says what you can do."
        )
    if sent.state in ("paused", "cancelled"):
        complain(f"The sending is {sent.state}.")


_OUTCOMES = {"sent": "sent", "later": "not taken yet", "refused": "refused", "unknown": "unknown",
             "skipped": "skipped (nothing on their topics)"}  # fmt: skip


def _tell_pulled(place: CommandContext, workspace: Workspace, number: int, titles: tuple[str, ...]) -> None:
    if titles and not is_demo(place.environment.data):
        _, _, jobs = _jobs()
        if problem := jobs.tell_pulled(workspace, place.environment, number, titles):
            complain(problem)


@app.command("pause")
def pause_command(context: Context, number: Number) -> None:
    """Stop a sending after the letter that is on its way."""
    _, _, jobs = _jobs()
    with _opened(context) as (place, workspace, _):
        jobs.pause(_desk(place, workspace), number, now=utc_now())
    say(f"The sending of issue {number} is paused. `{program()} newsletter resume {number}` goes on with it.")


@app.command("resume")
def resume_command(
    context: Context,
    number: Number,
    to_folder: Annotated[Path | None, Option("--to-folder", metavar="DIR", help="As in `send`.")] = None,
    sure: Annotated[bool, Option("--sure", help="As in `send`.")] = False,
) -> None:
    """Go on with a sending that was paused."""
    _, _, jobs = _jobs()
    with _opened(context) as (place, workspace, _):
        jobs.resume(_desk(place, workspace), number, now=utc_now())
    send_command(context, number, to_folder, sure)


@app.command("cancel")
def cancel_command(context: Context, number: Number) -> None:
    """Never send an issue, or no more of it."""
    issues, _, jobs = _jobs()
    with _opened(context) as (place, workspace, database):
        if _has_list(place):
            got = jobs.cancel_all(_desk(place, workspace), workspace, database, number, now=utc_now())
        else:
            issues.cancel(workspace, database, number, now=utc_now())
            got = 0
    say(f"Issue {number} is cancelled{f'; {got} people have it' if got else ''}.")


@app.command("resolve")
def resolve_command(
    context: Context,
    number: Number,
    again: Annotated[bool, Option("--again", help="Send it to them once more.")] = False,
    arrived: Annotated[bool, Option("--arrived", help="Count them as having it.")] = False,
    refused: Annotated[bool, Option("--refused", help="Send it once more to whom the server refused.")] = False,
    log: Annotated[Path | None, Option("--log", metavar="FILE", help="The mail server's log, which may tell.")] = None,
) -> None:
    """Decide about letters of which nobody knows whether they arrived.

    The connection broke, or the program was stopped, between the letter and the server's answer. Without an option it says
    how many there are.
    """
    _, _, jobs = _jobs()
    if sum((again, arrived, refused, log is not None)) > 1:
        raise UsageError("Choose one of --again, --arrived, --refused and --log.")
    with _opened(context) as (place, workspace, _):
        desk = _desk(place, workspace)
        if log is not None:
            try:
                with log.open(encoding="utf-8", errors="replace") as lines:
                    say(f"{jobs.resolve_by_log(desk, number, lines, now=utc_now())} were taken by the mail server.")
            except OSError as error:
                raise UsageError(f"{log} cannot be read: {error.strerror}.") from error
        elif again or arrived or refused:
            count = jobs.resolve(desk, number, again=again, refused=refused, now=utc_now())
            letters = f"{count} {'letter' if count == 1 else 'letters'}"
            if arrived:
                say(f"Counted as delivered: {letters}.")
            else:
                say(f"To be sent once more: {letters}. `{program()} newsletter send {number}` does it now.")
        left = jobs.unknown_of(desk, number)
    if not left:
        complain("No letter of this issue is unknown.")
        return
    table(("Person", "Sent"), [(str(person), moment_of(at, place.zone) if at else "") for person, at in left])
    complain("--again sends it once more, --arrived counts it as delivered, --log FILE looks into the mail server's log.")


@app.command("status")
def status_command(context: Context, as_json: AsJson = False) -> None:
    """The issues, and how far their sending is."""
    issues, _, jobs = _jobs()
    with _opened(context) as (place, workspace, database):
        records = issues.every_issue(database)
        has_list = _has_list(place)
        desk = _desk(place, workspace) if has_list else None
        told = jobs.standings(desk, [one.issue.number for one in records]) if desk else [None] * len(records)
        found = list(zip(records, told, strict=True))
    if as_json:
        say_json([_as_json(record, standing) for record, standing in found])
        return
    if not found:
        complain(f"There is no issue yet; `{program()} newsletter draft` makes one.")
        return
    table(
        ("Issue", "Covers", "State", "Letters"),
        [
            (
                str(record.issue.number),
                f"{record.issue.first} to {record.issue.last}",
                standing.state if standing and standing.state else record.state,
                ", ".join(f"{count} {name}" for name, count in (standing.tally if standing else {}).items()),
            )
            for record, standing in found
        ],
    )
    drafts = [record.issue.number for record, _ in found if record.state is IssueState.DRAFT]
    if drafts:
        complain(f"Waiting to be approved: {', '.join(map(str, drafts))}.")


def _as_json(record: IssueRecord, standing: Any) -> dict[str, Any]:
    issue = record.issue
    return {
        "number": issue.number, "period": issue.period.value, "first": issue.first, "last": issue.last,
        "state": record.state.value, "stories": [one.story for one in issue.told], "digest": record.digest,
        "decided_by": record.decided_by, "sending": standing.state.value if standing and standing.state else None,
        "letters": standing.tally if standing else {}, "next_at": standing.next_at if standing else None,
    }  # fmt: skip


@app.command("numbers")
def numbers_command(context: Context, as_json: AsJson = False) -> None:
    """Sent, bounced, left by month; who wants what. Nobody is tracked.

    Numbers below five are only said to be that.
    """
    _, _, jobs = _jobs()
    with _opened(context) as (place, workspace, _):
        found = jobs.numbers(_desk(place, workspace))
    if as_json:
        say_json({"months": found.months, "topics": found.topics, "frequencies": found.frequencies,
                  "languages": found.languages})  # fmt: skip
        return
    table(
        ("Month or choice", "What", "How many"),
        [(month, what, count) for month, told in found.months.items() for what, count in told.items()]
        + [("topic", topic, count) for topic, count in found.topics.items()]
        + [("how often", name, count) for name, count in found.frequencies.items()]
        + [("language", name, count) for name, count in found.languages.items()],
    )


@app.command("due")
def due_command(context: Context) -> None:
    """Draft and send what feeds.yaml says is due.

    For cron, every five minutes; `schedule` does it by itself. It prints nothing where nothing was due.
    """
    _, mailing, jobs = _jobs()
    with _opened(context) as (place, workspace, database):
        if is_demo(place.environment.data):
            raise UsageError("A demo sends nothing by itself.")
        told = jobs.do_due(
            _desk(place, workspace), workspace, database, place.environment,
            open_transport=lambda: mailing.smtp(place.environment), clock=utc_now,
        )  # fmt: skip
    for line in told.done:
        say(line)
    news = _unsaid(place.environment.data / "newsletter.said", told.problems)
    for line in news:
        complain(line)
    raise Exit(1 if news else 0)


def _unsaid(path: Path, problems: list[str]) -> list[str]:
    """The problems, unless the last run said the same today: cron mails what is printed."""
    text = "\n".join([f"{utc_now():%Y-%m-%d}", *problems])
    try:
        is_known = path.read_text("utf-8") == text
    except (OSError, UnicodeError):
        is_known = False
    if is_known or not problems:
        path.unlink(missing_ok=True) if not problems else None
        return []
    with suppress(OSError):
        path.write_text(text, "utf-8")
    return problems


# ---- what comes back -------------------------------------------------------------------------------------------------


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
