"""Who of the institute an item means: people by their names, their names' usual forms and the company that these need; the
institute by its own. Pure.

A name is not a person: footballers and actresses share it. What is wanted is that nobody else's news stands on the
institute's page, so a doubt decides against a mention.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from urllib.parse import urlsplit

from aggregator.text import one_line
from aggregator.values.mentions import INSTITUTE, Mention, MentionKind, Mentions
from aggregator.values.settings import Institute, NamedPerson

_TITLES = frozenset(
    "dr drs dra prof profs professor professora profesora doctor doctora doktor docteur dottor dottoressa dott".split()
)
# What else follows a name that is no person's, or another one's.
_THINGS = frozenset(
    "ltd inc llc gmbh corp co plc jr sr ii iii junior senior street avenue road park stadium hall library award foundation trust "
    "company records band farm farms winery school house prize".split()
)
# What shows, in the same item, that somebody else has the name.
_OTHERS = re.compile(
    r"\b(?:football\w*|soccer|striker|midfielder|goalkeeper|quarterback|linebacker|basketball|baseball|cricket\w*|rugby|boxer|"
    r"jockey|sprinter|swimmer|cyclist|hiker|runner|racing|coach|league|touchdowns?|goals?|marathon runner|actor|actress|sitcom|soap|"
    r"season (?:one|two|three|four)|fictional|singer|songwriter|album|guitarist|rapper|novel|novelist|poet|playwright|painter|"
    r"sculptor|photographer|filmmaker|make up artist|barista|baker|pilot|student|senator|sen|congress(?:man|woman)|councill?ors?|"
    r"council(?:man|woman)|mayor|minister|candidate|election|sheriff|judge|attorney|lawyer|barrister|plaintiff|defendant|landlord|"
    r"tenants|sentenced|convicted|arrested|charged|robbery|burglary|police|obituary|obituaries|funeral|passed away|survived by|"
    r"in loving memory|died peacefully|laid to rest|bride|groom|wedding|realtor|real estate|farmer|agronom\w*|crops?|maize|wheat|"
    r"soil|economist|economics|banker|accountant|engineer|architect|chef|teacher|principal|pastor|reverend|cardiolog\w*|cardiac|"
    r"oncolog\w*|dermatolog\w*|urolog\w*|veterinar\w*|vet|dentist|orthodont\w*|neighbou?r|debate|"
    r"futbolista|delantero|portero|goleador|jinete|actriz|cantante|novelista|alcald\w+|diputad[oa]|concejal|senador\w*|panader[oa]|"
    r"obituario|fallecio|esquela|abogad[oa]|jurista|juez|fussballer|sturmer|torwart|schauspieler\w*|sanger\w*|burgermeister\w*|"
    r"verstorben|nachruf|traueranzeige|footballeur|attaquant|actrice|chanteuse|romanciere|depute|avis de deces|calciatore|attrice|"
    r"scrittrice|sindaco|necrologio)\b"
)
# What shows, close to a name, that somebody who treats people has it.
_MEDICAL = re.compile(
    r"\b(?:md|m d|facs|frcs|dpt|pt|dr|dra|drs|prof|professor|doctor|doctora|dottor|docteur|surgeons?|surgery|surgical|physician|"
    r"therapists?|physiotherap\w*|cirujan[oa]s?|medic[oa]|chirurg\w*|chirurgien\w*|therapeut\w*|fisioterapeutas?|operated|operates)\b"
)
# What shows that an item is about medicine at all.
_CLINICAL = re.compile(
    r"\b(?:surg\w*|physician|clinics?|clinical|patients?|therap\w*|palsy|paralysis|synkines\w*|nerve|face|faces|facial|smile|eye|"
    r"hospitals?|doctors?|dr|pacientes?|enferm\w*|terapia|cirug\w*|clinica|medic\w*|patienten|klinik\w*|hopital|soins|pazient\w*)\b"
)
# Words of a face that are no medicine.
_ASIDE = re.compile(
    r"\b(?:facial (?:recognition|landmarks?|hair|routine|cuts?|injur\w+|swelling|features?|expressions?)|reconocimiento facial)\b"
)
# Places that, before or behind a short name, make it another institute's.
_PLACES = frozenset(
    "ohio texas florida colorado oregon nevada arizona utah idaho michigan indiana illinois kentucky tennessee alabama georgia "
    "virginia carolina dakota nebraska kansas iowa missouri wisconsin minnesota louisiana mississippi arkansas oklahoma montana "
    "wyoming maine vermont massachusetts connecticut maryland delaware pennsylvania jersey toledo denver boston chicago houston "
    "dallas london paris berlin madrid munich vienna zurich toronto sydney british american canadian german french spanish "
    "italian european national northern southern eastern western royal greater new university".split()
)
_OF = frozenset("of for de del della du des di fur para per pour voor".split())
# How a press release begins: a place, a date, the wire's name, two dashes.
_WIRES = re.compile(
    r"^[^/(]{3,80}(?:/[A-Za-z][^/]{1,40}/|\([A-Za-z][^)]{1,40}\))\s*(?:-{1,2}|[–—])\s|^[^/(]{3,80}-- \([A-Z][^)]{1,40}\) --\s|/ots/"
)
# Characters around a name in which a title is, and those that are quoted.
_CLOSE, _QUOTE = 45, 60


@dataclass(frozen=True, slots=True)
class Item:
    """What mentions are looked for in; `is_on_topic` says that the filter finds it about facial paralysis."""

    title: str
    text: str = ""
    authors: tuple[str, ...] = ()
    source: str = ""
    url: str = ""
    on: date | None = None
    is_on_topic: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    folded: str
    start: int
    end: int
    is_name: bool


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is known of an item beside its names: its texts, all of it folded, whether the institute or somebody whose name
    nobody shares is in it, and whether it is on topic."""

    texts: tuple[tuple[str, str], ...]
    folded: str
    is_at_home: bool
    is_on_topic: bool
    places: int


