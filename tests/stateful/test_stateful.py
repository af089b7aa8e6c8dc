"""Whatever happens in whichever order: nothing is lost, decisions stand, and what is told is so."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import FeedServer
from tests.stateful import steps
from tests.stateful.machine import Life, settings_for
from tests.stateful.offer import CHANGES
from tests.stateful.once import made_once
from tests.stateful.page import broken_links
from tests.stateful.world import World

_Step = tuple[Callable[..., None], *tuple[Any, ...]]


def change(what: str, which: int, choice: int = 0) -> tuple[int, int, int]:
    """A change of a feed, as a refresh takes it."""
    return CHANGES.index(what), which, choice


TWO_COPIES: tuple[_Step, ...] = (
    (steps.refresh, [change("headline", 0), change("headline", 1)], 0),
    (steps.split_off, 1),
)
# What went wrong once: each was found by a sequence, and takes seconds to find again.
WENT_WRONG: dict[str, tuple[_Step, ...]] = {
    "a third copy, older, brings together what was split": (
        *TWO_COPIES, (steps.add_feed,), (steps.refresh, [change("headline", 3, 6)], 1), (steps.group_anew,),
    ),
    "a feed that moves takes no split along": (
        *TWO_COPIES, (steps.move_feed, 0), (steps.refresh, [], 24), (steps.group_anew,),
    ),
    "a new guid is not known to be split": (
        *TWO_COPIES, (steps.refresh, [change("renew", 0)], 24), (steps.group_anew,),
    ),
    "two entries merged with a third part": (
        (steps.refresh, [change("own", 0, 3), change("own", 0, 2), change("own", 1, 1)], 0),
        (steps.put_together, 0, 2), (steps.put_together, 1, 2), (steps.group_anew,),
    ),
    "a new guid goes to the older of two with the address": (
        (steps.refresh, [change("own", 0)], 0), (steps.refresh, [change("relist", 0)], 24),
        (steps.refresh, [change("drop", 0, 1)], 24), (steps.refresh, [change("renew", 0)], 24),
    ),
    "a hidden notice goes on": (
        (steps.refresh, [change("paper", 0), change("notice", 0)], 0), (steps.hide, 0),
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", WENT_WRONG)
def test_what_went_wrong_goes_well(server: FeedServer, tmp_path: Path, what: str) -> None:
    with ExitStack() as opened:
        opened.enter_context(made_once())
        world = World(tmp_path, server)
        for step, *chosen in (*WENT_WRONG[what], (steps.look_closer,)):
            step(world, *chosen)


@pytest.mark.slow
def test_fifteen_lives() -> None:
    run_state_machine_as_test(Life, settings=settings_for(15, 60))


def test_links_are_followed_to_files_and_to_places_in_them(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "index.html").write_text(
        '<p id="here"><a href="#here"></a><a href="#gone"></a><a href="archive/"></a><a href="archive/a.html#b"></a>'
        '<img src="static/x.png"><a href="https://elsewhere.example/"></a><a href="https://www.example.org/news/lost.html"></a>'
    )
    (tmp_path / "archive" / "index.html").write_text('<a href="../index.html#here"></a><a href="a.html"></a>')
    (tmp_path / "archive" / "a.html").write_text('<a href="./?q=1"></a><a href="../archive/story-1.html"></a>')

    assert sorted(broken_links(tmp_path)) == [
        "archive/a.html links to ../archive/story-1.html, which is not there",
        "index.html links to #gone, a place that index.html does not have",
        "index.html links to archive/a.html#b, a place that archive/a.html does not have",
        "index.html links to https://www.example.org/news/lost.html, which is not there",
        "index.html links to static/x.png, which is not there",
    ]
