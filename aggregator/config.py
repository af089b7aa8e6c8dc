"""feeds.yaml and the environment become settings. Every mistake is one sentence with file and line, all of them at once.

What type a value must have is said by the settings, not by YAML (see yamltree).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from aggregator.errors import ConfigError
from aggregator.files import replacing
from aggregator.keys import keys_in
from aggregator.text import one_line, shorten
from aggregator.topics import vocabulary
from aggregator.urls import canonical_url
from aggregator.values.settings import Feed, Settings
from aggregator.yamltree import Place, Tree

GOOD_COPY = "feeds.good.yaml"
_LARGEST_FILE = 5_000_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings to work with. `problems` is not empty where they are the last good copy and not what the file says now;
    `gone` names feeds that the last good copy had and the file has no more."""

    settings: Settings
    problems: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def load(path: Path, *, is_known: bool = False) -> Settings:
    """The settings in `path`; ConfigError with a sentence for every mistake. `is_known` is for a file without any."""
    return settings_in(read_text(path), path, is_known=is_known)


def load_or_last_good(path: Path, data: Path) -> Loaded:
    """The settings in `path`, else those of the last good copy in `data`; ConfigError where there is neither."""
    copy = data / GOOD_COPY
    if _is_same(copy, path):
        return Loaded(load(path, is_known=True))
    last = load(copy) if copy.exists() else None
    try:
        settings = load(path)
    except ConfigError as error:
        if last is None:
            raise
        return Loaded(last, error.problems)
    names = {feed.name for feed in settings.feeds} | {feed.url for feed in settings.feeds}
    gone = tuple(f.name for f in last.feeds if f.name not in names and f.url not in names) if last else ()
    return Loaded(settings, gone=gone)


def _is_same(one: Path, other: Path) -> bool:
    try:
        # To read a pipe would wait for ever.
        return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def keep_good_copy(path: Path, data: Path) -> None:
    """Remember the file as good, for the day when it is broken."""
    copy = data / GOOD_COPY
    if _is_same(copy, path):
        return
    with replacing(copy) as fresh:
        fresh.write_bytes(path.read_bytes())


def read_text(path: Path) -> str:
    """The file's text, whatever editor saved it, with plain line ends; ConfigError where it is none."""
    try:
        if not path.is_dir() and path.exists() and not path.is_file():
            raise ConfigError(path, [f"{path} is not a file (a pipe or a device); a list of feeds is a plain text file."])
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(path, [f"{path} does not exist; copy the one that came with the program back."]) from None
    except OSError as error:
        raise ConfigError(path, [f"{path} cannot be read: {error.strerror}."]) from error
    if len(content) > _LARGEST_FILE:
        raise ConfigError(path, [f"{path.name} has {len(content) // 1_000_000} MB, which is too large for a list of feeds."])
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sentence = f"{path.name}, line {line}: a character is not saved as UTF-8; save the file with the encoding UTF-8."
        raise ConfigError(path, [sentence]) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def settings_in(text: str, path: Path, *, is_known: bool = False) -> Settings:
    """The settings that `text` holds, as the file at `path` would; ConfigError with a sentence for every mistake."""
    if "\0" in text:
        raise ConfigError(path, [f"{path.name} is not plain text (a Word file, or damaged); save it as plain text."])
    tree = Tree(path.name)
    content = tree.read(text, is_known=is_known)
    tree.problems += _cut_addresses(path.name, text)
    if tree.problems:
        raise ConfigError(path, tree.problems)
    if not isinstance(content, dict):
        said = "is empty" if content is None else "does not begin with a key"
        raise ConfigError(path, [f"{path.name} {said}; it needs at least “feeds:” with a list of feeds."])
    # A place for YAML anchors, as other tools have it.
    content = {key: value for key, value in content.items() if key != "x" and not key.startswith("x-")}
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise ConfigError(path, _sentences(error, content, tree)) from error
    repeated = [] if is_known else _repeated(settings, tree)
    problems = [*repeated, *_unknown_topics(settings, tree), *_hopeless(settings, tree)]
    if problems:
        raise ConfigError(path, problems)
    return settings


def where_in(path: Path, place: Place) -> str:
    """Where a value stands in the file, as sentences begin: “feeds.yaml, line 12”."""
    tree = Tree(path.name)
    tree.read(read_text(path))
    return tree.where(place)


def _cut_addresses(name: str, text: str) -> list[str]:
    """“ #main” behind an address is a remark to YAML, and a lost half of the address to the one who pasted it."""
    return [
        f"{name}, line {number}: YAML reads what follows “ #” as a remark. If it belongs to the address, delete the "
        "space before the #; else add a space after it."
        for number, line in enumerate(text.split("\n"), start=1)
        if re.match(r"\s*(?:- )?url:\s+\S+\s+#[^\s#]", line)
    ]


# ---- sentences -------------------------------------------------------------------------------------------------------


def _sentences(error: ValidationError, content: dict[str, Any], tree: Tree) -> list[str]:
    # A list whose only items are wrong is reported as too short besides.
    told = [problem for problem in error.errors() if problem["type"] != "too_short" or not problem["input"]]
    problems = sorted(told, key=lambda problem: tree.line(problem["loc"]))
    return [f"{tree.where(problem['loc'])}: {_whose(problem['loc'], content)}{_said(problem)}." for problem in problems]


