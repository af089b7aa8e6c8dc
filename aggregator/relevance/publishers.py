"""Who publishes an item, by its address and its source: a journal, a registry, a wire service, an outlet."""

from __future__ import annotations

import re
from functools import lru_cache

from aggregator.values.entries import Entry

# Where articles of a sort live, whatever feed names them: the end of a host's name.
_HOSTS = {
    "paper": (
        "ncbi.nlm.nih.gov pubmed.gov doi.org jamanetwork.com onlinelibrary.wiley.com sciencedirect.com link.springer.com "
        "journals.lww.com journals.sagepub.com tandfonline.com academic.oup.com nature.com frontiersin.org mdpi.com plos.org "
        "biomedcentral.com thieme-connect.com thieme-connect.de cochranelibrary.com scielo.br scielo.org statpearls.com "
        "europepmc.org semanticscholar.org researchgate.net ovid.com wjgnet.com hindawi.com dovepress.com karger.com elsevier.com elsevier.es "
        "springeropen.com bmj.com cureus.com liebertpub.com dergipark.org.tr redalyc.org medigraphic.com em-consulte.com hal.science cairn.info "
        "larevuedupraticien.fr emedicine.medscape.com journalononcology.org thejns.org neurology.org ajnr.org ejao.org jstage.jst.go.jp "
        "scielo.conicyt.cl scielo.isciii.es scielo.cl scielo.pt scielo.sa.cr scielo.senescyt.gob.ec bvsalud.org minervamedica.it pagepress.org "
        "ntvg.nl egms.de aerzteblatt.de cochrane.org escholarship.org core.ac.uk revistaft.com.br ouci.dntb.gov.ua researcher.life paperdigest.org "
        "tomesphere.com paperexplained.cn distantreader.org bohrium.dp.tech neupsykey.com pocketdentistry.com entokey.com clinicalgate.com"
    ),
    "preprint": "medrxiv.org biorxiv.org researchsquare.com preprints.org arxiv.org ssrn.com",
    "registration": (
        "clinicaltrials.gov isrctn.com trialsearch.who.int ctv.veeva.com withpower.com ichgcp.net clinicaltrialsregister.eu euclinicaltrials.eu "
        "drks.de anzctr.org.au chictr.org.cn centerwatch.com meddatax.com ensaiosclinicos.gov.br onderzoekmetmensen.nl"
    ),
    "video": "youtube.com youtu.be vimeo.com",
    "press-release": (
        "prnewswire.com businesswire.com globenewswire.com prweb.com eurekalert.org newswise.com newswire.com einpresswire.com"
    ),
}
_SORT_OF_HOST = {host: sort for sort, hosts in _HOSTS.items() for host in hosts.split()}
_PAPER_SOURCE = re.compile(
    r"\b(?:journal|revista|archivos|bolet[ií]n|archives|annals|advances|seminars|anales) (?:of|de|in)\b|\bmedline\b|\bpubmed\b|\bjama\b|\blancet\b|\bbmj\b|\bn ?engl j med\b|"
    r"\bplos\b|\bbmc\b|\bcochrane\b|\bmedscape\b|^(?:revue|rivista|zeitschrift|tijdschrift|nederlands tijdschrift|archivio|giornale|archives|annales|hno|laryngo|nervenarzt)\b|\b(?:neurological|medical|health) sciences\b|\bfunction and disability\b|\bsemantic scholar\b|\bovid\b|\bjournal (?:on|for)\b|\bacta\b|\brevista (?:brasileira|portuguesa|española|mexicana|chilena|cubana|colombiana|m[eé]dica)\b|\brevue\b|\b(?:arquivos|archivos|anales|annales|archives) (?:de|d[’']|do|da|françaises)|^(?:monatsschrift|klinische monatsbl|der (?:nervenarzt|pathologe|chirurg|hautarzt|ophthalmologe)|die ophthalmologie|aktuelle neurologie|geburtshilfe und|giornale italiano|minerva |recenti progressi|jornal (?:brasileiro|portugu[eê]s)|medicina clínica|atenci[oó]n primaria|ned tijdschr|huisarts en wetenschap|survey of |trials$|clinics in )|\bkliniki|\bstatpearls\b|^acta\b|^j\.? \w|^(?:laryngoscope|otology|ieee|toxins|neurology|cureus|muscle nerve|muscle & nerve)\b|"
    r"\b(?:surg|otolaryngol|otorhinolaryngol|neurol|clin|neurosurg|psychiatry|rehabil|dermatol|ophthalmol|radiol|oncol|padiatr|pediatr|anat)\b|"
    r"^(?:\w+ )*(?:surgery|neurosurgery|otolaryngology|neurotology|neuroscience|rehabilitation|neurology|pediatrics|otorhinolaryngology)(?: .{0,30})?$|"
    r"\b(?:british|european|american|australian|korean|brazilian|medical) journal\b|^bibliography$"
)
# Who treats or teaches is no journal, though the specialty is in both names.
_DEPARTMENT = re.compile(
    r"\b(?:department|division|centers?|centres?|clinics?|hospital|institute|university|associates|group|practice|school|foundation)\b"
)
_PREPRINT_SOURCE = re.compile(r"\b(?:medrxiv|biorxiv|research square|preprints\.org|arxiv|ssrn)\b")
_OUTLET = re.compile(
    r"\b(?:news|daily|times|post|courier|herald|tribune|chronicle|gazette|telegraph|guardian|mail|mirror|sun|express|today|tv|radio|"
    r"magazine|blog|press|cnn|bbc|huffpost|nbc|cbs|abc|fox|reuters|diario|peri[oó]dico|noticias|prensa|hoy|wire|weekly|page|matters)\b"
)
_REGISTRY_SOURCE = re.compile(
    r"\b(?:clinicaltrials|isrctn|rebec|drks|anzctr|chictr|ensaiosclinicos|trialregister|(?:registro|registre|register) (?:de |des |der |delle |degli )?"
    r"(?:ensa\w+|essais|études|klinische\w*|studi\w*|trials)|deutsches register klinischer)\b"
)
_VIDEO_SOURCE = re.compile(r"\b(?:youtube|vimeo|dailymotion)\b")
# Where patients write, or are written about in their own words.
_STORY_SOURCE = re.compile(
    r"\b(?:patient voices?|patient stories|real stories|paroles de patients|t[eé]moignages|storie di pazienti|testimonianze|patientenstimmen|"
    r"erfahrungsberichte|depoimentos|testimonios|ervaringen|ervaringsverhalen|family blog|mom blog|mum blog)\b"
)
_PRESS_SOURCE = re.compile(
    r"\b(?:prweb|pr newswire|business wire|globenewswire|globe newswire|eurekalert|newswise|ein presswire|news ?release|press ?release|(?:biz|health|med)\w*release|releases|comunicados|pressemitteilungen|presseportal|ots)\b"
)


