"""The whole daily job on sample feeds: real HTTP on loopback, a real store, real pages, in a folder of its own.

Dates in the samples are written as `[[2d 3h]]` (so long before the demo's own beginning) or `[[-400d]]` (so long after),
with `iso` or `day` behind for those spellings, so that the page never looks stale. A store of another day is begun anew.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from aggregator.config import Environment
from aggregator.errors import UsageError
from aggregator.ingest.guard import read_allowances
from aggregator.jobs.house import House, make_network
from aggregator.jobs.refresh import Progress, refresh, utc_now
from aggregator.values.reports import RunReport
from aggregator.values.settings import Feed, FeedType, Settings, Site

_MARK = "demo.json"

# file -> name, type, whether all of it is on topic
SAMPLES: dict[str, tuple[str, FeedType, bool]] = {
    "pubmed-search.xml": ("PubMed: facial paralysis", FeedType.SEARCH, False),
    "journal.xml": ("Journal of Facial Nerve Studies", FeedType.JOURNAL, False),
    "wordpress-charity.xml": ("Facial Palsy Friends", FeedType.CHARITY, False),
    "news-outlet.xml": ("Harbour Times Health", FeedType.NEWS, False),
    "google-news.xml": ("Google News search", FeedType.SEARCH, False),
    "bing-news.xml": ("Bing News search", FeedType.SEARCH, False),
    "youtube.xml": ("Facial Retraining Channel", FeedType.VIDEO, False),
    "clinicaltrials.xml": ("ClinicalTrials.gov: facial paralysis", FeedType.REGISTRY, False),
    "press-releases.xml": ("MedWire releases", FeedType.PRESS, False),
    "jsonfeed.json": ("Noticias de salud", FeedType.NEWS, False),
}


async def run_demo(environment: Environment, samples: Path, *, progress: Progress) -> RunReport:
    """Serve the samples on loopback and refresh from them into `environment.data`."""
    now = utc_now()
    mark = _begin(environment.data, now)
    began_at = datetime.fromisoformat(mark["began_at"])
    with _serving(samples, began_at, mark.get("port", 0)) as port:
        _write_mark(environment.data, {**mark, "port": port})
        return await refresh(_house(environment, port), progress=progress)


def _house(environment: Environment, port: int) -> House:
    settings = Settings(
        site=Site(title="Facial Paralysis News"),
        feeds=tuple(
            Feed(name=name, url=f"http://127.0.0.1:{port}/{file}", type=kind, all_on_topic=all_on_topic)
            for file, (name, kind, all_on_topic) in SAMPLES.items()
        ),
    )
    network = replace(make_network(environment, settings), allowances=read_allowances(f"127.0.0.1:{port}"), proxy=None)
    return House(settings, environment.data, environment.templates, network, is_sample=True)


def _begin(data: Path, now: datetime) -> dict[str, Any]:
    """The demo's own store of today; another folder's store is never touched."""
    marked = data / _MARK
    if not marked.exists():
        if data.exists() and any(data.iterdir()):
            raise UsageError(f"{data} holds something that the demo did not make; give it another folder with --data.")
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    else:
        mark: dict[str, Any] = json.loads(marked.read_text("utf-8"))
        if datetime.fromisoformat(mark["began_at"]).date() == now.date():
            return mark
        _begin_anew(data)
    mark = {"made_by": "demo", "began_at": now.replace(microsecond=0).isoformat()}
    _write_mark(data, mark)
    return mark


def _begin_anew(data: Path) -> None:
    """Sample dates hang on the day of the demo's beginning, so yesterday's demo gives way to today's."""
    for path in data.iterdir():
        if path.name == "releases":
            shutil.rmtree(path)
        elif path.name in ("site", "site.next") or path.name.startswith("news.db"):
            path.unlink()


def _write_mark(data: Path, mark: dict[str, Any]) -> None:
    (data / _MARK).write_text(json.dumps(mark), "utf-8")


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
