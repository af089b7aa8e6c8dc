"""Which topics an item is about, and which it only touches."""

from __future__ import annotations

import pytest

from aggregator.relevance.judge import judge, make_rules
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry
from aggregator.values.settings import Feed, FeedType, FilterRules

RULES = make_rules(vocabulary(), FilterRules())


def topics(title: str, text: str = "", feed_type: FeedType = FeedType.NEWS) -> tuple[str, ...]:
    entry = Entry(guid="1", url="https://www.example.com/1", title=title, summary=text[:300], text=text)
    return judge(entry, (), Feed(name="F", url="https://f.example/f", type=feed_type), RULES).topics


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        # The general topic stands where no special one says it already.
        ("Facial palsy today", "", ("facial-nerve",)),
        ("Bell's palsy explained", "", ("bells-palsy",)),
        ("Hemifacial spasm and facial palsy", "", ("hemifacial-spasm",)),
        ("Hemifacial microsomia and facial palsy", "", ("hemifacial-microsomia",)),
        ("Facial nerve in Bell's palsy", "", ("facial-nerve", "bells-palsy")),
        ("Facial nerve in Bell's palsy and in hemifacial spasm", "", ("facial-nerve", "bells-palsy", "hemifacial-spasm")),
        ("Ramsay Hunt syndrome and the facial nerve", "", ("ramsay-hunt",)),
        # The opening adds what titles leave out: a person, a child, an effect.
        ("Facial palsy in a boy", "The boy has facial palsy.", ("facial-nerve", "pediatric")),
        ("Facial palsy clinic", "Her daughter has facial palsy.", ("facial-nerve", "pediatric")),
        ("Facial palsy clinic", "Her daughter has facial palsy and the adult too.", ("facial-nerve",)),
        ("Facial palsy clinic", "x " * 80 + "Her daughter came.", ("facial-nerve",)),
        ("Facial palsy clinic", "A 17 year old has facial palsy.", ("facial-nerve", "pediatric")),
        ("Facial palsy clinic", "An 18 year old has facial palsy.", ("facial-nerve",)),
        ("Facial palsy clinic", "The singer has facial palsy.", ("facial-nerve", "people")),
        ("He has Bell's palsy", "", ("bells-palsy", "people")),
        ("Bell's palsy clinic", "My face was stiff.", ("bells-palsy", "people")),
        ("Facial palsy surgery", "Synkinesis was treated", ("reanimation", "synkinesis")),
        ("Facial palsy surgery", "I was told I have synkinesis", ("reanimation", "synkinesis", "people")),
        # Of a tumour the opening tells the effect.
        ("Parotidectomy today", "Some had facial palsy.", ("parotid", "facial-nerve")),
        ("Acoustic neuroma surgery", "Facial palsy followed", ("acoustic-neuroma", "facial-nerve")),
        ("Facial palsy after parotid tumour surgery", "", ("facial-nerve", "parotid")),
        # A diagnosis that is one cause of several is not what it is about; that is said right before it.
        ("Facial palsy explained", "A common cause is Bell's palsy.", ("facial-nerve",)),
        ("Facial palsy explained", "Colds are common." + " It is winter." * 5 + " Bell's palsy.", ("bells-palsy",)),
        # Where the title names a cause, the palsy is not Bell's, unless it says so itself.
        ("Idiopathic facial palsy explained", "", ("bells-palsy",)),
        ("Idiopathic facial palsy after trauma", "", ("facial-nerve",)),
        ("Idiopathic facial palsy after a skull fracture", "", ("facial-nerve",)),
        ("Idiopathic facial palsy and parotid tumour", "", ("facial-nerve", "parotid")),
        ("Bell's palsy after Lyme disease", "", ("bells-palsy",)),
        # Surgery's own words say what it is for, a device's do not.
        ("Facial reanimation surgery", "for facial palsy", ("reanimation",)),
        ("Facial nerve graft for facial palsy", "", ("facial-nerve", "reanimation")),
        ("Physiotherapy for facial palsy", "", ("facial-nerve", "rehabilitation")),
        # Of a treatment the opening tells what for.
        ("Facial rehabilitation today", "For Bell's palsy.", ("rehabilitation", "bells-palsy")),
        ("Lagophthalmos today", "In Bell's palsy.", ("eye-care", "bells-palsy")),
        # An eye that closes by itself is the illness, not its care.
        ("Eye care in hemifacial spasm", "The eyelid closes", ("hemifacial-spasm",)),
        ("Eye care in synkinesis", "The eyelid closes", ("synkinesis",)),
        ("Facial palsy explained", "Eye drops help", ("facial-nerve",)),
        ("Facial palsy explained", "Facial rehabilitation and lagophthalmos.", ("facial-nerve",)),
        ("Eye drops in facial palsy", "", ("facial-nerve", "eye-care")),
        # What is told by patients is about people; so is a name with an age.
        ("Wie ich mit meiner Fazialisparese lachen lernte", "", ("facial-nerve", "people")),
        ("Living with Goldenhar syndrome", "", ("hemifacial-microsomia", "people")),
        ("Jonathan, six, has facial palsy", "", ("facial-nerve", "pediatric", "people")),
        ("Gioele, sei anni, ha una paralisi facciale", "", ("facial-nerve", "pediatric", "people")),
        ("Fazialisparese: Vortrag, 3. September", "", ("facial-nerve",)),
        # A child in other languages.
        ("Fazialisparese", "Unser Sohn war krank.", ("facial-nerve", "pediatric")),
        ("Paralysie faciale", "Les parents de Léa.", ("facial-nerve", "pediatric")),
        ("Parálisis facial", "A los ocho años.", ("facial-nerve", "pediatric")),
        ("Parálisis facial", "Diez años de experiencia.", ("facial-nerve",)),
        # Far down in the text only where title and opening say nothing.
        ("The clinic of our town", "x " * 160 + "Bell's palsy. Hemifacial spasm.", ("bells-palsy", "hemifacial-spasm")),
        ("The clinic of our town", "x " * 160 + "Bell's palsy.", ()),
    ],
)  # fmt: skip
def test_the_topics_of_news(title: str, text: str, expected: tuple[str, ...]) -> None:
    assert topics(title, text) == expected


def test_people_are_no_topic_of_research() -> None:
    assert topics("My story of facial palsy", "I was ill") == ("facial-nerve", "people")
    assert topics("My story of facial palsy", "I was ill", FeedType.JOURNAL) == ("facial-nerve",)
    # Neither where a strong phrase says it.
    assert "people" in topics("Living with facial palsy")
    assert "people" not in topics("Living with facial palsy", feed_type=FeedType.JOURNAL)


def test_an_abbreviation_counts_as_it_is_written() -> None:
    known = [(topic.slug, one) for topic in vocabulary().topics for one in topic.abbreviations]
    slug, abbreviation = known[0]

    assert slug in topics(f"Facial nerve and {abbreviation} today", "Facial palsy")
    assert f"x{abbreviation}x" not in " ".join(topics(f"Facial nerve and x{abbreviation}x today"))
