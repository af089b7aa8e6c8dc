"""Newsletter: its issues; a draft with its stories, its texts and its letter; approval and sending."""

from __future__ import annotations

from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aggregator.console.call import Answer, Call, Handler, Page, Raw, Redirect, number_in, trouble
from aggregator.errors import UsageError
from aggregator.jobs.demo_feeds import with_demo_key
from aggregator.render.words import LANGUAGES
from aggregator.text import one_line
from aggregator.values.environment import has_subscribers
from aggregator.values.issues import Issue, Period
from aggregator.values.subscribers import Wishes

# A letter in a frame: its own styles, and nothing from elsewhere.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)
_DARK = "@media (prefers-color-scheme: dark)"


def is_installed() -> bool:
    """Whether the newsletter's dependency group is there."""
    return all(find_spec(name) is not None for name in ("css_inline", "cryptography"))


def _installed(handler: Handler) -> Handler:
    """A page that is not there where the newsletter's dependency group is missing."""

    @wraps(handler)
    def answer(call: Call) -> Answer:
        return handler(call) if is_installed() else trouble("The newsletter is not installed on this machine.", 404)

    return answer


def show(call: Call) -> Answer:
    """The issues, the newest first, and what can be drafted."""
    if not is_installed():
        return Page("newsletter.html", {"issues": None})
    from aggregator.jobs.issues import every_issue  # noqa: PLC0415 - needs the newsletter's dependency group

    with call.workspace.open_database() as database:
        records = every_issue(database)
    told = _standings(_desk(call), [one.issue.number for one in records])
    return Page("newsletter.html", {"issues": list(zip(records, told, strict=True))})


def _desk(call: Call) -> Any:
    """The list of subscribers; None where there is none here. UsageError where there is one and its key is missing."""
    environment = with_demo_key(call.desk.environment)
    if not has_subscribers(environment):
        if (environment.data / "subscribers.db").exists():
            raise UsageError("The key of the list of subscribers is missing here, so nobody knows who has which issue.")
        return None
    from aggregator.jobs.subscribers import open_subscribers  # noqa: PLC0415 - needs the newsletter's dependency group

    return open_subscribers(environment, call.workspace)


def _standings(desk: Any, numbers: list[int]) -> list[Any]:
    """How the sending of each issue stands; None where the list is not set up here."""
    if desk is None:
        return [None] * len(numbers)
    from aggregator.jobs.newsletter import standings  # noqa: PLC0415 - needs the newsletter's dependency group

    return standings(desk, numbers)


@_installed
def draft(call: Call) -> Answer:
    """Make the draft of the last week or month."""
    from aggregator.jobs import issues, newsletter  # noqa: PLC0415 - needs the newsletter's dependency group

    desk, workspace = _desk(call), call.workspace
    above = newsletter.highest_sent(desk) if desk is not None else 0
    period = Period.MONTH if call.said("period") == Period.MONTH else Period.WEEK
    with workspace.open_database() as database:
        made = issues.draft(workspace, database, period, above=above, now=call.now)
    return Redirect(f"/newsletter/{made.issue.number}")


@_installed
def issue(call: Call) -> Answer:
    """One issue."""
    from aggregator.jobs import issues  # noqa: PLC0415 - needs the newsletter's dependency group

    number = call.number("number")
    with call.workspace.open_database() as database:
        record = issues.stored(database, number)
    return Page(
        "issue.html",
        {
            "record": record,
            "issue": record.issue,
            "standing": _standings(_desk(call), [number])[0],
            "may_send": call.desk.environment.smtp_url is not None,
            "said": _SAID.get(call.query.get("said", ""), ""),
            "languages": LANGUAGES,
            "seen": issues.version_of(record.issue),
            "last_said": _last_said(call.desk.environment.data / "newsletter.log"),
        },
    )


def _last_said(path: Path) -> str:
    """What the last sending that was started from here ended with."""
    try:
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - 2000))
            lines = log.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((one_line(line) for line in reversed(lines) if line.strip()), "")


# What was done, after it was.
_SAID = {
    "test": "The test is on its way.",
    "approved": "The issue is approved: it is in the archive, and can be sent.",
    "started": "The sending has begun. Load this page again to see how far it is.",
}


