"""check, status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Context, Option, Typer

from aggregator.cli.context import CommandContext, command_context, stored
from aggregator.cli.output import complain, is_terminal, say, say_json, table, width
from aggregator.cli.subscribers import refuse_without_newsletter
from aggregator.errors import PublishError, StoreDamagedError, UsageError
from aggregator.jobs import safekeeping
from aggregator.jobs.check import broken_in_site, check_templates, refuse_unspoken, remarks
from aggregator.jobs.monthly_report import as_html, as_markdown, last_month, monthly_report
from aggregator.jobs.status import FeedHealth, Status, last_good_refresh, status
from aggregator.jobs.trials import check_online
from aggregator.jobs.workspace import strict_workspace, utc_now
from aggregator.signals import complete
from aggregator.text import moment_of, one_line, shorten
from aggregator.values.health import FeedFacts
from aggregator.values.reports import Run, offline

_MOST_NOTICES = 10
_MOST_BROKEN = 10
# Columns of a terminal from which on the bar of 30 days fits as well.
_WIDE = 110
_COLUMNS = ("Feed", "Last 30 days", "Last good", "Newest entry", "Usual gap", "Offered", "Admitted", "Shown", "Trouble")
_BAR = {ord("+"): "▇", ord("-"): "▁"}


def add_to(app: Typer) -> None:
    """Make these commands the program's."""
    app.command("check")(check_command)
    app.command("status")(status_command)
    app.command("report")(report_command)


def check_command(
    context: Context,
    online: Annotated[bool, Option("--online", help="Read every feed once.")] = False,
    store: Annotated[bool, Option("--database", help="Check the store for damage instead.")] = False,
    mail: Annotated[bool, Option("--mail", help="Check whether the newsletter would arrive instead.")] = False,
) -> None:
    """Check feeds.yaml, templates, pages, feeds and the store."""
    place = command_context(context)
    environment = place.environment
    if store:
        _check_store(context)
        return
    if mail:
        _check_mail(context)
        return
    workspace = strict_workspace(environment)
    settings = workspace.settings
    if environment.templates == place.home / "templates":
        refuse_unspoken(environment.feeds, settings.site.language)
    check_templates(workspace, now=utc_now())
    say(f"{environment.feeds.name} and the templates are in order; {len(settings.enabled_feeds)} feeds are enabled.")
    for remark in remarks(workspace):
        say(remark)
    if found := broken_in_site(workspace):
        for sentence in found[:_MOST_BROKEN]:
            complain(f"{sentence}.")
        raise PublishError(f"Broken links on the published pages: {len(found)}. `publish` makes every page anew.")
    if settings.alerts.email_to and environment.smtp_url is None:
        say("alerts.email_to is set and AGGREGATOR_SMTP_URL is not: nobody is notified by e-mail.")
    if not online:
        say("Whether the addresses work was not checked: `check --online` reads each once.")
        return
    failures = complete(check_online(workspace, now=utc_now()))
    if sentence := offline(failures, len(settings.enabled_feeds)):
        say(sentence)
        raise typer.Exit(3)
    for failure in failures:
        say(f"{one_line(failure.feed)} ({failure.url}) {failure.reason}.")
    say(f"{len(settings.enabled_feeds) - len(failures)} of {len(settings.enabled_feeds)} feeds work.")
    raise typer.Exit(3 if failures else 0)


def _check_mail(context: Context) -> None:
    refuse_without_newsletter()
    from aggregator.jobs.mail_check import check_mail  # noqa: PLC0415 - a dependency group of its own

    place = command_context(context)
    found = check_mail(strict_workspace(place.environment), place.environment)
    for one in found:
        say(f"{'ok' if one.is_good else 'NO'}  {one.name}: {one_line(one.sentence)}.")
    raise typer.Exit(0 if all(one.is_good for one in found) else 3)


def _check_store(context: Context) -> None:
    place = command_context(context)
    found = safekeeping.faults(place.workspace())
    for fault in found:
        complain(f"{fault}.")
    if found:
        raise StoreDamagedError("The store is damaged: `restore` puts the last copy in its place.")
    say("The store is sound: every page of it can be read, and every row that is named is there.")


def status_command(
    context: Context,
    as_json: Annotated[bool, Option("--json", help="Print everything as one JSON object.")] = False,
    fresh_within: Annotated[
        int | None, Option("--fresh-within", min=1, help="Exit 1 where no refresh was good for so many hours.")
    ] = None,
    only_trouble: Annotated[bool, Option("--only-trouble", help="Only the feeds that need a look.")] = False,
) -> None:
    """The last runs and the health of every feed."""
    place = command_context(context)
    if fresh_within is not None:
        _check_age(place, timedelta(hours=fresh_within))
        return
    with stored(place) as database:
        known = status(place.workspace(), database, now=utc_now())
    if only_trouble:
        known = replace(known, feeds=tuple(feed for feed in known.feeds if feed.trouble))
    if as_json:
        say_json(_plain(known))
        return
    _print(known, place.zone)


