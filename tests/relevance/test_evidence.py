"""What sort of item it is: by its feed, its address, its title, its abstract, in this order; and notices."""

from __future__ import annotations

import pytest

from aggregator import edition
from aggregator.keys import Identifiers
from aggregator.relevance import evidence
from aggregator.relevance.evidence import evidence_of, is_paper, notice_of, without_notice
from aggregator.topics import vocabulary
from aggregator.values.entries import EVIDENCE_WORDS, Entry
from aggregator.values.settings import FeedType

JOURNAL, NEWS, SEARCH, PRESS = FeedType.JOURNAL, FeedType.NEWS, FeedType.SEARCH, FeedType.PRESS


def entry(title: str = "Facial palsy today", text: str = "", **keys: object) -> Entry:
    return Entry(guid="1", title=title, summary=text[:300], text=text, **({"url": "https://x.example/1"} | keys))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("title", "evidence"),
    [
        ("Study protocol for a trial", "unlabelled"), ("Protocol for a systematic review", "unlabelled"),
        ("Re: steroids in palsy", "unlabelled"), ("Comment on a randomized trial", "unlabelled"),
        ("A meta-analysis of steroids", "systematic-review"), ("A systematic literature review", "systematic-review"),
        ("Revisión sistemática", "systematic-review"), ("A randomised controlled trial", "trial"),
        ("A double-blind study", "trial"), ("Phase 2 trial of a drug", "trial"), ("Ensayo clínico", "trial"),
        ("Practice guideline: palsy", "guideline"), ("Consensus statement", "guideline"), ("A case-control study", "observational"),
        ("A case report", "case-report"), ("A rare case of palsy", "case-report"), ("Report of two cases", "case-report"),
        ("Nerve repair in mice", "lab"), ("A cadaveric study", "lab"), ("In vitro growth", "lab"),
        ("A narrative review", "review"), ("Palsy: a review", "review"), ("A retrospective cohort", "observational"),
        ("Risk factors of palsy", "observational"), ("Outcomes in 40 patients", "observational"), ("The facial nerve", "unlabelled"),
    ],
)  # fmt: skip
def test_the_title_of_a_paper_says_what_it_is(title: str, evidence: str) -> None:
    assert evidence_of(entry(title), JOURNAL) == evidence
    # The same title says it where the feed does not.
    assert evidence_of(entry(title, url="https://www.nature.com/1"), SEARCH) == evidence


def test_every_kind_has_its_words_and_its_rank() -> None:
    said = {place: {*kinds} for place, kinds in vocabulary().evidence.items()}
    of_papers = set().union(*(said[place] for place in ("title", "title-hint", "paper", "abstract")))
    of_news = said["news"] | said["opening"] | {*evidence._BY_TYPE.values()} | {kind for kind, _ in evidence._PATHS}

    assert {place: {*kinds} for place, kinds in evidence.ORDER.items()} == said
    assert of_papers | of_news <= EVIDENCE_WORDS.keys()
    # What has no rank is a report.
    assert of_papers <= edition._RANK.keys()


