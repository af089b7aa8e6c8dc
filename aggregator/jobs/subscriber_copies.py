"""The copies of the list of subscribers: made daily, restored, and made to follow who left since."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.errors import StoreError, UsageError
from aggregator.jobs.subscribers import SubscriberDesk, open_subscribers, retain
from aggregator.jobs.workspace import Workspace
from aggregator.subscribers import copies, people, queue
from aggregator.subscribers.database import SubscriberStore
from aggregator.subscribers.vault import read_keys
from aggregator.values.environment import Environment

# A departure carries the time at which it was asked for, which may be before the copy that was made meanwhile.
_SLACK = timedelta(minutes=5)


def back_up(desk: SubscriberDesk, *, now: datetime) -> Path:
    """Write today's encrypted copy; its path."""
    return copies.back_up(desk.store.path, desk.folder, desk.store.keys[0], now=now)


def tidy(desk: SubscriberDesk, *, now: datetime) -> None:
    """Once a day: delete what is kept for a time only, and write the copy."""
    last = next(iter(copies.copies(desk.folder)), None)
    if last is None or now - copies.made_at(last) >= timedelta(hours=20):
        retain(desk, now=now)
        back_up(desk, now=now)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: from which copy, how many departures since then it applied again, and how many people had moved to
    an address that the copy does not have."""

    copy: Path
    departures: int
    moved: int


def restore(environment: Environment, workspace: Workspace, copy: Path | None, *, now: datetime) -> Restored:
    """Put a copy, else the newest, in the place of the list, and let go again whoever left or was erased since. What is
    there is copied first. UsageError where there is no copy."""
    keys = read_keys(environment.subscribers_key, environment.subscribers_key_file)
    folder, path = workspace.data / "subscriber-copies", workspace.data / "subscribers.db"
    chosen = copy or next(iter(copies.copies(folder)), None)
    if chosen is None:
        raise UsageError(f"There is no copy in {folder}.")
    since = copies.made_at(chosen)
    fresh = path.with_name("subscribers.db.restored")
    copies.open_copy(chosen, fresh, keys)
    with suppress(StoreError):
        if path.exists():
            back_up(open_subscribers(environment, workspace), now=now)
    # All that must be let go is gone before anybody can see the copy.
    desk = SubscriberDesk(SubscriberStore(fresh, keys), workspace.data, "")
    gone, moved = follow_departures(desk, since=since)
    copies.put_in_place(fresh, path)
    return Restored(chosen, gone, moved)


def follow_departures(desk: SubscriberDesk, *, since: datetime) -> tuple[int, int]:
    """Make a list that was restored let go again whoever left or was erased since its copy was made; how many, and how many
    of them had moved. Nothing that it had queued is sent: it may have been sent after the copy was made."""
    gone = moved = 0
    with desk.store.writing() as rows:
        queue.drop_all(rows)
        for departure in copies.departures(desk.journal, since=since - _SLACK):
            if departure.act == "erased":
                people.erase(rows, departure.mark, now=departure.at)
            else:
                people.remove(rows, departure.mark)
            if departure.act == "complained":
                people.suppress(rows, departure.mark, "complained", now=departure.at)
            gone += 1
            moved += departure.act == "moved"
    desk.store.compact()
    return gone, moved
