"""Why an entry was admitted, in one sentence."""

from __future__ import annotations

import pytest

from aggregator.relevance.explain import in_a_sentence
from aggregator.relevance.judge import judge, make_rules
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry
from aggregator.values.settings import Feed, FilterRules

FEED = Feed(name="A feed", url="https://feeds.example.com/f")
SINGLE = ("Efficacy of a new schedule: a protocol", "Two doses will be compared in idiopathic facial nerve palsy.")


@pytest.mark.parametrize(
    ("title", "opening", "sentence"),
    [
        ("Bell's palsy in spring", "", "Admitted: 3 points, 2 are needed: the title says bells palsy."),
        ("Council meets", "", "Rejected: 0 points, 2 are needed: neither title nor text names the topic."),
        ("Bell's palsy market size 2032", "", "Rejected: the title is a market report's (“palsy market”)."),
        ("Facial palsy in dogs", "", "Rejected: the patients are animals."),
        ("Bell's palsy and a miracle cure", "", "Rejected: staff never want “miracle cure”, which is in the title."),
        (*SINGLE, "Waits for staff, probably on topic: 2 points, 2 are needed: the opening says idiopathic facial nerve palsy."),
        ("The cranial bones", "The facial nerve crosses the ear.", "Waits for staff, probably on topic: 1 point, 2 are needed: "
         "the opening says facial nerve."),
    ],
)  # fmt: skip
def test_one_plain_sentence(title: str, opening: str, sentence: str) -> None:
    rules = make_rules(vocabulary(), FilterRules(never=("miracle cure",)))
    found = judge(Entry(guid="1", url="", title=title, summary=opening, text=opening), (), FEED, rules)

    assert in_a_sentence(found) == sentence


def test_a_feed_that_is_all_on_topic_says_so() -> None:
    feed = FEED.model_copy(update={"all_on_topic": True})
    found = judge(Entry(guid="1", url="", title="Opening hours"), (), feed, make_rules(vocabulary(), FilterRules()))

    assert in_a_sentence(found) == "Admitted: everything in the feed “A feed” is on topic."


@pytest.mark.parametrize(
    ("doubtful", "admitted", "is_doubtful"), [("review", True, True), ("admit", True, False), ("reject", False, False)]
)
def test_staff_say_what_becomes_of_doubtful_entries(doubtful: str, admitted: bool, is_doubtful: bool) -> None:
    rules = make_rules(vocabulary(), FilterRules(doubtful=doubtful))
    entry = Entry(guid="1", url="", title=SINGLE[0], summary=SINGLE[1], text=SINGLE[1])
    found = judge(entry, (), FEED, rules)

    assert (found.admitted, found.is_doubtful) == (admitted, is_doubtful)


def test_what_is_sure_does_not_wait() -> None:
    rules = make_rules(vocabulary(), FilterRules())
    entry = Entry(guid="1", url="", title="My crooked smile", summary="I have Bell's palsy.", text="I have Bell's palsy.")

    assert not judge(entry, (), FEED, rules).is_doubtful
