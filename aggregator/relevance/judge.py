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
from hashlib import sha256
from urllib.parse import urlsplit

from aggregator.relevance.about import Abbreviations, Reading, topics_about, weak_topics
from aggregator.relevance.evidence import evidence_of, is_paper, notice_of
from aggregator.relevance.phrases import Hit, Phrases, alternatives
from aggregator.text import fold
from aggregator.topics import Vocabulary
from aggregator.urls import canonical_url
from aggregator.values.entries import Entry, Reason, Said, Verdict
from aggregator.values.settings import Feed, FilterRules

# Raised when the code judges differently (here, or in phrases, about, evidence, text.fold): what was judged by other rules is
# then known as such, and judged again by the next `filter apply`.
RULES_VERSION = 4
ALL_ON_TOPIC = "everything in this feed is on topic"
SCORES_ENOUGH, SCORES_TOO_LITTLE = "scores enough", "scores too little"
THRESHOLD = 2.0
_POINTS = {"title": 3.0, "opening": 2.0, "text": 0.5, "category": 0.5}
_MOST_FROM_TEXT = 1.5
_OPENING = 300
_MOST_REASONS = 12
# Reports for sale, "Bell's Palsy Market Size, CAGR 2032", are the commonest spam of news searches on any disease.
_MARKET_REPORT = re.compile(
    r"\bmarket (?:size|share|growth|report|research|forecast|outlook|analysis|trends?|insights?|overview|opportunit\w+|to reach|worth|value)\b|"
    r"\b(?:treatment|therapeutics|drugs?|devices?|global|syndrome|palsy) market\b|\bcagr\b|\bpipeline (?:insight|review|analysis|report)\b|"
    r"\bmarket\b.*\b(?:regional|landscape|swot|revenue|20[23]\d|usd|billion)\b|\bindustry (?:analysis|report|forecast)\b|\bmercado (?:de|global)\b.*\b20[2-4]\d\b"
)


@dataclass(frozen=True)
class _Company:
    within: Phrases
    without: Phrases


@dataclass(frozen=True)
class Rules:
    """The vocabulary and what staff changed about it, made ready for matching. Made once for a run."""

    any: Phrases
    strong: Phrases
    beside: tuple[tuple[Phrases, _Company], ...]
    weak: Phrases
    elsewhere: Phrases
    another: Phrases
    animals: Phrases
    never: Phrases
    abbreviations: Abbreviations
    never_from: tuple[str, ...]
    overrule: dict[str, str]
    digest: str


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

    strong = [*((topic.slug, topic.strong) for topic in vocabulary.topics), *staff.add.items()]
    beside = [(topic.slug, phrases) for topic in vocabulary.topics for phrases in (topic.beside or {}).values()]
    return Rules(
        any=kept([*strong, *beside]),
        strong=kept(strong),
        beside=tuple(
            (
                kept((topic.slug, (topic.beside or {}).get(name, ())) for topic in vocabulary.topics),
                _Company(marks(company.within), marks(company.without)),
            )
            for name, company in vocabulary.companies.items()
        ),
        weak=kept((topic.slug, topic.weak) for topic in vocabulary.topics),
        elsewhere=marks(vocabulary.elsewhere),
        another=marks(vocabulary.another),
        animals=marks(vocabulary.animals),
        never=marks(staff.never),
        abbreviations=Abbreviations(
            re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(abbreviations)))})(?!\w)"), dict(abbreviations)
        ),
        never_from=tuple(publisher.casefold().removeprefix("www.") for publisher in staff.never_from),
        overrule={_overrule_key(key): decision for key, decision in staff.overrule.items()},
        digest=digest_of(vocabulary, staff),
    )


def digest_of(vocabulary: Vocabulary, staff: FilterRules) -> str:
    """What changes when the rules change; known without making them ready, which takes a quarter of a second."""
    return sha256(f"{RULES_VERSION} {vocabulary!r} {staff.model_dump_json()}".encode()).hexdigest()[:16]


