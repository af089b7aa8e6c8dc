"""Where a command runs: what the options and the environment say."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from typer import Context

from aggregator.config import Environment
from aggregator.errors import UsageError
from aggregator.jobs.house import refuse_lost_store, store_in
from aggregator.keep.backup import back_up_before_migration
from aggregator.store.database import Database, open_database


@dataclass(frozen=True)
class Place:
    """The environment of a command; `home` is the folder of run.py."""

    environment: Environment
    home: Path
    is_data_given: bool

    def demo_environment(self) -> Environment:
        """The demo's own: never the live store, unless a folder is named."""
        data = self.environment.data if self.is_data_given else self.home / "data" / "demo"
        return replace(self.environment, data=data)

    @property
    def store(self) -> Path:
        """Where the store is, or will be."""
        return store_in(self.environment.data)

    def short(self, path: Path) -> str:
        """A path as a person would type it here."""
        here = Path.cwd()
        is_below = here != Path(here.anchor) and path.absolute().is_relative_to(here)
        return os.path.relpath(path) if is_below else str(path.absolute())


def place_of(context: Context) -> Place:
    """The place that the options of the whole program described."""
    place = context.obj
    assert isinstance(place, Place)  # noqa: S101 - set by the callback before any command runs
    return place


def stored(place: Place) -> Database:
    """The store; UsageError where nothing was refreshed yet, StoreError where it is gone."""
    refuse_lost_store(place.environment.data)
    if not place.store.exists():
        raise UsageError(f"Nothing is stored in {place.short(place.environment.data)} yet: run `refresh` first.")
    return open_database(place.store, back_up=back_up_before_migration)
