"""Whether an item tells of persons: in their own words, by their ages, by their names."""

from __future__ import annotations

import re

# In folded texts.
_FIRST_PERSON = re.compile(
    r"\b(?:i (?:was|am|got|had|have|woke|no longer|couldn t|can t|cannot|could|lost|still)|my (?:own|face|smile|left|right|story|history|journey|eye|battle|experience|diagnosis)|told me)\b|"
    r"\b(?:ich (?:war|bin|hatte|habe|wachte|konnte)|mein (?:gesicht|lacheln|leben)|meine (?:geschichte|gesichtshalfte))\b|"
    r"\b(?:konnte|war|hatte|habe|bin|wachte) ich\b|\b(?:kon|werd|was|had) ik\b|\b(?:non riuscivo|non potevo|ya no podia|nao conseguia|eu nao|eu tive)\b|"
    r"\b(?:j ai|je (?:suis|me|ne|n ai)|mon (?:visage|sourire|histoire)|ma (?:vie|bouche|paralysie))\b|"
    r"\b(?:mi sono|il mio (?:viso|volto|sorriso)|la mia (?:storia|faccia|paralisi))\b|"
    r"\b(?:meu (?:rosto|sorriso)|minha (?:historia|boca|paralisia|face))\b|"
    r"\b(?:mijn (?:gezicht|glimlach|verhaal|mond)|ik (?:werd|was|kon|had|heb))\b|"
    r"\b(?:mi (?:cara|rostro|sonrisa|historia|ojo|nervio)|me (?:desperte|levante|diagnosticaron)|no podia)\b"
)
_AGE = re.compile(
    r"\b(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|sixteen) (?:year|years|month|months|week) old\b|"
    r"\b(?:\d{1,2}) (?:jahrige[nr]?|jarige|ans|anni|anos|anys)\b"
)
_CHILDS_AGE = (
    "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|dois|duas|tres|"
    "quatro|cinco|seis|sete|oito|dez|doze|dos|cuatro|siete|ocho|nueve|diez|once|doce|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf"
)
_CHILD_OLD = re.compile(
    r"\b(?:[1-9]|1[0-7]|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen) (?:year|years|month|months|week|weeks|day|days) old\b|"
    r"\b(?:[1-9]|1[0-7]) (?:jahrige[nr]?|jarige|ans|anni|anos)\b|"
    r"\b(?:ein|zwei|drei|vier|funf|fuenf|sechs|sieben|acht|neun|zehn|elf|zwolf|zwoelf|dreizehn)jahrige[nrs]?\b|"
    rf"\b(?:a|los|aos|con|mit) (?:{_CHILDS_AGE}) (?:ans|anni|anos|jaar|jahren)\b(?! (?:apres|dopo|depois|despues|later|na|de exp))|"
    rf"\b(?:fill\w+|garcon|enfant|bimb\w|bambin\w|nin[oa]|menin[oa]|meisje|jongen|hij[oa]|filh[oa]|fils|figli[oa]) (?:de|di|van) (?:{_CHILDS_AGE}|\d|1[0-7]) (?:ans|anni|anos|jaar)\b|"
    r"\b(?:seienne|settenne|ottenne|novenne|decenne|undicenne|dodicenne|tredicenne)\b"
)
# In texts as written: "Maddox, five," or "girl, six".
_CHILD_BESIDE = re.compile(
    r"\b[A-ZÀ-Þ][a-zà-ÿ]+, (?:de |d[’'])?(?:" + _CHILDS_AGE + r") (?:ans|anni|años|anos|jaar)\b|"
    r"\b(?:[A-Z][a-zà-ÿ]+|(?i:girl|boy|child|daughter|son)), (?:aged? )?(?:[1-9]|1[0-7]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen)(?=[,)]|\.(?! [A-Z])|$)"
)
_CHILD = re.compile(
    r"\b(?:a|the|her|his|our|their|my) (?:\w+ )?(?:boy|girl|child|baby|newborn|infant|toddler|daughter|son|kid|teenager|schoolgirl|schoolboy)\b|"
    r"\b(?:children|infants|newborns|babies) (?:with|who|born|are)\b|\b(?:some|many|these|helps?|help) (?:children|babies|infants)\b|\b(?:pediatric|paediatric)\b|"
    r"\b(?:ein|eine|das|der|die) (?:kleine[rs]? )?(?:madchen|baby|saugling|neugeborene[rs]?)\b|\b(?:kinder|kindern)\b|\b(?:enfants?|bebe|nourrissons?|fillette|garconnet)\b|"
    r"\b(?:bambin[oaie]|neonat[oi]|bimb[oa])\b|\b(?:criancas?|bebes?|menin[oa]|recem nascid[oa]s?)\b|\b(?:nin[oa]s?|lactantes?|recien nacid[oa]s?)\b|"
    r"\b(?:kinderen|meisje|jongetje|baby s?|pasgeboren\w*)\b|"
    r"\b(?:unser|mein|ihr|sein) (?:kleiner )?(?:sohn|baby)\b|\b(?:unsere|meine|ihre) (?:kleine )?tochter\b|\b(?:ihre|seine) eltern\b|\beltern von [a-z]+\b|"
    r"\b(?:notre|mon|son|leur) (?:petit )?fils\b|\b(?:notre|ma|leur) (?:petite )?fille\b|\b(?:le|petit|jeune) garcon\b|\b(?:les|des|ses) parents (?:de [a-z]+|racontent)\b|"
    r"\b(?:nostro|nostra|mio|mia|suo|sua) (?:figlio|figlia)\b|\bgenitori di [a-z]+\b|\b(?:nosso|nossa|meu|minha|seu|sua) (?:filho|filha)\b|\bpais de [a-z]+\b|"
    r"\b(?:nuestro|nuestra|mi|su) (?:hijo|hija)\b|\bpadres de [a-z]+\b|\b(?:onze|ons|mijn|hun) (?:zoon|zoontje|dochter|dochtertje)\b|\bouders van [a-z]+\b"
)
_TELLING = re.compile(
    r"\b(?:he|she|his|her|hers|him|my|i)\b|\b(?:runner|teacher|nurse|survivor|girl|boy|woman|man|mother|father|grandmother) (?:who|whose|left|born|gets|learns|finds|diagnosed)\b|"
    r"^parents of\b|^(?:girl|boy|woman|man|mother|father) (?:\d|six|seven|eight|nine|ten)|\bs story\b|\bpersonal (?:story|stories)\b|\bpatient (?:story|stories)\b|"
    r"\b(?:zur welt|geboren|nee avec|ne avec|nato con|nata con|nasceu|nacio|raconte|racconta|erzahlt|vertelt)\b|\bcelebrit(?:y|ies)\b|\bcelebs?\b|\bfamous people\b|\bmy (?:experience|battle|journey)\b|\b(?:reveals|opens up|speaks out|postpones|cancels|diagnosed with|battles|battling|suffers|suffering)\b"
)
_ROLE = re.compile(
    r"\b(?:actor|actress|singer|songwriter|popstar|pop star|tv (?:show )?host|tv star|reporter|anchor|presenter|comedian|rapper|musician|footballer|quarterback|basketball|"
    r"wrestler|athlete|bride|blogger|mum of|mother of|mom of|father of|dad of|parents of|year old (?:man|woman|mother|father|mum|dad)|a (?:man|woman|mother|father|grandmother|teacher|nurse|farmer|runner|blogger|singer|typist) (?:who|whose|tells|from)|"
    r"celebrities|surnamed|tells how|tells of (?:her|his)|personal account|"
    r"sanger(?:in)?|schauspieler(?:in)?|moderator(?:in)?|chanteu(?:r|se)|act(?:eur|rice)|cantante|att(?:ore|rice)|cantora?|ator|atriz|apresentadora?|zanger(?:es)?|presentator|actri[cz]e?|famos[oa]s)\b"
)
# A name of two parts that does something, or that is described: "Justin Bieber has", "Matt was told", "Josh Minogue, 26".
_NAMED = re.compile(
    r"\b[A-ZÀ-Þ][a-zà-ÿ’'-]+(?: [A-Z]\.)?(?: (?:de |van |von |da |del )?[A-ZÀ-Þ][a-zà-ÿ’'-]+){1,2}(?:,? (?:\d\d,|who |whose |has |had |was (?:diagnosed|told|born|left|left|hospital|elected)|is (?:suffering|recovering|opening|sharing|back|battling)|says|said|told|revealed|reveals|recalls|hat |leidet|ha |tem |tiene |heeft |souffre|soffre|sofre|sufre|woke|tells|plays|played|developed|suffers|suffered|wears|lost|opens|postpones|cancels)|[’']s (?:health|face|story|journey|battle|diagnosis|bell|facial|ramsay|smile|illness|condition))"
)
_BORN_OR_TOLD = re.compile(
    r"\b[A-Z][a-zà-ÿ]+, (?:aged )?\d\d(?:,| who| from| was| had| has)|\b[A-Z][a-z]+ (?:was (?:told|born|diagnosed)|gives a personal account|tells (?:how|of)|woke)\b"
)
# In titles as written: "Jonathan, six, starts school", "Joris (6)", "Gioele, sei anni".
_NAME_AND_AGE = re.compile(
    r"^(?:.*[^.:] )?[A-ZÀ-Þ][a-zà-ÿ]{2,}(?:, (?:aged |de |d[’'])?(?:\d\d?|six|seven|eight|nine|ten|five|four|three|two|"
    + _CHILDS_AGE
    + r"),?(?: ans| anni| años| anos| jaar|,| |$)|"
    r" \(\d\d?\))(?! (?:January|February|March|April|May|June|July|August|September|October|November|December|Januar|Februar|März))"
)
_ORGANISATION = re.compile(
    r"\b(?:Foundation|Hospital|University|Institute|Association|Society|Clinic|Center|Centre|Palsy|Paralysis|Syndrome|Nerve|Surgery|Medical|Health|Medicine|College|Academy|School|Department|Week|Day|Systems|Pharma|Bio|Therapeutics|Sciences|Ramsay|Bell|Moebius|Möbius|Goldenhar|Mayo|Disease|Study|Research|News|Surgeons?|Doctors?|Patients?|Children|Scientists?|Researchers?|Vaccines?|COVID|Treatment|January|February|March|April|May|June|July|August|September|October|November|December)\b"
)


def tells_of_persons(title: str, opening: str, written_title: str, written_opening: str) -> bool:
    """Whether an item that is no research tells of identifiable persons; title and opening folded, and as they are written."""
    both = f"{title} {opening}"
    return bool(
        _FIRST_PERSON.search(both)
        or _AGE.search(title)
        or _TELLING.search(title)
        or _ROLE.search(both)
        or _NAME_AND_AGE.search(written_title)
        or any(_is_named(text) for text in (written_title, written_opening))
    )


def speaks_in_first_person(text: str) -> bool:
    """Whether a folded text is somebody's own story."""
    return bool(_FIRST_PERSON.search(text))


def tells_of_children(title: str, opening: str, written: str) -> bool:
    """Whether the patient is a child, by the folded opening's first words or an age; `written` is title and opening as they
    are written."""
    return bool(
        (_CHILD.search(opening[:150]) and "adult" not in opening)
        or _CHILD_OLD.search(f"{title} {opening[:200]}")
        or _CHILD_BESIDE.search(written)
    )


def _is_named(text: str) -> bool:
    return any(not _ORGANISATION.search(found[0]) for found in _NAMED.finditer(text)) or bool(_BORN_OR_TOLD.search(text))
