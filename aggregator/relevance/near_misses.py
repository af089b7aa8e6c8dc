"""Families of items that have our words and are about something else: reports for sale, animals as patients, another illness
or a cosmetic treatment that names us in passing, lists of signs, parts of the body.

The words of each family stand in the vocabulary, in all languages; here is what they mean for an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.relevance.phrases import Hit, Phrases, alternatives, variants
from aggregator.text import fold
from aggregator.topics import Vocabulary

# What a title about a market says besides, whatever the disease: "Bell's Palsy Market: Regional Outlook, 2032".
_MARKET = re.compile(
    r"\b(?:market|markets|markt|marche|mercato|mercado)\b.*\b(?:regional|landscape|swot|revenue|20[23]\d|usd|billion|million|growth|trends?|"
    r"forecast|industry|insights|milliarden|milliards|miliardi|mil millones|bilhoes)\b|"
    r"\b(?:industry|global|forecast|growth)\b.*\bmarket\b"
)
# Animals in experiments stand for people; animals in a clinic do not.
_EXPERIMENT = re.compile(
    r"\b(?:models?|modell|modele|modello|modelo|experiment\w*|rats?|mice|mouse|grafts?|implant\w*|preclinical|axotomy|regenera\w+|r[eé]g[eé]n[eé]ration|rigenerazione|sperimental\w*|staminali|stem cells?|ratten|ratti|ratas|ratos)\b"
)
_LISTING = re.compile(
    r"\b(?:symptoms?|signs?|include[sd]?|including|lead to|such as|may occur|complications?|side effects?|problems|risks?|"
    r"causes?|among them|s[ií]ntomas|incluyen?|(?:tales|s[ií]ntomas|problemas|signos) como|symptome|anzeichen|darunter|etwa|folgen|risiken|komplikationen|sympt[oô]mes?|signes?|risques?|dont|notamment|"
    r"sintomi|segni|tra cui|rischi|complicanze|complica[cç][oõ]es|sinais|riscos|incluem|symptomen|tekenen|zoals|risico[’']?s|waaronder|complicaties|signos|riesgos|complicaciones)\b",
    re.I,
)
_SET_APART = re.compile(
    r"\b(?:excluded|excluding|ruled out|unlike|not to be confused with|mimics?|rather than|se excluyeron|im gegensatz zu|nicht zu verwechseln|[aà] ne pas confondre|da non confondere|não confundir|niet te verwarren)\b",
    re.I,
)
_MENTION = re.compile(
    r"\b(?:rarely|very rarely|in rare cases|may also|can also|may even|can even|may cause|can cause|may lead|can lead|could cause|may affect|may be|risk of|at risk|complication of|selten|rarement|raramente|zelden)\b",
    re.I,
)


# In folded titles: an illness that is ruled out is not what they are about.
_DENIED = re.compile(
    r"\b(?:not|isn t|wasn t|never|kein|keine|keinen|nicht immer|pas|pas toujours|ce n est pas|n est pas|n etait pas|non e|non era|"
    r"non sempre e|no es|no era|no siempre es|nao e|nao era|nem sempre e|geen|niet altijd)(?: (?:a|an|always a|ein|eine|einen|un|une|um|uma|een))? "
    r"(?:strokes?|schlaganfall|avc|ictus|derrame|beroerte|tia|acv)\b"
)
# A list of an illness's signs, in a folded title.
_SIGNS_OF = re.compile(
    r"\b(?:symptoms?|signs?|symptome[ns]?|anzeichen|symptomes?|signes?|sintomi|segni|sintomas|sinais|signos|symptomen|tekenen|from|include|including)\b"
)


@dataclass(frozen=True)
class NearMisses:
    """The families of a vocabulary, made ready for matching."""

    reports: Phrases
    animals: Phrases
    another: Phrases
    elsewhere: Phrases
    structures: frozenset[str]

    def report_in(self, title: str) -> str:
        """The words of a market report in a folded title; empty where there are none."""
        hit = next(self.reports.find(title), None)
        found = _MARKET.search(title)
        return hit.phrase if hit else found[0] if found else ""

    def is_about_another(self, title: str) -> bool:
        """Whether a folded title names another illness or treatment, and does not say that it is none ("not always a stroke")."""
        return self.another.is_in(_DENIED.sub("", title))

    def is_sign_of_another(self, hits: Sequence[Hit], title: str) -> bool:
        """Whether a title names a palsy as one sign of another illness: "Lyme disease: symptoms from rash to facial palsy"."""
        if any(hit.meaning != {"facial-nerve"} for hit in hits):
            return False
        illness = next(self.another.find(title), None)
        signs = _SIGNS_OF.search(title, illness.end) if illness else None
        return signs is not None and all(hit.start >= signs.end() for hit in hits)

    def is_about_animals(self, title: str, opening: str) -> bool:
        """Whether animals are the patients: the title names them, or the opening does so more than once or as a vet would."""
        if _EXPERIMENT.search(title) or _EXPERIMENT.search(opening):
            return False
        titled = self._animals_in(title)
        opened = self._animals_in(opening)
        return bool(titled) or len(opened) > 1 or any(" " in phrase or phrase.startswith("vet") for phrase in opened)

    def _animals_in(self, text: str) -> set[str]:
        hidden = [*self.elsewhere.find(text)] if self.animals.is_in(text) else []
        return {hit.phrase for hit in self.animals.find(text) if not any(hit.is_inside(one) for one in hidden)}

    def are_structures(self, hits: Sequence[Hit], text: str) -> bool:
        """Whether all of these hits in `text` are parts of the body, and not said to be ill, or signs: they say little about what
        an item is about."""
        return all(hit.phrase in self.structures and not _is_ill(hit, text) for hit in hits)


# A nerve that is paralysed or injured is more than a part of the body.
_ILL_BEHIND = re.compile(
    r" (?:palsy|palsies|paralys[ei]s|paresis|injur\w+|damage|dysfunction|weakness|schwannomas?|neuromas?)\b"
)
_ILL_BEFORE = re.compile(
    r"\b(?:palsy|paralys\w+|parali\w+|paresi\w*|injury|damage|lesion\w*|lesao|lesoes|lasion\w*|verletzung|lahmung|verlamming|uitval|letsel|atteinte|schwannom\w*|neurom\w*)"
    r" (?:of|to|du|de|del|do|des|van|der)(?: the| de| la| het)?$"
)


def _is_ill(hit: Hit, text: str) -> bool:
    return bool(_ILL_BEHIND.match(text, hit.end) or _ILL_BEFORE.search(text[: hit.start].rstrip()))


def near_misses(vocabulary: Vocabulary) -> NearMisses:
    """The families of `vocabulary`."""
    here = frozenset({"-"})
    return NearMisses(
        reports=Phrases(dict.fromkeys(vocabulary.reports, here)),
        animals=Phrases(dict.fromkeys(vocabulary.animals, here)),
        another=Phrases(dict.fromkeys(vocabulary.another, here)),
        elsewhere=Phrases(dict.fromkeys(vocabulary.elsewhere, here)),
        structures=frozenset(
            one
            for phrase in (*vocabulary.structures, *_signs(vocabulary))
            for spelled in alternatives(phrase)
            for one in variants(fold(spelled))
        ),
    )


def _signs(vocabulary: Vocabulary) -> Iterator[str]:
    """How people call a paralysed or twitching face in their own words: a stroke's page has them too."""
    for topic in vocabulary.topics:
        for company in ("own-words", "twitch"):
            yield from topic.beside.get(company, ())


def is_only_listed(opening: str, phrases: set[str]) -> bool:
    """Whether the folded phrases stand only in lists of symptoms or risks ("fever, rash, facial paralysis, and arthritis"), or
    set apart from what the opening is about: that an illness can have one more sign is no news about it."""
    sentences = re.split(r"(?<=[.!?;])\s", opening)
    naming = [one for one in sentences if any(phrase in fold(one) for phrase in phrases)]
    return bool(naming) and all(
        (one.count(",") >= 2 and _LISTING.search(one)) or _SET_APART.search(one) or _MENTION.search(one) for one in naming
    )
