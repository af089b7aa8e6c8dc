"""Feeds that are the same at every run: RSS and Atom, thirty entries each, 60 to 75 KB with HTML descriptions, 10 % of the
entries in two feeds, 3 % on topic."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from random import Random

_WORDS = [
    "health",
    "study",
    "hospital",
    "patients",
    "new",
    "report",
    "county",
    "council",
    "school",
    "water",
    "public",
    "research",
    "university",
    "doctors",
    "care",
    "heart",
    "children",
    "market",
    "weather",
    "local",
    "police",
    "city",
    "report",
    "people",
    "year",
    "week",
    "after",
    "before",
    "plan",
    "bridge",
    "election",
    "budget",
    "music",
    "film",
    "season",
    "coach",
    "game",
    "win",
    "season",
    "train",
    "storm",
    "river",
    "museum",
    "garden",
    "recipe",
    "travel",
    "phone",
    "update",
    "software",
    "climate",
    "energy",
    "farm",
    "vaccine",
    "surgery",
    "clinic",
    "trial",
    "nurse",
    "cancer",
    "sleep",
    "diet",
    "exercise",
    "brain",
    "memory",
    "pain",
    "muscle",
    "nerve",
    "bone",
    "skin",
]
_ON_TOPIC = (
    "Bell's palsy in pregnancy", "Facial paralysis after ear surgery", "Smile reanimation with a gracilis muscle transfer",
    "Botulinum toxin for facial synkinesis", "Ramsay Hunt syndrome: a case report", "Hemifacial spasm and its treatment",
)  # fmt: skip


def _sentence(random: Random, words: int) -> str:
    return " ".join(random.choices(_WORDS, k=words)).capitalize() + "."


def _entry(number: int) -> tuple[str, str, str]:
    random = Random(number)
    title = random.choice(_ON_TOPIC) if random.random() < 0.03 else _sentence(random, 8)[:-1]
    paragraphs = "".join(
        f'<p class="wp-block">{_sentence(random, 30)} <a href="https://example.org/{n}?utm_source=rss">{_sentence(random, 3)}</a> '
        f"<strong>{_sentence(random, 4)}</strong> {_sentence(random, 25)}</p>\n"
        for n in range(3)
    )
    return f"{title} {number}", f"https://news{number % 50}.example.org/{number}/story.html", paragraphs


def feed(number: int) -> bytes:
    """The bytes of feed `number`."""
    random = Random(f"feed {number}")
    numbers = [number * 30 + n if random.random() > 0.1 else random.randrange(30_000) for n in range(30)]
    entries = "".join((_atom if number % 3 == 0 else _rss)(one, *_entry(one)) for one in numbers)
    if number % 3 == 0:
        return f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Feed {number}</title>{entries}</feed>'.encode()
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Feed {number}</title>{entries}</channel></rss>'.encode()


def _rss(number: int, title: str, url: str, body: str) -> str:
    day = 1 + number % 20
    return (
        f"<item><title>{escape(title)}</title><link>{url}</link><guid>{url}</guid><pubDate>Tue, {day:02} Nov 2026 07:00:00 GMT"
        f"</pubDate><description><![CDATA[{body}]]></description></item>\n"
    )


def _atom(number: int, title: str, url: str, body: str) -> str:
    day = 1 + number % 20
    return (
        f'<entry><title>{escape(title)}</title><link href="{url}"/><id>{url}</id><updated>2026-11-{day:02}T07:00:00Z</updated>'
        f'<content type="html">{escape(body)}</content></entry>\n'
    )


def feeds(count: int) -> Iterator[bytes]:
    """The first `count` feeds."""
    return (feed(number) for number in range(count))


def with_new(body: bytes, number: int) -> bytes:
    """The feed with two new entries at its top."""
    is_atom = b"<feed" in body[:200]
    new = "".join((_atom if is_atom else _rss)(n, *_entry(n)) for n in (number, number + 1)).encode()
    mark = b"<entry>" if is_atom else b"<item>"
    head, found, rest = body.partition(mark)
    return head + new + found + rest