def mentions_of(item: Item, people: Sequence[NamedPerson], institute: Institute) -> Mentions:
    """Who of these people, and whether the institute, is meant by an item."""
    texts = (("title", _plain(item.title)), ("text", _plain(item.text)))
    folded = _ASIDE.sub("", _folded(f"{item.title} . {item.text} . {item.source}"))
    places = _has(folded, institute.company)
    scene = _Scene(texts, folded, False, item.is_on_topic, places)
    asked = [one for one in people if not (one.until is not None and item.on is not None and item.on > one.until)]
    rare = [one for person in asked if not person.company for one in _person_in(scene, item.authors, person)]
    own = list(_institute_in(texts, institute, is_at_home=bool(rare) or bool(places) or bool(_CLINICAL.search(folded))))
    is_own_host = any(_is_host(item.url, host) for host in institute.own_hosts)
    if is_own_host and not own:
        own = [Mention(INSTITUTE, "address", item.url)]
    scene = replace(scene, is_at_home=bool(own or rare))
    found = own + [one for person in asked for one in _person_in(scene, item.authors, person)]
    return Mentions(tuple(found), _kind(item, found, institute, is_own_host=is_own_host))


def _kind(item: Item, found: Sequence[Mention], institute: Institute, *, is_own_host: bool) -> MentionKind | None:
    if not found:
        return None
    if is_own_host or _is_sent(item, institute):
        return MentionKind.FROM_INSTITUTE
    return MentionKind.PUBLICATION if any(one.where == "author" for one in found) else MentionKind.ABOUT


