"""The newsletter in a demo: two sample readers, an issue of the sample stories, and a folder with the mails to them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.errors import UsageError
from aggregator.files import replacing
from aggregator.jobs.demo_feeds import KEY, SIGNUP, with_demo_key
from aggregator.jobs.issues import approve, draft, edit, every_issue
from aggregator.jobs.mailing import folder, send
from aggregator.jobs.subscribers import new_key, open_subscribers
from aggregator.jobs.workspace import Clock, Store, Workspace, sample_workspace
from aggregator.subscribers.people import add_person
from aggregator.values.environment import Environment
from aggregator.values.issues import Period
from aggregator.values.settings import Signup
from aggregator.values.subscribers import Wishes

MAILBOX = "mailbox"
# Nobody is reached at these (RFC 2606).
_READERS = {
    "reader@people.example": Wishes(),
    "lectora@people.example": Wishes(topics=("bells-palsy", "synkinesis"), language="es", large_type=True),
}
_INTRO = (
    "Dear readers,\n\nthis is a sample issue, made from sample stories. Staff write a few lines like these, with **strong** "
    "and *emphasised* words if they want, drop or raise stories, and approve the issue before anything is sent."
)


@dataclass(frozen=True, slots=True)
class SampleIssue:
    """Where the sample issue is to be seen: its page, and the folder of mails."""

    page: Path
    mailbox: Path
    mails: int


def make_sample_issue(environment: Environment, port: int, *, clock: Clock) -> SampleIssue | None:
    """Make, approve and send an issue of a demo's stories, unless there is one; None where nothing of them can be told."""
    workspace, data = with_sign_up(replace(sample_workspace(environment, port), actor="demo")), environment.data
    with workspace.open_database() as database:
        if not every_issue(database):
            _remove_list(data)
            _make(workspace, database, environment, clock)
        numbers = [one.issue.number for one in every_issue(database)]
    mails = list((data / MAILBOX).glob("*.eml"))
    return SampleIssue(data / "site" / "newsletter" / "index.html", data / MAILBOX, len(mails)) if numbers else None


def with_sign_up(workspace: Workspace) -> Workspace:
    """A demo's workspace with an address for the links of its letters."""
    return replace(workspace, settings=workspace.settings.model_copy(update={"signup": Signup(url=SIGNUP)}))


def _remove_list(data: Path) -> None:
    """Remove the readers and mails of an earlier day's demo."""
    for path in [*data.glob("subscribers.*"), *data.glob("newsletter.*")]:
        path.unlink()
    shutil.rmtree(data / MAILBOX, ignore_errors=True)


def _make(workspace: Workspace, database: Store, environment: Environment, clock: Clock) -> None:
    with replacing(workspace.data / KEY) as fresh:
        fresh.touch(mode=0o600)
        fresh.write_text(new_key(), "ascii")
    keyed = with_demo_key(environment)
    desk = open_subscribers(keyed, workspace)
    now = clock()
    with desk.store.writing() as rows:
        for address, wishes in _READERS.items():
            add_person(rows, address, wishes, now=now)
    number = _drafted(workspace, database, now)
    if number:
        edit(workspace, database, number, intro=_INTRO)
        approve(workspace, database, number, now=now)
        send(
            desk, workspace, database, keyed, number, open_transport=folder(workspace.data / MAILBOX), clock=clock,
            sleep=lambda _: None,
        )  # fmt: skip


def _drafted(workspace: Workspace, database: Store, now: datetime) -> int:
    """The number of an issue of last week, or of this one where last week has nothing; 0 where neither has."""
    today = now.astimezone(workspace.settings.site.zone).date()
    for on in (today, today + timedelta(days=7)):
        try:
            return draft(workspace, database, Period.WEEK, on=on, may_be_open=True, now=now).issue.number
        except UsageError:
            continue
    return 0