@pytest.mark.parametrize(
    ("title", "summary", "evidence"),
    [
        ("Doppelblinde, randomisierte Studie zu Prednisolon", "", "trial"), ("Übersichtsarbeit zum Lidschluss", "", "review"),
        ("Leitlinie zur Fazialisparese", "", "guideline"), ("Ein Fallbericht", "", "case-report"), ("Verlauf bei 84 Betroffenen", "", "observational"),
        ("Gesichtslähmung", "Rekrutierung läuft.", "registration"), ("Infoabend zur Lähmung", "", "event"), ("Wie ich lachen lernte", "", "patient-story"),
        ("Klinik eröffnet Sprechstunde", "", "press-release"), ("Mimikübungen (Video)", "", "video"), ("Sängerin sagt Tour ab", "", "news"),
        ("Essai contrôlé randomisé", "", "trial"), ("À propos d’un cas", "", "case-report"), ("Étude de cohorte", "", "observational"),
        ("Recommandations de la société", "", "guideline"), ("Mise au point", "", "review"), ("Méta-analyse", "", "systematic-review"),
        ("Mon sourire perdu", "", "patient-story"), ("Journée nationale", "", "event"), ("Paralysie", "Recrutement en cours.", "registration"),
        ("Descrizione di un caso", "", "case-report"), ("Studio prospettico randomizzato", "", "trial"), ("Linee guida italiane", "", "guideline"),
        ("Metanalisi", "", "systematic-review"), ("La mia storia", "", "patient-story"), ("Incontro il 5 giugno", "", "event"), ("Nel topo", "", "lab"),
        ("Relato de caso", "", "case-report"), ("Ensaio clínico randomizado", "", "trial"), ("Diretriz brasileira", "", "guideline"),
        ("Revisão integrativa", "", "review"), ("Em camundongos", "", "lab"), ("Acordei sem sorriso", "", "patient-story"),
        ("Gerandomiseerd onderzoek", "", "trial"), ("Een gevalsbeschrijving", "", "case-report"), ("Nieuwe richtlijn", "", "guideline"),
        ("Literatuuroverzicht", "", "review"), ("Lotgenotendag", "", "event"), ("Ik kan weer lachen", "", "patient-story"),
        ("Ensayo clínico aleatorizado", "", "trial"), ("A propósito de un caso", "", "case-report"), ("Guía de práctica clínica", "", "guideline"),
        ("Estudio observacional de 48 pacientes", "", "observational"), ("Mi historia", "", "patient-story"), ("Charla abierta", "", "event"),
        ("Parálisis", "Nota de prensa: abre la unidad.", "press-release"),
    ],
)  # fmt: skip
def test_other_languages_say_it_in_their_own_words(title: str, summary: str, evidence: str) -> None:
    assert evidence_of(entry(title, summary), SEARCH) == evidence


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("We systematically searched.", "systematic-review"),
        ("Patients were randomly assigned.", "trial"),
        ("Rats were treated.", "lab"),
        ("We report a case of palsy.", "case-report"),
        ("This article reviews palsy.", "review"),
        ("We studied 40 patients.", "observational"),
        ("Something else.", "unlabelled"),
        ("x " * 760 + "Rats were treated.", "unlabelled"),
    ],
)
def test_an_abstract_says_it_where_the_title_does_not(text: str, evidence: str) -> None:
    assert evidence_of(entry(text=text), JOURNAL) == evidence


@pytest.mark.parametrize(
    ("item", "feed_type", "evidence"),
    [
        (entry("A case report"), FeedType.VIDEO, "video"),
        (entry("A case report"), FeedType.REGISTRY, "registration"),
        (entry("A case report"), FeedType.PREPRINT, "preprint"),
        (entry("A case report"), FeedType.GOVERNMENT, "news"),
        (entry("A case report", url="https://youtu.be/1"), JOURNAL, "video"),
        (entry("A case report", url="https://clinicaltrials.gov/1"), NEWS, "registration"),
        (entry("A case report", url="https://www.medrxiv.org/1"), NEWS, "preprint"),
        (entry("A case report", source="medRxiv"), SEARCH, "preprint"),
        (entry("A preprint on smiles"), SEARCH, "preprint"),
        (entry("Video: a case report"), JOURNAL, "video"),
        (entry("Palsy explained [video]"), NEWS, "video"),
        (entry("A case report", url="https://www.nature.com/1"), NEWS, "case-report"),
        (entry(url="https://www.nature.com/1"), NEWS, "unlabelled"),
        (entry(text="I was ill for a year."), NEWS, "patient-story"),
        (entry(text="x " * 160 + "I was ill."), NEWS, "news"),
        (entry(url="https://www.prnewswire.com/1"), NEWS, "press-release"),
        (entry(source="PR Newswire"), SEARCH, "press-release"),
        (entry("My story of palsy", source="PR Newswire"), SEARCH, "press-release"),
        (entry("FDA approves device"), NEWS, "press-release"),
        (entry("Webinar on palsy"), NEWS, "event"),
        (entry("Living with facial palsy"), NEWS, "patient-story"),
        (entry("A dog's life"), NEWS, "news"),
        (entry("Actress: my Bell's palsy"), NEWS, "news"),
        (entry("Surgery of the smile", source="YouTube"), SEARCH, "video"),
        (entry("Mirror therapy", source="ClinicalTrials"), SEARCH, "registration"),
        (entry("A smile", source="Patient Voices"), SEARCH, "patient-story"),
        (entry("Mirror therapy: a randomised trial", "Now recruiting."), SEARCH, "registration"),
        (entry("University launches phase 2 trial"), SEARCH, "press-release"),
        # In the literature too, what is registered or released is no trial yet.
        (entry("Now recruiting: a randomised trial", url="https://www.nature.com/1"), SEARCH, "registration"),
        (entry("A randomised trial", "For immediate release.", url="https://www.nature.com/1"), SEARCH, "press-release"),
        (entry(), PRESS, "press-release"),
        (entry(), SEARCH, "news"),
    ],
)
def test_what_is_published_there_and_what_the_headline_says(item: Entry, feed_type: FeedType, evidence: str) -> None:
    assert evidence_of(item, feed_type) == evidence


