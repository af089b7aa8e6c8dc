"""Rules of accounts and sessions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.errors import UsageError
from aggregator.staff.rules import account_name, checked_password, is_alive, seconds_to_wait
from tests.conftest import NOW


@pytest.mark.parametrize(
    ("written", "name"), [(" Anna ", "anna"), ("anna.b@example.org", "anna.b@example.org"), ("zoë", "zoë")]
)
def test_a_name_is_stored_in_one_form(written: str, name: str) -> None:
    assert account_name(written) == name


@pytest.mark.parametrize("written", ["", "a b", "-x", "_x", "x" * 61, "a\nb", "a:b", "../a"])
def test_what_cannot_be_a_name_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match="cannot be a name"):
        account_name(written)


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert checked_password("crème brûlée at noon", "anna") == checked_password(
        "cre\u0300me bru\u0302le\u0301e at noon", "anna"
    )


@pytest.mark.parametrize("written", ["a" * 14, "ab" * 10, "annaanna anna 12345", "x" * 1001 + "yzabc"])
def test_a_password_that_is_guessed_is_refused(written: str) -> None:
    with pytest.raises(UsageError):
        checked_password(written, "annaanna anna")


@pytest.mark.parametrize(
    ("begun", "seen", "expected"),
    [
        (0, 0, True),
        (11, 11, True),
        (12, 12, False),
        (14 * 24 - 1, 1, True),
        (14 * 24, 1, False),
        (-0.05, -0.05, True),
        (-0.1, -0.1, False),
        (1, -0.1, False),
    ],
)
def test_how_long_a_session_holds(begun: float, seen: float, expected: bool) -> None:
    assert is_alive(NOW - timedelta(hours=begun), NOW - timedelta(hours=seen), now=NOW) is expected


@pytest.mark.parametrize(
    ("by_name", "by_address", "age", "expected"),
    [
        (4, 0, 0, 0), (5, 0, 0, 2), (6, 0, 0, 4), (7, 0, 0, 8), (8, 0, 0, 10), (50, 0, 0, 10), (5, 0, 1, 1), (5, 0, 2, 0),
        (0, 19, 0, 0), (0, 20, 0, 2), (0, 30, 0, 60), (5, 30, 0, 60), (50, 90, 901, 0),
    ],
)  # fmt: skip
def test_how_long_somebody_waits_who_failed(by_name: int, by_address: int, age: int, expected: int) -> None:
    failed_at = NOW - timedelta(seconds=age)

    assert seconds_to_wait([failed_at] * by_name, [failed_at] * by_address, now=NOW) == expected
