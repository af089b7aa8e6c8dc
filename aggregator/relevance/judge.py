"""On topic or not, and why: pure, from the entry, its feed's settings and the rules.

What an item is about decides, so it matters where a phrase stands: the title says what it is about, the opening mostly,
a single mention further down does not. Phrases of other fields ("cerebral palsy", "Möbius strip") hide what is in them,
an ambiguous phrase counts in company only, and an article whose title names another illness is about that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from urllib.parse import urlsplit

from aggregator.keys import keys_in
from aggregator.relevance.evidence import evidence_of, is_paper, notice_of
from aggregator.relevance.near_misses import NearMisses, is_only_listed, near_misses
from aggregator.relevance.persons import tells_of_persons
from aggregator.relevance.phrases import Hit, Phrases, alternatives
from aggregator.relevance.topic_rules import Abbreviations, TopicInput, topics_about, weak_topics
from aggregator.text import fold
from aggregator.topics import Vocabulary
from aggregator.values.entries import PROBABLY_ON_TOPIC, Entry, FilterText, Reason, Verdict
from aggregator.values.settings import Feed, FilterRules

# Raised when the code judges differently (here, or in phrases, topic_rules, near_misses, persons, evidence, wordings, text.fold): what was
# judged by other rules is then known as such, and judged again by the next `filter apply`.
RULES_VERSION = 7
ALL_ON_TOPIC = "everything in this feed is on topic"
SCORES_ENOUGH, SCORES_TOO_LITTLE = "scores enough", "scores too little"
MARKET_REPORT, ANIMALS = "a market report", "about animals"
NEVER, NEVER_FROM = "never, staff said", "never from this publisher, staff said"
THRESHOLD = 2.0
# From here on an entry that scores too little is for staff to look at.
_ALMOST = 1.0
_POINTS = {"title": 3.0, "opening": 2.0, "text": 0.5, "category": 0.5}
_MOST_FROM_TEXT = 1.5
# What the opening counts where it names parts of the body only.
_STRUCTURE = 1.0
_OPENING = 300
_MOST_REASONS = 12


@dataclass(frozen=True)
class _Company:
    within: Phrases
    without: Phrases
    needed: bool


@dataclass(frozen=True)
class Rules:
    """The vocabulary and what staff changed about it, made ready for matching. Made once for a run."""

    strong: Phrases
    beside: tuple[tuple[Phrases, _Company], ...]
    weak: Phrases
    near_misses: NearMisses
    faces: Phrases
    never: Phrases
    abbreviations: Abbreviations
    never_from: tuple[str, ...]
    overrule: dict[str, str]
    doubtful: str
    digest: str

    @cached_property
    def phrases(self) -> tuple[Phrases, ...]:
        """All that may tell a topic."""
        return (self.strong, *(phrases for phrases, _ in self.beside))

    @cached_property
    def telling(self) -> dict[str, tuple[Phrases, ...]]:
        """Words without one of which a text has none of `phrases`, and those which it may have by each of them."""
        told: defaultdict[str, tuple[Phrases, ...]] = defaultdict(tuple)
        for phrases in self.phrases:
            for word in phrases.telling:
                told[word] += (phrases,)
        return dict(told)

    def may_tell(self, folded: str) -> bool:
        """Whether any of `phrases` stands in a folded text."""
        words = folded.split(" ")
        telling = self.telling.keys() & words
        return any(
            phrases.stands_in(words) for phrases in dict.fromkeys(one for word in telling for one in self.telling[word])
        )


_Pairs = Iterable[tuple[str, Sequence[str]]]


def _topics_of(pairs: _Pairs) -> dict[str, frozenset[str]]:
    topics: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for slug, phrases in pairs:
        for phrase in phrases:
            topics[phrase] |= {slug}
    return topics


def make_rules(vocabulary: Vocabulary, staff: FilterRules) -> Rules:
    """The rules of a run."""
    here = frozenset({"-"})
    removed = {slug: {fold(phrase) for phrase in phrases} for slug, phrases in staff.remove.items()}
    abbreviations = _topics_of((topic.slug, topic.abbreviations) for topic in vocabulary.topics)

    def kept(pairs: _Pairs) -> Phrases:
        return Phrases(_topics_of(pairs), {slug: frozenset(gone) for slug, gone in removed.items()})

    def marks(phrases: Sequence[str]) -> Phrases:
        return Phrases(dict.fromkeys(phrases, here))

    return Rules(
        strong=kept([*((topic.slug, topic.strong) for topic in vocabulary.topics), *staff.add.items()]),
        beside=tuple(
            (
                kept((topic.slug, topic.beside.get(name, ())) for topic in vocabulary.topics),
                _Company(marks(company.within), marks(company.without), bool(company.within)),
            )
            for name, company in vocabulary.companies.items()
        ),
        weak=kept((topic.slug, topic.weak) for topic in vocabulary.topics),
        near_misses=near_misses(vocabulary),
        faces=marks(vocabulary.companies["face"].within if "face" in vocabulary.companies else ()),
        never=marks(staff.never),
        abbreviations=Abbreviations(
            re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(abbreviations)))})(?!\w)"), dict(abbreviations)
        ),
        never_from=tuple(publisher.casefold().removeprefix("www.") for publisher in staff.never_from),
        overrule={key: decision for written, decision in staff.overrule.items() for key in keys_in(written)},
        doubtful=staff.doubtful,
        digest=digest_of(vocabulary, staff),
    )


def digest_of(vocabulary: Vocabulary, staff: FilterRules) -> str:
    """Digest of vocabulary and staff's rules, computed without compiling them (0.25 s)."""
    return sha256(f"{RULES_VERSION} {vocabulary!r} {staff.model_dump_json()}".encode()).hexdigest()[:16]


