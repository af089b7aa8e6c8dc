"""What every job stands on: settings, folders, the network, the lock."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TypeAlias

from filelock import FileLock, Timeout

from aggregator import __version__
from aggregator.backup.copies import back_up_before_migration, backups, made_at
from aggregator.config import keep_good_copy, load, load_or_last_good
from aggregator.errors import AlreadyRunningError, ConfigError, Hint, StoreError, UsageError
from aggregator.ingest.fetch import Network
from aggregator.ingest.guard import read_allowances
from aggregator.ingest.poll import PollLimits
from aggregator.ingest.pool import process_pool
from aggregator.jobs.demo_feeds import MARK, UNKNOWN_PORT, demo_settings, is_demo, read_mark, sample_settings
from aggregator.monitoring import log
from aggregator.store.database import Database, open_database
from aggregator.text import moment_of
from aggregator.values.environment import Environment
from aggregator.values.settings import Settings

# Told after each feed: how many are done, of how many, and its name.
Progress = Callable[[int, int, str], None]
Clock = Callable[[], datetime]
# What callers of jobs hand on, and look into no further.
Store: TypeAlias = Database


def utc_now() -> datetime:
    """The usual clock."""
    return datetime.now(UTC)


def store_in(data: Path) -> Path:
    """Where the store of a data folder is, or will be."""
    return data / "news.db"


def refuse_lost_store(data: Path, zone: tzinfo) -> None:
    """StoreError where a store is gone although pages were made from it: it was lost. Times are in `zone`."""
    path = store_in(data)
    copies = backups(path, now=datetime.now(UTC))
    if (path.exists() and path.stat().st_size) or not ((data / "site").is_symlink() or copies):
        return
    offer = f" The copy of {moment_of(made_at(copies[0]), zone)} can be restored." if copies else ""
    raise StoreError(
        f"{path} is {'empty' if path.exists() else 'missing'} though pages were published from it.{offer} "
        f"To begin from nothing, move {data} away. The page stays.",
        hint=Hint.RESTORE if copies else None,
    )


def start_log(target: str) -> None:
    """Log to `stderr` or to the end of a file; nowhere where `target` is empty."""
    log.set_up(target)


def open_stored(data: Path, zone: tzinfo) -> Store:
    """The store of a data folder. UsageError where nothing was refreshed yet, StoreError where it is gone; times are in
    `zone`."""
    refuse_lost_store(data, zone)
    if not store_in(data).exists():
        raise UsageError(f"Nothing is stored in {data} yet.", hint=Hint.REFRESH_FIRST)
    return open_database(store_in(data), back_up=back_up_before_migration)


def site_zone(environment: Environment) -> tzinfo:
    """The site's time zone; UTC where neither feeds.yaml nor its last good copy can be read."""
    try:
        return load_or_last_good(environment.feeds, environment.data).settings.site.zone
    except ConfigError:
        return UTC


@dataclass(frozen=True)
class Workspace:
    """Everything a job is handed. `problems` are sentences about a feeds.yaml that was refused, `notes` other news."""

    settings: Settings
    data: Path
    templates: Path
    network: Network
    limits: PollLimits = field(default_factory=PollLimits)
    # Makes the executor that parsing runs in, from the number of workers: a cluster's can take its place.
    make_pool: Callable[[int], Executor] = field(default_factory=lambda: process_pool)
    is_sample: bool = False
    # Who decides: `cli:anna`; recorded with every decision.
    actor: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def database_path(self) -> Path:
        """The store's file."""
        return store_in(self.data)

    def open_database(self) -> Database:
        """The store, brought to this version's schema; an older one is copied to backups/ first."""
        self.make_data_folder()
        if not self.is_sample:
            refuse_lost_store(self.data, self.settings.site.zone)
        return open_database(self.database_path, back_up=back_up_before_migration)

    def make_data_folder(self) -> None:
        """data/, for its owner only: what the world may see is data/site. StoreError where it cannot be made or written."""
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
        """One refresh at a time. The kernel holds the lock, so a killed process leaves none behind. AlreadyRunningError
        names who holds it."""
        self.make_data_folder()
        owner = self.data / "refresh.owner"
        lock = FileLock(self.data / "refresh.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            known = owner.read_text("utf-8") if owner.exists() else "its owner is not known"
            raise AlreadyRunningError(known) from error
        try:
            owner.write_text(f"process {os.getpid()}, since {moment_of(now, self.settings.site.zone)}", "utf-8")
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


def open_workspace(environment: Environment, actor: str = "") -> Workspace:
    """The workspace that feeds.yaml describes, or its last good copy where it is broken (`problems` says how). In a folder
    that a demo made it is the demo's, so that every page made there says “Sample data”. `actor` is recorded with what is
    decided."""
    if is_demo(environment.data):
        port = (read_mark(environment.data) or {}).get("port", UNKNOWN_PORT)
        return replace(sample_workspace(environment, port), settings=demo_settings(environment.data), actor=actor)
    loaded = load_or_last_good(environment.feeds, environment.data)
    gone = f"No longer in feeds.yaml: {', '.join(loaded.gone)}. Their entries stay in the archive." if loaded.gone else ""
    return Workspace(
        settings=loaded.settings,
        data=environment.data,
        templates=environment.templates,
        network=make_network(environment, loaded.settings),
        problems=(*loaded.problems, "The last good copy of feeds.yaml was used instead.") if loaded.problems else (),
        notes=tuple(filter(None, (gone, _began_as_demo(environment.data)))),
        actor=actor,
    )


def strict_workspace(environment: Environment) -> Workspace:
    """The workspace that feeds.yaml describes now; ConfigError where it is broken, whatever the last good copy says."""
    settings = load(environment.feeds)
    return Workspace(settings, environment.data, environment.templates, make_network(environment, settings))


def _began_as_demo(data: Path) -> str:
    if not (data / MARK).exists():
        return ""
    return f"{data} was begun by a demo: its archive contains sample entries. A new data folder has none."


def sample_workspace(environment: Environment, port: int = UNKNOWN_PORT) -> Workspace:
    """The workspace of a demo whose samples are served at `port`, which it may ask and nothing else."""
    settings = sample_settings(port)
    network = replace(make_network(environment, settings), allowances=read_allowances(f"127.0.0.1:{port}"), proxy=None)
    return Workspace(settings, environment.data, environment.templates, network, is_sample=True)


def remember_settings(environment: Environment, workspace: Workspace) -> None:
    """Keep a copy of a feeds.yaml that was found good."""
    if not workspace.problems:
        workspace.make_data_folder()
        keep_good_copy(environment.feeds, environment.data)
