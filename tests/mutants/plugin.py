"""A pytest plugin: notes what passed and how long it took, runs chosen tests in a chosen order, and lets hypothesis report
its first counterexample instead of looking for the smallest."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile("mutants", derandomize=True, deadline=None, database=None, phases=(Phase.explicit, Phase.generate))

_SECONDS: dict[str, float] = {}
_FAILED: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """The time of setup, call and teardown together."""
    _SECONDS[report.nodeid] = _SECONDS.get(report.nodeid, 0.0) + report.duration
    if report.failed or report.skipped:
        _FAILED.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Written by the one process that hears of all tests."""
    path = os.environ.get("MUTANTS_TIMINGS")
    if path and not os.environ.get("PYTEST_XDIST_WORKER"):
        passed = {test: round(seconds, 4) for test, seconds in _SECONDS.items() if test not in _FAILED}
        Path(path).write_text(json.dumps({"seconds": passed, "failed": sorted(_FAILED)}), "utf-8")


class Chosen:
    """Keeps only these tests, in this order; `failed` are those that failed."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._order = {test: n for n, test in enumerate(tests)}
        self.failed: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """What is not chosen is dropped."""
        items[:] = sorted((one for one in items if one.nodeid in self._order), key=lambda one: self._order[one.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        if report.failed and report.nodeid not in self.failed:
            self.failed.append(report.nodeid)