def judge(entry: Entry, keys: Sequence[str], feed: Feed, rules: Rules) -> Verdict:
    """The verdict on one entry; `keys` are the identity keys under which staff may have overruled it."""
    fields = _fields(entry.title, entry.body, entry.categories)
    found = _strong_hits(fields, rules)
    score = _score(found, fields, entry, rules)
    admitted, deciding = _decide(entry, keys, feed, rules, fields, score, is_sure=_is_sure(found, fields, entry, rules))
    evidence = evidence_of(entry, feed.type) if admitted or score else "unlabelled"
    reasons = [Reason("strong phrase", hit.phrase, where) for where, hits in found.items() for hit in hits]
    return Verdict(
        admitted=admitted,
        score=round(score, 2),
        topics=_topics(found, fields, entry, feed, rules, is_story=evidence == "patient-story") if admitted else (),
        evidence=evidence,
        reasons=(deciding, *reasons[:_MOST_REASONS]),
        notice=notice_of(entry.title),
        rules=rules.digest,
    )


class Changed:
    """The difference of two sets of staff's rules. An entry that was decided by its score and contains none of the changed
    phrases keeps its verdict, so most of a history need not be judged again."""

    def __init__(self, vocabulary: Vocabulary, one: FilterRules, other: FilterRules) -> None:
        phrases = {phrase for *_, phrase in _phrases_of(one) ^ _phrases_of(other)}
        # What is removed is compared folded, and without the mark of a gap.
        folded = {fold(phrase) for phrase in phrases}
        gapped = [phrase for phrase in _gapped_phrases(vocabulary, one, other) if fold(phrase) in folded]
        self._phrases = Phrases(dict.fromkeys([*phrases, *folded, *gapped], frozenset({"-"})))
        # From whom an entry comes can only reject it: what is rejected already keeps its reason.
        self.deciding = (
            SCORES_TOO_LITTLE,
            *([SCORES_ENOUGH, PROBABLY_ON_TOPIC] if one.never_from == other.never_from else []),
        )
        if one.doubtful != other.doubtful:
            # What is doubtful stands in neither reason: everything is judged again.
            self.deciding = ()
        # Under which identity keys staff overrule otherwise.
        self.keys = tuple(key for written, _ in one.overrule.items() ^ other.overrule.items() for key in keys_in(written))

    def may_touch(self, said: FilterText) -> bool:
        """Whether an entry can have one of the phrases."""
        if not self._phrases.may_be_written_in(f"{said.title} {said.body} {' '.join(said.categories)}"):
            return False
        return any(map(self._phrases.is_in, _fields(said.title, said.body, said.categories).values()))


