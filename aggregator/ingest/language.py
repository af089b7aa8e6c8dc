"""In which language an entry is written. The feed's own word is only a claim: 194 of 492 real feeds make none, and
planets mix languages. The script of the letters decides first, then common words of English and Spanish, then the claim.
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
_WORDS = {
    "en": frozenset(
        [
            "the",
            "of",
            "and",
            "to",
            "in",
            "is",
            "with",
            "for",
            "on",
            "that",
            "was",
            "are",
            "from",
            "by",
            "as",
            "his",
            "her",
            "this",
            "after",
            "who",
            "has",
            "have",
            "it",
            "an",
            "be",
        ]
    ),
    "es": frozenset(
        [
            "el",
            "la",
            "los",
            "las",
            "de",
            "del",
            "y",
            "en",
            "que",
            "con",
            "para",
            "por",
            "una",
            "un",
            "es",
            "su",
            "tras",
            "como",
            "más",
            "al",
            "se",
            "lo",
            "sus",
            "sobre",
            "entre",
        ]
    ),
}
_NAMES = {"english": "en", "spanish": "es", "español": "es", "french": "fr", "german": "de", "deutsch": "de"}


def tidy_tag(claimed: str | None) -> str | None:
    """A language tag as BCP 47 writes it (`en_us` -> `en-US`), or None for what is none."""
    tag = _NAMES.get((claimed or "").strip().lower(), (claimed or "").strip().replace("_", "-"))
    found = re.fullmatch(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|\d{3}))?(?:-.*)?", tag)
    if found is None:
        return None
    parts = (found[1].lower(), (found[2] or "").title(), (found[3] or "").upper())
    return "-".join(filter(None, parts))


def language_of(text: str, claimed: str | None) -> str | None:
    """The language of `text` as a tag, or None where nothing tells; `claimed` is what the feed says."""
    tag = tidy_tag(claimed)
    base = tag.split("-")[0] if tag else ""
    if not _LETTER.search(text):
        return tag
    is_latin = text.isascii()
    letters = 0 if is_latin else len(_LETTER.findall(text))
    for script, languages in () if is_latin else _SCRIPTS:
        if len(script.findall(text)) * 3 > letters:
            return tag if base in languages else languages[0]
    if any(base in languages for _, languages in _SCRIPTS):
        tag = None
    words = text.lower().split()
    votes = {language: sum(map(common.__contains__, words)) for language, common in _WORDS.items()}
    best = max(votes, key=lambda language: votes[language])
    if votes[best] >= 2 and votes[best] > 2 * min(votes.values()) and base != best:
        return best
    return tag