def report_command(
    context: Context,
    month: Annotated[str | None, Option("--month", help="The month, like 2026-11; else the last with a refresh.")] = None,
    html: Annotated[Path | None, Option("--html", help="Write a page with charts to this file.")] = None,
) -> None:
    """What a month brought, source by source."""
    place = command_context(context)
    workspace = place.workspace()
    with stored(place) as database:
        last = last_month(workspace, database)
        found = monthly_report(workspace, database, month or last)
    if not found.runs:
        raise UsageError(f"There was no refresh in {found.begins_on:%B %Y}. The last one was in {last}: --month {last}")
    if html is None:
        say(as_markdown(workspace, found).rstrip())
        return
    html.write_text(as_html(workspace, found), "utf-8")
    say(f"Written: {place.short(html)}")


def _check_age(place: CommandContext, most: timedelta) -> None:
    """For a monitor: one line, and exit 1 where the last good refresh is too long ago, or never was."""
    at = last_good_refresh(place.environment, place.zone, now=utc_now())
    if at is None or utc_now() - at > most:
        complain(f"The last good refresh was {f'on {moment_of(at, place.zone)}' if at else 'never'}.")
        raise typer.Exit(1)
    say(f"The last good refresh was on {moment_of(at, place.zone)}.")


def _plain(known: Status) -> dict[str, Any]:
    """As `--json` prints it: what is known of a feed stands beside its trouble."""
    feeds = [asdict(one.facts) | {"trouble": one.trouble} for one in known.feeds]
    for feed in feeds:
        feed["usual_gap"] = feed["usual_gap"].total_seconds() if feed["usual_gap"] else None
    return asdict(known) | {"feeds": feeds}


def _print(known: Status, zone: tzinfo) -> None:
    for run in known.runs:
        say(f"Run {run.id}, {moment_of(run.started_at, zone)}: {_ended(run)}")
    say(f"Where `schedule` runs, it refreshes next on {moment_of(known.next_at, zone)}.")
    _print_feeds(known.feeds, zone)
    if known.waiting:
        say(f"Entries that wait for review: {known.waiting} (`review list`).")
    if known.studies:
        say(f"Reports that are probably about a stored study: {known.studies} (`review list`).")
    for notice in known.notices[:_MOST_NOTICES]:
        say(f"A {notice.sort} whose paper is not stored: {one_line(notice.title)} (entry {notice.entry}).")
    for number, need in enumerate(known.needs, 1):
        complain(f"{number}. {one_line(need)}")
    troubled = sum(bool(feed.trouble) for feed in known.feeds)
    if troubled:
        complain(f"Feeds that need a look: {troubled}.")


def _print_feeds(feeds: Sequence[FeedHealth], zone: tzinfo) -> None:
    """All that is known on a pipe; what fits into its width on a terminal, and the troubles below."""
    if not is_terminal():
        table(_COLUMNS, [_row(feed, zone) for feed in feeds])
    else:
        is_wide = width() >= _WIDE
        columns = ("Feed", "Last good", "Newest", "Gap", "Offered, admitted, shown", *(("Last 30 days",) if is_wide else ()))
        table(columns, [_short_row(feed, zone, is_wide=is_wide) for feed in feeds])
        for feed in feeds:
            if feed.trouble:
                say(f"{one_line(feed.facts.name)}: {one_line(feed.trouble)}")
    say("Offered, admitted and shown count the last 90 days. In the bar a day is ▇ where the feed was read, ▁ where not.")


def _row(feed: FeedHealth, zone: tzinfo) -> tuple[str, ...]:
    facts = feed.facts
    last, newest = facts.last_ok_at, facts.newest_entry_at
    return (
        facts.name,
        facts.days.translate(_BAR),
        f"{last.astimezone(zone):%Y-%m-%d %H:%M}" if last else "never",
        f"{newest.astimezone(zone):%Y-%m-%d}" if newest else "-",
        _gap(facts),
        str(facts.recent),
        str(facts.recent_admitted),
        str(facts.recent_shown),
        feed.trouble,
    )


def _ended(run: Run) -> str:
    """How a run ended, in a sentence."""
    if run.outcome is None:
        return "did not end (killed, or still at work)."
    if run.report is None:
        return f"{run.outcome}, no report."
    reason = one_line(run.report.get("reason") or "")
    if reason:
        return f"{run.outcome}. {reason}"
    return f"{run.outcome}, {run.report['entries']['new']} new in {run.report['seconds']:.0f} s."


def _short_row(feed: FeedHealth, zone: tzinfo, *, is_wide: bool) -> tuple[str, ...]:
    name, bar, last, newest, gap, *counts, _ = _row(feed, zone)
    return (shorten(name, 28), last[:10], newest, gap, ", ".join(counts), *((bar,) if is_wide else ()))


def _gap(facts: FeedFacts) -> str:
    return f"{facts.usual_gap.total_seconds() / 86400:.0f} d" if facts.usual_gap else "-"
