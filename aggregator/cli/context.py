"""Where a command runs: what the options and the environment say."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property
from pathlib import Path

from typer import Context

from aggregator.jobs.workspace import Store, Workspace, open_stored, open_workspace, site_zone, store_in
from aggregator.values.environment import Environment


@dataclass(frozen=True)
class CommandContext:
    """The environment of a command; `home` is the folder of run.py, `is_data_given` says that --data was."""

    environment: Environment
    home: Path
    is_data_given: bool

    def demo_environment(self) -> Environment:
        """The demo's own: demo/ in the data folder, unless --data names a folder for it."""
        data = self.environment.data if self.is_data_given else self.environment.data / "demo"
        return replace(self.environment, data=data)

    @property
    def store(self) -> Path:
        """Where the store is, or will be."""
        return store_in(self.environment.data)

    @cached_property
    def zone(self) -> tzinfo:
        """The site's time zone; UTC where it is not known."""
        return site_zone(self.environment)

    def workspace(self) -> Workspace:
        """What the job of this command is handed."""
        return open_workspace(self.environment, actor=f"cli:{_user()}")

    def short(self, path: Path) -> str:
        """A path as a person would type it here."""
        here = Path.cwd()
        is_below = here != Path(here.anchor) and path.absolute().is_relative_to(here)
        return os.path.relpath(path) if is_below else str(path.absolute())


def _user() -> str:
    """The name of who runs the command, or their number where it has none (a container)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def command_context(context: Context) -> CommandContext:
    """The place that the options of the whole program described."""
    place = context.obj
    assert isinstance(place, CommandContext)  # noqa: S101 - set by the callback before any command runs
    return place


def stored(place: CommandContext) -> Store:
    """The store of the command's data folder."""
    return open_stored(place.environment.data, place.zone)
