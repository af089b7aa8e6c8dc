"""Parse the dates that publishers write, strictly: a wrong date is worse than none.

feedparser parses dates too, but gives None for eleven of 492 real feeds and, worse, silently a wrong date for four
(2020/1/10 becomes November, "PM" is lost, "BST" is UTC), so its result is not used. Here every word and number of a date
must be understood; anything left over makes it unreadable. tests/ingest/dates.txt lists the accepted forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal

from aggregator.ingest.date_words import JOINERS, MONTHS, WEEKDAYS, zone_named
from aggregator.text import fold

# Which of day and month comes first in 01/02/2026.
Order = Literal["day", "month"]

_LONGEST = 100
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(minutes=10)
_NOON = time(12)


def read_date(written: str, order: Order | None = None) -> datetime | None:
    """The instant that `written` names, aware UTC; None if it is unreadable, ambiguous or before 1990.

    A day without a time is noon UTC, so that it is the same day in Europe and in the Americas; a month alone is noon of its
    first day. A time without a zone is taken as UTC, a time in an unknown zone as noon of its day. `order` decides
    01/02/2026 (see `order_of`).
    """
    try:
        at = _usual(written) or (_unusual(" ".join(written.split()), order) if len(written) < 1000 else None)
    except (ValueError, OverflowError):
        return None
    return at if at is not None and at >= _EARLIEST else None


def order_of(written: Iterable[str]) -> Order | None:
    """Whether the dates of one document put the day or the month first, as numbers over 12 and weekdays prove; None if
    nothing proves it or the proofs disagree."""
    orders = {_told_order(text) for text in written if _NUMBERS_ONLY.search(text)} - {None}
    return orders.pop() if len(orders) == 1 else None


def is_ambiguous(written: str) -> bool:
    """Whether `written` can be read only if the document's other dates settle the order of day and month."""
    return _NUMBERS_ONLY.search(written) is not None and read_date(written) is None and read_date(written, "day") is not None


def not_in_future(at: datetime | None, now: datetime) -> datetime | None:
    """`at`, or None if it is over 10 minutes after `now`. Noon of today stands for "today" and becomes `now`."""
    if at is None or at <= now + _TOLERANCE:
        return at
    return now if (at.hour, at.minute, at.second) == (12, 0, 0) and at.date() == now.date() else None


# ---- a fast path (ten times) for the two forms of nearly all dates ---------------------------------------------------

_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) ([A-Z]{1,5}|[+-]\d{4})"
)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?")


def _usual(written: str) -> datetime | None:
    match = _RFC_822.fullmatch(written)
    if match is not None:
        day, name, year, hour, minute, second, zone_name = match.groups()
        month, zone = MONTHS.get(name.lower()), _zone_of_mail(zone_name)
        if month is None or zone is None:
            return None
        return datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=zone).astimezone(UTC)
    if _RFC_3339.fullmatch(written):
        at = datetime.fromisoformat(written).replace(microsecond=0)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return None


def _zone_of_mail(name: str) -> tzinfo | None:
    return _offset(name[0], name[1:3], name[3:]) if name[0] in "+-" else zone_named(name)


# ---- any other form: the clock is cut out first, then the zone, and what is left must be a day ------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day; `day_after` is set for 24:00. `zone` is None if its zone is unknown."""

    at: time
    zone: tzinfo | None
    day_after: bool = False


def _unusual(text: str, order: Order | None) -> datetime | None:
    if not 6 <= len(text) <= _LONGEST:
        return None
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if _FOREIGN.search(text):
        text = _in_western_figures(text)
    match = _CLOCK.search(text)
    if match is None:
        day = _day(_ZONE_OF_A_DAY.sub("", text), order)
        return datetime.combine(day, _NOON, UTC) if day else None
    clock, rest = _clock_and_rest(match, text[match.end() :])
    day = _day(f"{text[: match.start()]} {rest}", order)
    if day is None:
        return None
    if clock.zone is None:
        return datetime.combine(day, _NOON, UTC)
    local = datetime.combine(day, clock.at, clock.zone) + timedelta(days=clock.day_after)
    return local.astimezone(UTC)


# Unix seconds or milliseconds from 2001 to 2033: 2026112410 is a date written in digits.
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_HALF = r"\s*(?P<half>[ap])\.?m(?:\.|\b)"
_CLOCK = re.compile(
    rf"(?<![\d:+-])(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?(?![\d])(?:{_HALF})?", re.I
)
_OFFSET = r"(?P<sign>[+-])(?P<hours>\d{1,2}?):?(?P<minutes>\d\d)?(?!\d)"
_PLACE = r"[a-z]+(?:/[a-z_+-]+){1,2}"
_ZONE_IN_WORDS = r"(?:eastern|central|mountain|pacific|atlantic)(?: standard| daylight)? time"
_ZONE = re.compile(
    rf"(?:\s*(?:uhr|uur|hrs?|hs?)\b\.?)?:?\s*(?:[\[(]?(?P<name>{_PLACE}|{_ZONE_IN_WORDS}|[a-z]{{1,5}}(?![^\W_]))[\])]?)?"
    rf"\s*(?:{_OFFSET}(?:\s*(?:Z|[A-Z]{{2,5}})(?![^\W_]))?)?(?P<comment>\s*[(\[][^()\[\]]*[)\]])?",
    re.I,
)
_UNIT = re.compile(r"\s*(?:uhr|uur|hrs?|hs?)\b\.?", re.I)
_ZONE_OF_A_DAY = re.compile(r"(?:\s+(?:GMT|UTC?|[A-Z]{1,2}ST|[A-Z]{1,3}DT)|Z|[+-]\d\d:\d\d|\s[+-]\d{4})$")


