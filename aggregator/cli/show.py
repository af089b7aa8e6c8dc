"""How things look on a terminal. Text from feeds is printed as text: no markup, no control characters."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from aggregator.jobs.refresh import Progress as Told
from aggregator.text import one_line, shorten
from aggregator.values.reports import RunReport

out = Console(markup=False, highlight=False, soft_wrap=True)
err = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)


def say(sentence: str) -> None:
    """A line on standard output."""
    out.print(sentence)


def complain(sentence: str) -> None:
    """A line on standard error."""
    err.print(sentence)


def say_json(value: Any) -> None:
    """One JSON value, complete and alone on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their headings; on a pipe, one row a line with tabs between."""
    if not out.is_terminal:
        for row in (columns, *rows) if columns else rows:
            # Not through the console, which turns tabs into blanks.
            sys.stdout.write("\t".join(one_line(cell) for cell in row) + "\n")
        return
    shown = Table(box=None, header_style="bold", pad_edge=False, show_header=bool(columns))
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(one_line(cell)) for cell in row))
    out.print(shown)


@contextmanager
def progress(*, lines_without_terminal: bool = False) -> Iterator[Told]:
    """A bar on a terminal (feeds done / total, current name); else nothing, or a line for each feed."""
    if not err.is_terminal:
        yield _line if lines_without_terminal else lambda done, total, name: None
        return
    bar = Progress(TextColumn("Feeds"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[name]}", markup=False),
                   console=err, transient=True)  # fmt: skip
    with bar:
        task = bar.add_task("", total=None, name="")
        yield lambda done, total, name: bar.update(task, completed=done, total=total, name=shorten(one_line(name), 50))


@contextmanager
def counting(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for work that is counted and has no names; nothing elsewhere."""
    if not err.is_terminal:
        yield lambda done, total: None
        return
    with Progress(TextColumn(name), BarColumn(), MofNCompleteColumn(), console=err, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _line(done: int, total: int, name: str) -> None:
    err.print(f"{done:>4} of {total}  {one_line(name)}")


def summary(report: RunReport) -> list[str]:
    """A refresh in a few lines: what it brought, what failed, what staff should know."""
    feeds, entries, stories = report.feeds, report.entries, report.stories
    read = feeds.ok + feeds.not_modified
    lines = [
        f"{report.outcome.value.capitalize()}: {entries.new} new {_plural(entries.new, 'entry', 'entries')} "
        f"({entries.admitted} admitted, {entries.rejected} rejected), {entries.updated} updated, "
        f"from {read} of {feeds.total} {_plural(feeds.total, 'feed', 'feeds')} in {report.seconds:.1f} s."
    ]
    if report.dry_run:
        lines.append("Dry run: nothing was kept; stories were not grouped and no page was made.")
    else:
        lines.append(f"{stories.new} new {_plural(stories.new, 'story', 'stories')}, {stories.shown} on the page.")
    lines += [f"{one_line(failure.feed)} ({failure.url}) {failure.reason}." for failure in report.failures[:20]]
    if len(report.failures) > 20:
        lines.append(f"… and {len(report.failures) - 20} more feeds that failed: see `status`.")
    return [*lines, *report.notes]


def _plural(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