def _phrases_of(rules: FilterRules) -> set[tuple[str, str, str]]:
    kinds = (("add", rules.add), ("remove", rules.remove), ("never", {"": rules.never}))
    return {(kind, slug, phrase) for kind, by_topic in kinds for slug, phrases in by_topic.items() for phrase in phrases}


def _gapped_phrases(vocabulary: Vocabulary, *rules: FilterRules) -> Iterator[str]:
    """Everything with a gap that the vocabulary or staff have."""
    known = [
        phrase
        for topic in vocabulary.topics
        for phrases in (topic.strong, topic.weak, *topic.beside.values())
        for phrase in phrases
    ]
    added = [phrase for one in rules for phrases in one.add.values() for phrase in phrases]
    return (one for phrase in (*known, *added) if "…" in phrase for one in alternatives(phrase))


def _fields(title: str, body: str, categories: Sequence[str]) -> dict[str, str]:
    return {
        "title": fold(title),
        "opening": fold(body[:_OPENING]),
        "text": fold(body[_OPENING:]),
        "category": fold(" / ".join(categories)),
    }


def _strong_hits(fields: dict[str, str], rules: Rules) -> dict[str, list[Hit]]:
    if not any(map(rules.may_tell, fields.values())):
        return {where: [] for where in fields}
    hidden = {where: [*rules.near_misses.elsewhere.find(text)] for where, text in fields.items()}
    near = [_without(fields[where], hidden[where]) for where in ("title", "opening")]
    companies = [phrases for phrases, company in rules.beside if _is_in(company, phrases, near)]
    found = {}
    for where, text in fields.items():
        hits = [hit for phrases in (rules.strong, *companies) for hit in phrases.find(text)]
        found[where] = _distinct([hit for hit in hits if not any(hit.is_inside(one) for one in hidden[where])])
    return found


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    """One hit for the same words, which stands for all that they stand for."""
    distinct: dict[str, Hit] = {}
    for hit in hits:
        known = distinct.get(hit.phrase)
        distinct[hit.phrase] = replace(hit, meaning=hit.meaning | known.meaning) if known else hit
    return list(distinct.values())


def _without(text: str, hits: Iterable[Hit]) -> str:
    """`text` without what these hits cover: phrases of other fields keep no company, and none keeps itself company."""
    for hit in hits:
        text = f"{text[: hit.start]}{'-' * (hit.end - hit.start)}{text[hit.end :]}"
    return text


def _is_in(company: _Company, phrases: Phrases, near: list[str]) -> bool:
    """Whether the company's words stand there outside the phrases that need it, and none that keep it away."""
    if any(map(company.without.is_in, near)):
        return False
    return not company.needed or any(company.within.is_in(_without(text, phrases.find(text))) for text in near)


def _score(found: dict[str, list[Hit]], fields: dict[str, str], entry: Entry, rules: Rules) -> float:
    points, most_from_text = dict(_POINTS), _MOST_FROM_TEXT
    titled = found["title"]
    if titled and rules.near_misses.is_sign_of_another(titled, fields["title"]):
        points["title"] = _POINTS["text"]
    elif (
        titled
        and rules.near_misses.are_structures(titled, fields["title"])
        and rules.near_misses.is_about_another(fields["title"])
    ):
        # "The cranial nerves: facial nerve and others" is anatomy.
        is_named = found["opening"] and not rules.near_misses.are_structures(found["opening"], fields["opening"])
        points["title"], points["opening"] = _POINTS["text"], _POINTS["opening" if is_named else "text"]
    if found["opening"] and not found["title"]:
        is_another = rules.near_misses.is_about_another(fields["title"])
        if is_another or is_only_listed(entry.body[:_OPENING], {hit.phrase for hit in found["opening"]}):
            points["opening"], most_from_text = _POINTS["text"], 1.0
        elif rules.near_misses.are_structures(found["opening"], fields["opening"]):
            points["opening"] = _STRUCTURE
    in_text = min(most_from_text, _POINTS["text"] * len(found["text"]))
    return in_text + sum(points[where] for where in ("title", "opening", "category") if found[where])


