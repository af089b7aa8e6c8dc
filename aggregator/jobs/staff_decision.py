"""A decision of staff: stored at once, also while a refresh is at work; the page follows as soon as it can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from aggregator.errors import PublishError
from aggregator.jobs.publish import publish_decided
from aggregator.jobs.workspace import Workspace
from aggregator.store import acts, page_requests
from aggregator.store.acts import Recorder
from aggregator.store.database import Database, Transaction
from aggregator.values.acts import Act, Verb

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Decided(Generic[_T]):
    """What came of a decision. Where the page is not `is_published`, the refresh at work publishes it when it ends. `act` is
    its number in the log."""

    result: _T
    is_published: bool
    act: int = 0


def decide_now(
    workspace: Workspace,
    verb: Verb,
    act: Callable[[Transaction, Recorder], _T],
    about: Callable[[_T], str],
    *,
    now: datetime,
) -> Decided[_T]:
    """Let `act` decide in one transaction, with its line in the log, and publish. It tells the recorder which entries it may
    change before it does. PublishError says of what `about` names that it is stored, and that the page could not be made."""
    with workspace.open_database() as database:
        with database.write() as connection:
            recorder = Recorder(connection)
            result = act(connection, recorder)
            number = recorder.write(verb, about(result), actor=workspace.actor, now=now)
            page_requests.want(connection)
        return show(workspace, database, Decided(result, is_published=False, act=number), about(result), now=now)


def show(workspace: Workspace, database: Database, decided: Decided[_T], about: str, *, now: datetime) -> Decided[_T]:
    """Publish what was decided. PublishError says of what `about` names that it is stored, and that the page could not be
    made."""
    try:
        return replace(decided, is_published=publish_decided(workspace, database, now=now))
    except PublishError as error:
        raise PublishError(
            f"Your decision about {about} is kept, and will show as soon as the page can be made: {error}"
        ) from error


def undo(workspace: Workspace, number: int, *, now: datetime) -> Decided[Act]:
    """Take back an act of the log. UsageError where that cannot be done: nothing is changed then."""
    with workspace.open_database() as database:
        with database.write() as connection:
            done = acts.undo(connection, number, actor=workspace.actor, now=now, reviewed=workspace.settings.reviewed)
            page_requests.want(connection)
        return show(workspace, database, Decided(done, is_published=False, act=done.number), done.about, now=now)
