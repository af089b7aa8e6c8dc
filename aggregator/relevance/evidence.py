"""What sort of item it is: from its title, for the title is where reporting rules ask authors to say it (PRISMA, CONSORT
1a), then from how an abstract speaks. Their absence proves nothing, so `unlabelled` is an honest answer. The words stand in
the vocabulary, in all languages (`evidence` in topics.yaml); here is in which order they count.

A retraction, an expression of concern or a correction is a notice: it belongs to a paper and is no sort of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from aggregator.relevance.publishers import is_published, sort_of_host, sort_of_source
from aggregator.relevance.wordings import Wordings, words_of
from aggregator.topics import vocabulary
from aggregator.values.entries import Entry
from aggregator.values.settings import FeedType

_I = re.IGNORECASE
_Table = tuple[tuple[str, re.Pattern[str]], ...]
_Find = Callable[[re.Pattern[str], str], object]

# At each place of the vocabulary, what counts first where a text says several.
ORDER = {
    "title": ("unlabelled", "systematic-review", "trial", "guideline", "observational", "case-report", "review"),
    "title-hint": ("lab", "observational"),
    "paper": ("review", "observational"),
    "abstract": ("systematic-review", "trial", "lab", "case-report", "review", "observational"),
    "news": ("video", "event", "press-release", "news", "patient-story"),
    "opening": ("registration", "patient-story", "press-release", "event", "video", "review"),
    "reporting": ("news",),
}
_OPENING = 300


def _table(*rows: tuple[str, str]) -> _Table:
    # For texts in lower case: half as long as regardless of case.
    return tuple((name, re.compile(pattern)) for name, pattern in rows)


@cache
def _wordings(place: str) -> Wordings:
    return Wordings(vocabulary().evidence.get(place, {}))


@lru_cache(maxsize=512)
def _all_said(place: str, text: str) -> frozenset[str]:
    """What a text says at a place of the vocabulary; asked for an entry's topics and again for its evidence."""
    return _wordings(place).found_in(words_of(text))


def _said(place: str, text: str) -> str | None:
    """What counts first of all that it says."""
    found = _all_said(place, text)
    return next((kind for kind in ORDER[place] if kind in found), None)


