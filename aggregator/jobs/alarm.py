"""Somebody is told: what needs a person after a refresh, once for each new condition.

What was told stands in `data/alarms.json` and not in the store, so that a store that is broken can be told of too.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.errors import AggregatorError
from aggregator.jobs.house import House
from aggregator.keep.backup import backups, faults_of, made_at
from aggregator.store import health
from aggregator.values.health import FeedFacts, HouseFacts
from aggregator.values.reports import RunOutcome, RunReport
from aggregator.watch.alerts import Condition, Known, News, compare, conditions
from aggregator.watch.channels import Channels, ping, post_webhook, send_mail

_FILE = "alarms.json"
# A refresh makes a copy each week.
_COPY_AGE = timedelta(days=8)


@dataclass(frozen=True)
class Alarm:
    """The alarm of one refresh."""

    channels: Channels
    data: Path
    clock: Callable[[], datetime]

    def begin(self) -> None:
        """A refresh begins."""
        ping(self.channels, "start")

    def end(self, status: int, lines: Sequence[str], house: House | None, report: RunReport | None) -> list[str]:
        """A refresh ended with this exit status and these lines. Sentences on what could not be told."""
        ping(self.channels, str(status), "\n".join(lines))
        if not (self.channels.webhook or self.channels.smtp):
            return []
        is_failed = report is None or report.outcome == RunOutcome.FAILED
        told = lines if report is None else report.notes
        found = self._found(house, " ".join(told) if is_failed else "")
        known = remembered(self.data)
        after, news = compare(known, found, now=self.clock())
        errors = self._tell(news, house) if news else []
        # What could not be told to anybody is told the next time.
        if not errors:
            _remember(self.data, after)
        return errors

    def _found(self, house: House | None, failure: str) -> list[Condition]:
        now = self.clock()
        if house is None:
            return conditions(HouseFacts(failure=failure), (), now=now)
        facts, feeds = look(house, now=now, failure=failure)
        return conditions(facts, feeds, now=now)

    def _tell(self, news: News, house: House | None) -> list[str]:
        title = house.settings.site.title if house else "Facial Paralysis News"
        number = len(news.begun)
        what = "well again" if not number else "1 thing needs a look" if number == 1 else f"{number} things need a look"
        subject = f"{title}: {what}"
        text = "\n\n".join([*news.begun, *news.over, "`run.py status` shows everything."])
        recipients = house.settings.alerts.email_to if house else ()
        errors = [send_mail(self.channels, recipients, subject, text), post_webhook(self.channels, subject, text)]
        return [error for error in errors if error]


def look(house: House, *, now: datetime, failure: str = "") -> tuple[HouseFacts, Sequence[FeedFacts]]:
    """The facts of the house; where the store cannot be read, that is one."""
    problems = house.problems[:-1] if house.problems else ()
    free = shutil.disk_usage(house.data).free if house.data.exists() else None
    try:
        database = house.open_database()
        try:
            with database.read() as connection:
                feeds = health.feed_facts(connection, now=now)
                facts = HouseFacts(
                    problems,
                    _store_fault(house, now),
                    failure,
                    free,
                    health.last_fresh_at(connection),
                    health.last_admitted_at(connection),
                )
        finally:
            database.close()
    except AggregatorError as error:
        return HouseFacts(problems, str(error), failure, free), ()
    return facts, feeds


def _store_fault(house: House, now: datetime) -> str:
    """What keeps the store from being copied: it is looked through only where no copy was made for too long."""
    copies = backups(house.database_path)
    if copies and now - made_at(copies[0]) <= _COPY_AGE:
        return ""
    found = faults_of(house.database_path)
    if found:
        return f"The store is damaged ({found[0]}): `restore` puts the last copy in its place."
    return (
        f"No copy of the store could be made for {_COPY_AGE.days} days: is the disk full, or backups/ read-only?"
        if copies
        else ""
    )


def remembered(data: Path) -> dict[str, Known]:
    """The conditions that were known after the last refresh; none where the file is gone or cannot be read."""
    try:
        rows = json.loads((data / _FILE).read_text("utf-8"))
        return {key: Known(**row | {"since": datetime.fromisoformat(row["since"])}) for key, row in rows.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _remember(data: Path, known: Mapping[str, Known]) -> None:
    rows = {key: asdict(one) | {"since": one.since.isoformat()} for key, one in known.items()}
    fresh = data / f"{_FILE}.next"
    try:
        fresh.write_text(json.dumps(rows, ensure_ascii=False, indent=1), "utf-8")
        fresh.chmod(0o600)
        fresh.replace(data / _FILE)
    except OSError:
        # A full disk: the same is told again tomorrow, which is no harm.
        fresh.unlink(missing_ok=True)
