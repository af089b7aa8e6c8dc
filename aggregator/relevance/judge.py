"""On topic or not, and why: pure, from the entry, its feed's settings and the rules.

What an item is about decides, so it matters where a phrase stands: the title says what it is about, the opening mostly,
a single mention further down does not. Phrases of other fields ("cerebral palsy", "Möbius strip") hide what is in them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from aggregator.relevance.evidence import evidence_of, notice_of
from aggregator.relevance.phrases import Hit, Phrases
from aggregator.text import fold
from aggregator.topics import Vocabulary
from aggregator.urls import canonical_url
from aggregator.values.entries import Entry, Reason, Verdict
from aggregator.values.settings import Feed, FilterRules

THRESHOLD = 2.0
_POINTS = {"title": 3.0, "opening": 2.0, "text": 0.5, "category": 0.5}
_MOST_FROM_TEXT = 1.5
_OPENING = 300
# Reports for sale, "Bell's Palsy Market Size, CAGR 2032", are the commonest spam of news searches on any disease.
_MARKET_REPORT = re.compile(r"\bmarket (?:size|share|growth|report|forecast|outlook|analysis|trends?|insights?)\b|\bcagr\b")


@dataclass(frozen=True)
class Rules:
    """The vocabulary and what staff changed about it, made ready for matching. Made once for a run."""

    strong: Phrases
    weak: Phrases
    elsewhere: Phrases
    never: Phrases
    abbreviations: re.Pattern[str]
    abbreviation_topics: dict[str, frozenset[str]]
    never_from: tuple[str, ...]
    overrule: dict[str, str]


def _topics_of(pairs: Iterable[tuple[str, Sequence[str]]]) -> dict[str, frozenset[str]]:
    topics: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for slug, phrases in pairs:
        for phrase in phrases:
            topics[phrase] |= {slug}
    return topics


def _all_phrases(vocabulary: Vocabulary, staff: FilterRules, kind: str) -> dict[str, frozenset[str]]:
    removed = {slug: {fold(phrase) for phrase in phrases} for slug, phrases in staff.remove.items()}
    pairs = [
        (topic.slug, [phrase for phrase in getattr(topic, kind) if fold(phrase) not in removed.get(topic.slug, ())])
        for topic in vocabulary.topics
    ]
    return _topics_of([*pairs, *(staff.add.items() if kind == "strong" else ())])


def make_rules(vocabulary: Vocabulary, staff: FilterRules) -> Rules:
    """The rules of a run."""
    here = frozenset({"-"})
    abbreviations = _topics_of((topic.slug, topic.abbreviations) for topic in vocabulary.topics)
    return Rules(
        strong=Phrases(_all_phrases(vocabulary, staff, "strong")),
        weak=Phrases(_all_phrases(vocabulary, staff, "weak")),
        elsewhere=Phrases(dict.fromkeys(vocabulary.elsewhere, here)),
        never=Phrases(dict.fromkeys(staff.never, here)),
        abbreviations=re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(abbreviations)))})(?!\w)"),
        abbreviation_topics=dict(abbreviations),
        never_from=tuple(publisher.casefold().removeprefix("www.") for publisher in staff.never_from),
        overrule={_overrule_key(key): decision for key, decision in staff.overrule.items()},
    )


def judge(entry: Entry, keys: Sequence[str], feed: Feed, rules: Rules) -> Verdict:
    """The verdict on one entry; `keys` are the identity keys under which staff may have overruled it."""
    fields = _fields(entry)
    found = _strong_hits(fields, rules)
    evidence = evidence_of(entry, feed.type)
    topics = _topics(found, fields, entry, rules, evidence)
    score = _score(found, entry)
    reasons = [Reason("strong phrase", hit.phrase, where) for where, hits in found.items() for hit in hits]
    admitted, deciding = _decide(entry, keys, feed, rules, fields, score)
    return Verdict(
        admitted=admitted,
        score=round(score, 2),
        topics=tuple(topics) if admitted else (),
        evidence=evidence,
        reasons=(deciding, *reasons[:12]),
        notice=notice_of(entry.title),
    )


def _fields(entry: Entry) -> dict[str, str]:
    body = _body(entry)
    return {
        "title": fold(entry.title),
        "opening": fold(body[:_OPENING]),
        "text": fold(body[_OPENING:]),
        "category": fold(" / ".join(entry.categories)),
    }


def _body(entry: Entry) -> str:
    return entry.text if len(entry.text) > len(entry.summary) else entry.summary


def _strong_hits(fields: dict[str, str], rules: Rules) -> dict[str, list[Hit]]:
    found = {}
    for where, text in fields.items():
        hidden = [(hit.start, hit.end) for hit in rules.elsewhere.find(text)]
        hits = [hit for hit in rules.strong.find(text) if not any(a <= hit.start and hit.end <= b for a, b in hidden)]
        found[where] = list({hit.phrase: hit for hit in hits}.values())
    return found


def _score(found: dict[str, list[Hit]], entry: Entry) -> float:
    points = dict(_POINTS)
    if found["opening"] and not found["title"] and _is_only_listed(entry, {hit.phrase for hit in found["opening"]}):
        points["opening"] = _POINTS["text"]
    in_text = min(_MOST_FROM_TEXT, _POINTS["text"] * len(found["text"]))
    return in_text + sum(points[where] for where in ("title", "opening", "category") if found[where])


_LISTING = re.compile(
    r"\b(?:symptoms?|signs?|include[sd]?|including|lead to|such as|may occur|complications?|side effects?|problems|risks?|"
    r"causes?|s[ií]ntomas|incluyen?|como)\b",
    re.I,
)


def _is_only_listed(entry: Entry, phrases: set[str]) -> bool:
    """Whether the phrases stand only in lists of symptoms or risks ("fever, rash, facial paralysis, and arthritis"): that
    an illness can have one more sign is no news about it."""
    sentences = re.split(r"(?<=[.!?])\s", _body(entry)[:_OPENING])
    naming = [one for one in sentences if any(phrase in fold(one) for phrase in phrases)]
    return bool(naming) and all(one.count(",") >= 2 and _LISTING.search(one) for one in naming)


# What an item is about besides its condition: an age, a treatment, people.
_ASPECTS = frozenset({"reanimation", "rehabilitation", "eye-care", "pediatric", "people", "institute"})
# Conditions that are facial paralysis, or have it in their name: the general topic says nothing more beside them.
_SAY_IT_ALREADY = frozenset(
    {"bells-palsy", "ramsay-hunt", "moebius", "hemifacial-spasm", "hemifacial-microsomia", "synkinesis"}
)
_RESEARCH = frozenset(
    {"trial", "systematic-review", "observational", "lab", "guideline", "review", "case-report", "preprint"}
)
_FIRST_PERSON = re.compile(
    r"\bI (?:was|am|got|had|have|woke)\b|\bmy (?:own|face|smile|left|right|story)\b|\btold me\b", re.I
)


def _topics(found: dict[str, list[Hit]], fields: dict[str, str], entry: Entry, rules: Rules, evidence: str) -> list[str]:
    """The title says what an item is about; the opening adds aspects, and stands in where the title names nothing."""
    titled = _meanings(found["title"], rules)
    opened = _meanings(found["opening"], rules)
    topics = dict.fromkeys(titled or opened or _meanings(found["text"] + found["category"], rules))
    if not topics:
        return []
    topics |= dict.fromkeys(topic for topic in opened if topic in _ASPECTS or {"acoustic-neuroma", "parotid"} & set(topics))
    for hit in rules.weak.find(fields["title"]):
        topics |= dict.fromkeys(sorted(rules.weak.meanings[hit.phrase]))
    for match in rules.abbreviations.finditer(entry.title):
        topics |= dict.fromkeys(sorted(rules.abbreviation_topics[match[0]]))
    is_research = evidence in _RESEARCH or entry.identifiers.doi is not None or entry.identifiers.pmid is not None
    if _FIRST_PERSON.search(f"{entry.title} {_body(entry)[:_OPENING]}"):
        topics["people"] = None
    return [topic for topic in topics if _stays(topic, set(topics), found["title"], is_research=is_research)]


def _meanings(hits: Sequence[Hit], rules: Rules) -> list[str]:
    return list(dict.fromkeys(topic for hit in hits for topic in sorted(rules.strong.meanings[hit.phrase])))


def _stays(topic: str, topics: set[str], titled: Sequence[Hit], *, is_research: bool) -> bool:
    if topic == "people":
        return not is_research
    if topic != "facial-nerve":
        return True
    if "reanimation" in topics:
        return any(re.search(r"palsy|paraly|paresis|injur", hit.phrase) for hit in titled)
    return not topics & _SAY_IT_ALREADY


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
    report = _MARKET_REPORT.search(fields["title"])
    if report:
        return False, Reason("a market report", report[0], "title")
    publisher = _never_from(entry, rules)
    if publisher:
        return False, Reason("never from this publisher, staff said", publisher)
    if feed.all_on_topic:
        return True, Reason("everything in this feed is on topic", feed.name)
    if score >= THRESHOLD:
        return True, Reason("scores enough", f"{score:g} of {THRESHOLD:g}")
    return False, Reason("scores too little", f"{score:g} of {THRESHOLD:g}")


def _never_from(entry: Entry, rules: Rules) -> str | None:
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
