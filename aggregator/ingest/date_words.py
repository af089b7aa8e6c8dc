"""The words of dates: months and weekdays in the languages of our feeds, and time zones.

A name may be abbreviated to its first three letters or more (“Sep”, “sept.”, “Wednes”), and is compared without accents.
"""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from aggregator.text import fold

# English, German, French, Spanish, Italian, Portuguese, Dutch, Greek (genitive too), Hungarian.
_MONTH_NAMES = (
    "january januar jänner janvier enero gennaio janeiro januari ιανουάριος ιανουαρίου január",
    "february februar février febrero febbraio fevereiro februari φεβρουάριος φεβρουαρίου február",
    "march märz mars marzo março maart μάρτιος μαρτίου március",
    "april avril abril aprile απρίλιος απριλίου április",
    "may mai mayo maggio maio mei μάιος μαΐου május",
    "june juni juin junio giugno junho ιούνιος ιουνίου június",
    "july juli juillet julio luglio julho ιούλιος ιουλίου július",
    "august août agosto augustus αύγουστος αυγούστου augusztus",
    "september septembre septiembre setiembre settembre setembro σεπτέμβριος σεπτεμβρίου szeptember",
    "october oktober octobre octubre ottobre outubro οκτώβριος οκτωβρίου október",
    "november novembre noviembre novembro νοέμβριος νοεμβρίου",
    "december dezember décembre diciembre dicembre dezembro δεκέμβριος δεκεμβρίου",
)
_DAY_NAMES = (
    "monday montag mo lundi lunes lunedì segunda maandag ma δευτέρα",
    "tuesday dienstag di mardi martes martedì terça dinsdag τρίτη",
    "wednesday mittwoch mi mercredi miércoles mercoledì quarta woensdag wo τετάρτη",
    "thursday donnerstag do jeudi jueves giovedì quinta donderdag πέμπτη",
    "friday freitag fr vendredi viernes venerdì sexta vrijdag vr παρασκευή",
    "saturday samstag sa samedi sábado sabato zaterdag za σάββατο",
    "sunday sonntag so dimanche domingo domenica zondag zo κυριακή",
)


def _by_word(names: tuple[str, ...], first: int) -> dict[str, int]:
    """The number of each name and of each unambiguous abbreviation ("jui" could be June or July)."""
    numbers_by_word: dict[str, set[int]] = {}
    for number, words in enumerate(names, first):
        for word in fold(words).split():
            for length in range(min(3, len(word)), len(word) + 1):
                numbers_by_word.setdefault(word[:length], set()).add(number)
    return {word: numbers.pop() for word, numbers in numbers_by_word.items() if len(numbers) == 1}


MONTHS = _by_word(_MONTH_NAMES, 1) | {"mrz": 3, "mrt": 3}
# As `date.weekday()` counts: Monday is 0.
WEEKDAYS = _by_word(_DAY_NAMES, 0)
# Filler words between the parts of a date.
JOINERS = frozenset("at on the of a as las um om op alle ore le el il den der de del di do t uhr uur feira kl y".split())

# Zones of RFC 5322, 4.3, and others that real feeds use: hours from UTC, or a name of the tz database. The single letters of
# RFC 822 are left out: it defined their signs the wrong way round (RFC 5322), so they are ambiguous.
_ZONES: dict[str, float | str] = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1, "wat": 1, "cest": 2,
    "mest": 2, "mesz": 2, "eet": 2, "sast": 2, "cat": 2, "eest": 3, "msk": 3, "eat": 3, "pkt": 5, "ist": 5.5, "wib": 7,
    "hkt": 8, "sgt": 8, "awst": 8, "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "acdt": 10.5, "aedt": 11, "nzst": 12,
    "nzdt": 13, "nst": -3.5, "ndt": -2.5, "brt": -3, "art": -3, "ast": -4, "adt": -3, "est": -5, "edt": -4, "cst": -6,
    "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10,
    "at": "America/Halifax", "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}  # fmt: skip


def zone_named(name: str) -> tzinfo | None:
    """The zone of an abbreviation ("EST"), of words ("Eastern Time") or of a place ("America/New_York"); None for an
    unknown name."""
    zone = _ZONES.get("".join(word[0] for word in name.split()).lower() if " " in name else name.lower())
    if isinstance(zone, int | float):
        return timezone(timedelta(hours=zone))
    place = zone or name
    if "/" not in place:
        return None
    try:
        return ZoneInfo(place)
    except (KeyError, ValueError, OSError):
        # Unknown, not a valid file name, or a directory ("America/Argentina").
        return None
