"""The archive's ledger, `data/archive.json`: digests of what each story of a release was made from, so that a refresh reads
only the stories that have changed, and none if nothing has, as on most days: the whole archive is linked again. If the file
is missing, damaged or of another release, one refresh reads them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aggregator.files import replacing
from aggregator.values.stories import StoryRecord

_FILE = "archive.json"


@dataclass(frozen=True, slots=True)
class Ledger:
    """`inputs` is the digest of what all pages depend on (see digests.py); `stored` is the digest of a story's rows in the
    store, `records` its record, both by the story's number. A story with nothing to show has no record."""

    inputs: str
    stored: Mapping[int, str]
    records: Mapping[int, StoryRecord]


def archive_of(release: Path) -> dict[str, Path]:
    """The archive of a release, file by file."""
    files = [*release.glob("archive/*"), *release.glob("topics/**/*"), *release.glob("sitemap.xml")]
    return {path.relative_to(release).as_posix(): path for path in files if path.is_file()}


def read_ledger(data: Path, release: Path | None, inputs: str) -> Ledger | None:
    """The ledger of this release; None if there is none, or if its pages were made from other `inputs`."""
    if release is None:
        return None
    try:
        content = json.loads((data / _FILE).read_bytes())
        if (content["release"], content["inputs"]) != (release.name, inputs):
            return None
        records = {row[0]: _record(row) for row in content["records"]}
        return Ledger(inputs, {int(number): str(digest) for number, digest in content["stored"]}, records)
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _record(row: list[Any]) -> StoryRecord:
    number, digest, topics, has_page, claimed_at, known_at = row
    return StoryRecord(number, digest, tuple(topics), has_page, _instant(claimed_at), _instant(known_at))


def _instant(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None


def write_ledger(data: Path, release: Path, ledger: Ledger) -> None:
    """Write the ledger of this release. If the disk refuses it, the next refresh reads all stories."""
    rows = [
        (record.story, record.digest, record.topics, record.has_page, _seconds(record.claimed_at), _seconds(record.known_at))
        for record in ledger.records.values()
    ]
    content = {"release": release.name, "inputs": ledger.inputs, "stored": list(ledger.stored.items()), "records": rows}
    with suppress(OSError), replacing(data / _FILE) as fresh:
        fresh.write_text(json.dumps(content, separators=(",", ":")), "utf-8")


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None
