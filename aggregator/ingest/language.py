"""The language of an entry. The feed's own tag is only a claim: 194 of 492 real feeds make none, and feeds that collect
others mix languages. The script of the letters decides first, then common words of seven languages, then the claim.
"""

from __future__ import annotations

import re

# Script -> its languages, the most probable first.
_SCRIPTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"[\u3040-\u30ff]"), ("ja",)),
    (re.compile(r"[\uac00-\ud7af]"), ("ko",)),
    (re.compile(r"[\u4e00-\u9fff]"), ("zh", "ja", "ko")),
    (re.compile(r"[\u0600-\u06ff]"), ("ar", "fa", "ur", "ps")),
    (re.compile(r"[\u0590-\u05ff]"), ("he", "yi")),
    (re.compile(r"[\u0400-\u04ff]"), ("ru", "uk", "bg", "sr", "be", "mk", "kk")),
    (re.compile(r"[\u0370-\u03ff]"), ("el",)),
    (re.compile(r"[\u0900-\u097f]"), ("hi", "mr", "ne")),
    (re.compile(r"[\u0e00-\u0e7f]"), ("th",)),
)
_LETTER = re.compile(r"[^\W\d_]")
# Common words of each language, and its words for our topics, since titles are short. A word that several languages share
# ("de", "in") is one vote, divided among them.
_WORDS = {
    "en": """
        the of and to in is with for on that was are from by as his her this after who has have it an be or at not but they you
        your can what how when more were been their our we a i he she about which will new into than may does do my out up
        these those such there then them some any all most many other only also between during through before while because
        if where why whether both each could would should might being make get says say first two three against under off
        man woman         face nerve palsy paralysis patients treatment study studies syndrome disease surgery health people children report case
        review risk using news report results""",
    "es": """
        el la los las de del y en que con para por una un es su tras como más al se lo sus sobre entre pero no cuando fue ha
        son qué cómo este esta también muy sin desde hasta años nos le ser o a está puede tiene mi e ante hay
        según hacer así todo todos cada donde porque tras durante ya
        cara rostro nervio parálisis facial cirugía pacientes tratamiento""",
    "de": """
        der die das und in zu den mit von für auf ist im nicht ein eine als auch es an sich werden wird aus bei nach wie wir sie
        ich dem des einer eines einem einen oder aber nur noch am zum zur über vor durch sind hat haben kann können was wenn ihr
        ihre seine mehr war wurde bis um so man dass unter ohne gegen ab hilft neue
        gesicht gesichts nerv nervus behandlung patienten lähmung gesichtslähmung fazialisparese parese""",
    "fr": """
        le la les des de du et en un une est que qui dans pour par sur au aux avec ce cette ces sont pas plus ne se sa son ses il
        elle nous vous je on ou mais où être a été ont comme après sans leur lors chez depuis entre fait peut quand d l qu
        très tout à aussi y
        visage nerf faciale paralysie chirurgie patients traitement santé""",
    "it": """
        il la lo gli le i di del della dei delle degli dello dell e è in un una uno che con per da dal dalla al alla alle ai non
        si sono ha come più nel nella nei nelle sul sulla anche ma o se su questo questa suo sua tra fra dopo ecco cosa perché
        l d un dall all nell sull a quando chi
        viso volto nervo facciale paralisi chirurgia pazienti trattamento cura""",
    "pt": """
        o a os as de do da dos das e em no na nos nas um uma que com para por é não se ao à aos mais como mas foi são seu sua
        pelo pela sobre também entre após ou ser está tem até quando muito já isso eu ele ela você sem pode anos ter há num numa
        rosto nervo paralisia facial cirurgia pacientes tratamento""",
    "nl": """
        de het een van en in is op te dat die voor met zijn aan er niet ook om bij naar uit maar door over als dan nog wel kan
        worden wordt werd heeft hebben had ik je we hij ze mijn hun deze dit wat hoe na tot of onder geen meer was al zo tegen
        gezicht aangezicht aangezichtsverlamming zenuw verlamming verlamd behandeling patiënten""",
}  # fmt: skip
_OWNERS: dict[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _WORDS.items() if word in words.split())
    for words in _WORDS.values()
    for word in words.split()
}
# Word endings that one language has, or two or three: "reconstrucción", "reconstrução".
_ENDINGS: dict[str, tuple[str, ...]] = {
    ending: (language,)
    for language, endings in {
        "en": "ity lly ted ght nds ngs ors ths",
        "es": "ión dad oso",
        "de": "ung eit sch cht",
        "fr": "eux aux ité ées",
        "it": "ità oni gli",
        "pt": "ção ões ade",
        "nl": "ijk ijn oor",
    }.items()
    for ending in endings.split()
} | {"ing": ("en", "nl"), "ion": ("de", "en", "fr")}
# Minimum votes for a language; a word that only one language has is one vote.
_FEWEST, _FEWEST_AGAINST_A_CLAIM = 1.5, 2.0
# Minimum votes per word. In running text every third word is a common one, in titles of studies one in six.
_LEAST_SHARE = 0.15
_LEAST_LEAD = 1.5
_AROUND = '.,:;!?…"“”„«»()[]|-–'
_NAMES = {
    "english": "en",
    "spanish": "es",
    "español": "es",
    "french": "fr",
    "german": "de",
    "deutsch": "de",
    "français": "fr",
    "italian": "it",
    "italiano": "it",
    "portuguese": "pt",
    "português": "pt",
    "dutch": "nl",
    "nederlands": "nl",
}


