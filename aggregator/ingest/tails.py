"""Cut what a shown summary does not need at its end: link texts (“Read more »”), WordPress's “The post … appeared first
on …”. Only the shown summary is cut, never the text that is judged, and only whole sentences are: "Most people see full
recovery within nine months" is no link.
"""

from __future__ import annotations

import re

from aggregator.text import fold

_SHOWN_END = 600
# How many words may follow a link's first words, without and with an arrow at the end.
_FEW, _BEFORE_AN_ARROW = 4, 15

_TEXT = (
    r"(?:(?:news|press|blog|original|complete|entire|full)\s)?(?:abstract|announcement|article|blog|column|coverage|details?|"
    r"entry|essay|interview|news|page|paper|piece|post|release|report|review|stor(?:y|ies)|study|text|thing|transcript|version)"
)
_WHOLE = "(?:full|whole|entire|complete|original|rest)"
# A link begins with a capital letter, whatever the case of the others: "Doctors read more" continues a sentence.
_LINKS = (
    r"Read more|View more|See more|Learn more|Find out more|Continue reading|Keep reading",
    rf"(?:Read|View|See) (?:the |this |our )?{_WHOLE}(?: of (?:the|this))?(?: {_TEXT}|(?!\s*\w))",
    rf"(?:Read|View) (?:the |this |our )?{_TEXT}",
    r"Click here(?: (?:to|for) \w+)?",
    r"Leer más|Seguir leyendo|Sigue leyendo|Continuar? leyendo|Continúa leyendo|Ver más|Más información",
    r"Weiterlesen|Mehr (?:lesen|erfahren|dazu)|Zum (?:ganzen |vollständigen )?(?:Artikel|Beitrag)",
    r"Lire (?:la suite|plus|l['’]article)|En savoir plus",
    r"Leia (?:mais|também)|Ler mais|Saiba mais|Continue lendo|Continuar a ler",
    r"Leggi (?:tutto|di più|ancora|l['’]articolo)|Continua (?:a leggere|la lettura)",
    r"Lees (?:meer|verder)|Verder lezen",
)
# Links only if nothing follows them.
_ALONE = rf"(?:Full {_TEXT}|More|Comments?)(?!\s*\w)"
_FOOTERS = (
    r"The (?:post|article) (.{1,300}?) (?:appeared first|first appeared) on",
    r"Read more of (this) story at",
    r"La entrada (.{1,300}?) (?:se publicó|apareció|aparece) primero en",
    r"Der (?:Beitrag|Artikel) (.{1,300}?) erschien zuerst auf",
    r"(?:L['’]article|Cet article) (.{1,300}?) est apparu en premier sur",
    r"O (?:post|conteúdo|artigo) (.{1,300}?) apareceu primeiro em",
    r"L['’]articolo (.{1,300}?) (?:proviene da|sembra essere il primo su)",
    r"Het (?:bericht|artikel) (.{1,300}?) verscheen eerst op",
)
_BEGIN = r"(?:^|(?<=[.!?…»›→|\])”\"’–—])|(?=[(\[]))\s*[(\[<]*\s*"
_LINK = re.compile(rf"{_BEGIN}(?=[A-ZÀ-Ý])(?P<words>(?i:{'|'.join(_LINKS)}|{_ALONE}))(?![^\W_])")
# An ellipsis or an arrow marks a link even if no full stop precedes it (The Guardian): "… the world Continue reading…". The
# case of all letters matters, so that no headline matches.
_MARKED = re.compile(rf"\s(?:{'|'.join(_LINKS)})\s*(?:…|\.\.\.|»|›|→|>>)+[\])]?$")
# A footer may follow a link's text as well as a sentence.
_FOOTER = re.compile(rf"(?:^|\s)(?:{'|'.join(_FOOTERS)}) (?:[^.!?]|[.!?](?=\S)){{1,120}}[.!?]?$", re.S)
_ARROWS = re.compile(r"(?:\s*(?:»|›|→|>>))+$")
# Every tail contains one of these: searching for words is twenty times cheaper than trying the expressions.
_TAIL_WORDS = (
    "read", "view", "see ", "learn", "find out", "here", "comment", "full", "more", "mehr", "más", "leyendo", "weiter",
    "zum ", "lire", "savoir", "mais", "lendo", " ler", "legg", "continua", "lees", "lezen", "»", "›", "→", ">>", " first",
    "primero", "zuerst", "premier", "primeiro", "proviene", "primo", "eerst",
)  # fmt: skip
_CUTS = ("[…]", "[...]", "…", "...")


def without_tail(text: str, title: str) -> str:
    """`text` without the link texts and footers that end it."""
    # A bounded piece, so that no text makes the expressions slow.
    kept, end = text[:-_SHOWN_END], text[-_SHOWN_END:]
    for _ in range(4):
        lower = end.lower()
        if not any(word in lower for word in _TAIL_WORDS):
            break
        shorter = _without_last(end, title, is_whole=not kept)
        if shorter == end:
            break
        end = shorter
    return (kept + end).strip()


def whole(text: str) -> str:
    """`text` without an ellipsis at its end."""
    for mark in _CUTS:
        if text.endswith(mark):
            return text.removesuffix(mark).rstrip()
    return text


def _without_last(end: str, title: str, *, is_whole: bool) -> str:
    footer = _FOOTER.search(end)
    if footer is not None and (_is_about(footer, title) or _SENTENCE_END.search(end[: footer.start()] or ".")):
        return end[: footer.start()].rstrip()
    marked = _MARKED.search(end)
    if marked is not None:
        return end[: marked.start()].rstrip()
    for match in _LINK.finditer(end):
        # The start of a cut piece need not be the start of a sentence.
        if (match.start() > 0 or is_whole) and _is_link(match["words"], end[match.end() :], title):
            return end[: match.start()].rstrip()
    return _ARROWS.sub("", end).rstrip()


def _is_about(footer: re.Match[str], title: str) -> bool:
    return any(fold(name) == fold(title) for name in footer.groups() if name)


_SENTENCE_END = re.compile(r"[.!?]\s|(?<!\.\.)[.!?]$")
# "See more cases" continues a sentence, "Read more about it" may be a link.
_GOES_ON = re.compile(r"\s(?!about\b|at\b|from\b|here\b|in\b|of\b|on\b|online\b)\w", re.I)


def _is_link(words: str, rest: str, title: str) -> bool:
    """Whether `rest`, the text after a link's first words, belongs to the link: nothing, the entry's own title, or a few
    words that end no sentence."""
    rest = rest.strip()
    following = re.findall(r"\w[\w'’.-]*", rest)
    if not following or (title and fold(rest) == fold(title)):
        return True
    if _SENTENCE_END.search(rest):
        return False
    if rest.endswith(("»", "›", "→", ">>")):
        return len(following) <= _BEFORE_AN_ARROW
    if words.lower().endswith(" more") and _GOES_ON.match(f" {rest}"):
        return False
    return len(following) <= _FEW
