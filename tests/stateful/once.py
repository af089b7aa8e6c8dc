"""What costs most of a step, is the same in each and is not what is looked at here: made once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

from aggregator.relevance.judge import Rules, make_rules
from aggregator.render.templates import Templates
from aggregator.topics import vocabulary
from aggregator.values.settings import FilterRules


@contextmanager
def made_once() -> Iterator[None]:
    """Templates are compiled and rules made ready once."""
    with ExitStack() as patches:
        patches.enter_context(patch("aggregator.jobs.publish.Templates", _pages))
        for job in ("aggregator.jobs.ingestion", "aggregator.jobs.rejudge"):
            patches.enter_context(patch(f"{job}.make_rules", lambda _, staff: _rules(staff.model_dump_json())))
        yield


def _pages(templates: Path, _compiled: Path | None = None) -> Templates:
    """The templates; in memory, so that where they could be kept compiled says nothing."""
    return _compiled_once(templates)


@cache
def _compiled_once(templates: Path) -> Templates:
    return Templates(templates)


@cache
def _rules(staff: str) -> Rules:
    return make_rules(vocabulary(), FilterRules.model_validate_json(staff))
