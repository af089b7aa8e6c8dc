"""Find what a structured abstract ("BACKGROUND: … METHODS: … RESULTS: … CONCLUSION: …") concludes: a summary shows that,
not the background. Headings are known in seven languages, with a colon, or without one where markup set them apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# Longest part of a text that is searched for headings, and the fewest characters that say anything.
_SEARCHED, _FEWEST = 6000, 35

_CONCLUSION = (
    r"(?:main |authors?['’] )?conclusions?(?: (?:and|&) (?:relevance|significance|implications|recommendations))?|"
    r"interpretation|schlussfolgerung(?:en)?|fazit|conclusi[oó]n(?:es)?|conclus(?:ão|ões)|conclusion[ei]|conclusies?"
)
_RESULTS = (
    r"(?:main |key )?results?(?: (?:and|&) discussion)?|(?:main |key )?findings|ergebnisse|resultados?|résultats?|"
    r"risultat[io]|resultaten"
)
_BEGINNING = (
    r"background(?: (?:and|&|/) (?:aims?|objectives?|purpose))?|introduction|context|importance|rationale|"
    r"(?:aims?|objectives?|purpose)(?: of the study)?|(?:study )?question|hypothesis|"
    r"hintergrund|einleitung|ziel(?:e|setzung)?|fragestellung|contexte|objectifs?|but|"
    r"antecedentes|introducción|contexto|objetivos?|introdução|introduzione|premess[ae]|obiettiv[oi]|scop[oi]|"
    r"achtergrond|inleiding|doel(?:stelling)?"
)
_METHODS = (
    r"(?:(?:materials?|patients?|subjects|participants) (?:and|&) )?methods?(?: (?:and|&) (?:materials?|results))?|"
    r"methodology|(?:study )?design(?:,? setting,? (?:and|&) participants)?|setting|participants|patients|interventions?|"
    r"data sources?|(?:main )?outcomes?(?: (?:and|&) measures| measures)?|measurements|"
    r"(?:(?:material|patienten) und )?method(?:en|ik)|"
    r"(?:(?:materiale?s?|matériels?|patients|pacientes|materiali|pazienti|patiënten) (?:y|et|e|en) )?"
    r"(?:métodos?|méthodes?|metod[io]|methoden?)|metodolog[ií]a|diseño"
)
_END = (
    r"significance(?: (?:and|&) impact(?: of (?:the )?study)?)?|discussion|diskussion|discusión|limitations?|implications?|"
    r"(?:level of )?evidence(?: level)?|evidenzniveau|nivel de evidencia|"
    r"(?:clinical )?trial registration(?: number)?|registration|funding|"
    r"key ?words?|schlüsselwörter|palabras clave|mots[ -]clés|palavras-chave|parole chiave|trefwoorden|"
    r"pmid|pmcid|doi|(?:copyright )?©"
)
_KINDS = {"conclusion": _CONCLUSION, "results": _RESULTS, "beginning": _BEGINNING, "methods": _METHODS, "end": _END}
_HEADING = re.compile(
    rf"(?<![^\s(\[])(?:{'|'.join(f'(?P<{kind}>(?i:{words}))' for kind, words in _KINDS.items())})"
    r"(?![\w-])(?P<mark>\s?[:：]|\.?\s?[—–]|\.(?=\s[A-ZÀ-Þ\d]))?\s*"
)
_SENTENCE_END = tuple('.!?:;)]”"»')
# A heading without a colon that is not in capitals has so many letters: "But Anna" begins a sentence.
_UNMISTAKABLE = 6
# Every abstract with a conclusion or results contains one of these: looking for them is much cheaper than for all headings.
_WORDS = ("Conclu", "Result", "Résultat", "Risultat", "Finding", "Interpretation", "Ergebnis", "Schlussfolg", "Fazit")
_AFTER = ("Main result", "Main finding", "Main conclu", "Key result", "Key finding", "uthors’ conclu", "uthors' conclu")
_HINTS = (*_WORDS, *map(str.upper, _WORDS), *_AFTER)
# What precedes the first heading of an abstract without a full stop.
_ABSTRACT = ("abstract", "summary", "zusammenfassung", "resumen", "résumé", "resumo", "riassunto")


class _Section(NamedTuple):
    """A section's kind, and its text without the heading."""

    kind: str
    text: str


def main_point(text: str) -> str:
    """The conclusion of a structured abstract, else its results, without the heading; empty if it has neither."""
    beginning = text[:_SEARCHED]
    sections = _sections(beginning) if any(hint in beginning for hint in _HINTS) else ()
    if len({section.kind for section in sections}) < 2:
        return ""
    wanted = (section.text for kind in ("conclusion", "results") for section in sections if section.kind == kind)
    return next((said for said in wanted if len(said) >= _FEWEST), "")


def _sections(text: str) -> Sequence[_Section]:
    headings = [match for match in _HEADING.finditer(text) if _is_heading(match, text)]
    edges = [*(match.start() for match in headings), len(text)]
    return [
        _Section(_kind_of(heading), text[heading.end() : end].strip())
        for heading, end in zip(headings, edges[1:], strict=True)
    ]


def _kind_of(match: re.Match[str]) -> str:
    return next(kind for kind in _KINDS if match[kind])


def _is_heading(match: re.Match[str], text: str) -> bool:
    """Whether the words are written as a heading: in capitals, or with a capital and a colon, or where a sentence may begin
    before another capital."""
    words = match[_kind_of(match)]
    if match["mark"] or words.endswith("©"):
        return not words[0].islower()
    following = text[match.end() : match.end() + 1]
    if not (following.isupper() or following.isdigit()):
        return False
    return words.isupper() or (
        words[0].isupper() and len(words) >= _UNMISTAKABLE and _begins_sentence(text[: match.start()])
    )


def _begins_sentence(before: str) -> bool:
    before = before.rstrip()
    return not before or before.endswith(_SENTENCE_END) or before.lower().endswith(_ABSTRACT)