def _clock_and_rest(match: re.Match[str], after: str) -> tuple[_Clock, str]:
    """The clock, and the text after its zone. ValueError if there is no such time."""
    zone, length = _zone(after)
    hour, minute = int(match["hour"]), int(match["minute"])
    if match["half"] and hour <= 12:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    second = int(match["second"] or 0)
    if second > 60:
        raise ValueError("no such second")
    day_after = (hour, minute, second) == (24, 0, 0)
    return _Clock(time(0 if day_after else hour, minute, min(second, 59)), zone, day_after), after[length:]


def _zone(after: str) -> tuple[tzinfo | None, int]:
    """The zone at the start of `after` (UTC if there is none, None if it is unknown), and its length in characters."""
    match = _ZONE.match(after)
    if match is None:
        return UTC, 0
    if match["name"] and _is_word_of_a_date(match["name"]):
        unit = _UNIT.match(after)
        return UTC, unit.end() if unit else 0
    if match["sign"]:
        return _offset(match["sign"], match["hours"], match["minutes"]), match.end()
    if match["name"]:
        return zone_named(match["name"]), match.end()
    return None if match["comment"] else UTC, match.end()


def _offset(sign: str, hours: str, minutes: str | None) -> timezone | None:
    """The zone of an offset; None over 14 hours, which no place on Earth has."""
    size = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-size if sign == "-" else size) if size <= timedelta(hours=14) else None


def _is_word_of_a_date(word: str) -> bool:
    # "AT" after a clock is Atlantic Time.
    lower = word.lower()
    return lower in MONTHS or lower in WEEKDAYS or (lower in JOINERS and lower != "at")


# ---- other notations become those that `_CLOCK` and `_day` read ------------------------------------------------------

_FIGURES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.I), figures)
    for pattern, figures in (
        (r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]", r"\1-\2-\3 "),
        (
            r"\((?:[日月火水木金土一二三四五六]|[일월화수목금토])\)|(?:星期|週|周)[日一二三四五六天]|[日月火水木金土]曜日?|[일월화수목금토]요일",
            " ",
        ),
        (r"(?<=\d)[時时点點시]\s?(\d{1,2})[分분](?:\s?\d{1,2}[秒초])?", r":\1 "),
        (r"(?:오전|午前|上午)\s?(\d{1,2}:\d\d(?::\d\d)?)", r"\1 am"),
        (r"(?:오후|午後|下午)\s?(\d{1,2}:\d\d(?::\d\d)?)", r"\1 pm"),
        (r"(?<![\d:.])(\d{1,2})\s?h\s?(\d\d)(?!\d)", r"\1:\2"),
        (r"(?<![\d:.])(\d{1,2})\s?h(?![^\W_])", r"\1:00"),
        (r"(?<![\d:.])(\d{1,2})\s?([ap])\.?m(?:\.|\b)", r"\1:00 \2m"),
        (r"(?<![\d.])(\d{1,2})\.(\d\d)(?=\s?(?:uhr|uur|[ap]\.?m)\b)", r"\1:\2"),
        (r"\b(ore|kl)\.?\s(\d{1,2})\.(\d\d)(?!\d)", r"\1 \2:\3"),
        (r"^(\d{4})(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)(?!\d)", r"\1-\2-\3 \4:\5:\6"),
        (r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(?!\d)", r"\1-\2-\3 \4:\5"),
    )
)
# A cheap test: every text that `_FIGURES` changes contains one of these.
_FOREIGN = re.compile(r"[^\x00-\x7f]|\d\s?(?:h|[ap]\.?m)|\.\d\d\s?u|ore|kl|\d{8}T|\d{14}", re.I)


def _in_western_figures(text: str) -> str:
    """`text` with clocks as 14:30 and East Asian dates as 2026-1-2."""
    for pattern, figures in _FIGURES:
        text = pattern.sub(figures, text)
    return text