def _is_sent(item: Item, institute: Institute) -> bool:
    """Whether the institute is who speaks in a press release: in its first sentence, or as the beginning of its title with an
    address of its own."""
    wire = _WIRES.search(item.text)
    if wire is None:
        return False
    first = _plain(item.text[wire.end() :]).partition(". ")[0]
    begins = any(_folded(item.title).startswith(_folded(name)) for name in institute.names)
    has_address = any(f"@{host}" in item.text for host in institute.own_hosts)
    return bool(list(_institute_in((("text", first),), institute, is_at_home=True))) or (begins and has_address)


def _is_host(url: str, host: str) -> bool:
    try:
        found = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return found == host.lower() or found.endswith(f".{host.lower()}")


# ---- words -----------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """Text with one kind of hyphen and apostrophe, without accents, as long as it was written."""
    text = one_line(text).translate(_SIGNS)
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


_SIGNS = {ord(sign): "-" for sign in "‐‑‒–—−"} | {ord(sign): "'" for sign in "’ʼ‘`´"}


@lru_cache(maxsize=256)
def _folded(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", _plain(text).lower()))


def _words(text: str) -> list[_Word]:
    return [_Word(m[0].lower(), m.start(), m.end(), m[0][0].isupper()) for m in re.finditer(r"[^\W_]+", text)]


def _tokens(name: str) -> tuple[str, ...]:
    return tuple(_folded(name).split())


def _joins(text: str, one: _Word, other: _Word) -> bool:
    """Whether two words may be parts of one name: blanks or a hyphen between, a full stop only after an initial."""
    between = text[one.end : other.start]
    return bool(re.fullmatch(r"[ -]{1,2}", between) or (re.fullmatch(r"\. ?", between) and len(one.folded) == 1))


def _has(folded: str, phrases: Sequence[str]) -> int:
    """How many of the phrases stand in a folded text."""
    padded = f" {folded} "
    return sum(f" {_folded(phrase)} " in padded for phrase in phrases)


def _quoted(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - _QUOTE) : start], text[end : end + _QUOTE]
    return f"{before}»{text[start:end]}«{after}".strip()


# ---- people ----------------------------------------------------------------------------------------------------------


def _person_in(scene: _Scene, authors: Sequence[str], person: NamedPerson) -> Iterator[Mention]:
    """Where a person is meant, at most once in each place."""
    company = _has(scene.folded, person.company)
    for where, text in scene.texts:
        for start, end, how in _spans(text, person):
            if _is_meant(scene, text, start, end, person, company, how):
                yield Mention(person.name, where, _quoted(text, start, end))
                break
    for author in authors:
        match = _author_match(author, person)
        is_in_company = scene.is_at_home or company > 1 or (match == "whole" and (scene.is_on_topic or company > 0))
        if match and (is_in_company if person.company else scene.is_at_home or scene.is_on_topic or match == "whole"):
            yield Mention(person.name, "author", one_line(author)[:200])
            break


def _spans(text: str, person: NamedPerson) -> Iterator[tuple[int, int, str]]:
    """Where a name of the person stands: from, to, and how: `whole` with their given name, `titled` with a title, `initial`,
    or `bare`."""
    words, found = _words(text), list[tuple[int, int, str]]()
    given, family = _parts(person)
    spelled = {tokens for spelling in person.spellings if (tokens := _tokens(spelling)) and tokens[0] not in _TITLES}
    for at in range(len(words)):
        for tokens in spelled:
            end = _matched(text, words, at, tokens)
            if end is not None and not _is_part(text, words, at, end):
                found.append((words[at].start, words[end].end, "whole"))
        end = _matched(text, words, at, family)
        if end is None or _is_part(text, words, at, end):
            continue
        before = words[at - 1] if at else None
        if (
            end + 1 < len(words)
            and words[end + 1].folded == given[0]
            and text[words[end].end : words[end + 1].start] == ", "
        ):
            found.append((words[at].start, words[end + 1].end, "whole"))
        elif before and before.folded in _TITLES and words[at].start - before.end <= 3:
            if not _goes_on(text, words, end):
                found.append((words[at].start, words[end].end, "titled"))
        elif before and before.folded == given[0][0] and _joins(text, before, words[at]):
            is_titled = at > 1 and words[at - 2].folded in _TITLES
            found.append((before.start, words[end].end, "titled" if is_titled else "initial"))
        elif (
            before is None or not before.is_name or not _joins(text, before, words[at]) or before.end == words[at].start - 2
        ):
            found.append((words[at].start, words[end].end, "bare"))
    order = {"whole": 0, "titled": 1, "initial": 2, "bare": 3}
    yield from sorted(found, key=lambda one: order[one[2]])