@pytest.mark.parametrize(
    ("item", "feed_type", "expected"),
    [
        (entry(), JOURNAL, True),
        (entry(), FeedType.PREPRINT, True),
        (entry(identifiers=Identifiers(doi="10.1/x")), NEWS, True),
        (entry(identifiers=Identifiers(pmid="1")), NEWS, True),
        (entry(identifiers=Identifiers(pmcid="PMC1")), SEARCH, True),
        (entry(identifiers=Identifiers(nct="NCT1")), NEWS, False),
        (entry(identifiers=Identifiers(doi="10.1/x")), FeedType.CHARITY, False),
        (entry(url="https://www.ncbi.nlm.nih.gov/1"), NEWS, True),
        (entry(url="https://link.springer.com:443/1"), NEWS, True),
        (entry(url="https://notnature.com/1"), NEWS, False),
        (entry(source="Journal of Smiles"), NEWS, True),
        (entry(source="medRxiv"), NEWS, True),
        (entry(source="Daily Post"), NEWS, False),
        (entry("A randomised trial of steroids"), NEWS, True),
        (entry("A randomised trial finds steroids help"), NEWS, False),
        (entry("A randomised trial of steroids?"), NEWS, True),
        (entry("Do steroids help?"), NEWS, False),
        (entry(text="We studied 40 patients."), NEWS, True),
        (entry(text="We studied 40 patients.", source="Daily Post"), NEWS, False),
    ],
)
def test_what_is_a_paper_and_not_about_one(item: Entry, feed_type: FeedType, expected: bool) -> None:
    assert is_paper(item, feed_type) == expected


def test_how_it_speaks_is_not_looked_at_where_it_is_off_topic() -> None:
    assert not is_paper(entry("A randomised trial of steroids"), NEWS, is_on_topic=False)
    assert is_paper(entry(source="Journal of Smiles"), NEWS, is_on_topic=False)
    assert evidence_of(entry("A randomised trial of steroids"), NEWS, is_on_topic=False) == "news"
    assert evidence_of(entry(url="https://x.example/events/1"), NEWS, is_on_topic=False) == "news"


@pytest.mark.parametrize(
    ("title", "sort", "bare"),
    [
        ("RETRACTED: Laser for facial palsy", "retraction", "Laser for facial palsy"),
        ("Retraction Note: Laser for facial palsy", "retraction", "Laser for facial palsy"),
        ("Notice of retraction: Laser", "retraction", "Laser"),
        ("[Retracted] Laser for palsy", "retraction", "Laser for palsy"),
        ("Laser for palsy [retracted]", "retraction", "Laser for palsy"),
        ("Laser for palsy (Withdrawn)", "retraction", "Laser for palsy"),
        ("Expression of Concern: Laser", "concern", "Laser"),
        ("Editorial expression of concern on lasers", "concern", "on lasers"),
        ("Correction to: Laser", "correction", "Laser"),
        ('Corrigendum to "Laser for facial palsy in adults"', "correction", "Laser for facial palsy in adults"),
        ("Erratum: Laser", "correction", "Laser"),
        ("Errors in table 2", "correction", "Errors in table 2"),
        ("Laser for facial palsy", None, "Laser for facial palsy"),
        ("Retraction of the upper eyelid", None, None),
        ("Correction of lagophthalmos", None, None),
    ],
)  # fmt: skip
def test_notices_and_the_title_of_their_paper(title: str, sort: str | None, bare: str | None) -> None:
    assert notice_of(title) == sort
    assert bare is None or without_notice(title) == bare
