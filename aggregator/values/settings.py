"""What feeds.yaml says, checked and frozen. The rules for single values live here, the reading of the file in config."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from aggregator.text import one_line
from aggregator.urls import shown_address, web_address


class FeedType(StrEnum):
    """What sort of publisher stands behind a feed."""

    NEWS = "news"
    JOURNAL = "journal"
    PREPRINT = "preprint"
    REGISTRY = "registry"
    PRESS = "press"
    GOVERNMENT = "government"
    CHARITY = "charity"
    VIDEO = "video"
    INSTITUTE = "institute"
    SEARCH = "search"


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"“{name}” is not a time zone; write one like America/Los_Angeles or Europe/London")
    return name


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"“{text}” is not a time of day; write it like 05:00")
    return text.zfill(5)


def _language(tag: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", tag):
        raise ValueError(f"“{tag}” is not a language; write one like en or es")
    return tag.replace("_", "-")


def _web(address: str) -> str:
    return web_address(address)


Line = Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=200)]
Web = Annotated[str, BeforeValidator(lambda value: value if not isinstance(value, str) else _web(value))]
Language = Annotated[str, AfterValidator(_language)]
Phrases = tuple[Line, ...]


class Value(BaseModel):
    """A frozen value that knows no other keys than its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Feed(Value):
    """One polled address. It is known by its `url`; `name` is only a label that staff and visitors see."""

    name: Annotated[Line, Field(max_length=100)]
    url: Web
    type: FeedType = FeedType.NEWS
    all_on_topic: bool = False
    review: bool = False
    language: Language | None = None
    weight: Annotated[float, Field(gt=0, le=10)] = 1.0
    enabled: bool = True

    @property
    def is_search(self) -> bool:
        """Whether it lists what many publishers wrote, so that its entries name theirs; all others speak for themselves."""
        return self.type is FeedType.SEARCH

    @property
    def shown_url(self) -> str:
        """Its address as it may be shown: without passwords and tokens."""
        return shown_address(self.url)


class CallToAction(Value):
    """The institute's own line under the news: how to get in touch."""

    text: Line
    phone: Line | None = None
    hours: Line | None = None
    url: Web | None = None


class Question(Value):
    """A question that people ask of the institute, and its answer."""

    question: Line
    answer: Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=2000)]


class TopicPage(Value):
    """What the institute says of a topic: the address of its own page, a sentence, its line, questions and answers."""

    page: Web | None = None
    lead: Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=500)] | None = None
    call_to_action: CallToAction | None = None
    faq: tuple[Question, ...] = ()


class Site(Value):
    """The page: what it is called, where it lives, in which zone its days begin."""

    title: Line = "Facial Paralysis News"
    url: Web | None = None
    language: Language = "en"
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "America/Los_Angeles"
    contact: Line | None = None
    stories: Annotated[int, Field(ge=1, le=100)] = 12
    call_to_action: CallToAction | None = None
    topic_pages: dict[str, Web] = Field(default_factory=dict)
    topics: dict[str, TopicPage] = Field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.time_zone)

    def topic(self, slug: str) -> TopicPage:
        """What the institute says of a topic; `topic_pages` is the short form of its address."""
        said = self.topics.get(slug, TopicPage())
        return (
            said if said.page or slug not in self.topic_pages else said.model_copy(update={"page": self.topic_pages[slug]})
        )


class Schedule(Value):
    """When the built-in scheduler refreshes, in the site's zone."""

    refresh_at: Annotated[tuple[Annotated[str, AfterValidator(_clock)], ...], Field(min_length=1)] = ("05:00",)


class Keep(Value):
    """How long what is not shown is kept."""

    rejected_days: Annotated[int, Field(ge=30, le=36500)] = 400


class Alerts(Value):
    """Who is told when something needs a person."""

    email_to: tuple[Line, ...] = ()