def _matched(text: str, words: Sequence[_Word], at: int, tokens: Sequence[str]) -> int | None:
    """The index of the last word of a name that begins at `at`; an initial may stand behind the given name."""
    place = at
    for number, token in enumerate(tokens):
        if number:
            following = place + 1
            if (
                number == 1
                and len(tokens) > 1
                and following + 1 < len(words)
                and len(words[following].folded) == 1
                and token != words[following].folded
            ):
                if not _joins(text, words[place], words[following]):
                    return None
                place, following = following, following + 1
            if following >= len(words) or not _joins(text, words[place], words[following]):
                return None
            place = following
        if place >= len(words) or words[place].folded != token or not words[place].is_name:
            return None
    return place


def _goes_on(text: str, words: Sequence[_Word], end: int) -> bool:
    """Whether another name follows directly: “Dr. Chen Weiming”."""
    if end + 1 >= len(words):
        return False
    following = words[end + 1]
    is_other = following.is_name and not text[following.start : following.end].isupper()
    return is_other and text[words[end].end : following.start] == " "


def _is_part(text: str, words: Sequence[_Word], at: int, end: int) -> bool:
    """Whether a name is only a part of another's, or of a thing's."""
    if at and text[words[at - 1].end : words[at].start] == "-":
        return True
    if end + 1 < len(words):
        between, following = text[words[end].end : words[end + 1].start], words[end + 1]
        if between == "-" or (between in (" ", ", ") and following.folded in _THINGS):
            return True
    return False


def _is_meant(scene: _Scene, text: str, start: int, end: int, person: NamedPerson, company: int, how: str) -> bool:
    close = _folded(text[max(0, start - _CLOSE) : end + _CLOSE])
    is_medical = bool(_MEDICAL.search(close))
    is_long = len(_parts(person)[1]) > 1
    if how != "whole" and _has_another(scene, person):
        return False
    if not person.company:
        # Nobody shares this name.
        return how in ("whole", "titled") or (is_long and (scene.is_at_home or scene.is_on_topic))
    if scene.is_at_home:
        return how in ("whole", "titled") or is_long or is_medical
    is_in_company = company > 0 or scene.is_on_topic
    if _OTHERS.search(scene.folded):
        # A doctor may be quoted beside a singer.
        return how == "whole" and is_medical and scene.is_on_topic and company > 0
    if how == "bare":
        return is_long and company > 0 and bool(_MEDICAL.search(scene.folded))
    if how == "initial":
        return is_long and is_in_company
    if not is_in_company:
        return False
    return is_medical or scene.places > 0 or (how == "whole" and scene.is_on_topic and company > 0)


def _has_another(scene: _Scene, person: NamedPerson) -> bool:
    """Whether somebody else with the same family name and a title is in the item: “Dr. Alan Young”, “Dr. Chen Weiming”."""
    given, family = _parts(person)
    for _, text in scene.texts:
        words = _words(text)
        for at in range(1, len(words)):
            end, before = _matched(text, words, at, family), words[at - 1]
            if end is None or not _joins(text, before, words[at]):
                continue
            if before.folded in _TITLES and _goes_on(text, words, end):
                return True
            is_given = before.is_name and len(before.folded) > 2 and before.folded not in (given[0], *_TITLES)
            if is_given and at > 1 and words[at - 2].folded in _TITLES:
                return True
    return False


