"""A trial looks for people only where its registry says so."""

from __future__ import annotations

import pytest

from aggregator.publish.recruitment import recruitment_of


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Status: Recruiting. Conditions: Bell's palsy", "open"),
        ("The trial is recruiting in Leeds.", "open"),
        ("Now recruiting patients with synkinesis", "open"),
        ("Recruiting", "open"),
        ("Recruiting.", "open"),
        ("Status: Not yet recruiting", "not-yet"),
        ("Active, not recruiting", "closed"),
        ("This study is no longer recruiting.", "closed"),
        ("Not recruiting", "closed"),
        ("Enrolling by invitation", "invited"),
        ("Difficulties in recruiting the facial muscles", ""),
        ("Completed", ""),
        ("", ""),
    ],
)
def test_recruitment_by_the_terms_of_the_registry(summary: str, expected: str) -> None:
    assert recruitment_of(summary) == expected
