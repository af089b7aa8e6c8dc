"""Sequences of steps, drawn and shortened by hypothesis."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.conftest import FeedServer
from tests.stateful import steps
from tests.stateful.once import made_once
from tests.stateful.world import World

_CLOSER = 10
_NUMBERS = st.integers(0, 60)
_CHANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4), st.integers(0, 12)), max_size=4)
# In memory where there is such a place: what is synced a thousand times is not what is looked at here.
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made there


def settings_for(sequences: int, length: int, *, shrinks: bool = True) -> settings:
    """So many sequences of so many steps."""
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    return settings(
        max_examples=sequences,
        stateful_step_count=length,
        deadline=None,
        database=None,
        print_blob=False,
        phases=phases,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def _chosen(step: Callable[[World, int], None]) -> Callable[..., Any]:
    """The rule that takes a step with what a number chooses."""

    def taken(life: Life, number: int) -> None:
        life._do(step, number)

    taken.__name__ = step.__name__
    return rule(number=_NUMBERS)(taken)


def _plain(step: Callable[[World], None]) -> Callable[..., Any]:
    """The rule that takes a step with nothing to choose."""

    def taken(life: Life) -> None:
        life._do(step)

    taken.__name__ = step.__name__
    return rule()(taken)


class Life(RuleBasedStateMachine):
    """An aggregator from its first refresh on. A failure carries the steps that led to it, in words."""

    # Sequences and steps that were gone through, for the campaign to tell.
    counted: ClassVar[dict[str, int]] = {"sequences": 0, "steps": 0}

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self._open.enter_context(made_once())
        self._server = FeedServer()
        self._open.callback(self._server.close)
        folder = tempfile.TemporaryDirectory(prefix="life-", dir=_MEMORY if _MEMORY.is_dir() else None)
        self.world = World(Path(self._open.enter_context(folder)), self._server)
        self._count = 0

    def teardown(self) -> None:
        """See RuleBasedStateMachine."""
        try:
            # Before the first refresh there is no page.
            if self._count:
                self._told(steps.look_closer)
        finally:
            self._open.close()
            self.counted["sequences"] += 1
            self.counted["steps"] += self._count

    @initialize(changes=_CHANGES)
    def begin(self, changes: list[tuple[int, int, int]]) -> None:
        """A first refresh, of feeds that have something."""
        first = [(0, 0, 0), (2, 0, 0), (2, 1, 0), (8, 1, 1), (0, 2, 1), (4, 2, 0)]
        self._do(steps.refresh, [*first, *changes], 0)

    @rule(changes=_CHANGES, hours=st.sampled_from((1, 20, 24, 24 * 8)))
    def refresh(self, changes: list[tuple[int, int, int]], hours: int) -> None:
        """See steps."""
        self._do(steps.refresh, changes, hours)

    @rule(changes=_CHANGES, days=st.integers(3, 50))
    def refresh_late(self, changes: list[tuple[int, int, int]], days: int) -> None:
        """After a while in which nobody looked."""
        self._do(steps.refresh, changes, 24 * days)

    @rule(number=_NUMBERS, decision=st.sampled_from(("always", "never")))
    def overrule(self, number: int, decision: str) -> None:
        """See steps."""
        self._do(steps.overrule, number, decision)

    @rule(one=_NUMBERS, other=_NUMBERS)
    def merge(self, one: int, other: int) -> None:
        """See steps."""
        self._do(steps.put_together, one, other)

    refresh_in_2100 = _plain(steps.refresh_in_2100)
    add_feed = _plain(steps.add_feed)
    rename_feed = _chosen(steps.rename_feed)
    move_feed = _chosen(steps.move_feed)
    remove_feed = _chosen(steps.remove_feed)
    return_feed = _chosen(steps.return_feed)
    hide = _chosen(steps.hide)
    unhide = _chosen(steps.unhide)
    accept = _chosen(steps.accept)
    reject = _chosen(steps.reject)
    split_off = _chosen(steps.split_off)
    group_anew = _plain(steps.group_anew)
    refuse_city = _chosen(steps.refuse_city)
    undo = _plain(steps.undo)
    back_up = _plain(steps.back_up)
    restore = _chosen(steps.restore)
    move_house = _plain(steps.move_house)

    def _do(self, step: Callable[..., None], *chosen: Any) -> None:
        self._told(step, *chosen)
        self._count += 1
        if self._count % _CLOSER == 0:
            self._told(steps.look_closer)

    def _told(self, step: Callable[..., None], *chosen: Any) -> None:
        try:
            step(self.world, *chosen)
        except BaseException as error:
            error.add_note("\n".join(["The steps:", *(f"{n:>3}. {one}" for n, one in enumerate(self.world.told, 1))]))
            raise