@_installed
def edit(call: Call) -> Answer:
    """Change a draft: its texts, or one story's place."""
    from aggregator.jobs import issues  # noqa: PLC0415 - needs the newsletter's dependency group

    number, workspace = call.number("number"), call.workspace
    with workspace.open_database() as database:
        changes = _changes(call, issues.stored(database, number).issue)
        issues.edit(workspace, database, number, seen=call.said("seen"), **changes)
    return Redirect(f"/newsletter/{number}#{'texts' if 'subject' in changes else 'stories'}")


def _changes(call: Call, before: Issue) -> dict[str, Any]:
    """What a form asks for."""
    story, verb = number_in(call.said("story")), call.said("verb")
    if verb in ("drop", "restore", "first"):
        return {verb: [story]}
    if verb in ("up", "down"):
        order = [one.story for one in before.stories]
        if story not in order:
            raise UsageError("The issue does not have this story any more.")
        at = order.index(story)
        to = max(0, min(len(order) - 1, at + (-1 if verb == "up" else 1)))
        order.insert(to, order.pop(at))
        return {"order": order}
    return {"subject": call.said("subject"), "preheader": call.said("preheader"), "intro": call.said("intro")}


@_installed
def letter(call: Call) -> Answer:
    """The letter, as a page in a frame or as plain text, in a language, large, light or dark."""
    from aggregator.jobs import issues  # noqa: PLC0415 - needs the newsletter's dependency group

    language = call.query.get("language", "")
    wishes = Wishes(
        language=language if language in LANGUAGES else call.workspace.settings.site.language,
        large_type=call.query.get("large") == "1",
    )
    with call.workspace.open_database() as database:
        made = issues.show(call.workspace, database, call.number("number"), wishes).letter
    if call.query.get("as") == "text":
        return Raw(made.text.encode("utf-8"), "text/plain; charset=utf-8")
    html = made.html.replace(_DARK, "@media all" if call.query.get("scheme") == "dark" else "@media not all")
    return Raw(html.encode("utf-8"), "text/html; charset=utf-8", policy=_POLICY)


@_installed
def send_test(call: Call) -> Answer:
    """Send it to one address."""
    from aggregator.jobs import newsletter  # noqa: PLC0415 - needs the newsletter's dependency group

    number, workspace = call.number("number"), call.workspace
    with workspace.open_database() as database:
        problem = newsletter.send_test(
            workspace, database, call.desk.environment, number, call.said("address"), now=call.now
        )  # fmt: skip
    return trouble(problem) if problem else Redirect(f"/newsletter/{number}?said=test")


@_installed
def approve(call: Call) -> Answer:
    """Freeze it."""
    from aggregator.jobs import issues  # noqa: PLC0415 - needs the newsletter's dependency group

    number, workspace = call.number("number"), call.workspace
    with workspace.open_database() as database:
        issues.approve(workspace, database, number, seen=call.said("seen"), now=call.now)
    return Redirect(f"/newsletter/{number}?said=approved")


@_installed
def act(call: Call) -> Answer:
    """Send, pause, resume, cancel, or decide about letters of which nobody knows whether they arrived. UsageError where the
    list is not set up here."""
    from aggregator.jobs import issues, mailing, newsletter  # noqa: PLC0415 - needs the newsletter's dependency group

    number, workspace, desk, verb = call.number("number"), call.workspace, _desk(call), call.path["verb"]
    if desk is None and verb != "cancel":
        raise UsageError("The list of subscribers is not set up on this machine.")
    if verb in ("send", "resume"):
        if verb == "resume":
            newsletter.resume(desk, number, now=call.now)
        mailing.start(call.desk.environment, number)
        return Redirect(f"/newsletter/{number}?said=started")
    if verb == "pause":
        newsletter.pause(desk, number, now=call.now)
    elif verb in ("again", "arrived"):
        newsletter.resolve(desk, number, again=verb == "again", now=call.now)
    elif verb == "cancel":
        with workspace.open_database() as database:
            if desk is None:
                issues.cancel(workspace, database, number, now=call.now)
            else:
                newsletter.cancel_all(desk, workspace, database, number, now=call.now)
    else:
        return trouble("There is no such page.", 404, "Not found")
    return Redirect(f"/newsletter/{number}")
