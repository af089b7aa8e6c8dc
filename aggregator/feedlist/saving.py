"""Replacing feeds.yaml on the disk without losing what somebody else does to it."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aggregator.errors import ConfigError, UsageError
from aggregator.files import replacing


def save(path: Path, text: str, before: bytes, check: Callable[[Path], object]) -> None:
    """Replace a file that has the content `before` by `text`, with its line ends and permissions. UsageError, and nothing is
    changed, where `check` raises ConfigError on the new file, where the content is another by then, or the disk refuses."""
    mode = path.stat().st_mode & 0o777 | (0o060 if _is_shared(path.parent) else 0)
    try:
        with replacing(path, mode=mode) as fresh:
            fresh.write_text(text, "utf-8", newline="\r\n" if b"\r\n" in before else "\n")
            _check(fresh, path.name, check)
            if path.read_bytes() != before:
                raise UsageError(f"Somebody else changed {path.name} at the same time. Nothing was changed; try again.")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


@contextmanager
def alone(path: Path, *, seconds: float = 10.0) -> Iterator[None]:
    """One change of a file at a time, whichever process makes it: the kernel holds a lock on the folder, and leaves nothing
    behind. UsageError where another one takes longer than so many seconds."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        ends_at = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= ends_at:
                    raise UsageError(f"Somebody else is changing {path.name} right now. Try again.") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(folder)


def _check(fresh: Path, name: str, check: Callable[[Path], object]) -> None:
    try:
        check(fresh)
    except ConfigError as error:
        sentences = "\n".join(problem.replace(fresh.name, name) for problem in error.problems)
        raise UsageError(f"Nothing was changed, because {name} would not be valid:\n{sentences}") from error


def check_writable(path: Path) -> None:
    """UsageError where the file may not be written, or somebody has it open in an editor."""
    # The file is replaced, so in a shared folder the right to write the folder is enough: a colleague's editor may have made
    # the file under an umask that keeps the group from writing it.
    is_allowed = os.access(path, os.W_OK) or (_is_shared(path.parent) and os.access(path.parent, os.W_OK | os.X_OK))
    if path.exists() and (not path.stat().st_mode & 0o222 or not is_allowed):
        raise UsageError(f"{path} is read-only; make it writable, or edit it as a user who may.")
    # What vim, Emacs and LibreOffice leave beside a file while they have it open.
    for name in (f".{path.name}.swp", f".#{path.name}", f".~lock.{path.name}#"):
        if (path.parent / name).exists() or (path.parent / name).is_symlink():
            raise UsageError(f"{path.name} is open in an editor ({name}). Save it and close the editor first.")


def _is_shared(folder: Path) -> bool:
    """Whether a group works in the folder together: it may write there, and new files belong to it (setgid)."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_ISGID and mode & stat.S_IWGRP)
