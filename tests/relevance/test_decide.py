"""What admits and what rejects an entry, in the order in which it is looked at."""

from __future__ import annotations

import pytest

from aggregator.keys import Identifiers
from aggregator.relevance.judge import Rules, judge, make_rules
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry, Verdict
from aggregator.values.settings import Feed, FilterRules

FEED = Feed(name="A feed", url="https://feeds.example.com/f")
PLAIN = make_rules(vocabulary(), FilterRules())
ON_TOPIC = "Facial palsy clinic opens"


def entry(title: str, text: str = "", *, url: str = "https://www.example.com/1", **keys: object) -> Entry:
    return Entry(guid="1", url=url, title=title, summary=text[:300], text=text, **keys)  # type: ignore[arg-type]


def decided(item: Entry, rules: Rules = PLAIN, *, everything: bool = False) -> Verdict:
    return judge(item, item.keys, FEED.model_copy(update={"all_on_topic": everything}), rules)


def staff(**changes: object) -> Rules:
    return make_rules(vocabulary(), FilterRules.model_validate(changes))


@pytest.mark.parametrize(
    ("url", "source", "is_admitted"),
    [
        ("https://example.com/1", "", False),
        ("https://www.example.com/1", "", False),
        ("https://news.example.com/1", "", False),
        # Another site whose name ends alike.
        ("https://notexample.com/1", "", True),
        ("https://example.com.other.org/1", "", True),
        ("https://other.org/1", "Example.com", False),
        ("https://other.org/1", "Example.com News", True),
        ("", "", True),
    ],
)
def test_never_from_a_publisher(url: str, source: str, is_admitted: bool) -> None:
    rules = staff(never_from=["www.Example.com"])

    found = decided(entry(ON_TOPIC, url=url, source=source), rules)

    assert found.admitted == is_admitted
    assert (found.reasons[0].rule == "never from this publisher, staff said") != is_admitted


@pytest.mark.parametrize(
    ("title", "text", "is_admitted"),
    [
        ("Facial nerve paralysis in dogs", "", False),
        ("Facial paralysis: help for your cat", "", False),
        ("A clinic for the facial nerve", "In dogs and cats facial paralysis is seen.", False),
        # Animals in experiments stand for people.
        ("Facial nerve repair in a rat model", "", True),
        ("Facial paralysis in dogs: an experimental study", "", True),
        ("Facial nerve paralysis in dogs", "An axotomy was done.", True),
        ("Facial nerve paralysis", "x " * 200 + "A dog was there.", True),
    ],
)
def test_animals_in_a_clinic_and_in_experiments(title: str, text: str, is_admitted: bool) -> None:
    found = decided(entry(title, text))

    assert found.admitted == is_admitted
    assert (found.reasons[0].rule == "about animals") != is_admitted


@pytest.mark.parametrize(
    ("title", "text", "categories", "score"),
    [
        (ON_TOPIC, "", (), 3.0),
        ("News of today", "Facial palsy is here.", (), 2.0),
        (ON_TOPIC, "Facial palsy is here.", (), 5.0),
        ("News of today", "x " * 160 + "facial palsy", (), 0.5),
        ("News of today", "x " * 160 + "facial palsy, hemifacial spasm", (), 1.0),
        ("News of today", "x " * 160 + "facial palsy, hemifacial spasm, synkinesis surgery, Moebius syndrome, Bell's palsy", (), 1.5),
        ("News of today", "", ("Facial palsy",), 0.5),
        ("News of today", "", (), 0.0),
        # One more sign in a list is no news about it.
        ("Know the signs", "Symptoms include fever, rash, headache, and facial palsy.", (), 0.5),
        ("Know the signs", "Symptoms include facial palsy, and fever.", (), 2.0),
        ("Know the signs", "Stroke, fever, rash, and facial palsy.", (), 2.0),
        ("Know the signs", "It is not to be confused with facial palsy.", (), 0.5),
        ("Know the signs", "Symptoms include fever, rash, headache, and facial palsy. Facial palsy is here.", (), 2.0),
        # Only the opening can say that it is more.
        ("Know the signs", "Symptoms include fever, rash, headache, and facial palsy. " + "x " * 130 + "Facial palsy is here.", (), 1.0),
        # The title names another illness.
        ("Stroke of a runner", "He has facial palsy too.", (), 0.5),
        ("Stroke with facial palsy", "He has facial palsy too.", (), 5.0),
    ],
)  # fmt: skip
def test_the_score(title: str, text: str, categories: tuple[str, ...], score: float) -> None:
    found = decided(entry(title, text, categories=categories))

    assert found.score == score
    assert (found.admitted, found.is_doubtful) == (score >= 1, 1 <= score <= 2)
    assert found.reasons[0].words == f"{score:g} of 2"


