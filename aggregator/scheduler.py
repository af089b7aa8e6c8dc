"""APScheduler: the same refresh, every day, in the site's time zone."""

from __future__ import annotations

from collections.abc import Callable

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from aggregator.values.settings import Settings


def make_scheduler(settings: Settings, job: Callable[[], None]) -> BlockingScheduler:
    """A scheduler that calls `job` at each `schedule.refresh_at`; `start()` blocks."""
    scheduler = BlockingScheduler(timezone=settings.site.zone)
    for clock in settings.schedule.refresh_at:
        hour, minute = clock.split(":")
        scheduler.add_job(
            job,
            CronTrigger(hour=int(hour), minute=int(minute), timezone=settings.site.zone),
            id=clock,
            # The library's usual grace is one second: a job that is a little late would be left out silently.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    return scheduler
