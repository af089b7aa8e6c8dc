"""Replace files atomically: write a file beside, sync it to the disk, rename it. Readers see the old content or the new,
even after a power cut.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The mode of files that may name what staff hid, or people: for the owner only, whatever the umask.
_PRIVATE = 0o600


@contextmanager
def replacing(path: Path, *, mode: int = _PRIVATE) -> Iterator[Path]:
    """Give a path beside `path` to write to; at the end it replaces `path`, with the permissions `mode`. An exception leaves
    `path` as it was, and nothing beside it. OSError if the disk refuses the file."""
    fresh = path.with_name(f"{path.name}.next")
    try:
        # A file that an earlier attempt left may have other permissions.
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=_PRIVATE)
        yield fresh
        fresh.chmod(mode)
        sync(fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
