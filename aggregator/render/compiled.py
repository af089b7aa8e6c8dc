"""Compiled templates, kept between two runs: compiling them takes a tenth of a quiet refresh. This module only saves time
and could be deleted."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(FileSystemBytecodeCache):
    """A folder of compiled templates, for its owner only. One that was changed, or compiled by another version of Python or
    Jinja, is compiled again; what cannot be read or written is done without."""

    def __init__(self, folder: Path) -> None:
        with suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
        super().__init__(str(folder), "%s.template")

    def load_bytecode(self, bucket: Bucket) -> None:
        """See jinja2."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See jinja2."""
        with suppress(OSError):
            super().dump_bytecode(bucket)