# ---- days ------------------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+\.?")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|[ºª°])(?![^\W_])", re.I)
_COMMENT = re.compile(r"\([^()]*\)")
_BETWEEN = r"[ ,./'’-]{1,3}"
# M stands for a month's name.
_NUMBERED = re.compile(
    r"(?P<year>\d{4})(?P<dash>[-/.])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})|(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)|"
    r"(?P<ordinal_year>\d{4})-(?P<ordinal>\d{3})|(?P<whole_year>\d{4})-(?P<whole_month>\d\d)|"
    r"(?P<european_day>\d{1,2})\.\s?(?P<european_month>\d{1,2})\.\s?(?P<european_year>\d{4}|\d\d)"
)
_IN_WORDS = re.compile(
    rf"(?P<first_day>\d{{1,2}}){_BETWEEN}M{_BETWEEN}(?P<first_year>\d{{4}}|\d\d)|"
    rf"M{_BETWEEN}(?P<second_day>\d{{1,2}}){_BETWEEN}(?P<second_year>\d{{4}}|\d\d)|"
    rf"(?P<third_year>\d{{4}}){_BETWEEN}M{_BETWEEN}(?P<third_day>\d{{1,2}})|M{_BETWEEN}(?P<last>\d{{4}})|(?P<begin>\d{{4}}){_BETWEEN}M"
)
_NUMBERS_ONLY = re.compile(r"(?<!\d)(?P<one>\d{1,2})(?P<dash>[/-])(?P<two>\d{1,2})(?P=dash)(?P<year>\d{4}|\d\d)(?!\d)")


def _day(text: str, order: Order | None) -> date | None:
    """The date that makes up all of `text`, or None. ValueError for a word or a number that no date has."""
    bare, months, weekday = _without_words(_ORDINAL.sub("", _COMMENT.sub(" ", text)))
    if len(months) == 1:
        return _day_in_words(bare, months[0])
    if months:
        return None
    match = _NUMBERS_ONLY.fullmatch(bare)
    if match is not None:
        first = _order_by_numbers(match, weekday) or order
        return _in_order(match, first) if first else None
    match = _NUMBERED.fullmatch(bare)
    return _day_in_numbers(match) if match else None


def _without_words(text: str) -> tuple[str, list[int], int | None]:
    """`text` with M for each month's name and without other words; the months' numbers; the weekday's number, or None."""
    months: list[int] = []
    weekdays: list[int] = []

    def bare(match: re.Match[str]) -> str:
        word = fold(match[0])
        # "mar. 14 févr." is a Tuesday: "mar" is a month only if no later word is one.
        if word in WEEKDAYS and (word not in MONTHS or _has_month(text[match.end() :])):
            weekdays.append(WEEKDAYS[word])
            return " "
        if word in MONTHS:
            months.append(MONTHS[word])
            return "M"
        if word not in JOINERS:
            raise ValueError(word)
        return " "

    stripped = " ".join(_WORD.sub(bare, text).split())
    return stripped.strip(" ,.-–—|·:"), months, weekdays[0] if weekdays else None


def _has_month(text: str) -> bool:
    return any(fold(word) in MONTHS for word in _WORD.findall(text))


def _day_in_words(bare: str, month: int) -> date | None:
    match = _IN_WORDS.fullmatch(re.sub(r" ?, ?", " ", bare))
    if match is None:
        return None
    part = match.groupdict()
    year = part["first_year"] or part["second_year"] or part["third_year"] or part["last"] or part["begin"]
    day = part["first_day"] or part["second_day"] or part["third_day"] or "1"
    return date(_year(year or ""), month, int(day))


def _day_in_numbers(match: re.Match[str]) -> date:
    part = match.groupdict()
    if part["ordinal"]:
        year, number = int(part["ordinal_year"]), int(part["ordinal"])
        day = date(year, 1, 1) + timedelta(days=number - 1)
        if day.year != year:
            raise ValueError("no such day of the year")
        return day
    if part["european_year"]:
        return date(_year(part["european_year"]), int(part["european_month"]), int(part["european_day"]))
    year = int(part["year"] or part["y"] or part["whole_year"])
    return date(year, int(part["month"] or part["m"] or part["whole_month"]), int(part["day"] or part["d"] or 1))


def _year(digits: str) -> int:
    """06 is 2006 and 99 is 1999 (RFC 5322 4.3 has 49 for the boundary, other readers 69; no feed is that old)."""
    number = int(digits)
    return number if len(digits) == 4 else number + (2000 if number < 70 else 1900)


def _in_order(match: re.Match[str], order: Order) -> date:
    first, second = int(match["one"]), int(match["two"])
    month, day = (first, second) if order == "month" else (second, first)
    return date(_year(match["year"]), month, day)


def _order_by_numbers(match: re.Match[str], weekday: int | None) -> Order | None:
    """Whether 05/03/2019 is 3 May or 5 March, as a number over 12 or the weekday beside it proves; else None."""
    first, second = int(match["one"]), int(match["two"])
    if first > 12 or second > 12 or first == second:
        return "day" if first > 12 else "month"
    orders: tuple[Order, Order] = ("day", "month")
    fitting = [order for order in orders if weekday is not None and _in_order(match, order).weekday() == weekday]
    return fitting[0] if len(fitting) == 1 else None


def _told_order(written: str) -> Order | None:
    """The order of day and month that one date proves by itself, or None; equal numbers prove nothing."""
    match = _NUMBERS_ONLY.search(written)
    if match is None or match["one"] == match["two"] or read_date(written) is None:
        return None
    first = _WORD.match(written)
    return _order_by_numbers(match, WEEKDAYS.get(fold(first[0])) if first else None)
