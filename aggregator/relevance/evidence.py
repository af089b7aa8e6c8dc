"""What sort of item it is, from its title and its source: the title is where reporting rules ask authors to say it
(PRISMA, CONSORT 1a), and their absence proves nothing, so `unlabelled` is an honest answer.

A retraction, an expression of concern or a correction is a notice: it belongs to a paper and is no sort of evidence.
"""

from __future__ import annotations

import re

from aggregator.values.entries import Entry
from aggregator.values.settings import FeedType

_I = re.IGNORECASE

# Anchored, with a colon or a bracket: "Retraction of the eyelid" and "Correction of lagophthalmos" are surgery.
_NOTICES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (sort, re.compile(pattern, _I))
    for sort, pattern in (
        (
            "retraction",
            r"\s*[\[(]?\s*(?:notice of |statement of )?(?:retract(?:ed|ion)|withdr(?:awn|awal))"
            r"(?: (?:article|notice|note|paper|publication|and replacement|and republication))?\s*[\])]?\s*(?:to|of)?\s*"
            r"(?:[:–—.]| - |[\"“])|.*\b(?:retraction (?:note|notice)|notice of retraction|statement of retraction)\b|"
            r".*[\[(](?:retracted|withdrawn)[\])]|\s*[\[(](?:retracted|withdrawn)[\])]",
        ),
        ("concern", r".*\b(?:editorial )?expressions? of concern\b"),
        (
            "correction",
            r"\s*[\[(]?(?:author |publisher )?(?:correction|corrigendum|corrigenda|erratum|errata|addendum|fe de erratas)"
            r"(?:\s*[:\])\"“–—]| (?:to|for)(?: the)?\s*[:\"“‘']?| - )|\s*errors? in (?:the )?(?:table|figure|text|byline|title)\b",
        ),
    )
)

_TITLE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (evidence, re.compile(pattern, _I))
    for evidence, pattern in (
        ("unlabelled", r"\b(?:study|trial|review) protocol\b|\bprotocol (?:for|of) (?:a|an|the)\b"),
        ("systematic-review", r"\bmeta-?\s?anal[yi]s[ei]s\b|\bmeta-?an[aá]lisis\b|\b(?:systematic|umbrella|cochrane)\b.{0,25}\breviews?\b|\brevisi[oó]n sistem[aá]tica\b"),
        ("trial", r"\brandomi[sz]ed\b.{0,60}\b(?:trial|study|controlled)\b|\bplacebo-controlled\b|\bdouble-blind(?:ed)?\b|\bensayo cl[ií]nico\b|\bphase (?:[1-4]|i{1,3}v?)[ab]?\b.{0,40}\b(?:trial|study)\b|\brct\b"),
        ("guideline", r"\b(?:practice )?guidelines?\b|\bconsensus (?:statement|recommendations?|document)\b|\bposition (?:paper|statement)\b|\bgu[ií]a de pr[aá]ctica\b"),
        ("case-report", r"\bcase (?:report|series|presentation|study)s?\b|\ba (?:rare |unusual )?case of\b|\breport of (?:a|an|one|two|three|\d+) (?:rare )?cases?\b|\b(?:reporte|informe|presentaci[oó]n) de (?:un )?casos?\b|\bcaso cl[ií]nico\b"),
        ("lab", r"\b(?:rats?|mouse|mice|murine|rabbits?|porcine|zebrafish|rodent|canine)\b|\bcadaver(?:ic|s)?\b|\bin vitro\b|\banimal (?:model|study)\b|\bmodelo animal\b"),
        ("review", r"\b(?:scoping|narrative|literature|integrative|state-of-the-art|mini-?)\s?reviews?\b|:\s*an? (?:\w+ ){0,2}review\b|\breview of the literature\b|\brevisi[oó]n (?:narrativa|de la literatura)\b"),
        ("observational", r"\b(?:retrospective|prospective|cohort|cross-sectional|case-control|registry|multicent(?:er|re)|population-based|nationwide|propensity)\b|\bestudio (?:observacional|retrospectivo|de cohortes)\b"),
    )
)  # fmt: skip

_NEWS_TITLE: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (evidence, re.compile(pattern, _I))
    for evidence, pattern in (
        ("video", r"\s*(?:video|watch|v[ií]deo)\s*[:|–-]|.*[\[(](?:video|v[ií]deo)[\])]"),
        ("event", r".*\b(?:webinar|symposium|conference|congress|meet-?up|awareness (?:day|week|month)|support group|save the date|register now|fundrais\w+|jornada|semana de (?:la )?concienciaci[oó]n)\b"),
        ("patient-story", r".*\b(?:my (?:story|journey|face|smile)|half (?:of )?my face|i woke up|(?:living|life) with|(?:her|his|their) smile|opens? up (?:about|on)|patient stor(?:y|ies)|vivir con|mi historia)\b|.*\breveals?\b.{0,60}\b(?:diagnos\w+|palsy|paralysis|ramsay)\b"),
        ("press-release", r".*\b(?:announces?|receives? fda|fda (?:clears?|approves?|grants?)|topline results|first patient (?:dosed|enrolled))\b"),
    )
)  # fmt: skip

_BY_TYPE = {
    FeedType.NEWS: "news",
    FeedType.GOVERNMENT: "news",
    FeedType.CHARITY: "news",
    FeedType.INSTITUTE: "news",
    FeedType.PRESS: "press-release",
    FeedType.VIDEO: "video",
    FeedType.REGISTRY: "registration",
}
_LITERATURE = re.compile(r"(?:^|\.)(?:pubmed\.ncbi\.nlm\.nih\.gov|doi\.org|jamanetwork\.com|onlinelibrary\.wiley\.com)$")


def notice_of(title: str) -> str | None:
    """`retraction`, `concern` or `correction` where the title is a notice's; None for everything else."""
    return next((sort for sort, pattern in _NOTICES if pattern.match(title)), None)


def evidence_of(entry: Entry, feed_type: FeedType) -> str:
    """The sort of evidence, by the title first, then by what the feed publishes; `unlabelled` rather than a guess."""
    if feed_type in (FeedType.VIDEO, FeedType.REGISTRY):
        return _BY_TYPE[feed_type]
    found = next((evidence for evidence, pattern in _TITLE if pattern.search(entry.title)), None)
    is_paper = entry.identifiers.doi is not None or entry.identifiers.pmid is not None
    if feed_type == FeedType.PREPRINT:
        return "preprint"
    if is_paper or feed_type == FeedType.JOURNAL:
        return found or "unlabelled"
    news = next((evidence for evidence, pattern in _NEWS_TITLE if pattern.match(entry.title)), None)
    return news or _BY_TYPE.get(feed_type) or found or "news"
