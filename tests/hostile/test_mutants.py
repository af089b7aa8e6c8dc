"""Documents that nobody wrote: mutants, thousands of them. Nothing may escape, nothing may take long."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.ingest.parse import ParseTask, parse
from aggregator.ingest.raw import FeedSpec
from aggregator.values.feeds import Document, FetchFailed
from tests.conftest import HOME
from tests.hostile.fuzz import fuzz

pytestmark = [pytest.mark.hostile, pytest.mark.slow]

LONGEST = 1.0  # seconds of processor time for one small document
_SPEC = FeedSpec("https://www.example.com/feed", "A feed")
_NOW = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


def read(body: bytes) -> None:
    """What the shared fuzzer calls: our parser, on one document. Anything that is raised is a find."""
    began = time.process_time()
    found = parse(ParseTask(body, "application/rss+xml", "https://www.example.com/feed", _SPEC, _NOW))
    seconds = time.process_time() - began
    if not isinstance(found, Document | FetchFailed):
        raise TypeError(f"parse gave {type(found).__name__}")
    if seconds > LONGEST:
        raise TimeoutError(f"took {seconds:.1f} s")


def test_three_thousand_mutants_are_read_or_refused(hostile: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(hostile / "feeds" / "fuzz_feeds.py"), "-n", "3000", "--keep", str(tmp_path)]
    done = subprocess.run(
        [*command, "--target", "tests.hostile.test_mutants:read"],
        env=os.environ | {"PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.match(r"3000 mutants of \d+ documents, 0 raised", done.stdout)


def test_mutants_of_our_own_feeds_reach_the_page_or_are_refused(tmp_path: Path) -> None:
    found = fuzz(seconds=20, folder=tmp_path, seed=6)
    print(found)  # noqa: T201 - shown with -s

    assert found.crashes == 0, sorted(tmp_path.iterdir())
    assert found.executions > 100
    assert found.read > found.executions / 4
    assert found.slowest < 5
