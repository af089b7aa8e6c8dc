"""What the machinery must say of these, before it is believed about mutants. No test file: pytest does not collect it."""

from __future__ import annotations

from itertools import count


def test_that_passes() -> None:
    assert True


def test_that_fails() -> None:
    raise AssertionError


def test_that_never_ends() -> None:
    for _ in count():
        pass
