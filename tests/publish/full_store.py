"""A full news section: `python -m tests.publish.full_store FOLDER [LANGUAGE]` writes one with 150 entries of 60 days from
thirteen feeds, with events that several outlets tell, a retraction, a concern, a correction and four languages. All of it is
invented.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path

from aggregator.values.settings import CallToAction, Question, Site, TopicPage
from tests.conftest import NOW, FeedServer, Town, item, rss

# Where it is said to be published: its feeds need an address.
ADDRESS = "https://www.example.org/news/"

FEEDS = {
    "Journal of Facial Nerve Studies": {"type": "journal"},
    "Annals of Invented Surgery": {"type": "journal"},
    "Otology Letters (invented)": {"type": "journal"},
    "Registry of Invented Trials": {"type": "registry"},
    "Harbour Herald": {"type": "news"},
    "North Valley Post": {"type": "news"},
    "The Evening Chronicle": {"type": "news"},
    "Health Wire": {"type": "news"},
    "MedWire releases": {"type": "press"},
    "Facial Palsy Friends": {"type": "charity"},
    "Facial Retraining Channel": {"type": "video"},
    "Salud al Día": {"type": "news", "language": "es"},
    "Gesund Heute": {"type": "news", "language": "de"},
}
JOURNALS = ("Journal of Facial Nerve Studies", "Annals of Invented Surgery", "Otology Letters (invented)")

_PAPERS = (
    "Masseteric-to-facial nerve transfer versus cross-face nerve graft in flaccid facial paralysis: a randomised trial",
    "Facial nerve outcomes after vestibular schwannoma surgery with intraoperative monitoring: a systematic review",
    "Botulinum toxin for post-paralytic facial synkinesis: a prospective cohort of 214 people",
    "Corneal sensation after lid loading in facial palsy: a case report",
    "Schwann cell transplantation after facial nerve injury in rats",
    "Early physical therapy in Bell’s palsy: a multicentre cohort",
    "Superficial parotidectomy and the facial nerve: five years of results in 480 patients",
    "Microvascular decompression for hemifacial spasm in people over seventy: a retrospective cohort",
    "Growth of the mandible in hemifacial microsomia: a longitudinal study",
    "Quality of life in adults with Moebius syndrome: a cross-sectional survey",
)
_NEWS = (
    "Clinic for facial palsy opens its doors in Harbour City",
    "Why does half a face stop? The science of Bell’s palsy explained",
    "Doctors warn: facial paralysis is not always a stroke",
    "New glasses blink for people with facial paralysis",
    "What an acoustic neuroma can do to the face",
    "Surgeons give a boy with Moebius syndrome a smile",
    "Robot helps to plan parotid surgery",
)
_PEOPLE = (
    "“I stopped hiding in photographs”: ten years with facial palsy",
    "My wedding with half a smile: my story of Bell’s palsy",
    "How I learned to eat in company again after my facial paralysis",
)
_VIDEOS = (
    "Facial retraining in ten minutes: a gentle start after Bell’s palsy",
    "Massage for synkinesis, step by step",
    "Eye care at night with facial palsy",
)
_TRIALS = (
    "Home-based Facial Retraining by Telehealth in Facial Synkinesis",
    "Prednisolone in Children With Bell's Palsy",
    "Early Masseteric Nerve Transfer After Acoustic Neuroma Surgery With Facial Paralysis",
)
_RELEASES = (
    "University team grows facial nerve grafts for facial paralysis",
    "Company reports on a blink device for facial palsy",
)
_SPANISH = ("Parálisis facial periférica: qué hacer en las primeras 72 horas", "Rehabilitación tras la parálisis de Bell")
_GERMAN = ("Gesichtslähmung: Was in den ersten Tagen hilft", "Synkinesien nach Fazialisparese: Übungen für zu Hause")
_FRENCH = "Paralysie faciale : ce que change la rééducation précoce"

_ABSTRACT = (
    "BACKGROUND: Recovery differs from person to person. METHODS: We followed adults for a year. RESULTS: Facial movement "
    "was normal or nearly so in eight of ten. CONCLUSION: Those who began early did better."
)
# Events that several outlets tell, in words of their own.
_EVENTS = (
    (
        1,
        (
            ("Harbour Herald", "Singer Mara Quill cancels tour after Bell’s palsy diagnosis"),
            ("North Valley Post", "Mara Quill calls off tour: singer has Bell’s palsy"),
            ("The Evening Chronicle", "Bell’s palsy forces singer Mara Quill to cancel her tour"),
            ("Salud al Día", "La cantante Mara Quill cancela su gira por una parálisis de Bell"),
            ("Gesund Heute", "Sängerin Mara Quill sagt Tournee wegen Gesichtslähmung ab"),
        ),
    ),
    (
        4,
        (
            ("Health Wire", "Regulator approves first blink device for facial paralysis"),
            ("Harbour Herald", "First blink device for facial paralysis approved by regulator"),
        ),
    ),
)


def _numbered(titles: tuple[str, ...], count: int) -> Iterator[str]:
    """The titles, and again with a part, until there are enough."""
    for n, title in enumerate(islice(cycle(titles), count)):
        part = n // len(titles)
        yield title if part == 0 else f"{title} (part {part + 1})"


def documents() -> dict[str, bytes]:
    """The thirteen feeds' documents, by name."""
    found: dict[str, list[str]] = {name: [] for name in FEEDS}

    def add(feed: str, title: str, day: float, summary: str = "", link: str = "") -> None:
        number = sum(map(len, found.values())) + 1
        address = link or f"https://{feed.split(maxsplit=1)[0].lower()}.example.org/{number}"
        found[feed].append(item(title, address, at=NOW - timedelta(days=day, hours=2), guid=f"g{number}", summary=summary))

    for n, title in enumerate(_numbered(_PAPERS, 55)):
        add(JOURNALS[n % 3], title, n * 1.1, _ABSTRACT, f"https://doi.org/10.5555/full.{n}")
    for n, title in enumerate(_numbered(_NEWS, 38)):
        add(tuple(FEEDS)[4 + n % 4], title, n * 1.6, "What it means for patients, and what it does not.")
    for n, title in enumerate(_numbered(_TRIALS, 8)):
        state = ("Status: Recruiting.", "Status: Not yet recruiting.")[n % 2]
        add("Registry of Invented Trials", title, n * 6, f"{state} Facial palsy.")
    for titles, feed, count, every in (
        (_PEOPLE, "Facial Palsy Friends", 12, 5), (_VIDEOS, "Facial Retraining Channel", 9, 6),
        (_RELEASES, "MedWire releases", 6, 9), (_SPANISH, "Salud al Día", 6, 8), (_GERMAN, "Gesund Heute", 6, 9),
    ):  # fmt: skip
        for n, title in enumerate(_numbered(titles, count)):
            add(feed, title, 0.2 + n * every, "How it began, and what helped.")
    add("Health Wire", _FRENCH, 2, "Une étude suit des adultes pendant un an.")
    for day, told in _EVENTS:
        for feed, title in told:
            add(feed, title, day, "A spokesperson confirmed it on the same day.")
    for number, notice in ((3, "Retraction notice to"), (4, "Expression of concern:"), (5, "Correction to:")):
        title = _PAPERS[number]
        add(
            JOURNALS[0],
            f"{notice} “{title}”",
            number - 2,
            f"doi:10.5555/full.{number}",
            f"https://doi.org/10.5555/n.{number}",
        )
    return {name: rss(*items, title=name) for name, items in found.items()}


