"""The entry point: `python run.py COMMAND`. The program is in aggregator/."""

from __future__ import annotations

import os
import signal
import sys


def stop(number: int, _frame: object = None) -> None:
    """End at once, with one sentence: while modules are imported nothing is open that would have to be closed."""
    try:
        os.write(2, b"Stopped.\n")
    finally:
        os._exit(128 + number)


def handle(handler: object) -> None:
    """Let SIGINT and SIGTERM call this handler, where they are not ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)  # type: ignore[arg-type]


def main() -> int:
    """Run a command; its exit status."""
    import atexit  # noqa: PLC0415
    import gc  # noqa: PLC0415

    # Registered first, so called last: thereafter the interpreter takes its handlers away, and a signal would end it with a
    # status of its own.
    atexit.register(handle, signal.SIG_IGN)
    # What is imported stays, and to look through it for garbage again and again takes a tenth of a quiet refresh.
    gc.disable()
    # Imported late: a worker process of the parsing pool imports this file again and needs none of it.
    from aggregator.cli import main as cli_main  # noqa: PLC0415
    from aggregator.signals import end_surely  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    end_surely(stop)
    status = cli_main()
    # The work is done, or was stopped: only the interpreter's own end is left.
    handle(lambda _number, _frame: None)
    if status in (128 + signal.SIGINT, 128 + signal.SIGTERM):
        end_workers()
    return status


def end_workers() -> None:
    """Kill the worker processes that are left, which the interpreter would wait for."""
    import multiprocessing  # noqa: PLC0415

    for worker in multiprocessing.active_children():
        worker.kill()


if __name__ == "__main__":
    # Before anything of the program is imported: Python's own handler would end an import with a traceback.
    handle(stop)
    sys.exit(main())