class FilterRules(Value):
    """What staff change about the filter. Keys of `add` and `remove` are topics."""

    add: dict[str, Phrases] = Field(default_factory=dict)
    remove: dict[str, Phrases] = Field(default_factory=dict)
    never: Phrases = ()
    never_from: Phrases = ()
    overrule: dict[str, str] = Field(default_factory=dict)
    # What becomes of entries that are only probably on topic.
    doubtful: Literal["review", "admit", "reject"] = "review"


class Signup(Value):
    """Where people ask for the newsletter, and how the messages of the institute's contact form are read."""

    url: Web | None = None
    bounces: Annotated[Line, Field(pattern=r"^[^@\s+]+@[^@\s]+$")] | None = None
    words: Phrases = ()
    senders: tuple[Line, ...] = ()
    own_domains: tuple[Line, ...] = ()
    fields: dict[Literal["email", "comment"], Phrases] = Field(default_factory=dict)


class NamedPerson(Value):
    """Somebody of the institute whom the news may mention: the `name` that readers see, `also` other spellings; what must
    stand beside a name that others have too (`with`)."""

    name: Line
    also: Phrases = ()
    company: Annotated[Phrases, Field(alias="with")] = ()
    role: Line | None = None
    until: date | None = None

    @property
    def spellings(self) -> Phrases:
        """All spellings, the name first."""
        return (self.name, *self.also)


class Institute(Value):
    """The institute itself: its `names`, what must stand beside a short one (`with`), the hosts that are its own."""

    names: Phrases = ()
    company: Annotated[Phrases, Field(alias="with")] = ()
    own_hosts: Phrases = ()


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _slot(text: str) -> str:
    day, _, clock = " ".join(text.lower().split()).partition(" ")
    is_day = day in DAYS or (day.isdigit() and 1 <= int(day) <= 28)
    if not is_day or not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", clock):
        raise ValueError(f"“{text}” is not a day and a time; write monday 07:00, or for a month 1 07:00 (its day, 1 to 28)")
    return f"{day} {_clock(clock)}"


Slot = Annotated[str, AfterValidator(_slot)]


class IssueTimes(Value):
    """When the draft of an issue is made, and when the issue is sent, in the site's zone: `monday 07:00`, or the day of a
    month, `1 07:00`."""

    draft_at: Slot
    send_at: Slot


class Newsletter(Value):
    """How issues are made and sent. Without `week` and `month` staff make and send each themselves."""

    week: IssueTimes | None = None
    month: IssueTimes | None = None
    stories: Annotated[int, Field(ge=1, le=40)] = 8
    # What becomes of a draft that nobody approved in time.
    if_unapproved: Literal["wait", "send_safe"] = "wait"
    # Letters a minute at most.
    a_minute: Annotated[int, Field(ge=1, le=100_000)] = 120
    # The sender's postal address, which some countries' law wants in each letter.
    postal: Line | None = None
    # The name under which the mail server's DKIM key is published.
    dkim_selector: Annotated[Line, Field(pattern=r"^[A-Za-z0-9_.-]{1,63}$")] | None = None


class Settings(Value):
    """The whole of feeds.yaml."""

    site: Site = Site()
    schedule: Schedule = Schedule()
    keep: Keep = Keep()
    alerts: Alerts = Alerts()
    filter: FilterRules = FilterRules()
    signup: Signup = Signup()
    newsletter: Newsletter = Newsletter()
    institute: Institute = Institute()
    named_people: tuple[NamedPerson, ...] = ()
    feeds: Annotated[tuple[Feed, ...], Field(min_length=1)]

    @property
    def reviewed(self) -> frozenset[str]:
        """The addresses of the feeds whose entries wait for staff."""
        return frozenset(feed.url for feed in self.feeds if feed.review)

    @property
    def enabled_feeds(self) -> tuple[Feed, ...]:
        """The feeds that a refresh asks."""
        return tuple(feed for feed in self.feeds if feed.enabled)
