"""Institutions, amounts, figures and ordinals in one spelling, for titles that are one and for reports of one event."""

from __future__ import annotations

import pytest

from aggregator.stories.spelling import in_one_spelling
from aggregator.stories.terms import names, terms


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("Food and Drug Administration approves a drug", "FDA approves a drug"),
        ("U.S. Food & Drug Administration approves", "FDA approves"),
        ("the european medicines agency", "the EMA"),
        ("National Health Service pays", "NHS pays"),
        ("World Health Organisation and World Health Organization", "WHO and WHO"),
        ("Centers for Disease Control and Prevention", "CDC"),
        ("onabotulinumtoxinA, botulinum toxin type A, botulinum toxin", "Botox, Botox, Botox"),
        ("National health services of all countries", "National health services of all countries"),
        ("Food and Drug Administrations", "Food and Drug Administrations"),
        ("$2 million, £3bn, 4-billion, 5 trillion and 6mn", "$2m, £3b, 4b, 5t and 6m"),
        ("$1.5 Million", "$1.5m"),
        ("2 men and 3 brothers", "2 men and 3 brothers"),
        ("5,000 of 1,250,000", "5000 of 1250000"),
        ("In 2026, 30 of 40,5", "In 2026, 30 of 40,5"),
        ("50 percent, 50 per cent, 50pct, 50 %", "50%, 50%, 50%, 50%"),
        ("First, second and third", "1st, 2nd and 3rd"),
        ("A smile returns", "A smile returns"),
        ("", ""),
    ],
)
def test_one_spelling(written: str, spelt: str) -> None:
    assert in_one_spelling(written) == spelt
    assert in_one_spelling(spelt) == spelt


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Food and Drug Administration warns", "FDA warns"),
        ("$2m for research", "$2 million for research"),
        ("2nd operation", "Second operation"),
        ("Botox helps", "Botulinum toxin helps"),
        ("5,000 euros", "5000 euros"),
    ],
)
def test_terms_and_names_do_not_depend_on_the_spelling(one: str, other: str) -> None:
    assert terms(one) == terms(other)
    assert names(f"They say {one}") == names(f"They say {other}")
