"""What sort of item it is: from its title, for the title is where reporting rules ask authors to say it (PRISMA, CONSORT
1a), then from how an abstract speaks. Their absence proves nothing, so `unlabelled` is an honest answer.

A retraction, an expression of concern or a correction is a notice: it belongs to a paper and is no sort of evidence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from aggregator.values.entries import Entry
from aggregator.values.settings import FeedType

_I = re.IGNORECASE
_Table = tuple[tuple[str, re.Pattern[str]], ...]
_Find = Callable[[re.Pattern[str], str], object]


def _table(*rows: tuple[str, str]) -> _Table:
    # For texts in lower case: half as long as regardless of case.
    return tuple((name, re.compile(pattern)) for name, pattern in rows)


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

_ANIMALS = r"rats?|mouse|mice|murine|rabbits?|porcine|pigs?|piglets?|guinea[- ]pigs?|sheep|ovine|zebrafish|rodents?|hamsters?|monkeys?|primates?|canine"
_LAB = rf"\b(?:{_ANIMALS})\b|\bcadaver(?:ic|s)?\b|\bin vitro\b|\banimal (?:model|study|experiment)\b|\bpre-?clinical\b|\bmodelo animal\b|\bratas?\b|\bratones\b"

_TITLE = _table(
    ("unlabelled", r"\b(?:study|trial|review) protocol\b|\bprotocol (?:for|of) (?:a|an|the)\b|^\s*(?:re|reply|response|comment|commentary|letter|editorial|in reply)\b\s*(?:to|on|from)?\s*[:\"“‘]|^\s*(?:comment(?:ary)?|response|reply) (?:on|to)\b"),
    ("systematic-review", r"\bmeta-?\s?anal[yi]s[ei]s\b|\bmeta-?an[aá]lisis\b|\b(?:systematic|umbrella|cochrane)\b.{0,25}\breviews?\b|\brevisi[oó]n sistem[aá]tica\b"),
    ("trial", r"\brandomi[sz]ed\b.{0,60}\b(?:trial|study|controlled)\b|\b(?:randomi[sz]ed|assigned) to\b|\bplacebo-controlled\b|\bdouble-blind(?:ed)?\b|\b(?:controlled|clinical) trial of\b|\bcrossover (?:trial|study)\b|\bensayo (?:cl[ií]nico )?aleatori[sz]ado\b|\bensayo cl[ií]nico\b|\brandomi[sz]ed comparison\b|\bphase (?:[1-4]|i{1,3}v?)[ab]?\b.{0,40}\b(?:trial|study)\b|\brct\b"),
    ("guideline", r"\b(?:practice )?guidelines?\b|\bconsensus (?:statement|recommendations?|document)\b|\bposition (?:paper|statement)\b|\bgu[ií]a de pr[aá]ctica\b"),
    ("observational", r"\bcase-control\b|\bretrospective (?:review|analysis|study|cohort)\b"),
    ("case-report", r"\bcase (?:report|series|presentation|study)s?\b|\ba (?:rare |unusual )?case of\b|\breport of (?:a|an|one|two|three|four|five|\d+) (?:rare |new )?(?:cases?|patients?|famil(?:y|ies))\b|\b(?:reporte|informe|presentaci[oó]n) de (?:un )?casos?\b|\bcaso cl[ií]nico\b|\ba prop[oó]sito de (?:un|dos|tres|\d+) casos?\b|\bserie de casos\b"),
    ("lab", _LAB),
    ("review", r"\b(?:scoping|narrative|literature|integrative|state-of-the-art|mini-?)\s?reviews?\b|:\s*an? (?:\w+ ){0,2}review\b|:\s*review of\b|\breview of (?:the )?(?:literature|evidence)\b|\brevisi[oó]n (?:narrativa|de la literatura|bibliogr[aá]fica)\b"),
    ("observational", r"\b(?:retrospective|prospective|cohort|cross-sectional|registry|multicent(?:er|re)|population-based|nationwide|propensity|predictors?|risk factors?|epidemiology|incidence|prevalence|seroprevalence|long-term (?:outcomes?|follow-up)|survey|in \d+ (?:consecutive )?(?:patients|cases|children)|\w+-year (?:review|experience|follow-up))\b|\bestudio (?:observacional|retrospectivo|prospectivo|de cohortes|transversal|descriptivo)\b|\ben \d+ (?:pacientes|casos|p[aá]rpados|niños)\b|\bcohorte\b"),
)  # fmt: skip

# Without one of these no row above can match; looked for first, for most titles have none.
_TITLE_HINT = re.compile(
    "protoc|re:|reply|repl|respo|comment|letter|editor|analy|anál|anal|review|revisi|random|placebo|blind|trial|cross|ensayo|"
    "phase|rct|guid|guía|consens|position|case|report|caso|informe|present|rat|mouse|mice|murine|rabbit|porcine|pig|sheep|ovine|"
    "fish|rodent|hamster|monkey|primate|canine|cadaver|vitro|animal|clinical|modelo|ratones|prospect|retrosp|cohort|regist|multicent|"
    "population|nationwide|propens|predictor|risk|epidem|inciden|prevalen|long-term|survey|in \\d|experience|follow-up|estudio"
)

_NUMBER = (
    r"(?:\d[\d,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine|hundred))?"
)
_PERSONS = r"(?:patients|subjects|children|women|men|cases|infants|adults|participants|individuals|persons|people|eyes|volunteers|tumors)"
# How abstracts speak, in the order of how sure that is.
_ABSTRACT = _table(
    ("systematic-review", r"\b(?:systematic review|meta-analysis) (?:was|were|of|and|is)\b|\bwe (?:systematically|performed a systematic)\b"),
    ("trial", r"\brandomi[sz]ed (?:controlled|clinical|trial|double|study|,)|\brandomly (?:assigned|allocated|divided)\b|\b(?:were|was) randomi[sz]ed\b|\bdouble-?\s?blind\b|\bplacebo\b|\bcross-?over (?:study|trial|design)\b"),
    ("lab", rf"\b(?:{_ANIMALS}) (?:were|was|model|spinal|brain|hearts?|facial|nerves?|muscles?)\b|\b(?:in|using|of|new zealand white|sprague-dawley|wistar) (?:\w+ ){{0,4}}(?:{_ANIMALS})\b|\bin vitro\b.{{0,80}}\bin vivo\b|\bto other animals\b|\bexperimental (?:model|animals|pancreatitis)\b|\bcultured\b|\bin a (?:\w+ ){0,2}model of\b|\bcell lines?\b|\bcadaver"),
    ("case-report", rf"\bwe (?:report|describe|present) (?:a|an|the|on a|{_NUMBER}) (?:\w+[ -]){{0,6}}(?:case|cases|patients?|man|woman|boy|girl|child|infant|neonate|famil(?:y|ies)|occurrence)\b(?! (?:series|of \d{{2}}))|\bwe (?:report|describe) the cases? of\b|\b(?:a|the|one|two|three|four) (?:rare |unusual |unique )?cases? (?:of|is|are)\b.{{0,200}}\b(?:is|are) (?:presented|reported|described)\b|^the cases of (?:two|three|four|five)\b|^case report\b|\b(?:a|an) \d+[- ](?:year|month|week|day)[- ]old (?:\w+ ){{0,2}}(?:man|woman|boy|girl|patient|male|female|infant|child)\b|^(?:a|two|three|four|one) patients? (?:with|who|suffering|presented|is|are)\b|^two cases\b|\b(?:this|the) (?:report|presentation) (?:of an?|describes|illustrates|presents)\b|\bopportunity of treating a\b|\bas in the cases? described\b|\bwe report a case\b|\bwe describe a patient\b|\bse (?:presenta|describe|reporta) (?:el|un) caso\b"),
    ("review", r"\bthis (?:article|paper|review|chapter|overview) (?:\w+ )?(?:reviews?|discusses|summari[sz]es|presents (?:the )?(?:differential|current|an overview)|outlines|describes the (?:current|various))|\b(?:extensive |current )?literature (?:review|search|is reviewed|was reviewed|was searched|search was)\b|\bwe review (?:the|current|recent|how|what)\b|\b(?:are|is) reviewed(?: and discussed)?[.;]|\bstatpearls\b"),
    ("observational", rf"\b(?:retrospective|prospective)(?:ly)?\b|\b(?:cohort|case-control|cross-sectional|follow-up) study\b|\b(?:survey|questionnaires?) (?:was|were|of)\b|\b(?:records?|charts?) (?:of|were|was)\b|\bwe (?:studied|examined|evaluated|followed|surveyed|analy[sz]ed) (?:\w+ ){{0,10}}{_PERSONS}\b|\b{_NUMBER} (?:[\w’'+/-]+ ){{0,6}}{_PERSONS}\b|\b(?:in|of|with|on) {_NUMBER} (?:\w+ ){{0,4}}{_PERSONS}\b|\b(?:case[- ]control|cohort)\b|\bn = \d|\bnormal population\b|\bhealth department\b|\bto survey\b|\b(?:identify|assess|determine) (?:any |the )?(?:prognostic|risk) factors\b|\bwe evaluated mediator\b"),
)  # fmt: skip

# Health words without which "opens up about" and "my journey" are about something else.
_HEALTH = r"palsy|paralys\w+|paraly[zs]ed|ramsay|syndrome|syndromes?|diagnos\w+|tumou?rs?|neuroma|microsomia|moebius|m[oö]bius|face|facial|smile|spasm|synkinesis|condition|goldenhar"
_NEWS_TITLE = _table(
    ("video", r"\s*(?:video|watch|v[ií]deo)\s*[:|–-]|.*[\[(](?:video|v[ií]deo)[\])]"),
    ("event", r".*\b(?:webinar|symposium|congress|meet-?up|awareness (?:day|week|month)|support group|save the date|register now|fundrais\w+|charity (?:run|walk|ball)|walk-?a-?thon|jornada|semana de (?:la )?concienciaci[oó]n)\b"),
    ("press-release", r".*\b(?:press release|announces?|receives? fda|fda (?:clears?|approves?|grants?)|topline results|first patient (?:dosed|enrolled))\b"),
    ("patient-story", rf".*\b(?:my (?:story|journey|smile|left face|history)|half (?:of )?my face|i woke up|why i|(?:her|his) smile|patient stor(?:y|ies)|personal (?:story|stories|experience)|vivir con|mi historia)\b|(?=.*\b(?:{_HEALTH})\b).*\b(?:living with|life with|opens? up (?:about|on)|her (?:battle|journey|story)|his (?:battle|journey|story)|learning to (?:smile|embrace|live))\b|.*\b(?:reveals?|shares?|speaks? out)\b.{{0,60}}\b(?:diagnos\w+|palsy|paralysis|ramsay)\b"),
)  # fmt: skip
_NEWS_HINT = re.compile(
    "video|watch|vídeo|webinar|sympos|congress|meet|awareness|support group|save the date|register now|fundrais|charity|walk|"
    "jornada|semana|press release|announc|fda|topline|first patient|my |half |woke|why i|smile|stor|person|vivir|historia|living|"
    "life with|open|battle|journey|learning|reveal|share|speak"
)
_FIRST_PERSON = re.compile(
    r"\bI (?:was|am|got|had|have|woke|can[’']?t|discovered|developed)\b|\b(?:tell|told) me\b|\bmy (?:left|right) eye\b", 0
)

_BY_TYPE = {
    FeedType.NEWS: "news",
    FeedType.GOVERNMENT: "news",
    FeedType.CHARITY: "news",
    FeedType.INSTITUTE: "news",
    FeedType.PRESS: "press-release",
    FeedType.VIDEO: "video",
    FeedType.REGISTRY: "registration",
}
# Where articles of a sort live, whatever feed names them: the end of a host's name.
_HOSTS = {
    "paper": (
        "ncbi.nlm.nih.gov pubmed.gov doi.org jamanetwork.com onlinelibrary.wiley.com sciencedirect.com link.springer.com "
        "journals.lww.com journals.sagepub.com tandfonline.com academic.oup.com nature.com frontiersin.org mdpi.com plos.org "
        "biomedcentral.com thieme-connect.com thieme-connect.de cochranelibrary.com scielo.br scielo.org statpearls.com"
    ),
    "preprint": "medrxiv.org biorxiv.org researchsquare.com preprints.org arxiv.org ssrn.com",
    "registration": "clinicaltrials.gov isrctn.com trialsearch.who.int",
    "video": "youtube.com youtu.be vimeo.com",
    "press-release": (
        "prnewswire.com businesswire.com globenewswire.com prweb.com eurekalert.org newswise.com newswire.com einpresswire.com"
    ),
}
_SORT_OF_HOST = {host: sort for sort, hosts in _HOSTS.items() for host in hosts.split()}
_PAPER_SOURCE = re.compile(
    r"\b(?:journal|revista|archivos|bolet[ií]n|archives|annals|advances|seminars|anales) (?:of|de|in)\b|\bmedline\b|\bpubmed\b|\bjama\b|\blancet\b|\bbmj\b|\bn ?engl j med\b|"
    r"\bplos\b|\bbmc\b|\bcochrane\b|\bstatpearls\b|^acta\b|^j\.? \w|^(?:laryngoscope|otology|ieee|toxins|neurology|cureus|muscle nerve|muscle & nerve)\b|"
    r"\b(?:surg|otolaryngol|otorhinolaryngol|neurol|clin|neurosurg|psychiatry|rehabil|dermatol|ophthalmol|radiol|oncol|padiatr|pediatr|anat)\b|"
    r"^(?:\w+ )*(?:surgery|neurosurgery|otolaryngology|neurotology|neuroscience|rehabilitation|neurology|pediatrics|otorhinolaryngology)(?: .{0,30})?$|"
    r"\b(?:british|european|american|australian|korean|brazilian|medical) journal\b|^bibliography$"
)
# What a headline about a study has and a study's own title has not.
_REPORTING = re.compile(
    r"\b(?:finds?|found|shows?|suggests?|says?|sees?|reveals?|could|may|might|warns?|helps?|linked|cuts?|boosts?|hope|new study|scientists|"
    r"researchers|experts?|i|my|you|your|halla|revela|muestra|estudio)\b|[?!]$|\.\.\.|…",
    _I,
)
_PREPRINT_SOURCE = re.compile(r"\b(?:medrxiv|biorxiv|research square|preprints\.org|arxiv|ssrn)\b")
_OUTLET = re.compile(
    r"\b(?:news|daily|times|post|courier|herald|tribune|chronicle|gazette|telegraph|guardian|mail|mirror|sun|express|today|tv|radio|"
    r"magazine|blog|press|cnn|bbc|huffpost|nbc|cbs|abc|fox|reuters|diario|peri[oó]dico|noticias|prensa|hoy|wire|weekly|page|matters)\b"
)
_PRESS_SOURCE = re.compile(
    r"\b(?:prweb|pr newswire|business wire|globenewswire|globe newswire|eurekalert|newswise|ein presswire)\b"
)


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
    names = entry.identifiers
    if names.doi or names.pmid or names.pmcid:
        return True
    if _sort_of_host(entry.url) in ("paper", "preprint") or _sort_of_source(entry.source) in ("paper", "preprint"):
        return True
    if not is_on_topic or _REPORTING.search(entry.title):
        return False
    return _says_so(entry.title) or _speaks_like_a_paper(entry)


def evidence_of(entry: Entry, feed_type: FeedType, *, is_on_topic: bool = True) -> str:
    """The sort of evidence, by what the feed publishes and the title first, then by the abstract; `unlabelled` rather than
    a guess."""
    if feed_type in (FeedType.VIDEO, FeedType.REGISTRY):
        return _BY_TYPE[feed_type]
    host = _sort_of_host(entry.url)
    if host in ("video", "registration"):
        return host
    if feed_type == FeedType.PREPRINT or "preprint" in (host, _sort_of_source(entry.source)):
        return "preprint"
    story = _story(entry.title)
    if story == "video":
        return story
    if is_paper(entry, feed_type, is_on_topic=is_on_topic):
        return _first(_TITLE, entry.title) or _as_it_speaks(_abstract(entry)) or "unlabelled"
    if story is None and _FIRST_PERSON.search(entry.summary[:300]):
        return "patient-story"
    if story is None and "press-release" in (host, _sort_of_source(entry.source)):
        return "press-release"
    # What reports on a trial is news and no trial.
    return story or _BY_TYPE.get(feed_type) or "news"


def _story(title: str) -> str | None:
    if not _NEWS_HINT.search(title.lower()):
        return None
    return _first(_NEWS_TITLE, title, re.Pattern.match)


def _says_so(title: str) -> bool:
    return _TITLE_HINT.search(title.lower()) is not None and _first(_TITLE, title) is not None


def _speaks_like_a_paper(entry: Entry) -> bool:
    return _sort_of_source(entry.source) != "outlet" and _as_it_speaks(_abstract(entry)) is not None


def _first(table: _Table, text: str, find: _Find = re.Pattern.search) -> str | None:
    lowered = text.lower()
    return next((name for name, pattern in table if find(pattern, lowered)), None)


@lru_cache(maxsize=256)
def _as_it_speaks(abstract: str) -> str | None:
    """What an abstract says that it is: asked for an entry's topics and again for its evidence, half a millisecond each."""
    return _first(_ABSTRACT, abstract)


def _abstract(entry: Entry) -> str:
    return (entry.text if len(entry.text) > len(entry.summary) else entry.summary)[:1500]


def _sort_of_host(url: str) -> str:
    """What an address's host publishes; empty for most."""
    _, _, rest = url.partition("://")
    return _sort_of_name(rest.partition("/")[0].lower())


@lru_cache(maxsize=4096)
def _sort_of_name(host: str) -> str:
    labels = host.partition(":")[0].split(".")
    return next((_SORT_OF_HOST[name] for n in range(len(labels)) if (name := ".".join(labels[n:])) in _SORT_OF_HOST), "")


@lru_cache(maxsize=4096)
def _sort_of_source(source: str) -> str:
    lowered = source.lower()
    if _PREPRINT_SOURCE.search(lowered):
        return "preprint"
    if _PAPER_SOURCE.search(lowered):
        return "paper"
    if _PRESS_SOURCE.search(lowered):
        return "press-release"
    return "outlet" if _OUTLET.search(lowered) else ""