def _whose(place: Place, content: dict[str, Any]) -> str:
    """`feed “BBC Health”, ` where a mistake is in a feed that has a name."""
    if len(place) < 2 or place[0] != "feeds" or not isinstance(place[1], int):
        return ""
    feeds = content["feeds"]
    feed = feeds[place[1]] if isinstance(feeds, list) and place[1] < len(feeds) else None
    name = feed.get("name") if isinstance(feed, dict) else None
    return f"feed “{shorten(one_line(name), 60)}”, " if isinstance(name, str) else f"feed number {place[1] + 1}, "


def _said(problem: Any) -> str:
    place, kind, given = problem["loc"], problem["type"], problem["input"]
    key = str(place[-1]) if place and isinstance(place[-1], str) else "this item"
    context = problem.get("ctx", {})
    if kind == "extra_forbidden":
        return f"“{place[-1]}” is not a known key here{_did_you_mean(place)}"
    if given is None and kind not in ("missing", "extra_forbidden"):
        return f"“{key}” is empty; write a value after it or delete the line"
    sentences = {
        "missing": f"“{key}” is missing",
        "too_short": f"“{key}” is empty; write at least one item below it, each on a line of its own that begins with “- ”",
        "string_too_short": f"“{key}” is empty; write a value after it or delete it",
        "greater_than_equal": f"“{key}” must be at least {context.get('ge')}, not {given}",
        "less_than_equal": f"“{key}” must be at most {context.get('le')}, not {given}",
        "greater_than": f"“{key}” must be more than {context.get('gt')}, not {given}",
        "string_too_long": f"“{key}” is longer than {context.get('max_length')} characters",
        "too_long": f"“{key}” is longer than {context.get('max_length')} characters",
        "string_type": f"“{key}” must be a single text, not a list or a group",
        "bool_parsing": f"“{key}” must be true or false, not “{given}”",
        "bool_type": f"“{key}” must be true or false",
        "enum": f"“{given}” is not a known {key}; write one of {context.get('expected', '')}",
        "value_error": f"{context.get('error', '')}",
    }
    if kind in sentences:
        return sentences[kind]
    if kind in ("tuple_type", "list_type"):
        return f"“{key}” must be a list: one item on each line, beginning with “- ”"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"“{key}” must have keys of its own (like “name: …”), each on a line below it"
    if kind.startswith(("float", "int")):
        return f"“{key}” must be a {'whole ' if kind.startswith('int') else ''}number, not “{given}”"
    return f"“{key}”: {problem['msg'][:1].lower()}{problem['msg'][1:]} (“{shorten(one_line(str(given)), 60)}” is given)"


def _did_you_mean(place: Place) -> str:
    model: Any = Settings
    for part in place[:-1]:
        if isinstance(part, str):
            model = Feed if part == "feeds" else model.model_fields[part].annotation if part in model.model_fields else model
    fields = model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}
    known = [field.alias or name for name, field in fields.items()]
    close = get_close_matches(str(place[-1]).lower(), known, 1)
    return f" (did you mean “{close[0]}”?)" if close else ""


def _repeated(settings: Settings, tree: Tree) -> list[str]:
    problems = []
    seen: dict[str, int] = {}
    for number, feed in enumerate(settings.feeds):
        for key, value in (("name", feed.name.casefold()), ("url", canonical_url(feed.url))):
            first = seen.setdefault(f"{key}:{value}", number)
            if first != number:
                what = "name" if key == "name" else "address"
                line = tree.line(("feeds", first, key))
                place = tree.where(("feeds", number, key))
                problems.append(f"{place}: feed “{feed.name}” has the same {what} as the feed in line {line}; keep one.")
    return problems


def _unknown_topics(settings: Settings, tree: Tree) -> list[str]:
    known = [topic.slug for topic in vocabulary().topics]
    site = settings.site
    places: list[tuple[Place, str]] = [
        (("site", key, slug), slug) for key in ("topic_pages", "topics") for slug in getattr(site, key)
    ]
    for kind in ("add", "remove"):
        places += [(("filter", kind, slug), slug) for slug in getattr(settings.filter, kind)]
    problems = [
        f"{tree.where(place)}: “{slug}” is not a topic; the topics are {', '.join(known)}."
        for place, slug in places
        if slug not in known
    ]
    for key, decision in settings.filter.overrule.items():
        if not keys_in(key):
            place = tree.where(("filter", "overrule", key))
            problems.append(
                f"{place}: “{key}” is neither an address nor an identifier; write https://…, doi:…, pmid:…, PMC… or NCT…."
            )
        if decision not in ("always", "never"):
            place = tree.where(("filter", "overrule", key))
            problems.append(f"{place}: “{decision}” is not a decision; write always or never.")
    return problems


def _hopeless(settings: Settings, tree: Tree) -> list[str]:
    """Addresses that circulate in lists and never work."""
    return [
        f"{tree.where(('feeds', number, 'url'))}: feed “{feed.name}”: PubMed makes no feed from a search in the address; "
        "open the search on pubmed.ncbi.nlm.nih.gov, press “Create RSS”, and paste the address that it gives."
        for number, feed in enumerate(settings.feeds)
        if re.search(r"ncbi\.nlm\.nih\.gov/(?:rss/search/(?:\?|PASTE)|.*erss\.cgi)", feed.url)
    ]
