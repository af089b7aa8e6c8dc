"""APScheduler keeps the time: every half minute it asks whether a refresh is due, and lets one run in a process of its own.

Why it asks instead of waiting until five o'clock: a wait sleeps through the machine's own sleep and trusts a clock that
may be set. And why a process of its own: it is the same refresh as cron's, a changed feeds.yaml is taken up, and what it
used is given back whole, for years.
"""

from __future__ import annotations

import logging
import signal
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from aggregator.watch.clock import Due

EVERY_SECONDS = 30
# A refresh that is told to end may take so long; then it is killed, which leaves store and page whole as well.
_GRACE_SECONDS = 8


class Daily:
    """Refreshes whenever `due` says so, by running `command(due)`; `ended(due, exit status)` is told afterwards."""

    def __init__(
        self, due: Callable[[], Due | None], command: Callable[[Due], Sequence[str]], ended: Callable[[Due, int], None],
        *, every_seconds: float = EVERY_SECONDS,
    ) -> None:  # fmt: skip
        # Only `schedule` needs it; every command would wait for it.
        from apscheduler.schedulers.blocking import BlockingScheduler  # noqa: PLC0415
        from apscheduler.triggers.interval import IntervalTrigger  # noqa: PLC0415

        self._due, self._command, self._ended = due, command, ended
        self._running: subprocess.Popen[bytes] | None = None
        self._is_ending = False
        # A refresh that takes longer than the time between two looks is no news: the library would say so at every look.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = BlockingScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._look,
            IntervalTrigger(seconds=every_seconds, timezone=UTC),
            next_run_time=datetime.now(UTC),
            # The library's usual grace is one second: a look that is a little late would be left out silently.
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    def start(self) -> None:
        """Stay until SIGTERM or Ctrl-C; a refresh at work is ended within ten seconds."""
        interrupt_on_sigterm()
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
        # Its own group, so that Ctrl-C reaches it once, from here.
        self._running = subprocess.Popen(self._command(due), start_new_session=True)  # noqa: S603 - our own program
        status = self._running.wait()
        self._running = None
        if not self._is_ending:
            self._ended(due, status)

    def _end(self) -> None:
        self._is_ending = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        running = self._running
        if running is None:
            return
        running.terminate()
        try:
            running.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def interrupt_on_sigterm() -> None:
    """Let SIGTERM end this process as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
