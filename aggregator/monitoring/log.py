"""Log one line for each feed and each run: readable on a terminal, else JSON. Off unless AGGREGATOR_LOG says where to.

Secrets in addresses (tokens, `user:pass@`, keys) are masked whatever the line is about.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.urls import shown_address


@dataclass(frozen=True)
class _Lines:
    """Appends each line to a file that is opened anew each time, so that it may be rotated. A full disk loses lines."""

    path: Path

    def msg(self, line: str) -> None:
        with suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    info = warning = error = msg


class _Silence:
    """Logs nothing."""

    def info(self, event: str, **facts: Any) -> None:
        """Do nothing."""


_logger: Any = _Silence()


def set_up(target: str) -> None:
    """Log to `stderr` or to the end of the file `target`; nowhere if it is empty."""
    global _logger  # noqa: PLW0603 - a process has one log
    if not target:
        _logger = _Silence()
        return
    # Imported late: a refresh that logs nothing starts a sixth of a second earlier.
    import structlog  # noqa: PLC0415

    is_terminal = target == "stderr" and sys.stderr.isatty()
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    _logger = structlog.wrap_logger(
        structlog.WriteLogger(sys.stderr) if target == "stderr" else _Lines(Path(target)),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
            structlog.dev.ConsoleRenderer() if is_terminal else as_json,
        ],
    )


def log() -> Any:
    """The program's logger."""
    return _logger


def _mask(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and "://" in value:
            event[key] = shown_address(value)
    return event
