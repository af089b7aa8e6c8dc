"""Publish: choose from what is stored, render, release. On an empty store it makes a complete, honest page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.edition import DOUBTED_FOR, choose, redate
from aggregator.errors import AlreadyRunningError, PublishError
from aggregator.jobs.archive import archive_files
from aggregator.jobs.workspace import Workspace
from aggregator.publish.front import render_front, static_files, view
from aggregator.publish.ledger import Ledger, write_ledger
from aggregator.publish.link_check import Broken, broken
from aggregator.publish.newsletter import render_newsletter
from aggregator.publish.outfeeds import render_feeds
from aggregator.publish.site import current_release, release
from aggregator.render.templates import Templates
from aggregator.store import front, issues, page_requests, runs, stories
from aggregator.store.database import Database, Transaction
from aggregator.values.issues import IssueRecord, IssueState
from aggregator.values.settings import Site
from aggregator.values.stories import Edition, Freshness


@dataclass(frozen=True, slots=True)
class Published:
    """What was published, and where its first page lies."""

    edition: Edition
    page: Path


def publish(
    workspace: Workspace, database: Database, *, now: datetime, freshness: Freshness | None = None, anew: bool = False
) -> Published:
    """A new release from the store. `freshness` is the run's own; without one it is the last good run's. Unchanged pages of
    the release before are taken over, unless all are to be made `anew`. PublishError leaves the last release in use. Where
    the clock is behind what is stored, the page is that of a later `now`."""
    templates = Templates(workspace.templates, workspace.data / "compiled")
    with database.read() as connection:
        now, shown = runs.believed_now(connection, now=now), page_requests.wanted(connection)
        edition = _chosen(connection, workspace, freshness, now=now)
        files, ledger = _files(connection, workspace, templates, edition, anew=anew)
    write_ledger(workspace.data, release(workspace.data, f"{now:%Y%m%dT%H%M%SZ}", files), ledger)
    with database.write() as connection:
        page_requests.made(connection, shown)
        stories.mark_shown(connection, [one.entry for placed in edition.placed for one in placed.story.articles], now=now)
        front.replace(connection, [(placed.story.id, placed.story.lead.entry) for placed in edition.placed])
    return Published(edition, workspace.data / "site" / "index.html")


def _chosen(connection: Transaction, workspace: Workspace, freshness: Freshness | None, *, now: datetime) -> Edition:
    if freshness is None:
        freshness = last_freshness(workspace, runs.last_good_at(connection, now=now))
    # A day more, for days begin at other times elsewhere.
    withdrawn = stories.withdrawn(connection, since=now - DOUBTED_FOR - timedelta(days=2))
    candidates = replace(stories.candidates(connection), withdrawn=redate(withdrawn, now=now))
    candidates = replace(candidates, stories=redate(candidates.stories, now=now))
    return choose(candidates, workspace.settings.site, freshness, now=now)


def front_page(workspace: Workspace, database: Database, *, now: datetime) -> bytes:
    """The front page as it would be published now; nothing is. PublishError where it cannot be made."""
    site = workspace.settings.site
    with database.read() as connection:
        edition = _chosen(connection, workspace, None, now=runs.believed_now(connection, now=now))
        has_issues = bool(_approved(connection))
    page = view(
        edition, site, is_sample=workspace.is_sample, signup=workspace.settings.signup.url, has_issues=has_issues
    )  # fmt: skip
    return render_front(Templates(workspace.templates), page, site)["index.html"]


def publish_decided(workspace: Workspace, database: Database, *, now: datetime) -> bool:
    """Publish what was decided since the page was made. False where a refresh is at work: it looks once more when it ends,
    and whoever decides looks after the decision is stored, so one of them sees it."""
    while True:
        with database.read() as connection:
            if not page_requests.is_behind(connection):
                return True
        try:
            with workspace.lock(now=now):
                publish(workspace, database, now=now)
        except AlreadyRunningError:
            return False


def _files(
    connection: Transaction, workspace: Workspace, templates: Templates, edition: Edition, *, anew: bool
) -> tuple[dict[str, bytes | Path], Ledger]:
    """Every file of the release, and what its archive was made from. Where a link would lead nowhere, all pages are made
    anew, and PublishError names what is broken even so."""
    before = current_release(workspace.data)
    wrong: list[Broken] = []
    told = _approved(connection)
    for known in (None,) if anew or before is None else (before, None):
        archive, ledger = archive_files(
            connection, workspace, templates, known, now=edition.chosen_at, has_issues=bool(told)
        )  # fmt: skip
        archive = {**archive, **_newsletter(connection, workspace, templates, told, known)}
        files = render(
            edition, archive, templates, workspace.settings.site, is_sample=workspace.is_sample,
            signup=workspace.settings.signup.url, has_issues=bool(told),
        )  # fmt: skip
        wrong = broken(files, known)
        if not wrong:
            return files, ledger
    raise broken_links(wrong)


def _approved(connection: Transaction) -> list[IssueRecord]:
    """The issues of the newsletter that the archive has, the newest first."""
    return [one for one in issues.every(connection) if one.state is IssueState.APPROVED]


def _newsletter(
    connection: Transaction, workspace: Workspace, templates: Templates, told: Sequence[IssueRecord], before: Path | None
) -> Mapping[str, bytes | Path]:
    """The archive of the newsletter's issues, with what became known of their stories since."""
    places = stories.placed(connection, [one.entry for record in told for one in record.issue.stories])
    found = {story.id: story for story in stories.archive(connection, sorted(set(places.values())))}
    known = {entry: found[story] for entry, story in places.items() if story in found}
    return render_newsletter(
        templates, told, known, workspace.settings.site, before, is_sample=workspace.is_sample,
        signup=workspace.settings.signup.url,
    )  # fmt: skip


def broken_links(found: Sequence[Broken]) -> PublishError:
    """What is wrong with a release whose links lead nowhere: the first of them, and how many there are."""
    one, more = found[0], len(found) - 1
    others = f" (and {more} more {'link' if more == 1 else 'links'} like it)" if more else ""
    return PublishError(f"{one.file} asks for {one.address}, which is missing{others}; nothing was published.")


def render(
    edition: Edition, archive: Mapping[str, bytes | Path], templates: Templates, site: Site, *, is_sample: bool,
    signup: str | None = None, has_issues: bool = False,
) -> dict[str, bytes | Path]:  # fmt: skip
    """Every file of a release, each page looked over; PublishError says what is wrong."""
    page = view(edition, site, is_sample=is_sample, signup=signup, has_issues=has_issues)
    pages = render_front(templates, page, site)
    return {**pages, **render_feeds(edition, site), **static_files(templates), **archive}


def last_freshness(workspace: Workspace, refreshed_at: datetime | None, *, is_stale: bool = False) -> Freshness:
    """How fresh the store is, by its last good refresh."""
    return Freshness(refreshed_at, len(workspace.settings.enabled_feeds), is_stale)
