"""The demo: the real job on sample feeds, in a folder of its own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from aggregator.jobs.demo import SAMPLES
from tests.cli.conftest import Run
from tests.conftest import HOME


def test_the_demo_runs_twice_and_brings_nothing_the_second_time(run: Run, tmp_path: Path) -> None:
    first, second = run("demo"), run("demo")
    page = (tmp_path / "data" / "site" / "index.html").read_text()

    assert first.returncode == second.returncode == 0
    new = re.search(r"(\d+) new entries", first.stdout)
    assert new is not None
    assert int(new[1]) >= 50
    assert " 0 new entries" in second.stdout
    assert "serve" in first.stdout
    assert "10 of 10" in first.stderr
    for file in ("index.html", "section.html"):
        assert "Sample data" in (tmp_path / "data" / "site" / file).read_text()
    for absent in ("cerebral", "Möbius strip", "RETRACTED", "From the archive", "Embargoed", "CAGR", "Liberty Bell"):
        assert absent not in page
    assert page.count('class="fpn-story"') == 12
    assert "Also reported by" in page


def test_the_demo_never_touches_a_store_that_it_did_not_make(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "news.db").write_text("precious")

    done = run("demo")

    assert done.returncode == 2
    assert "did not make" in done.stderr
    assert (tmp_path / "data" / "news.db").read_text() == "precious"


def test_a_demo_of_yesterday_is_begun_anew(run: Run, tmp_path: Path) -> None:
    run("demo")
    mark = tmp_path / "data" / "demo.json"
    mark.write_text(json.dumps({**json.loads(mark.read_text()), "began_at": "2026-01-01T08:00:00+00:00"}))

    assert " 0 new entries" not in run("demo").stdout


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_samples_name_no_address_that_could_be_somebody_s(name: str) -> None:
    """Invented publishers live under names that are reserved for examples (RFC 2606); papers under numbers nobody has."""
    text = (HOME / "data" / "samples" / name).read_text("utf-8")
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    services = {
        "pubmed.ncbi.nlm.nih.gov", "doi.org", "clinicaltrials.gov", "news.google.com", "www.bing.com", "www.youtube.com", "i1.ytimg.com",
        "purl.org", "prismstandard.org", "www.w3.org", "search.yahoo.com", "jsonfeed.org",
    }  # fmt: skip

    strangers = {host for host in hosts - services if not re.search(r"(?:^|\.)example\.(?:com|org|net)$", host)}

    assert strangers <= {"purl.org", "www.youtube.com"}
