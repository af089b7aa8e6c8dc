"""Whether an item tells of persons, and whether of children."""

from __future__ import annotations

import pytest

from aggregator.relevance.persons import tells_of_children, tells_of_persons
from aggregator.text import fold


@pytest.mark.parametrize(
    ("title", "opening", "expected"),
    [
        ("Facial palsy today", "", False),
        ("Facial palsy today", "My face was stiff.", True),
        ("Woman, 34 years old, with facial palsy", "", True),
        ("He has facial palsy", "", True),
        ("Facial palsy today", "The singer cannot smile.", True),
        ("Oona, 9, at the clinic", "", True),
        # A name that does something, and an institution that does.
        ("Oona Brack plays with facial palsy", "", True),
        ("Facial palsy today", "Last week Oona Brack lost the smile.", True),
        ("Velderby Hospital opens facial palsy clinic", "", False),
        ("Facial palsy today", "Last week Velderby Hospital lost a surgeon.", False),
        ("Facial palsy today", "At night, Oona woke up.", True),
    ],
)
def test_what_tells_of_persons(title: str, opening: str, expected: bool) -> None:
    assert tells_of_persons(fold(title), fold(opening), title, opening) == expected


@pytest.mark.parametrize(
    ("opening", "expected"),
    [
        ("The clinic of our town.", False),
        ("Her daughter cannot smile.", True),
        ("Her daughter cannot smile, nor can an adult.", False),
        ("x " * 75 + "Her daughter cannot smile.", False),
        ("A patient of 18 years old.", False),
        ("A patient of 17 years old.", True),
        ("Oona, seven, cannot smile.", True),
        ("Oona, huit ans, ne sourit plus.", True),
        ("Oona, seventy, cannot smile.", False),
    ],
)
def test_what_tells_of_children(opening: str, expected: bool) -> None:
    assert tells_of_children("facial palsy", fold(opening), opening) == expected
