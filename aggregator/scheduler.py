"""The daily refresh by APScheduler: every half minute it asks whether a refresh is due, and runs it in its own process.

It asks instead of waiting until five o'clock, because a wait sleeps through the machine's own sleep and trusts a clock that
may be set. It uses a separate process, because that is the same refresh as cron's, picks up a changed feeds.yaml, and
returns all its memory, for years.
"""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from aggregator.monitoring.schedule import Due

EVERY_SECONDS = 30
ERRAND_SECONDS = 300
# Seconds that a terminated refresh may take to end; then it is killed, which leaves store and page whole as well.
_GRACE_SECONDS = 8


class Daily:
    """Refreshes whenever `due` says so, by running `command(due)`; calls `ended(due, exit status)` afterwards. A `companion`
    is a command that runs beside it in a process of its own and is started again where it ended; an `errand` gives a command
    that is run every five minutes, or none."""

    def __init__(
        self, due: Callable[[], Due | None], command: Callable[[Due], Sequence[str]], ended: Callable[[Due, int], None],
        *, every_seconds: float = EVERY_SECONDS, companion: Sequence[str] = (),
        errand: Callable[[], Sequence[str]] | None = None, errand_seconds: float = ERRAND_SECONDS,
    ) -> None:  # fmt: skip
        # Imported late: only `schedule` needs it, and every other command would wait for the import.
        from apscheduler.schedulers.blocking import BlockingScheduler  # noqa: PLC0415
        from apscheduler.triggers.interval import IntervalTrigger  # noqa: PLC0415

        self._due, self._command, self._ended = due, command, ended
        self._running: subprocess.Popen[bytes] | None = None
        self._companion: subprocess.Popen[bytes] | None = None
        self._on_errand: subprocess.Popen[bytes] | None = None
        self._is_ending = False
        # The library would log at every look that a refresh takes longer than the time between two looks.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BlockingScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._look,
            IntervalTrigger(seconds=every_seconds, timezone=UTC),
            next_run_time=datetime.now(UTC),
            # The library's default grace is one second: a look that is a little late would be skipped silently.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        if companion:
            # A job of its own: it is looked after while a refresh takes its time.
            self._scheduler.add_job(
                self._accompany,
                IntervalTrigger(seconds=every_seconds, timezone=UTC),
                [companion],
                next_run_time=datetime.now(UTC),
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )

        if errand is not None:
            self._scheduler.add_job(
                self._go,
                IntervalTrigger(seconds=errand_seconds, timezone=UTC),
                [errand],
                next_run_time=datetime.now(UTC),
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )

    def start(self) -> None:
        """Run until KeyboardInterrupt (see signals.py); a running refresh is then ended within ten seconds."""
        try:
            self._scheduler.start()
        except KeyboardInterrupt:
            pass
        finally:
            self._end()

    def _look(self) -> None:
        due = self._due()
        if due is None or self._is_ending:
            return
        # In its own process group, so that Ctrl-C reaches it once, from here.
        self._running = subprocess.Popen(self._command(due), start_new_session=True)  # noqa: S603 - our own program
        status = self._running.wait()
        self._running = None
        if not self._is_ending:
            self._ended(due, status)

    def _accompany(self, command: Sequence[str]) -> None:
        if not self._is_ending and (self._companion is None or self._companion.poll() is not None):
            self._companion = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own program

    def _go(self, errand: Callable[[], Sequence[str]]) -> None:
        command = errand()
        if command and not self._is_ending:
            self._on_errand = subprocess.Popen(command, start_new_session=True)  # noqa: S603 - our own program
            self._on_errand.wait()
            self._on_errand = None

    def _end(self) -> None:
        self._is_ending = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        processes = [one for one in (self._running, self._companion, self._on_errand) if one is not None]
        for one in processes:
            one.terminate()
        ends_at = time.monotonic() + _GRACE_SECONDS
        for one in processes:
            try:
                one.wait(max(0.0, ends_at - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
