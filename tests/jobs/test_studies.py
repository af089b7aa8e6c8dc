"""Reports that are probably about a stored paper are offered to staff until they are joined, or for 30 days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.jobs import regroup, studies
from aggregator.jobs.status import status
from tests.conftest import NOW, Town, item, rss

PAPER = "https://doi.org/10.5555/smile.1"
REPORT = "https://outlet.example/1"


@pytest.fixture
def reported(town: Town) -> Town:
    paper = item("Masseteric nerve transfer for flaccid facial paralysis: a cohort of 137 adults", PAPER, at=NOW)
    report = item("Trial: 137 adults with facial paralysis smile again after masseteric transfer", REPORT, at=NOW)
    town.add("Journal of Smiles", rss(paper))
    town.add("Wire", rss(report))
    town.refresh()
    return town


def offered(town: Town, *, days: float = 0) -> list[tuple[str, str]]:
    found = studies.offered_in(town.workspace(), now=NOW + timedelta(days=days))
    return [(one.report.url, one.paper.url) for one in found]


def test_a_report_is_offered_with_its_study_and_never_joined_by_itself(reported: Town) -> None:
    assert offered(reported) == [(REPORT, PAPER)]
    assert status(reported.workspace(), reported.workspace().open_database(), now=NOW).studies == 1


def test_what_staff_joined_is_not_offered_again(reported: Town) -> None:
    regroup.merge(reported.workspace(), REPORT, PAPER, now=NOW)

    assert offered(reported) == []


def test_what_staff_split_is_not_offered_again(reported: Town) -> None:
    regroup.merge(reported.workspace(), REPORT, PAPER, now=NOW)
    regroup.split(reported.workspace(), REPORT, now=NOW)

    assert offered(reported) == []


def test_after_thirty_days_a_report_is_offered_no_more(reported: Town) -> None:
    assert offered(reported, days=29) == [(REPORT, PAPER)]
    assert offered(reported, days=31) == []
