"""How things look on a terminal. Text from feeds is printed as text: no markup, no control characters."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from aggregator.cli.hints import how_to_join
from aggregator.jobs.staff_decision import Decided
from aggregator.jobs.workspace import Progress as Told
from aggregator.text import one_line, shorten
from aggregator.values.reports import RunReport, offline
from aggregator.values.stories import ProbableStudy

# rich is imported where a terminal is drawn on: a refresh by cron has none, and would pay a twentieth of its start for it.
if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

_MOST_FAILURES = 20
# Bell, backspace, vertical tab, form feed, carriage return and escape act on a terminal.
_CONTROLS = dict.fromkeys((7, 8, 11, 12, 13, 27))


def _console(stream: IO[str]) -> Console:
    from rich.console import Console  # noqa: PLC0415

    return Console(file=stream, markup=False, highlight=False, soft_wrap=True)


def is_terminal() -> bool:
    """Whether a person reads standard output."""
    return sys.stdout.isatty()


def width() -> int:
    """Characters in a line of the terminal."""
    return _console(sys.stdout).width


def show_anything() -> None:
    """Let a terminal that knows few letters (LC_ALL=C) get question marks in place of the others, and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def program() -> str:
    """What is typed before a command here: the wrapper of a server says its name."""
    return os.environ.get("AGGREGATOR_PROGRAM") or "uv run run.py"


def say(sentence: str) -> None:
    """A line on standard output."""
    _print(sentence, sys.stdout)


def complain(sentence: str) -> None:
    """A line on standard error."""
    _print(sentence, sys.stderr)


def _print(line: str, stream: IO[str]) -> None:
    try:
        print(line.translate(_CONTROLS), file=stream, flush=True)
    except BrokenPipeError:
        # The reader, such as `head`, has gone. What is left in the buffer would fail once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise SystemExit(1) from None


def say_json(value: Any) -> None:
    """One JSON value, complete and alone on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their headings; on a pipe, one row a line with tabs between."""
    if not is_terminal():
        for row in (columns, *rows) if columns else rows:
            # Not through the console, which turns tabs into blanks.
            sys.stdout.write("\t".join(one_line(cell) for cell in row) + "\n")
        return
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    shown = Table(box=None, header_style="bold", pad_edge=False, show_header=bool(columns))
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(one_line(cell)) for cell in row))
    _console(sys.stdout).print(shown)


@contextmanager
def progress(*, lines_without_terminal: bool = False) -> Iterator[Told]:
    """A bar on a terminal (feeds done / total, current name); else nothing, or a line for each feed."""
    if not sys.stderr.isatty():
        yield _line if lines_without_terminal else lambda done, total, name: None
        return
    from rich.progress import TextColumn  # noqa: PLC0415

    with _bar("Feeds", TextColumn("{task.fields[name]}", markup=False)) as bar:
        task = bar.add_task("", total=None, name="")
        yield lambda done, total, name: bar.update(task, completed=done, total=total, name=shorten(one_line(name), 50))


@contextmanager
def counting(name: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for work that is counted and has no names; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with _bar(name) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _bar(name: str, *more: ProgressColumn) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    return Progress(TextColumn(name), BarColumn(), MofNCompleteColumn(), *more, console=_console(sys.stderr), transient=True)


def _line(done: int, total: int, name: str) -> None:
    complain(f"{done:>4} of {total}  {one_line(name)}")


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
    return [*lines, *_failures(report), *filter(None, [report.reason]), *report.notes]


def _failures(report: RunReport) -> list[str]:
    if sentence := offline(report.failures, report.feeds.total - report.feeds.skipped):
        return [sentence]
    lines = [f"{one_line(failure.feed)} ({failure.url}) {failure.reason}." for failure in report.failures[:_MOST_FAILURES]]
    more = len(report.failures) - _MOST_FAILURES
    return [*lines, f"… and {more} more feeds that failed: see `status`."] if more > 0 else lines


def _plural(number: int, one: str, many: str) -> str:
    return one if number == 1 else many


def say_when_shown(decided: Decided[Any]) -> None:
    """Say that the page follows, where a refresh is at work."""
    if not decided.is_published:
        say("A refresh is running; the page follows as soon as it ends.")


def say_probable_studies(pairs: Iterable[ProbableStudy]) -> None:
    """Each report with the paper that it is probably about, why, and how to join them."""
    for pair in pairs:
        report, paper = pair.report, pair.paper
        say(f"{report.entry}  {one_line(report.title)} ({one_line(report.source)})")
        say(f"    Probably its study: {paper.entry}  {one_line(paper.title)} ({one_line(paper.source)})")
        say(f"    It {one_line(pair.reason)}. {how_to_join(report.entry, paper.entry)}")