def site(language: str = "en") -> Site:
    """The site's settings, with all that an institute can say."""
    ask = CallToAction(
        text="Ask for a consultation",
        phone="+1 555 0100",
        hours="Monday to Friday, 9 to 5",
        url="https://www.example.org/ask",
    )
    synkinesis = TopicPage(
        page="https://www.example.org/synkinesis/", lead="When a nerve has grown back, muscles may move together that should not.",
        faq=(Question(question="Does synkinesis go away by itself?", answer="Rarely; but retraining and injections can ease it."),),
    )  # fmt: skip
    return Site(
        url=ADDRESS, language=language, contact="web@example.org", call_to_action=ask, topics={"synkinesis": synkinesis},
        topic_pages={"parotid": "https://www.example.org/parotid/"},
    )  # fmt: skip


def full_site(folder: Path, language: str = "en") -> Path:
    """Write the store and the site into `folder`; the site's folder."""
    server = FeedServer()
    try:
        town = Town(server, folder, site=site(language))
        for name, body in documents().items():
            town.add(name, body, **FEEDS[name])
        report = town.refresh()
        assert report.feeds.failed == 0
    finally:
        server.close()
    return folder / "site"


if __name__ == "__main__":
    sys.stdout.write(f"{full_site(Path(sys.argv[1]), *sys.argv[2:3])}\n")