@pytest.mark.parametrize(
    ("title", "rule"),
    [
        ("Facial palsy market size 2032", "a market report"),
        ("Facial palsy devices market", "a market report"),
        ("Facial palsy and the farmers market", "scores enough"),
        ("Stall at the market size large", "scores too little"),
    ],
)
def test_market_reports_on_our_topic_are_rejected(title: str, rule: str) -> None:
    assert decided(entry(title)).reasons[0].rule == rule


@pytest.mark.parametrize(
    ("title", "is_admitted", "rule"),
    [
        ("Anything at all", True, "everything in this feed is on topic"),
        ("Global market report, CAGR 7", False, "a market report"),
        ("Dogs at play", True, "everything in this feed is on topic"),
    ],
)
def test_a_feed_of_which_everything_is_on_topic(title: str, is_admitted: bool, rule: str) -> None:
    found = decided(entry(title), everything=True)

    assert (found.admitted, found.reasons[0].rule) == (is_admitted, rule)


@pytest.mark.parametrize(
    ("title", "everything", "evidence"),
    [
        ("Facial palsy today", False, "news"),
        ("Anything at all", True, "news"),
        ("Facial nerve paralysis in dogs", False, "news"),
        ("Anything at all", False, "unlabelled"),
    ],
    ids=["admitted by its score", "admitted by its feed", "rejected with a score", "rejected without"],
)
def test_evidence_is_looked_for_where_an_entry_is_admitted_or_has_a_score(
    title: str, everything: bool, evidence: str
) -> None:
    assert decided(entry(title), everything=everything).evidence == evidence


@pytest.mark.parametrize(
    ("rules", "is_admitted", "rule", "where"),
    [
        ({"never": ["opens"]}, False, "never, staff said", "title"),
        ({"never": ["miracle"]}, False, "never, staff said", "opening"),
        ({"never": ["in category"]}, False, "never, staff said", "category"),
        ({"never": ["opens"], "overrule": {"doi:10.5555/x": "always"}}, True, "staff decided: always", ""),
        ({"overrule": {"https://www.example.com/1": "never"}}, False, "staff decided: never", ""),
        ({"overrule": {"doi:10.5555/y": "never"}}, True, "scores enough", ""),
    ],
)
def test_staff_s_word_comes_first(rules: dict[str, object], is_admitted: bool, rule: str, where: str) -> None:
    item = entry(ON_TOPIC, "A miracle.", categories=("In category",), identifiers=Identifiers(doi="10.5555/x"))

    found = decided(item, staff(**rules))

    assert (found.admitted, found.reasons[0].rule, found.reasons[0].where) == (is_admitted, rule, where)


def test_phrases_of_other_fields_hide_what_is_in_them() -> None:
    assert decided(entry("The Möbius strip explained")).score == 0
    assert decided(entry("The Möbius strip and facial palsy explained")).score == 3


def test_reasons_name_phrases_and_where_they_stand_and_there_are_at_most_twelve() -> None:
    found = decided(entry(ON_TOPIC, "Bell's palsy is here."))
    phrases = [
        "facial palsy",
        "bells palsy",
        "hemifacial spasm",
        "facial synkinesis",
        "ramsay hunt syndrome",
        "moebius syndrome",
    ]

    assert [(reason.words, reason.where) for reason in found.reasons[1:]] == [
        ("facial palsy", "title"),
        ("bells palsy", "opening"),
    ]
    many = entry(" ".join(phrases), " ".join(phrases), categories=tuple(phrases))
    assert len(decided(many).reasons) == 13


def test_what_is_rejected_has_no_topics_and_every_verdict_names_its_rules() -> None:
    other = staff(never=["x"])

    assert decided(entry("Dogs at play")).topics == ()
    assert decided(entry(ON_TOPIC)).rules == PLAIN.digest != other.digest
    assert len(PLAIN.digest) == 16


def test_a_longer_text_is_read_in_place_of_the_summary() -> None:
    item = Entry(guid="1", url="", title="News of today", summary="Short.", text="Facial palsy is in the longer text.")
    other = Entry(guid="1", url="", title="News of today", summary="Facial palsy is in the summary.", text="Short.")

    assert (decided(item).score, decided(other).score) == (2.0, 2.0)
