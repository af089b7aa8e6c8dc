"""The whole daily job on sample feeds: real HTTP on loopback, a real store, real pages, in a folder of its own.

Dates in the samples are written as `[[2d 3h]]` (so long before the demo's own beginning) or `[[-400d]]` (so long after),
with `iso` or `day` behind for those spellings, so that the page never looks stale. The store of an earlier day is made anew.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from aggregator.backup.copies import COMPANIONS, unpacked
from aggregator.errors import AggregatorError, Hint, UsageError
from aggregator.jobs.demo_feeds import LIST, MARK, SAMPLES, foreign_feeds, read_mark
from aggregator.jobs.refresh import refresh
from aggregator.jobs.workspace import Progress, sample_workspace, utc_now
from aggregator.publish.site import releases_of
from aggregator.urls import shown_address
from aggregator.values.environment import Environment
from aggregator.values.reports import RunOutcome, RunReport


async def run_demo(
    environment: Environment, samples: Path, *, progress: Progress, clock: Callable[[], datetime] = utc_now
) -> RunReport:
    """Serve the samples on loopback and refresh from them into `environment.data`. UsageError where the folder contains
    anything that the demo did not make."""
    data, now = environment.data, clock()
    mark, earlier = _begin(environment, now)
    with _serving(samples, datetime.fromisoformat(mark["began_at"]), mark.get("port", 0)) as port:
        _write_mark(data, {**mark, "port": port})
        report = await refresh(sample_workspace(environment, port), clock=clock, progress=progress)
    if report.outcome != RunOutcome.FAILED:
        # Yesterday's page stayed until today's was there.
        for release in earlier:
            shutil.rmtree(release, ignore_errors=True)
    return report


def _begin(environment: Environment, now: datetime) -> tuple[dict[str, Any], Sequence[Path]]:
    """The mark of today's demo, and the releases of an earlier day's, whose store was removed."""
    data, mark = environment.data, read_mark(environment.data)
    if mark is None:
        if data.exists() and any(data.iterdir()):
            raise UsageError(f"{data} contains something that the demo did not make.", hint=Hint.OTHER_FOLDER)
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    _refuse_foreign(data)
    if mark and _began_on(mark) == now.date():
        return mark, ()
    earlier = releases_of(data)
    with sample_workspace(environment).lock(now=now):
        _remove_store(data)
        mark = {"made_by": "demo", "began_at": now.replace(microsecond=0).isoformat()}
        _write_mark(data, mark)
    return mark, earlier


def _began_on(mark: Mapping[str, Any]) -> date | None:
    try:
        return datetime.fromisoformat(mark["began_at"]).date()
    except (KeyError, TypeError, ValueError):
        return None


def _refuse_foreign(data: Path) -> None:
    """UsageError where a store or a copy of one in a demo's folder contains a feed that is no sample: `refresh` of an
    earlier version wrote into such folders."""
    for path in sorted([*data.glob("news.db*"), *data.glob("backups/*.db.gz")]):
        if path.name.endswith(COMPANIONS) or not path.stat().st_size:
            continue
        try:
            found = _foreign_feeds(path)
        except AggregatorError as error:
            raise UsageError(
                f"{path} cannot be read, so it may be more than a demo's ({error}).", hint=Hint.OTHER_FOLDER
            ) from error
        if found:
            raise UsageError(
                f"{path} contains feeds that are not the demo's (like {shown_address(found[0])}).", hint=Hint.OTHER_FOLDER
            )


def _foreign_feeds(path: Path) -> list[str]:
    if path.suffix != ".gz":
        return foreign_feeds(path)
    with unpacked(path) as plain:
        return foreign_feeds(plain)


def _remove_store(data: Path) -> None:
    """Sample dates depend on the day of the demo's beginning, so yesterday's store gives way to today's."""
    for path in data.glob("news.db*"):
        path.unlink()
    for copy in data.glob("backups/*.db.gz"):
        copy.unlink()


def _write_mark(data: Path, mark: dict[str, Any]) -> None:
    # What the console of an earlier demo changed names that one's port.
    (data / LIST).unlink(missing_ok=True)
    (data / MARK).write_text(json.dumps(mark), "utf-8")


# ---- the server ------------------------------------------------------------------------------------------------------

_DATE = re.compile(r"\[\[(-?)(?:(\d+)d)?\s*(?:(\d+)h)?\s*(iso|day|)\]\]")


def dated(text: str, began_at: datetime) -> str:
    """A sample with its dates filled in."""

    def fill(match: re.Match[str]) -> str:
        ago = timedelta(days=int(match[2] or 0), hours=int(match[3] or 0))
        at = began_at + ago if match[1] else began_at - ago
        if match[4] == "iso":
            return at.isoformat()
        return at.date().isoformat() if match[4] == "day" else format_datetime(at)

    return _DATE.sub(fill, text)


class _SampleHandler(BaseHTTPRequestHandler):
    documents: dict[str, bytes]

    def do_GET(self) -> None:
        body = self.documents.get(self.path.lstrip("/"))
        if body is None:
            self.send_error(404)
            return
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        is_known = self.headers.get("If-None-Match") == etag
        self.send_response(304 if is_known else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "application/feed+json" if self.path.endswith(".json") else "application/xml")
        self.send_header("Content-Length", "0" if is_known else str(len(body)))
        self.end_headers()
        if not is_known:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
        """Say nothing."""


@contextmanager
def _serving(samples: Path, began_at: datetime, port: int) -> Iterator[int]:
    """The samples over HTTP on 127.0.0.1, at `port` where that is free (an address that stays is a feed that stays)."""
    documents = {name: dated((samples / name).read_text("utf-8"), began_at).encode() for name in SAMPLES}
    handler = type("Handler", (_SampleHandler,), {"documents": documents})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