# How publishers' addresses are built: a DOI, a PubMed Central number, an ISSN, an article's number behind its journal.
_PAPERS_PATH = re.compile(
    r"/10\.\d{4,9}/|pmc\d{5,}|[?&;]issn=|sci_arttext|/browse\.php\?a_id=|/article\.asp\?|//(?:www\.)?(?:journals?|ejournals?|revistas?)\.|/ejournals?/"
)


def is_published(entry: Entry) -> bool:
    """Whether it stands in the literature, by its identifiers, its address or its source."""
    names = entry.identifiers
    if names.doi or names.pmid or names.pmcid or _PAPERS_PATH.search(entry.url.lower()):
        return True
    return sort_of_host(entry.url) in ("paper", "preprint") or sort_of_source(entry.source) in ("paper", "preprint")


_SORTS_OF_SOURCE = (
    ("preprint", _PREPRINT_SOURCE),
    ("registration", _REGISTRY_SOURCE),
    ("video", _VIDEO_SOURCE),
    ("patient-story", _STORY_SOURCE),
)


def sort_of_host(url: str) -> str:
    """What an address's host publishes; empty for most."""
    _, _, rest = url.partition("://")
    labels = rest.partition("/")[0].lower().partition(":")[0].split(".")
    return next((_SORT_OF_HOST[name] for n in range(len(labels)) if (name := ".".join(labels[n:])) in _SORT_OF_HOST), "")


@lru_cache(maxsize=4096)
def sort_of_source(source: str) -> str:
    """What is published under a source's name; empty for most."""
    lowered = source.lower()
    found = next((sort for sort, pattern in _SORTS_OF_SOURCE if pattern.search(lowered)), "")
    if found or _DEPARTMENT.search(lowered):
        return found
    if _PAPER_SOURCE.search(lowered):
        return "paper"
    if _PRESS_SOURCE.search(lowered):
        return "press-release"
    return "outlet" if _OUTLET.search(lowered) else ""
