"""The words that visitors read around the news, dates and numbers among them, in one language: `languages/<language>.yaml`.

Names of languages, months and days, and the rules of plurals, are those of the CLDR (babel).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias, cast

from markupsafe import Markup, escape
from ruamel.yaml.nodes import MappingNode, Node

from aggregator.topics import vocabulary
from aggregator.yamltree import compose

# babel is imported where it is used: while documents are parsed, its memory is theirs.
if TYPE_CHECKING:
    from babel import Locale

# The languages of the interface: a file for each.
LANGUAGES = ("en", "de", "es", "fr")

Text: TypeAlias = "str | Mapping[str, Text]"
_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, by key. A text is a format string; where it depends on a number `n`, it has forms by the
    plural categories of the CLDR: “one”, and “other” for all else."""

    language: str
    locale: Locale
    texts: Mapping[str, Text]

    def __call__(self, key: str, **values: object) -> Markup:
        """The text `key` for a page: whatever is not Markup in it is escaped. KeyError if there is none."""
        return Markup(escape(self._form(key, values))).format(**self._shown(values))  # noqa: S704 - escaped just here

    def text(self, key: str, **values: object) -> str:
        """The same as plain text."""
        return self._form(key, values).format(**self._shown(values))

    def _form(self, key: str, values: Mapping[str, object]) -> str:
        found = self._find(key)
        if isinstance(found, str):
            return found
        number = cast("int", values["n"])
        return str(found.get(self.locale.plural_form(number), found["other"]))

    def _find(self, key: str) -> Text:
        found: Text = self.texts
        for part in key.split("."):
            if isinstance(found, str):
                raise KeyError(key)
            found = found[part]
        return found

    def _shown(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        try:
            self._find(key)
        except KeyError:
            return False
        return True

    def number(self, value: int) -> str:
        """`12,345` as the language writes it."""
        from babel.numbers import format_decimal  # noqa: PLC0415

        return format_decimal(value, locale=self.locale)

    def topic(self, slug: str) -> str:
        """A topic's name; the slug itself for one that is gone. English names stand in topics.yaml."""
        return self.text(f"topics.{slug}.name") if self.has(f"topics.{slug}") else vocabulary().name(slug)

    def about(self, slug: str) -> str:
        """One sentence on what a topic is; empty for one that is gone."""
        return self.text(f"topics.{slug}.about") if self.has(f"topics.{slug}") else vocabulary().about(slug)

    def label(self, evidence: str) -> str:
        """What sort of item it is: `Randomised trial`; empty where nobody could say."""
        return self.text(f"kinds.{evidence}.label") if self.has(f"kinds.{evidence}") else ""

    def language_name(self, tag: str | None) -> str:
        """`in German` for the tag `de` or `de-CH` (BCP 47); `in another language` if the CLDR has no name; empty without a
        tag."""
        if not tag:
            return ""
        name = self.locale.languages.get(tag.split("-")[0].lower())
        return self.text("in_language", name=name) if name else self.text("in_another_language")

    def day(self, on: date) -> str:
        """`22 November 2026`."""
        return self._date(on, "day")

    def short_day(self, on: date) -> str:
        """`22 November`."""
        return self._date(on, "short_day")

    def weekday(self, on: date) -> str:
        """`Sunday, 22 November 2026`."""
        return self._date(on, "weekday")

    def month(self, on: date) -> str:
        """`November 2026`, as a heading."""
        found = self._date(on, "month")
        return found[:1].upper() + found[1:]

    def clock(self, at: datetime) -> str:
        """`9:05 am PST`, in the zone of `at`."""
        from babel.dates import format_time  # noqa: PLC0415

        return f"{format_time(at, self.text('dates.clock'), locale=self.locale)} {at.tzname()}"

    def _date(self, on: date, pattern: str) -> str:
        from babel.dates import format_date  # noqa: PLC0415

        return format_date(on, self.text(f"dates.{pattern}"), locale=self.locale)

    def listed(self, names: Sequence[str]) -> str:
        """`A`, `A and B`, `A, B and C`; of many, the first few: `A, B, C and 47 more`."""
        if len(names) > _MOST_NAMES:
            names = [*names[: _MOST_NAMES - 1], self.text("n_more", n=len(names) - _MOST_NAMES + 1)]
        return self.text("and").join(filter(None, (", ".join(names[:-1]), *names[-1:])))

    def script_texts(self, name: str) -> dict[str, Text]:
        """The words of a script of ours, and their language."""
        return {"language": self.language, **cast("Mapping[str, Text]", self._find(f"scripts.{name}"))}

    def script(self, name: str) -> str:
        """The same as a statement that defines them: `var words = {…};`."""
        told = json.dumps(self.script_texts(name), ensure_ascii=False)
        return f"var words = {told.replace('<', chr(92) + 'u003c')};\n"


def words_of(language: str) -> Words:
    """The words for a page in `language` (a BCP 47 tag); English ones for a language that we have none of."""
    spoken = language.lower().partition("-")[0]
    return _words(spoken if spoken in LANGUAGES else "en")


@cache
def _words(language: str) -> Words:
    from babel import Locale  # noqa: PLC0415

    text = files("aggregator").joinpath("render", "languages", f"{language}.yaml").read_text("utf-8")
    (root,) = compose(text, is_known=True)
    texts = cast("Mapping[str, Text]", _plain(root))
    # English days are written as Europe writes them, day first.
    return Words(language, Locale("en", "GB") if language == "en" else Locale(language), texts)


def _plain(node: Node) -> Text:
    if isinstance(node, MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    return str(node.value)
