"""How SIGINT (Ctrl-C) and SIGTERM end a command: by an exception that closes what is open, and surely.

An exception is raised wherever the program happens to be. Within asyncio's own machinery, or in a task of a library, that
leaves half-made things behind, which complain; there the command's own task is cancelled instead.

Exit statuses are those of a shell: 128 and the signal's number, so 130 and 143.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import warnings
from collections.abc import Callable, Coroutine
from threading import Thread
from types import FrameType, TracebackType
from typing import Any, ClassVar, Self, TypeVar

STOPPING = (signal.SIGINT, signal.SIGTERM)
STOPPED = "Stopped."
_T = TypeVar("_T")
# A command that was told to stop and has not ended after so many seconds is ended. `schedule` gives its refresh eight.
_PATIENCE = 9.0


class Interruptible:
    """Within it the first of the two signals raises KeyboardInterrupt. What was their effect before is so again afterwards,
    and for a second signal, which may come while the first is dealt with.

    A signal that is ignored stays so: whoever starts a command in the background (nohup, `&` in a script) wants that.
    """

    def __init__(self) -> None:
        self._number: int = signal.SIGINT
        self._before: dict[int, Any] = {}
        self._told_of_lost = sys.unraisablehook

    @property
    def status(self) -> int:
        """The exit status of a command that was stopped."""
        return 128 + self._number

    def __enter__(self) -> Self:
        for number in STOPPING:
            before = signal.getsignal(number)
            if before is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._interrupt)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._restore()
        sys.unraisablehook = self._told_of_lost

    def _restore(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _tell_of_lost(self, lost: Any) -> None:
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            self._told_of_lost(lost)

    def _interrupt(self, number: int, _frame: FrameType | None) -> None:
        self._number = number
        self._restore()
        # Python would warn of a coroutine that was made and, for this signal, not yet begun.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        # Where the exception is lost (in a `__del__`), Python would print it; `end_surely` ends what goes on.
        sys.unraisablehook = self._tell_of_lost
        if _Asynchronous.current is None or not _Asynchronous.current.cancel(number):
            raise KeyboardInterrupt(number)


def status_of(interrupt: KeyboardInterrupt) -> int:
    """The exit status of a command that this ended."""
    return 128 + (interrupt.args[0] if interrupt.args else signal.SIGINT)


class _Asynchronous:
    """A command's coroutine at work."""

    current: ClassVar[Self | None] = None

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self.number: int | None = None

    async def complete(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        self._task = asyncio.current_task()
        return await coroutine

    def cancel(self, number: int) -> bool:
        """Cancel the coroutine for the signal `number`; False where it is at work itself, and can be interrupted."""
        if self._task is None or self._task.done():
            return False
        loop = self._task.get_loop()
        if asyncio.current_task(loop) is self._task:
            return False
        self.number = number
        loop.call_soon_threadsafe(self._task.cancel)
        return True


def complete(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """`asyncio.run`, in which a signal raises KeyboardInterrupt wherever it comes."""
    work = _Asynchronous.current = _Asynchronous()
    try:
        return asyncio.run(work.complete(coroutine))
    except asyncio.CancelledError:
        if work.number is None:
            raise
        raise KeyboardInterrupt(work.number) from None
    finally:
        _Asynchronous.current = None


def end_surely(end: Callable[[int], object], patience: float = _PATIENCE) -> None:
    """Call `end` with the signal's number, `patience` seconds after a signal, if the process is still there.

    An exception in a signal's handler can be lost (in a `__del__`, say) or wait for long (SQLite waits for a lock in C), so
    a thread reads what the interpreter writes at each signal (`signal.set_wakeup_fd`).
    """
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    Thread(target=_watch, args=(read, end, patience), daemon=True).start()


def _watch(read: int, end: Callable[[int], object], patience: float) -> None:
    number = 0
    while number not in STOPPING:
        number = os.read(read, 1)[0]
    time.sleep(patience)
    end(number)