def judge(entry: Entry, keys: Sequence[str], feed: Feed, rules: Rules) -> Verdict:
    """The verdict on one entry; `keys` are the identity keys under which staff may have overruled it."""
    fields = _fields(entry.title, _body(entry), entry.categories)
    found = _strong_hits(fields, rules)
    score = _score(found, fields, entry, rules)
    admitted, deciding = _decide(entry, keys, feed, rules, fields, score)
    reasons = [Reason("strong phrase", hit.phrase, where) for where, hits in found.items() for hit in hits]
    return Verdict(
        admitted=admitted,
        score=round(score, 2),
        topics=_topics(found, fields, entry, feed, rules) if admitted else (),
        evidence=evidence_of(entry, feed.type, is_on_topic=score > 0),
        reasons=(deciding, *reasons[:_MOST_REASONS]),
        notice=notice_of(entry.title),
        rules=rules.digest,
    )


class Changed:
    """What two sets of staff's rules differ in. Where nothing of it can stand in what was decided by its score, the other
    decides the same: most of a history needs no second judgement."""

    def __init__(self, vocabulary: Vocabulary, one: FilterRules, other: FilterRules) -> None:
        phrases = {phrase for *_, phrase in _phrases_of(one) ^ _phrases_of(other)}
        # What is removed is compared folded, and without the mark of a gap.
        folded = {fold(phrase) for phrase in phrases}
        gapped = [phrase for phrase in _gapped_phrases(vocabulary, one, other) if fold(phrase) in folded]
        self._phrases = Phrases(dict.fromkeys([*phrases, *folded, *gapped], frozenset({"-"})))
        # From whom an entry comes can only reject it: what is rejected already keeps its reason.
        self.deciding = (SCORES_TOO_LITTLE, *([SCORES_ENOUGH] if one.never_from == other.never_from else []))
        # Under which identity keys staff overrule otherwise.
        self.keys = tuple(_overrule_key(key) for key, _ in one.overrule.items() ^ other.overrule.items())

    def may_touch(self, said: Said) -> bool:
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
        for phrases in (topic.strong, topic.weak, *(topic.beside or {}).values())
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


def _body(entry: Entry) -> str:
    return entry.text if len(entry.text) > len(entry.summary) else entry.summary


def _strong_hits(fields: dict[str, str], rules: Rules) -> dict[str, list[Hit]]:
    if not any(map(rules.any.is_in, fields.values())):
        return {where: [] for where in fields}
    near = _near(fields, rules)
    companies = [phrases for phrases, company in rules.beside if _is_in(company, near)]
    found = {}
    for where, text in fields.items():
        hidden = list(rules.elsewhere.find(text))
        hits = [hit for hit in rules.strong.find(text) if not any(hit.is_inside(one) for one in hidden)]
        for phrases in companies:
            hits += [hit for hit in phrases.find(text) if not any(hit.is_inside(one) for one in hidden)]
        found[where] = _distinct(hits)
    return found


def _distinct(hits: Iterable[Hit]) -> list[Hit]:
    """One hit for the same words, which stands for all that they stand for."""
    distinct: dict[str, Hit] = {}
    for hit in hits:
        known = distinct.get(hit.phrase)
        distinct[hit.phrase] = replace(hit, meaning=hit.meaning | known.meaning) if known else hit
    return list(distinct.values())


def _near(fields: dict[str, str], rules: Rules) -> list[str]:
    """Title and opening, without phrases of other fields: those keep no company."""
    near = [fields["title"], fields["opening"]]
    for hit in [hit.phrase for text in near for hit in rules.elsewhere.find(text)]:
        near = [text.replace(hit, "-") for text in near]
    return near


def _is_in(company: _Company, near: list[str]) -> bool:
    """Whether the company's words stand there, and none that keep it away."""
    return any(map(company.within.is_in, near)) and not any(map(company.without.is_in, near))


def _score(found: dict[str, list[Hit]], fields: dict[str, str], entry: Entry, rules: Rules) -> float:
    points = dict(_POINTS)
    if found["opening"] and not found["title"]:
        is_listed = _is_only_listed(entry, {hit.phrase for hit in found["opening"]})
        if is_listed or rules.another.is_in(fields["title"]):
            points["opening"] = _POINTS["text"]
    in_text = min(_MOST_FROM_TEXT, _POINTS["text"] * len(found["text"]))
    return in_text + sum(points[where] for where in ("title", "opening", "category") if found[where])


