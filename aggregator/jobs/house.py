"""What every job stands on: settings, folders, the network, the lock."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from aggregator import __version__
from aggregator.config import Environment, keep_good_copy, load_or_last_good
from aggregator.errors import AlreadyRunningError, StoreError
from aggregator.ingest.fetch import Network
from aggregator.ingest.guard import read_allowances
from aggregator.ingest.poll import PollLimits
from aggregator.ingest.pool import process_pool
from aggregator.keep.backup import back_up_before_migration, backups, made_at
from aggregator.store.database import Database, open_database
from aggregator.values.settings import Settings


def store_in(data: Path) -> Path:
    """Where the store of a data folder is, or will be."""
    return data / "news.db"


def refuse_lost_store(data: Path) -> None:
    """A store that is gone though pages were made from it was lost, not never there: StoreError says so."""
    path = store_in(data)
    copies = backups(path)
    if (path.exists() and path.stat().st_size) or not ((data / "site").is_symlink() or copies):
        return
    offer = f" `restore` brings the copy of {made_at(copies[0]):%d %B %Y, %H:%M} UTC back." if copies else ""
    raise StoreError(
        f"{path} is {'empty' if path.exists() else 'missing'} though pages were published from it.{offer} "
        f"To begin from nothing, move {data} away. The page stays."
    )


@dataclass(frozen=True)
class House:
    """Everything a job is handed. `problems` are sentences about a feeds.yaml that was refused, `notes` other news."""

    settings: Settings
    data: Path
    templates: Path
    network: Network
    limits: PollLimits = field(default_factory=PollLimits)
    # Makes the executor that parsing runs in, from the number of workers: a cluster's can take its place.
    make_pool: Callable[[int], Executor] = field(default_factory=lambda: process_pool)
    is_sample: bool = False
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def database_path(self) -> Path:
        """The store's file."""
        return store_in(self.data)

    def open_database(self) -> Database:
        """The store, brought to this version's schema; an older one is copied to backups/ first."""
        self.make_data_folder()
        refuse_lost_store(self.data)
        return open_database(self.database_path, back_up=back_up_before_migration)

    def make_data_folder(self) -> None:
        """data/, for its owner only: what the world may see is data/site."""
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.data.stat().st_mode & 0o066:
                # A clone brings the folder along, readable for all. The right to pass through (711) stays.
                self.data.chmod(self.data.stat().st_mode & 0o711)
        except OSError as error:
            raise StoreError(f"{self.data} cannot be made by the user {getpass.getuser()}: {error.strerror}.") from error
        if not os.access(self.data, os.W_OK | os.X_OK):
            raise StoreError(f"{self.data} cannot be written by the user {getpass.getuser()}.")

    @contextmanager
    def lock(self, *, now: datetime) -> Iterator[None]:
        """One refresh at a time. The kernel holds the lock, so a killed process leaves none behind."""
        self.make_data_folder()
        owner = self.data / "refresh.owner"
        lock = FileLock(self.data / "refresh.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            known = owner.read_text("utf-8") if owner.exists() else "its owner is not known"
            raise AlreadyRunningError(known) from error
        try:
            owner.write_text(f"process {os.getpid()}, since {now:%d %B %Y, %H:%M} UTC", "utf-8")
            yield
        finally:
            owner.unlink(missing_ok=True)
            lock.release()


def make_network(environment: Environment, settings: Settings) -> Network:
    """How this machine asks: under one name, with a contact that a publisher can write to."""
    contact = settings.site.contact or settings.site.url or "no contact given"
    return Network(
        user_agent=f"FacialParalysisNews/{__version__} (daily news reader; {contact})".encode("ascii", "replace").decode(),
        allowances=read_allowances(environment.allow_hosts),
        proxy=environment.proxy,
        ca_file=environment.ca_file,
    )


def open_house(environment: Environment) -> House:
    """The house of a refresh: by feeds.yaml, or by its last good copy where it is broken (`problems` says how)."""
    loaded = load_or_last_good(environment.feeds, environment.data)
    gone = f"No longer in feeds.yaml: {', '.join(loaded.gone)}. Their entries stay in the archive." if loaded.gone else ""
    return House(
        settings=loaded.settings,
        data=environment.data,
        templates=environment.templates,
        network=make_network(environment, loaded.settings),
        problems=(*loaded.problems, "The last good copy of feeds.yaml was used instead.") if loaded.problems else (),
        notes=(gone,) if gone else (),
    )


def remember_settings(environment: Environment, house: House) -> None:
    """Keep a copy of a feeds.yaml that was found good."""
    if not house.problems:
        house.make_data_folder()
        keep_good_copy(environment.feeds, environment.data)