def tidy_tag(claimed: str | None) -> str | None:
    """A language tag in the form of BCP 47 (`en_us` -> `en-US`); None if `claimed` is not a language."""
    tag = _NAMES.get((claimed or "").strip().lower(), (claimed or "").strip().replace("_", "-"))
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?(?:-.*)?", tag)
    if match is None:
        return None
    parts = (match[1].lower(), (match[2] or "").title(), (match[3] or "").upper())
    return "-".join(filter(None, parts))


def language_of(text: str, claimed: str | None) -> str | None:
    """The language tag of `text`, or None if nothing decides it; `claimed` is the feed's own tag."""
    tag = tidy_tag(claimed)
    base = tag.split("-")[0] if tag else ""
    if not _LETTER.search(text):
        return tag
    by_script = None if text.isascii() else _script_of(text)
    if by_script is not None:
        return tag if base in by_script else by_script[0]
    if any(base in languages for _, languages in _SCRIPTS):
        tag, base = None, ""
    spoken = _spoken(text, base)
    return tag if spoken is None or spoken == base else spoken


def _script_of(text: str) -> tuple[str, ...] | None:
    """The languages of the script in which at least a third of the letters are written; None for Latin."""
    letters = len(_LETTER.findall(text))
    return next((languages for script, languages in _SCRIPTS if len(script.findall(text)) * 3 > letters), None)


def _spoken(text: str, claimed: str) -> str | None:
    """The language of the words of `text`; None if they are too few, or fit two languages equally well."""
    words = text.lower().replace("’", " ").replace("'", " ").split()
    votes = dict.fromkeys(_WORDS, 0.0)
    for word in words:
        bare = word.strip(_AROUND)
        owners = _OWNERS.get(bare) or (_ENDINGS.get(bare[-3:], ()) if len(bare) > 4 else ())
        for language in owners:
            votes[language] += 1 / len(owners)
    first, second = sorted(votes.values(), reverse=True)[:2]
    best = max(votes, key=lambda language: votes[language])
    fewest = _FEWEST_AGAINST_A_CLAIM if claimed else _FEWEST
    if first < fewest or first < _LEAST_LEAD * second or first < _LEAST_SHARE * len(words):
        return None
    return best