def _parts(person: NamedPerson) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The given name, and the family name."""
    tokens = _tokens(person.name)
    return tokens[:1], tuple(token for token in tokens[1:] if len(token) > 1)


def _author_match(author: str, person: NamedPerson) -> str:
    """`whole` or `initials` where an author's name may be the person's; empty where not. A known middle initial must fit."""
    given, family = _parts(person)
    spelled = [_tokens(spelling) for spelling in person.spellings]
    middle = {one[1] for one in spelled if len(one) > 2 and len(one[1]) == 1}
    tokens = [one for one in _tokens(author) if one not in _TITLES and one not in ("md", "phd", "facs", "pt", "dpt")]
    if len(family) > 1 and set(tokens) == {*given, *family}:
        return "whole"
    at = next((at for at in range(len(tokens)) if tuple(tokens[at : at + len(family)]) == family), None)
    if at is None:
        # Many journals print the first of two Spanish family names; one with a hyphen is one name.
        if len(family) < 2 or family[0] not in tokens or "-" in _plain(person.name):
            return ""
        at, family = tokens.index(family[0]), family[:1]
    rest = [*tokens[:at], *tokens[at + len(family) :]]
    if not rest:
        return ""
    if rest[0] == given[0]:
        extra = [one for one in rest[1:] if len(one) == 1]
        return "" if [one for one in rest[1:] if len(one) > 1] or (middle and extra and extra[0] not in middle) else "whole"
    letters = "".join(rest) if all(len(one) <= 3 for one in rest) else ""
    if not letters or letters[0] != given[0][0]:
        return ""
    if len(letters) > 1 and (not middle or letters[1] not in middle):
        return ""
    # With a middle initial that fits, or two family names, it is hardly another.
    return "whole" if len(letters) > 1 or len(family) > 1 else "initials"


# ---- the institute ---------------------------------------------------------------------------------------------------


def _institute_in(texts: Sequence[tuple[str, str]], institute: Institute, *, is_at_home: bool) -> Iterator[Mention]:
    """Where the institute is meant; a name of two words only in an item that `is_at_home` in medicine or its place."""
    for where, text in texts:
        words = _words(text)
        for name in institute.names:
            tokens = _tokens(name)
            found = next(
                (
                    (words[at].start, words[end].end)
                    for at in range(len(words))
                    if (end := _matched_all(text, words, at, tokens)) is not None
                    and not _is_another(text, words, at, end, institute)
                    and (len(tokens) > 2 or is_at_home)
                ),
                None,
            )
            if found:
                yield Mention(INSTITUTE, where, _quoted(text, *found))
                break


def _matched_all(text: str, words: Sequence[_Word], at: int, tokens: Sequence[str]) -> int | None:
    end = at + len(tokens) - 1
    if end >= len(words) or [word.folded for word in words[at : end + 1]] != list(tokens) or not words[at].is_name:
        return None
    return end if all(_joins(text, words[n], words[n + 1]) for n in range(at, end)) else None


def _is_another(text: str, words: Sequence[_Word], at: int, end: int, institute: Institute) -> bool:
    """Whether words around the name make it another institute's: a place before, “of …” or a place behind."""
    allowed = {token for phrase in institute.company for token in _tokens(phrase)}
    is_beside = at > 0 and text[words[at - 1].end : words[at].start] in (" ", "-")
    if is_beside and words[at - 1].is_name and words[at - 1].folded in _PLACES - allowed:
        return True
    if end + 2 < len(words) and text[words[end].end : words[end + 1].start] == " ":
        link, following = words[end + 1], words[end + 2]
        if link.folded in _OF and following.folded not in allowed:
            return following.is_name or link.folded in ("of", "for")
        if link.folded in ("in", "en", "at") and following.folded in _PLACES - allowed:
            return True
        return link.is_name and link.folded in ("foundation", "press", "garden", "gardens", "street")
    return False
