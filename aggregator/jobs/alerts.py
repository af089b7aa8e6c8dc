"""Sends alerts after a refresh, each new condition once.

What was sent is remembered in `data/alarms.json` and not in the store, so that a broken store can be reported too.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.backup.copies import backups, faults_of
from aggregator.backup.copies import newest_at as newest_at_of
from aggregator.errors import AggregatorError, sentence_of
from aggregator.files import replacing
from aggregator.jobs.workspace import Workspace
from aggregator.monitoring.alerts import AlertChanges, AlertState, Condition, compare, conditions
from aggregator.monitoring.channels import Channels, ping, post_webhook, send_mail
from aggregator.store import health, runs
from aggregator.values.environment import Environment
from aggregator.values.health import FeedFacts, WorkspaceFacts
from aggregator.values.reports import RunReport

_FILE = "alarms.json"
# A refresh makes a copy each week.
_COPY_AGE = timedelta(days=8)


@dataclass(frozen=True)
class Alarm:
    """The alarm of one refresh. A message ends with `advice`: how its readers learn more."""

    channels: Channels
    data: Path
    clock: Callable[[], datetime]
    advice: str = ""

    def begin(self) -> None:
        """A refresh begins."""
        ping(self.channels, "start")

    def end(self, status: int, lines: Sequence[str], workspace: Workspace | None, report: RunReport) -> list[str]:
        """A refresh ended with this exit status and these lines. Sentences on what could not be told."""
        ping(self.channels, str(status), "\n".join(lines))
        if not (self.channels.webhook or self.channels.smtp):
            return []
        found = self._found(workspace, report.reason)
        known = remembered(self.data)
        after, news = compare(known, found, now=self.clock())
        errors = self._tell(news, workspace) if news else []
        # What could not be told to anybody is told the next time.
        if not errors:
            _remember(self.data, after)
        return errors

    def _found(self, workspace: Workspace | None, failure: str) -> list[Condition]:
        now = self.clock()
        if workspace is None:
            return conditions(WorkspaceFacts(failure=failure), (), now=now)
        facts, feeds = collect_facts(workspace, now=now, failure=failure)
        return conditions(facts, feeds, now=now, zone=workspace.settings.site.zone)

    def _tell(self, news: AlertChanges, workspace: Workspace | None) -> list[str]:
        title = workspace.settings.site.title if workspace else "Facial Paralysis News"
        number = len(news.begun)
        what = "well again" if not number else "1 thing needs a look" if number == 1 else f"{number} things need a look"
        subject = f"{title}: {what}"
        text = "\n\n".join(filter(None, [*news.begun, *news.over, self.advice]))
        recipients = workspace.settings.alerts.email_to if workspace else ()
        errors = [send_mail(self.channels, recipients, subject, text), post_webhook(self.channels, subject, text)]
        return [error for error in errors if error]


def alarm_of(environment: Environment, clock: Callable[[], datetime], *, advice: str = "", is_silent: bool = False) -> Alarm:
    """The alarm of a refresh on this machine; one that `is_silent` tells nobody. Each message ends with `advice`."""
    channels = Channels(environment.smtp_url, environment.mail_from, environment.webhook_url, environment.ping_url)
    return Alarm(Channels() if is_silent else channels, environment.data, clock, advice)


def collect_facts(workspace: Workspace, *, now: datetime, failure: str = "") -> tuple[WorkspaceFacts, Sequence[FeedFacts]]:
    """The facts of the workspace; where the store cannot be read, that is one."""
    problems = workspace.problems[:-1] if workspace.problems else ()
    free = None
    try:
        free = shutil.disk_usage(workspace.data).free if workspace.data.exists() else None
        with workspace.open_database() as database, database.read() as connection:
            feeds = health.feed_facts(connection, now=now)
            facts = WorkspaceFacts(
                problems,
                _store_fault(workspace, now),
                failure,
                free,
                health.last_fresh_at(connection, now=now),
                health.last_admitted_at(connection, now=now),
                runs.last_ahead(connection, now=now),
            )
    except (AggregatorError, OSError) as error:
        return WorkspaceFacts(problems, sentence_of(error), failure, free), ()
    return facts, feeds


def _store_fault(workspace: Workspace, now: datetime) -> str:
    """What keeps the store from being copied: it is looked through only where no copy was made for too long."""
    copies, newest_at = backups(workspace.database_path, now=now), newest_at_of(workspace.database_path, now=now)
    if newest_at is not None and now - newest_at <= _COPY_AGE:
        return ""
    found = faults_of(workspace.database_path)
    if found:
        return f"The store is damaged ({found[0]}). The last copy can be restored."
    return (
        f"No copy of the store could be made for {_COPY_AGE.days} days: is the disk full, or backups/ read-only?"
        if copies
        else ""
    )


def remembered(data: Path) -> dict[str, AlertState]:
    """The conditions that were known after the last refresh; none where the file is gone or cannot be read."""
    try:
        rows = json.loads((data / _FILE).read_text("utf-8"))
        return {key: AlertState(**row | {"since": datetime.fromisoformat(row["since"])}) for key, row in rows.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _remember(data: Path, known: Mapping[str, AlertState]) -> None:
    rows = {key: asdict(one) | {"since": one.since.isoformat()} for key, one in known.items()}
    # A full disk: the same is told again tomorrow, which is no harm.
    with suppress(OSError), replacing(data / _FILE) as fresh:
        fresh.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
