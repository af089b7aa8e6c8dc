"""What publishers offer: feeds of a few entries that come, change, go, return and are renamed, without regard to any reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.conftest import item, rss

CITIES = ("Lisbon", "Quito", "Osaka", "Tampere", "Leeds")
# Told by several feeds in the same words, under addresses of their own.
_HEADLINES = (
    "Facial nerve surgery restores smile of woman after twelve years in {}",
    "Mayor leaves debate early as Bell's palsy strikes half her face in {}",
    "Regulator clears new injection against hemifacial spasm for use in hospitals of {}",
)
_SYLLABLES = "ba den kor mi lund ver stro hal pe gri tas wen qua ol fer zin".split()
# What makes a title one of ours; the summaries are empty.
ON_TOPIC = ("Facial nerve", "Bell's palsy", "hemifacial spasm", "Facial paralysis")
NOTICE = "Retraction: "


@dataclass
class Item:
    """An entry as its publisher has it now; `entry` is its number in the store, once that is known."""

    guid: str
    link: str
    title: str
    at: datetime | None
    entry: int | None = None


@dataclass
class Source:
    """A feed: its name and path in feeds.yaml, whether it stands there, and what it answers (a status where it fails)."""

    name: str
    path: str
    review: bool = False
    is_listed: bool = True
    failure: int = 0
    items: list[Item] = field(default_factory=list)
    dropped: list[Item] = field(default_factory=list)
    # Whether the store has seen the name and the path: it knows a feed by one of them where the other is new.
    is_known_as_is: bool = False

    def body(self) -> bytes:
        """The document."""
        return rss(*(item(one.title, one.link, guid=one.guid, at=one.at) for one in self.items), title=self.path)


def pick(things: list[Item], number: int) -> Item | None:
    """One of them, the same for the same number."""
    return things[number % len(things)] if things else None


@dataclass
class Offer:
    """All sources, and how they change. Each change gives a sentence on what it did, or nothing where there was nothing to do."""

    sources: list[Source] = field(default_factory=list)
    # Addresses that stood under two guids of one feed: nobody's own, so nothing is known by them.
    shared: set[str] = field(default_factory=set)
    count: int = 0

    def number(self) -> int:
        """One that was not given before."""
        self.count += 1
        return self.count

    def add(self, source: Source, item: Item, what: str) -> str:
        """A new entry at the top."""
        source.items.insert(0, item)
        return f"{source.name} brings {what}, “{item.title}” ({item.guid}, {item.link})"

    def own(self, source: Source, choice: int, now: datetime) -> str:
        """An entry that no other feed has."""
        return self.add(
            source,
            self._item(f"Bell's palsy patients of {_word(self.count)} walk {_word(7 * self.count)}", choice, now),
            "an entry",
        )

    def undated(self, source: Source, choice: int, now: datetime) -> str:
        """The same without a date."""
        new = self._item(f"Facial paralysis clinic {_word(self.count)} moves to {_word(5 * self.count)}", choice, now)
        new.at = None
        return self.add(source, new, "an entry without a date")

    def off_topic(self, source: Source, choice: int, now: datetime) -> str:
        """An entry that is none of our business."""
        return self.add(
            source, self._item(f"Council of {_word(self.count)} votes on the bridge", choice, now), "something off topic"
        )

    def headline(self, source: Source, choice: int, now: datetime) -> str:
        """A report in the words of others."""
        new = self._item("", choice, now)
        new.title = _HEADLINES[choice % len(_HEADLINES)].format(CITIES[choice % 2])
        return self.add(source, new, "a headline of others")

    def copy(self, source: Source, choice: int, now: datetime) -> str:
        """The article of another feed: its address under a guid of this one's."""
        others = [one for other in self.sources if other is not source for one in other.items]
        found = pick(others, choice)
        if found is None or any(one.link == found.link for one in (*source.items, *source.dropped)):
            return ""
        return self.add(source, Item(f"g{self.number()}", found.link, found.title, found.at), "an article of another feed")

    def paper(self, source: Source, choice: int, now: datetime) -> str:
        """A study with a DOI."""
        new = self._item(f"Facial nerve regeneration with {_word(self.count)} grafts, a randomized trial", choice, now)
        new.link = f"https://doi.org/10.5555/{new.guid}"
        return self.add(source, new, "a paper")

    def notice(self, source: Source, choice: int, now: datetime) -> str:
        """The retraction of a study that some feed has."""
        found = pick(
            [one for other in self.sources for one in other.items if "doi.org" in one.link and NOTICE not in one.title],
            choice,
        )
        if found is None:
            return ""
        new = self._item("", choice, now)
        new.title, new.link = f"{NOTICE}{found.title}", f"https://doi.org/10.5555/r{new.guid}"
        return self.add(source, new, "a notice")

    def edit(self, source: Source, choice: int, now: datetime) -> str:
        """Another title."""
        found = pick(source.items, choice)
        if found is None or NOTICE in found.title:
            return ""
        found.title = f"{found.title} {_word(self.number())}"
        return f"{source.name} calls {found.guid} “{found.title}”"

    def drop(self, source: Source, choice: int, now: datetime) -> str:
        """An entry goes."""
        found = pick(source.items, choice)
        if found is None:
            return ""
        source.items.remove(found)
        source.dropped.append(found)
        return f"{source.name} drops {found.guid}"

    def put_back(self, source: Source, choice: int, now: datetime) -> str:
        """An entry that went comes back as it was."""
        found = pick(source.dropped, choice)
        if found is None:
            return ""
        source.dropped.remove(found)
        source.items.append(found)
        return f"{source.name} puts {found.guid} back"

    def reorder(self, source: Source, choice: int, now: datetime) -> str:
        """The same in another order."""
        source.items = [*source.items[1 + choice :], *source.items[: 1 + choice]][::-1]
        return f"{source.name} is in another order"

    def renew(self, source: Source, choice: int, now: datetime) -> str:
        """One entry gets another guid, or all do."""
        some = source.items if choice % 3 == 0 else source.items[choice % (len(source.items) or 1) :][:1]
        for one in some:
            one.guid = f"g{self.number()}"
        return f"{source.name} renews {len(some)} guids: {', '.join(one.guid for one in some)}" if some else ""

    def relist(self, source: Source, choice: int, now: datetime) -> str:
        """The same address once more, under a new guid and a slightly other title."""
        found = pick(source.items, choice)
        if found is None or NOTICE in found.title:
            return ""
        self.shared.add(found.link)
        number = self.number()
        return self.add(
            source, Item(f"g{number}", found.link, f"{found.title} {_word(number)}", found.at), "the same link anew"
        )

    def fail(self, source: Source, choice: int, now: datetime) -> str:
        """It cannot be read for a while."""
        source.failure = (500, 404, 418)[choice % 3]
        return (
            f"{source.name} answers {source.failure}"
            if source.failure != 418
            else f"{source.name} sends a page that is no feed"
        )

    def recover(self, source: Source, choice: int, now: datetime) -> str:
        """It can be read again."""
        was, source.failure = source.failure, 0
        return f"{source.name} works again" if was else ""

    def _item(self, title: str, choice: int, now: datetime) -> Item:
        number = self.number()
        city = CITIES[choice % len(CITIES)]
        at = now - timedelta(hours=1 + choice % 7, minutes=number % 60)
        return Item(f"g{number}", f"https://site{choice % 3}.example.org/{number}", f"{title} in {city}", at)


CHANGES = tuple(
    "own own headline headline off_topic copy undated paper notice edit drop put_back reorder renew relist fail recover recover".split()
)


def _word(number: int) -> str:
    """A name of no meaning."""
    parts, left = [], number * 7919 + 13
    for _ in range(3):
        parts.append(_SYLLABLES[left % len(_SYLLABLES)])
        left //= len(_SYLLABLES)
    return "".join(parts).capitalize()
