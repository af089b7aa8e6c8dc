"""Two reports of one event, and two that only look like it: invented headlines, through the whole grouping."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aggregator.stories.grouping import group
from aggregator.values.stories import GroupingEntry, GroupingInput, WordCounts
from tests.conftest import NOW

ONE = [
    ("FDA approves Smilavir for Bell's palsy", "Food and Drug Administration approves Smilavir against Bell's palsy"),
    ("FDA warns of eye drops sold for facial palsy", "Food and Drug Administration issues warning on eye drops"),
    ("NHS to fund facial retraining", "National Health Service will pay for facial retraining"),
    ("EMA starts review of Smilavir", "European Medicines Agency begins to examine Smilavir"),
    ("Charity raises $2m for facial nerve research", "Charity collects $2 million for research into the facial nerve"),
    ("Clinic gets £1.5m for smile surgery", "£1.5 million for surgery that brings smiles back at clinic"),
    ("2nd hand transplant for girl with palsy", "Second hand transplant for girl who has palsy"),
    ("Third patient smiles after face transplant", "3rd patient with a new face smiles"),
    ("Girl, 9, raises 5,000 euros for palsy charity", "Nine-year-old collects 5000 euros for palsy charity"),
    ("50% of palsies heal early, survey says", "50 per cent of palsies heal early, says survey"),
    # A rare name that is no place.
    ("Mayor Quillfeather returns to work after Bell's palsy", "Quillfeather back in town hall, half his face still"),
    ("Singer Oona Brack reveals Bell's palsy", "‘I cannot smile’: Brack shows fans her face"),
    ("Velara approved for hemifacial spasm", "Twitching patients welcome Velara"),
    ("Facial palsy clinic opens in Drumnakil", "Drumnakil opens its clinic for facial palsy"),
]
TWO = [
    ("Regulator approves Smilavir for Bell's palsy", "Regulator approves Facelumin for Bell's palsy"),
    ("EU panel backs Smilavir for Bell's palsy", "EU panel backs Ocutear for Bell's palsy"),
    ("Regulator clears Smilavir for Bell's palsy", "Regulator clears Smilavir for hemifacial spasm"),
    ("Botox for synkinesis approved in Canada", "Botox for synkinesis approved in Australia"),
    ("Awareness week for facial palsy begins in Canada", "Awareness week for facial palsy begins in Ireland"),
    # A shared place is no event.
    ("Velderby hospital opens facial palsy clinic", "Fundraiser for Velderby boy with facial palsy"),
    ("Facial palsy clinic opens in Velderby", "Mum in Velderby speaks of her facial palsy"),
    ("Velderby hospital opens facial nerve centre", "Velderby runner with Bell's palsy finishes marathon"),
    ("Bell's palsy: Drumnakil man walks 100 miles", "Drumnakil council turns town hall orange for facial palsy"),
    ("Drumnakil University tests app for facial palsy", "Singer with Bell's palsy cancels concert in Drumnakil"),
    ("Facial palsy walk in Drumnakil raises thousands", "Drumnakil surgeon jailed for fraud"),
]


@pytest.mark.parametrize(("titles", "is_one"), [*((pair, True) for pair in ONE), *((pair, False) for pair in TWO)])
def test_one_event_or_two(titles: tuple[str, str], is_one: bool) -> None:
    one, other = (
        GroupingEntry(n, title, "", f"Source {n}", "", NOW + n * timedelta(hours=3), ()) for n, title in enumerate(titles)
    )

    joins = {found.entry: found.joins for found in group(GroupingInput((one, other), (), WordCounts()))}

    assert joins == {0: None, 1: 0 if is_one else None}