_LISTING = re.compile(
    r"\b(?:symptoms?|signs?|include[sd]?|including|lead to|such as|may occur|complications?|side effects?|problems|risks?|"
    r"causes?|s[ií]ntomas|incluyen?|como)\b",
    re.I,
)


_SET_APART = re.compile(r"\b(?:excluded|excluding|ruled out|unlike|not to be confused with|mimics?|se excluyeron)\b", re.I)


def _is_only_listed(entry: Entry, phrases: set[str]) -> bool:
    """Whether the phrases stand only in lists of symptoms or risks ("fever, rash, facial paralysis, and arthritis"): that
    an illness can have one more sign is no news about it."""
    sentences = re.split(r"(?<=[.!?])\s", _body(entry)[:_OPENING])
    naming = [one for one in sentences if any(phrase in fold(one) for phrase in phrases)]
    return bool(naming) and all((one.count(",") >= 2 and _LISTING.search(one)) or _SET_APART.search(one) for one in naming)


def _topics(found: dict[str, list[Hit]], fields: dict[str, str], entry: Entry, feed: Feed, rules: Rules) -> tuple[str, ...]:
    reading = Reading(
        title=fields["title"],
        opening=fields["opening"],
        titled=found["title"],
        opened=found["opening"],
        further=found["text"] + found["category"],
        weak=weak_topics(entry.title, fields["title"], rules.weak, rules.abbreviations),
        is_research=is_paper(entry, feed.type),
    )
    return tuple(topics_about(reading))


def _decide(
    entry: Entry, keys: Sequence[str], feed: Feed, rules: Rules, fields: dict[str, str], score: float
) -> tuple[bool, Reason]:
    """Staff's word on this very entry first, then what staff never want, then the feed's promise, then the score."""
    for key in keys:
        if key in rules.overrule:
            return rules.overrule[key] == "always", Reason(f"staff decided: {rules.overrule[key]}", key)
    for where, text in fields.items():
        for hit in rules.never.find(text):
            return False, Reason("never, staff said", hit.phrase, where)
    report = _MARKET_REPORT.search(fields["title"]) if score or feed.all_on_topic else None
    if report:
        return False, Reason("a market report", report[0], "title")
    if score and _is_about_animals(fields, rules):
        return False, Reason("about animals")
    publisher = _never_from(entry, rules)
    if publisher:
        return False, Reason("never from this publisher, staff said", publisher)
    if feed.all_on_topic:
        return True, Reason(ALL_ON_TOPIC, feed.name)
    if score >= THRESHOLD:
        return True, Reason(SCORES_ENOUGH, f"{score:g} of {THRESHOLD:g}")
    return False, Reason(SCORES_TOO_LITTLE, f"{score:g} of {THRESHOLD:g}")


# Animals in experiments stand for people; animals in a clinic do not.
_EXPERIMENT = re.compile(
    r"\b(?:models?|experiment\w*|rats?|mice|mouse|grafts?|implant\w*|preclinical|axotomy|regenerat\w+)\b"
)


def _is_about_animals(fields: dict[str, str], rules: Rules) -> bool:
    near = (fields["title"], fields["opening"])
    return any(map(rules.animals.is_in, near)) and not any(map(_EXPERIMENT.search, near))


def _never_from(entry: Entry, rules: Rules) -> str | None:
    if not rules.never_from:
        return None
    host = (urlsplit(entry.url).hostname or "").removeprefix("www.") if entry.url else ""
    for publisher in rules.never_from:
        if host == publisher or host.endswith("." + publisher) or entry.source.casefold() == publisher:
            return publisher
    return None


def _overrule_key(written: str) -> str:
    """An address or identifier as staff write it, as an identity key."""
    name, colon, value = written.partition(":")
    if colon and name.lower() in ("doi", "pmid", "pmcid", "nct"):
        return f"{name.lower()}:{value.strip().lower()}"
    return f"url:{canonical_url(written)}"
