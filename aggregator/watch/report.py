"""The monthly account as Markdown. Names come from feeds: what Markdown would read as markup is escaped."""

from __future__ import annotations

import re

from aggregator.text import one_line
from aggregator.values.month import Month

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~&])")


def markdown(month: Month, title: str) -> str:
    """One table and three short lists."""
    lines = [
        f"# {escaped(title)}: {month.begins_on:%B %Y}", "",
        f"{month.runs} {'refresh' if month.runs == 1 else 'refreshes'}, {month.fresh_runs} of them read most feeds.", "",
        "| source | offered | admitted | shown | told before | failed |",
        "|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for one in month.sources:
        failed = f"{one.failures} of {one.polls}" if one.failures else "0"
        name = escaped(one.name) + ("" if one.is_listed else " (no longer listed)")
        lines.append(f"| {name} | {one.offered} | {one.admitted} | {one.shown} | {one.duplicates} | {failed} |")
    lines += _listed("Never contributed", [escaped(one.name) for one in month.sources if one.never_contributed])
    found = [f"{escaped(name)} ({count})" for name, count in month.publishers]
    lines += _listed("Often carry our stories and are no sources yet", found)
    return "\n".join(lines) + "\n"


def _listed(heading: str, names: list[str]) -> list[str]:
    return ["", f"## {heading}", "", *([f"- {name}" for name in names] or ["None."])]


def escaped(text: str) -> str:
    """Text as Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\1", one_line(text))
