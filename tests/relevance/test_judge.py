"""On topic or not, which topics, and why."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.keys import Identifiers
from aggregator.relevance.evidence import evidence_of, notice_of
from aggregator.relevance.judge import judge, make_rules
from aggregator.relevance.phrases import Phrases, alternatives, variants
from aggregator.text import fold
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry, Verdict
from aggregator.values.settings import Feed, FeedType, FilterRules

FEED = Feed(name="A feed", url="https://feeds.example.com/f")


def entry(title: str, summary: str = "", **keys: object) -> Entry:
    return Entry(guid="1", url="https://www.example.com/1", title=title, summary=summary, text=summary, **keys)  # type: ignore[arg-type]


def verdict(item: Entry, *, feed: Feed = FEED, rules: FilterRules = FilterRules()) -> Verdict:
    return judge(item, item.keys, feed, make_rules(vocabulary(), rules))


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("BELL´S PALSY in pregnancy", "bells-palsy"),
        ("Síndrome de Moebius: una historia", "moebius"),
        ("Möbius-Syndrome and feeding", "moebius"),
        ("Parálisis facial periférica en urgencias", "facial-nerve"),
        ("Botulinum toxin for facial synkinesis", "synkinesis"),
        ("Bell's palsy in children: what to expect", "bells-palsy"),
        ("Microvascular decompression for hemifacial spasm", "hemifacial-spasm"),
    ],
)
def test_on_topic_in_any_spelling(title: str, topic: str) -> None:
    decided = verdict(entry(title))

    assert decided.admitted
    assert topic in decided.topics


@pytest.mark.parametrize(
    "title",
    [
        "Cerebral palsy charity run", "Sleep paralysis explained", "The Möbius strip", "Facial recognition at airports",
        "Unidad de reanimación ampliada", "Liberty Bell cracks", "Umbell palsyx", "Bell's Palsy Market Size, CAGR 2032",
    ],
)  # fmt: skip
def test_near_misses_are_rejected(title: str) -> None:
    decided = verdict(entry(title))

    assert not decided.admitted
    assert decided.topics == ()


def test_a_single_mention_far_down_is_not_what_an_item_is_about() -> None:
    text = "Signs of stroke are many. " * 30 + "Some people have facial palsy."

    assert not verdict(entry("Know the signs of stroke", text)).admitted


def test_every_decision_has_its_reason_first() -> None:
    assert verdict(entry("Facial palsy week")).reasons[0].rule == "scores enough"
    assert verdict(entry("Tick season")).reasons[0].rule == "scores too little"
    assert verdict(entry("Facial palsy week")).reasons[1].where == "title"


def test_a_feed_that_is_all_on_topic_is_admitted_and_still_scored() -> None:
    decided = verdict(entry("Our office is closed"), feed=FEED.model_copy(update={"all_on_topic": True}))

    assert decided.admitted
    assert decided.score == 0


@pytest.mark.parametrize("all_on_topic", [True, False])
@pytest.mark.parametrize(
    ("rules", "why"),
    [
        (FilterRules(never=("miracle cure",)), "never, staff said"),
        (FilterRules(never_from=("example.com",)), "never from this publisher, staff said"),
        (FilterRules(never_from=("Daily Rumour",)), "never from this publisher, staff said"),
        (FilterRules(overrule={"https://example.com/1/?utm_source=x": "never"}), "staff decided: never"),
        (FilterRules(overrule={"doi:10.5555/X": "never"}), "staff decided: never"),
        (FilterRules(overrule={"https://doi.org/10.5555/X": "never"}), "staff decided: never"),
        (FilterRules(overrule={"doi:https://doi.org/10.5555/x": "never"}), "staff decided: never"),
    ],
)
def test_what_staff_never_want_never_comes(all_on_topic: bool, rules: FilterRules, why: str) -> None:
    item = entry("Bell's palsy: a miracle cure", source="Daily Rumour", identifiers=Identifiers(doi="10.5555/x"))
    decided = verdict(item, feed=FEED.model_copy(update={"all_on_topic": all_on_topic}), rules=rules)

    assert not decided.admitted
    assert decided.reasons[0].rule == why


def test_what_staff_always_want_comes() -> None:
    assert verdict(entry("Opening hours"), rules=FilterRules(overrule={"https://www.example.com/1": "always"})).admitted


def test_words_can_be_added_and_removed() -> None:
    assert verdict(entry("The smirk clinic"), rules=FilterRules(add={"reanimation": ("smirk clinic",)})).topics == (
        "reanimation",
    )
    assert not verdict(entry("Parotid surgery today"), rules=FilterRules(remove={"parotid": ("parotid surgery",)})).admitted


@pytest.mark.parametrize(
    ("title", "sort"),
    [
        ("RETRACTED: Laser for facial palsy", "retraction"), ("Retraction Note: Laser", "retraction"), ("[Retracted] Laser", "retraction"),
        ("Withdrawn: Laser", "retraction"), ("Expression of Concern: Laser", "concern"), ("Correction to: Laser", "correction"),
        ("Erratum: Laser", "correction"), ("Author Correction: Laser", "correction"), ('Corrigendum to "Laser"', "correction"),
        ("Correction of lagophthalmos with gold weights", None), ("Retraction of the upper eyelid", None),
        ("Withdrawal of botulinum toxin in synkinesis", None), ("Facial nerve retractor", None),
    ],
)  # fmt: skip
def test_notices_are_told_from_surgery(title: str, sort: str | None) -> None:
    assert notice_of(title) == sort


@pytest.mark.parametrize(
    ("title", "feed_type", "evidence"),
    [
        ("Prednisolone for Bell palsy: a randomized clinical trial", FeedType.JOURNAL, "trial"),
        ("Study protocol for a randomised controlled trial", FeedType.JOURNAL, "unlabelled"),
        ("Smile surgery: a systematic review and meta-analysis", FeedType.JOURNAL, "systematic-review"),
        ("Nerve repair in a rat model", FeedType.JOURNAL, "lab"),
        ("Ramsay Hunt syndrome: a case report", FeedType.JOURNAL, "case-report"),
        ("A retrospective cohort of smiles", FeedType.JOURNAL, "observational"),
        ("Something about nerves", FeedType.JOURNAL, "unlabelled"),
        ("Something about nerves", FeedType.PREPRINT, "preprint"),
        ("Something about nerves", FeedType.REGISTRY, "registration"),
        ("Something about nerves", FeedType.PRESS, "press-release"),
        ("Something about nerves", FeedType.VIDEO, "video"),
        ("Something about nerves", FeedType.NEWS, "news"),
        ("Actor reveals Bell's palsy diagnosis", FeedType.NEWS, "news"),
        ("My smile left me overnight", FeedType.NEWS, "patient-story"),
        ("Anna's story: two years with Bell's palsy", FeedType.CHARITY, "patient-story"),
        ("Fazialisparese nach Parotidektomie: randomisierte Studie", FeedType.JOURNAL, "trial"),
        ("Paralysie faciale de l'enfant: revue systématique", FeedType.JOURNAL, "systematic-review"),
        ("Paralisi facciale: descrizione di un caso", FeedType.JOURNAL, "case-report"),
        ("Paralisia facial: relato de caso", FeedType.JOURNAL, "case-report"),
        ("Aangezichtsverlamming: richtlijn 2026", FeedType.JOURNAL, "guideline"),
        ("Kohortenstudie zur Fazialisparese", FeedType.JOURNAL, "observational"),
        ("Report of 13 cases of facial palsy", FeedType.JOURNAL, "observational"),
        ("Two-day course: facial retraining", FeedType.NEWS, "event"),
        ("Patiententag Fazialisparese", FeedType.NEWS, "event"),
        ("Management of facial palsy", FeedType.JOURNAL, "review"),
        ("Singer announces tour dates after facial paralysis", FeedType.NEWS, "news"),
        ("Webinar on eye care", FeedType.CHARITY, "event"),
    ],
)
def test_evidence_by_title_and_source(title: str, feed_type: FeedType, evidence: str) -> None:
    assert evidence_of(entry(title), feed_type) == evidence


@pytest.mark.parametrize(
    ("url", "source", "summary", "evidence"),
    [
        ("https://trials.example.org/study/NCT01234567", "", "", "registration"),
        ("https://trials.example.org/x", "", "Now recruiting in Leeds: adults within 72 hours of onset.", "registration"),
        ("https://charity.example.org/personal-stories/anna", "", "", "patient-story"),
        ("https://paper.example.com/video/12", "", "", "video"),
        ("https://society.example.org/events/12", "", "", "event"),
        ("https://journals.example.org/doi/10.5555/x/abs", "", "We reviewed the records of 40 patients.", "observational"),
        ("https://www.statpearls.com/articlelibrary/1", "", "", "review"),
        ("https://news.example.com/1", "", "LONDON, /PRNewswire/ -- A company said on Monday.", "press-release"),
        ("https://news.example.com/1", "", "I woke up and could not move my mouth.", "patient-story"),
        ("https://news.example.com/1", "", "Meu rosto paralisou durante o café.", "patient-story"),
        ("https://ent.example.com/1", "Department of Neurology, Example University", "What we offer.", "news"),
        ("https://www.thevalleyjournal.com/1", "The Valley Journal", "The council met.", "news"),
    ],
)
def test_evidence_by_address_source_and_first_words(url: str, source: str, summary: str, evidence: str) -> None:
    item = Entry(guid="1", url=url, title="Facial palsy", summary=summary, text=summary, source=source)

    assert evidence_of(item, FeedType.SEARCH) == evidence


WORDS = st.lists(st.sampled_from(["facial", "nerve", "bell", "palsy", "a", "ab", "b", "of"]), min_size=1, max_size=4).map(
    " ".join
)


@given(st.lists(WORDS, min_size=1, max_size=8), st.lists(WORDS, max_size=8).map(" ".join))
def test_the_tree_finds_what_an_alternation_finds(phrases: list[str], text: str) -> None:
    """Against the obvious: the longest phrase at the leftmost place, as whole words."""
    longest_first = sorted({one for phrase in phrases for one in variants(phrase)}, key=len, reverse=True)
    expected = re.findall(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", text)

    found = [hit.phrase for hit in Phrases(dict.fromkeys(phrases, frozenset({"x"}))).find(fold(text))]

    assert found == expected


def test_no_phrase_of_staff_can_hang_a_refresh() -> None:
    nasty = tuple(("a" * n + "(a+)+$")[:100] for n in range(60))
    began = time.process_time()
    verdict(entry("a" * 20_000, "a " * 10_000), rules=FilterRules(never=nasty))

    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("phrase", "variant"),
    [
        ("facial palsy", "facial palsies"),
        ("facial paralysis", "facial paralyses"),
        ("parotid tumour", "parotid tumors"),
        ("vestibular schwannoma", "vestibular schwannomas"),
        ("facial nerve paralysed", "facial nerve paralyzed"),
        ("facial nerve", "facial nerves"),
    ],
)
def test_plurals_and_both_spellings_are_one_phrase(phrase: str, variant: str) -> None:
    assert variant in variants(phrase)


@pytest.mark.parametrize("title", ["Her face was suddenly paralysed", "Singer says his face is partially paralyzed"])
def test_a_phrase_with_words_in_its_gap_is_found(title: str) -> None:
    assert verdict(entry(title)).admitted


def test_every_phrase_with_a_gap_is_found_with_words_in_it() -> None:
    rules = make_rules(vocabulary(), FilterRules())
    known = [phrase for topic in vocabulary().topics for phrase in (*topic.strong, *sum(topic.beside.values(), ()))]
    gapped = [one for phrase in known for one in alternatives(phrase) if "…" in phrase]

    assert len(gapped) > 100
    written = {phrase: fold(phrase.replace("…", " of the ")) for phrase in gapped}
    assert [phrase for phrase, text in written.items() if not any(one.is_in(text) for one in rules.phrases)] == []


@given(
    st.sampled_from(["face", "of face", "face of"]),
    st.lists(st.sampled_from(["a", "of", "of", "nerve"]), max_size=7),
    st.sampled_from(["palsy", "of palsy", "palsy a"]),
    st.sampled_from(["", "face", "palsy", "of"]),
)
def test_a_gap_is_one_to_five_small_words(head: str, between: list[str], tail: str, beside: str) -> None:
    """Against the obvious: a first part, then as many small words as there are, then a last part."""
    text = " ".join(filter(None, [beside, head, *between, tail, beside]))
    found = re.search(rf"(?<!\w){head} (?:(?:a|of) ){{1,5}}{tail}(?!\w)", text)

    assert Phrases({f"{head} … {tail}": frozenset({"x"})}).is_in(text) == bool(found)


GAPPED = st.builds(
    "{} … {}".format,
    st.sampled_from(["face", "her face", "her face is", "face is"]),
    st.sampled_from(["palsy", "palsy a", "a"]),
)


@given(
    st.sets(GAPPED, min_size=1), st.lists(st.sampled_from(["her", "face", "is", "a", "palsy"]), max_size=12).map(" ".join)
)
def test_no_phrase_with_a_gap_hides_another(phrases: set[str], text: str) -> None:
    alone = {phrase for phrase in phrases if Phrases({phrase: frozenset({"x"})}).is_in(text)}

    hits = list(Phrases({phrase: frozenset({phrase}) for phrase in phrases}).find(text))

    assert frozenset().union(*(hit.meaning for hit in hits)) == alone
    assert not any(one.is_inside(other) for one in hits for other in hits if one is not other)


def test_no_phrase_with_a_gap_takes_long_on_any_text() -> None:
    parts = "|".join(" ".join(["a"] * n) for n in range(1, 9))
    began = time.process_time()

    assert Phrases({f"({parts}) … ({parts})": frozenset({"x"})}).is_in("a " * 10_000 + "a")
    assert time.process_time() - began < 1


def test_the_same_words_stand_for_all_that_they_are_phrases_of() -> None:
    rules = FilterRules(add={"pediatric": ("half of his face is frozen", "facial droop")})

    assert "pediatric" in verdict(entry("Half of his face is frozen"), rules=rules).topics
    assert "pediatric" in verdict(entry("Facial droop after Bell's palsy"), rules=rules).topics


def test_a_phrase_of_staff_hides_none_of_ours() -> None:
    rules = FilterRules(add={"people": ("her face is … frozen",)})

    assert verdict(entry("Her face is suddenly paralysed after flight"), rules=rules).admitted


def test_a_phrase_with_a_gap_can_be_removed() -> None:
    rules = FilterRules(add={"people": ("grumpy … forehead",)})
    item = entry("Grumpy on the forehead")

    assert verdict(item, rules=rules).admitted
    assert not verdict(item, rules=rules.model_copy(update={"remove": {"people": ("grumpy … forehead",)}})).admitted