# Anchored, with a colon or a bracket: "Retraction of the eyelid" and "Correction of lagophthalmos" are surgery.
_NOTICES = _table(
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

# Where a text is, says what it is: a path of its address.
_PATHS = _table(
    ("video", r"/videos?/|/watch\?"),
    ("registration", r"/(?:clinical-?trials?|trials?|study|studies)/(?:\w+/)*(?:nct|isrctn|actrn|chictr|drks)?\d|nct\d{8}|isrctn\d|/trial/|/clinical-tri|eudract|drks\d"),
    ("event", r"/(?:events?|coursenw|courses?|program|programme|veranstaltungen|termine|agenda|eventi|eventos|evenementen|congress|symposium|webinars?)(?:/|$)"),
    ("patient-story", r"/(?:personal-?stor|patient-?stor|our-?stor|your-?stor|survivor-?stor|real-?stor|my-?stor|erfahrungsbericht|temoignages?|testimonianze|historias|depoimentos|ervaringsverhalen|patientenverhalen)"),
)  # fmt: skip
_PREPRINT_TITLE = re.compile(r"\b(?:preprint|pr[eé]publi[cz]\w+|vorabdruck)\b", _I)
_BY_TYPE = {
    FeedType.NEWS: "news",
    FeedType.GOVERNMENT: "news",
    FeedType.CHARITY: "news",
    FeedType.INSTITUTE: "news",
    FeedType.PRESS: "press-release",
    FeedType.VIDEO: "video",
    FeedType.REGISTRY: "registration",
}


def notice_of(title: str) -> str | None:
    """`retraction`, `concern` or `correction` where the title is a notice's; None for everything else."""
    return _first(_NOTICES, title, re.Pattern.match)


def without_notice(title: str) -> str:
    """A notice's title without what makes it one: the title of its paper, as far as it says it."""
    bare = _NOTICE_PREFIX.sub("", title, count=1)
    quoted = re.search(r"[\"“‘']([^\"”’]{15,})[\"”’']", bare)
    return (quoted[1] if quoted else re.sub(r"\s*[\[(](?:retracted|withdrawn)[^\])]*[\])]\s*$", "", bare, flags=_I)).strip()


_NOTICE_PREFIX = re.compile(
    r"\s*[\[(]?\s*(?:editorial |author |publisher )?(?:notice of |statement of )?(?:retract(?:ed|ion)|withdr(?:awn|awal)|expressions? of concern|"
    r"correction|corrigend(?:um|a)|errat(?:um|a)|addendum|fe de erratas)(?: (?:article|notice|note|paper|publication|and replacement))?"
    r"\s*[\])]?\s*(?:to|for|of|regarding)?\s*(?:the )?\s*[:–—.-]?\s*",
    _I,
)


def is_paper(entry: Entry, feed_type: FeedType, *, is_on_topic: bool = True) -> bool:
    """Whether it is an article of the literature and not about one: by its identifiers, its feed, its address, its source,
    where it is on topic by how title and abstract speak too, which takes longer to see."""
    if feed_type in (FeedType.JOURNAL, FeedType.PREPRINT):
        return True
    if feed_type not in (FeedType.NEWS, FeedType.SEARCH):
        return False
    if is_published(entry):
        return True
    if not is_on_topic or _is_a_report(entry.title):
        return False
    return _says_so(entry.title) or _speaks_like_a_paper(entry)


# "I" in a sentence, and no numeral: "type I".
_NARRATOR = re.compile(r"(?<!ype )(?<!rade )(?<!hase )(?<!lass )(?<!tage )(?<=[a-z’,'] )I(?:[’'][a-z]+)? [A-Za-z]")


def _is_a_report(title: str) -> bool:
    """Whether a title has what a headline about a study has and a study's own title has not."""
    if title.rstrip("? ").endswith(("!", "...", "…")) or _NARRATOR.search(title):
        return True
    return "news" in _all_said("reporting", title)


def evidence_of(entry: Entry, feed_type: FeedType, *, is_on_topic: bool = True) -> str:
    """The sort of evidence, by what the feed publishes, the address and the title first, then by the abstract; `unlabelled`
    rather than a guess."""
    if feed_type in (FeedType.VIDEO, FeedType.REGISTRY):
        return _BY_TYPE[feed_type]
    told = {sort_of_host(entry.url), sort_of_source(entry.source)}
    if told & {"video", "registration"}:
        return "video" if "video" in told else "registration"
    if "preprint" in told or feed_type == FeedType.PREPRINT or _PREPRINT_TITLE.search(entry.title):
        return "preprint"
    story = _said("news", entry.title)
    if story == "video" or not is_on_topic:
        return story or _of_paper(entry, feed_type, is_on_topic=is_on_topic) or _of_feed(entry, feed_type)
    by_path = _first(_PATHS, entry.url)
    found = _of_paper(entry, feed_type, is_on_topic=True) if _may_be_paper(entry, story, by_path) else None
    if found and (found != "unlabelled" or is_published(entry) or feed_type == FeedType.JOURNAL):
        return found
    # What reports on a trial is news and no trial.
    return _announced(entry, story, by_path) or _of_feed(entry, feed_type)


def _may_be_paper(entry: Entry, story: str | None, by_path: str | None) -> bool:
    """Whether nothing says that it is a registration, or an announcement outside the literature."""
    if "press-release" in _all_said("opening", entry.summary[:120]) or _is_registered(entry.title):
        return False
    if is_published(entry):
        return True
    return not {story, by_path} & {"event", "press-release"} and not _is_registered(entry.summary[:_OPENING])


def _is_registered(text: str) -> bool:
    return "registration" in _all_said("opening", text)


def _of_paper(entry: Entry, feed_type: FeedType, *, is_on_topic: bool) -> str | None:
    """What an article of the literature is; None for everything else."""
    if not is_paper(entry, feed_type, is_on_topic=is_on_topic):
        return None
    host = entry.url.lower()
    if "cochranelibrary" in host and "/cdsr/" in host:
        return "systematic-review"
    said = _said_by_title(entry.title)
    if said == "case-report" and _first(_SERIES, f"{entry.title} {_abstract(entry)}"):
        return "observational"
    found = said or _said("abstract", _abstract(entry)) or _first(_CHAPTERS, host)
    return found or _said("paper", entry.title) or "unlabelled"


def _said_by_title(title: str) -> str | None:
    return _said("title", title) or _said("title-hint", title)


# A case report has one to three patients; more are a series.
_SERIES = _table(
    (
        "observational",
        r"\b(?:[4-9]|[1-9]\d+|four|five|six|seven|eight|nine|ten|twelve|cuatro|cinco|vier|fünf|quatre|cinq) (?:\w+ ){0,2}(?:cases|patients|casos|fälle|cas|casi|pacientes)\b(?! (?:from|in|of) the literature)",
    )
)
_CHAPTERS = _table(("review", r"statpearls|emedicine\.medscape|/chapter/|//books?\.|neupsykey|entokey|clinicalgate"))


def _announced(entry: Entry, story: str | None, by_path: str | None) -> str | None:
    """What title, address and first words announce where it is no paper."""
    opening = entry.summary[:_OPENING]
    if by_path in ("video", "registration"):
        return by_path
    if _is_registered(f"{entry.title}. {opening}"):
        return "registration"
    said = _said("opening", opening)
    if said == "patient-story" and story in (None, "event"):
        return said
    if _is_wire(entry):
        return "press-release"
    return story or by_path or said or ("patient-story" if sort_of_source(entry.source) == "patient-story" else None)


def _is_wire(entry: Entry) -> bool:
    return "press-release" in (sort_of_host(entry.url), sort_of_source(entry.source))


def _of_feed(entry: Entry, feed_type: FeedType) -> str:
    if _is_wire(entry):
        return "press-release"
    return _BY_TYPE.get(feed_type) or "news"


def _says_so(title: str) -> bool:
    return _said_by_title(title) is not None


def _speaks_like_a_paper(entry: Entry) -> bool:
    return sort_of_source(entry.source) != "outlet" and _said("abstract", _abstract(entry)) is not None


def _first(table: _Table, text: str, find: _Find = re.Pattern.search) -> str | None:
    lowered = text.lower()
    return next((name for name, pattern in table if find(pattern, lowered)), None)


def _abstract(entry: Entry) -> str:
    return entry.body[:1500]
