"""The monthly report as Markdown. Names come from feeds: what Markdown would read as markup is escaped."""

from __future__ import annotations

import re

from aggregator.text import one_line
from aggregator.values.monthly_report import Month

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~&])")


def markdown(month: Month, title: str) -> str:
    """The report: one table and two short lists."""
    lines = [
        f"# {escaped(title)}: {month.begins_on:%B %Y}", "",
        f"{month.runs} {'refresh' if month.runs == 1 else 'refreshes'}, {month.fresh_runs} of them read most feeds.", "",
        "| source | offered | admitted | shown | duplicates | failed |",
        "|---|--:|--:|--:|--:|--:|",
    ]  # fmt: skip
    for source in month.sources:
        failed = f"{source.failures} of {source.polls}" if source.failures else "0"
        name = escaped(source.name) + ("" if source.is_listed else " (no longer listed)")
        lines.append(f"| {name} | {source.offered} | {source.admitted} | {source.shown} | {source.duplicates} | {failed} |")
    lines += _listed("Never contributed", [escaped(source.name) for source in month.sources if source.never_contributed])
    publishers = [f"{escaped(name)} ({count})" for name, count in month.publishers]
    lines += _listed("Often carry our stories and are not yet sources", publishers)
    return "\n".join(lines) + "\n"


def _listed(heading: str, names: list[str]) -> list[str]:
    return ["", f"## {heading}", "", *([f"- {name}" for name in names] or ["None."])]


def escaped(text: str) -> str:
    """Text escaped so that Markdown shows it unchanged."""
    return _MARKUP.sub(r"\\\1", one_line(text))