def _topics(
    found: dict[str, list[Hit]], fields: dict[str, str], entry: Entry, feed: Feed, rules: Rules, *, is_story: bool
) -> tuple[str, ...]:
    reading = TopicInput(
        title=fields["title"],
        opening=fields["opening"],
        titled=found["title"],
        opened=found["opening"],
        further=found["text"] + found["category"],
        weak=weak_topics(entry.title, fields["title"], rules.weak, rules.abbreviations),
        is_research=not is_story and is_paper(entry, feed.type),
        is_story=is_story,
        written=(entry.title, entry.body[:_OPENING]),
    )
    return tuple(topics_about(reading))


def _decide(
    entry: Entry, keys: Sequence[str], feed: Feed, rules: Rules, fields: dict[str, str], score: float, *, is_sure: bool
) -> tuple[bool, Reason]:
    """Staff's word on this very entry first, then what staff never want, then the feed's promise, then the score."""
    for key in keys:
        if key in rules.overrule:
            return rules.overrule[key] == "always", Reason(f"staff decided: {rules.overrule[key]}", key)
    for where, text in fields.items():
        for hit in rules.never.find(text):
            return False, Reason(NEVER, hit.phrase, where)
    report = rules.near_misses.report_in(fields["title"]) if score or feed.all_on_topic else ""
    if report:
        return False, Reason(MARKET_REPORT, report, "title")
    if score and rules.near_misses.is_about_animals(fields["title"], fields["opening"]):
        return False, Reason(ANIMALS)
    publisher = _never_from(entry, rules)
    if publisher:
        return False, Reason(NEVER_FROM, publisher)
    if feed.all_on_topic:
        return True, Reason(ALL_ON_TOPIC, feed.name)
    return _by_score(score, rules.doubtful, is_sure=is_sure)


def _by_score(score: float, doubtful: str, *, is_sure: bool) -> tuple[bool, Reason]:
    points = f"{score:g} of {THRESHOLD:g}"
    if score < _ALMOST or (doubtful == "reject" and (score < THRESHOLD or not is_sure)):
        return False, Reason(SCORES_TOO_LITTLE, points)
    if doubtful == "review" and (score < THRESHOLD or not is_sure):
        return True, Reason(PROBABLY_ON_TOPIC, points)
    return True, Reason(SCORES_ENOUGH, points)


def _is_sure(found: dict[str, list[Hit]], fields: dict[str, str], entry: Entry, rules: Rules) -> bool:
    """Whether more than one mention in the opening says so: the title, a second phrase, or at least a title about a face or a
    person. Of 402 labelled items on topic, two are not sure; of eleven that two readers could judge differently, two."""
    if found["title"] or sum(map(len, found.values())) != 1:
        return True
    title = fields["title"]
    if rules.faces.is_in(title) or rules.weak.is_in(title):
        return True
    return tells_of_persons(title, fields["opening"], entry.title, entry.body[:_OPENING])


def _never_from(entry: Entry, rules: Rules) -> str | None:
    if not rules.never_from:
        return None
    host = (urlsplit(entry.url).hostname or "").removeprefix("www.") if entry.url else ""
    for publisher in rules.never_from:
        if host == publisher or host.endswith("." + publisher) or entry.source.casefold() == publisher:
            return publisher
    return None
