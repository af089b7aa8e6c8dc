"""What a page of the console is handed, and what it gives back: values, so that each page can be read and tested alone."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from aggregator.jobs.staff_accounts import Session, Staff
from aggregator.jobs.workspace import Workspace, open_workspace
from aggregator.render.templates import Templates
from aggregator.values.environment import Environment

# So many states of feeds.yaml are remembered, to show what somebody saw beside what there is now.
_VERSIONS = 50


@dataclass(frozen=True)
class Desk:
    """What all pages share: where the data is, who may come in, under which addresses the console is known."""

    environment: Environment
    staff: Staff
    clock: Callable[[], datetime]
    hosts: tuple[str, ...]
    is_https: bool = False
    is_behind_proxy: bool = False
    demo_secret: str = ""
    versions: OrderedDict[str, str] = field(default_factory=OrderedDict)
    # One feed is tried at a time.
    trying: threading.Lock = field(default_factory=threading.Lock)
    tries: list[datetime] = field(default_factory=list)

    # The workspace as feeds.yaml last described it, and the state of the files that say so.
    described: dict[str, Any] = field(default_factory=dict)

    @property
    def feeds(self) -> Path:
        """feeds.yaml."""
        return self.environment.feeds

    @cached_property
    def templates(self) -> Templates:
        """The templates, compiled once, and again where a file changes."""
        return Templates(self.environment.templates)

    def workspace(self) -> Workspace:
        """What jobs are handed. feeds.yaml is read again only where a file that counts is another than the last time."""
        state = [_state_of(path) for path in (self.feeds, *(self.environment.data / name for name in _DESCRIBING))]
        if self.described.get("state") != state:
            self.described.update(workspace=open_workspace(self.environment), state=state)
        found: Workspace = self.described["workspace"]
        return found

    def remember(self, digest: str, text: str) -> None:
        """Remember what somebody saw, by its digest."""
        self.versions[digest] = text
        self.versions.move_to_end(digest)
        while len(self.versions) > _VERSIONS:
            self.versions.popitem(last=False)


@dataclass(frozen=True)
class Call:
    """One request: what was asked, by whom."""

    desk: Desk
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    session: Session | None = None
    cookie: str = ""
    address: str = ""
    agent: str = ""

    @property
    def workspace(self) -> Workspace:
        """What jobs are handed; who decides is the person that is signed in."""
        return replace(self.desk.workspace(), actor=f"console:{self.who}")

    @property
    def who(self) -> str:
        """The name of the person; empty where nobody is signed in."""
        return self.session.account.name if self.session else ""

    def said(self, name: str) -> str:
        """A field of the form; empty where it is missing."""
        values = self.form.get(name, ())
        return values[0].strip() if values else ""

    def number(self, name: str) -> int:
        """A number in the path; 0, which nothing has, where it is none."""
        return number_in(self.path.get(name, ""))


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """What is another after every change of a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


# The files of a data folder that say what its workspace is.
_DESCRIBING = ("feeds.good.yaml", "demo.json", "news.db")


def safe_path(written: str) -> str:
    """Where to go on: a path of the console, or Today."""
    return written if re.fullmatch(r"/(?![/\\%])[\w./?=&%+:-]*", written, re.ASCII) else "/"


def number_in(written: str) -> int:
    """A number that somebody wrote; 0, which nothing has, where it is none that SQLite could hold."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else 0


@dataclass(frozen=True)
class Page:
    """A page made from a template of `templates/console/`."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Redirect:
    """Where the browser goes on by GET. `cookie` is a session's: empty ends it, None leaves it."""

    to: str
    cookie: str | None = None


@dataclass(frozen=True)
class Raw:
    """Anything else: a file, a fragment. `policy` takes the place of the console's Content-Security-Policy."""

    body: bytes
    media_type: str
    file_name: str = ""
    policy: str = ""
    is_public: bool = False


Answer = Page | Redirect | Raw
Handler = Callable[[Call], Answer]


def trouble(sentence: str, status: int = 400, title: str = "That did not work") -> Page:
    """A page with one sentence about what went wrong."""
    return Page("trouble.html", {"title": title, "sentence": sentence}, status)
