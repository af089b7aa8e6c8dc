"""The demo's sample feeds, and how a folder is recognised as a demo's."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from aggregator.config import load
from aggregator.errors import AggregatorError, Hint, UsageError
from aggregator.feedlist.editor import lines_for
from aggregator.files import replacing
from aggregator.store.database import Database
from aggregator.store.feeds import addresses
from aggregator.values.environment import Environment
from aggregator.values.settings import Feed, FeedType, Settings, Site

# Written by the demo into its folder: when it began, and the port that its feeds are served at.
MARK = "demo.json"
# The key of the demo's list of subscribers, whom its letters are from, and where their links lead (nothing answers there).
KEY, SENDER, SIGNUP = "subscribers.key", "news@news.example", "http://127.0.0.1:8812/"
# The demo's own list of feeds, once its console was opened.
LIST = "feeds.yaml"
# Where it is not known at which port a demo's samples were served; nothing is fetched then.
UNKNOWN_PORT = 80

# file -> name, type, whether all of it is on topic
SAMPLES: dict[str, tuple[str, FeedType, bool]] = {
    "pubmed-search.xml": ("PubMed: facial paralysis", FeedType.SEARCH, False),
    "journal.xml": ("Journal of Facial Nerve Studies", FeedType.JOURNAL, False),
    "wordpress-charity.xml": ("Facial Palsy Friends", FeedType.CHARITY, False),
    "news-outlet.xml": ("Harbour Times Health", FeedType.NEWS, False),
    "google-news.xml": ("Google News search", FeedType.SEARCH, False),
    "bing-news.xml": ("Bing News search", FeedType.SEARCH, False),
    "youtube.xml": ("Facial Retraining Channel", FeedType.VIDEO, False),
    "clinicaltrials.xml": ("ClinicalTrials.gov: facial paralysis", FeedType.REGISTRY, False),
    "press-releases.xml": ("MedWire releases", FeedType.PRESS, False),
    "jsonfeed.json": ("Noticias de salud", FeedType.NEWS, False),
}


def sample_settings(port: int) -> Settings:
    """The settings of a demo whose feeds are served on 127.0.0.1 at `port`."""
    return Settings(
        site=Site(title="Facial Paralysis News"),
        feeds=tuple(
            Feed(name=name, url=f"http://127.0.0.1:{port}/{file}", type=kind, all_on_topic=all_on_topic)
            for file, (name, kind, all_on_topic) in SAMPLES.items()
        ),
    )


def write_list(data: Path) -> Path:
    """The demo's own list of feeds, which its console changes; made from the samples where there is none yet."""
    path, port = data / LIST, int((read_mark(data) or {}).get("port") or UNKNOWN_PORT)
    if not path.exists():
        lines = [line for feed in sample_settings(port).feeds for line in lines_for(feed)]
        with replacing(path) as fresh:
            fresh.write_text(
                "\n".join(["# The demo's own list: changes here reach no real page.", "feeds:", *lines, ""]), "utf-8"
            )
    return path


def demo_settings(data: Path) -> Settings:
    """The settings of the demo in `data`: what its console changed, else the samples."""
    if (data / LIST).exists():
        return load(data / LIST)
    return sample_settings(int((read_mark(data) or {}).get("port") or UNKNOWN_PORT))


def is_sample(address: str) -> bool:
    """Whether a stored feed's address is that of a sample; the port may be that of an earlier run."""
    found = re.fullmatch(r"http://127\.0\.0\.1:\d+/([\w.-]+)", address)
    return found is not None and found[1] in SAMPLES


def foreign_feeds(store: Path) -> list[str]:
    """The addresses in a store that are no sample's; StoreError where it cannot be read."""
    with Database(store) as database, database.read() as connection:
        return [address for address in addresses(connection) if not is_sample(address)]


def read_mark(data: Path) -> dict[str, Any] | None:
    """What the demo wrote into its folder; None where no demo ran. A mark that cannot be read is an empty one."""
    try:
        mark = json.loads((data / MARK).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return mark if isinstance(mark, dict) else {}


def is_demo(data: Path) -> bool:
    """Whether a demo made the store in `data`. One that real feeds were refreshed into afterwards (as earlier versions let
    happen) is a real store."""
    if not (data / MARK).exists():
        return False
    store = data / "news.db"
    try:
        return not store.exists() or not foreign_feeds(store)
    except AggregatorError:
        return True


def with_demo_key(environment: Environment) -> Environment:
    """The environment with the key of the demo's own list of subscribers, where a demo made one."""
    key = environment.data / KEY
    if not (key.exists() and is_demo(environment.data)):
        return environment
    return replace(environment, subscribers_key=None, subscribers_key_file=key, mail_from=SENDER)


def refuse_demo(data: Path) -> None:
    """UsageError where a demo made the store in `data`: real entries are not to be mixed with sample data."""
    if is_demo(data):
        raise UsageError(
            f"{data} contains a demo, and its sample data must not be mixed with real entries. Delete it, or use another.",
            hint=Hint.OTHER_FOLDER,
        )
