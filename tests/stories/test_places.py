"""Names that stand as places."""

from __future__ import annotations

import pytest

from aggregator.stories.places import places


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Facial palsy clinic opens in Velderby", {"velderby"}),
        ("Walk for a smile at Port Ellery on Sunday", {"port", "ellery"}),
        ("Velderby hospital opens facial palsy clinic", {"velderby"}),
        ("Velderby University Hospital tests app", {"velderby"}),
        ("Trial at the University of Drumnakil", {"drumnakil"}),
        ("Fundraiser for Velderby boy with facial palsy", {"velderby"}),
        ("Drumnakil surgeon jailed", {"drumnakil"}),
        ("Drumnakil Council turns town hall orange", {"drumnakil"}),
        ("Mayor Quillfeather returns to work after Bell's palsy", set()),
        ("Singer Oona Brack reveals Bell's palsy", set()),
        ("A pause in Quillfeather's campaign", set()),
        ("Patients in pain", set()),
        ("Boy smiles", set()),
        ("", set()),
    ],
)
def test_places(title: str, found: set[str]) -> None:
    assert places(title) == found
