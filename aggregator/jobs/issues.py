"""Issues of the newsletter until they are sent: draft, look, change, test, approve, cancel, export."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from aggregator.edition import choose_issue, redate
from aggregator.errors import Hint, NothingToTellError, UsageError
from aggregator.jobs.publish import publish_decided
from aggregator.jobs.workspace import Workspace
from aggregator.newsletter.issue import (
    content_digest,
    edited,
    has_something,
    issue_of,
    notices_of,
    safe_part,
    to_pull,
    told_by,
)
from aggregator.newsletter.letter import Letter, LetterSite, letter_of
from aggregator.render.templates import Templates
from aggregator.render.words import LANGUAGES
from aggregator.store import acts, issues, page_requests, stories
from aggregator.store.database import Database, Transaction
from aggregator.text import one_line
from aggregator.values.acts import Verb
from aggregator.values.issues import Issue, IssueNotice, IssueRecord, IssueState, Period, days_before
from aggregator.values.stories import Story
from aggregator.values.subscribers import Wishes

# Stands in a letter for the secret of its links wherever nobody gets it.
NOBODYS_SECRET = "0" * 22
# How far back an issue may tell what came too late for the issue before.
_LATE = timedelta(days=31)
# How long retractions of what issues told are looked for.
_REMEMBERED = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class Drafted:
    """An issue that was made or looked at: its record, and its letter as somebody gets it who chose no topics."""

    record: IssueRecord
    letter: Letter

    @property
    def issue(self) -> Issue:
        """The content."""
        return self.record.issue


def draft(
    workspace: Workspace, database: Database, period: Period, *, on: date | None = None, above: int = 0,
    may_be_open: bool = False, now: datetime,
) -> Drafted:  # fmt: skip
    """Choose the stories of the newest week or month that ended before the day `on` (by default today, in the site's zone),
    and store them as a draft. UsageError where an issue for these days is there or the days are not over
    (unless they `may_be_open`), NothingToTellError where there
    is nothing to tell. `above` is the
    highest number that was ever sent."""
    site, settings = workspace.settings.site, workspace.settings.newsletter
    today = now.astimezone(site.zone).date()
    days = days_before(period, on or today)
    if days[1] >= today and not may_be_open:
        raise UsageError(f"The {period} from {days[0]} to {days[1]} is not over yet.")
    with database.write() as connection:
        records = issues.every(connection)
        _refuse_double(records, period, days)
        of_kind = [one for one in records if one.state is IssueState.APPROVED and one.issue.period is period]
        told, since = told_by(of_kind, _places(connection, of_kind)), max((one.made_at for one in of_kind), default=None)
        begins = datetime.combine(days[0], time(), site.zone).astimezone(UTC)
        found = stories.between(connection, begins - (_LATE if since else timedelta()), now + timedelta(days=2))
        chosen = choose_issue(redate(found, now=now), site, days, told=told, since=since, most=settings.stories)
        notices = _notices(connection, workspace, of_kind, now=now)
        number = issues.next_number(connection, above=above)
        made = issue_of(number, period, days, chosen, notices, site, reviewed=workspace.settings.reviewed)
        if not has_something(made):
            raise NothingToTellError(f"There is nothing to tell from {days[0]} to {days[1]}, so no draft was made.")
        issues.add(connection, made, now=now)
        acts.note(connection, Verb.ISSUE_DRAFT, _named(number), actor=workspace.actor, now=now)
    return show(workspace, database, number)


def _refuse_double(records: Sequence[IssueRecord], period: Period, days: tuple[date, date]) -> None:
    for one in records:
        if one.issue.period is period and one.issue.last == days[1] and one.state is not IssueState.CANCELLED:
            raise UsageError(f"Issue {one.issue.number} covers these days already ({days[0]} to {days[1]}).")


def _named(number: int) -> str:
    """How the log names an issue."""
    return f"newsletter, issue {number}"


def _places(connection: Transaction, records: Sequence[IssueRecord]) -> dict[int, int]:
    """The stories that the entries of issues belong to now."""
    return stories.placed(connection, [one.entry for record in records for one in record.issue.stories])


def _notices(
    connection: Transaction, workspace: Workspace, earlier: Sequence[IssueRecord], *, now: datetime
) -> tuple[IssueNotice, ...]:
    """Retractions of what earlier issues of this kind told and that none told yet."""
    lately = [one for one in earlier if now - one.made_at <= _REMEMBERED]
    told_in = told_by(lately, _places(connection, lately))
    known = {(notice.story, notice.sort) for one in lately for notice in one.issue.notices}
    return notices_of(told_in, stories.archive(connection, sorted(told_in)), known, workspace.settings.site)


def every_issue(database: Database) -> list[IssueRecord]:
    """All issues, the newest first."""
    with database.read() as connection:
        return issues.every(connection)


def stored(database: Database, number: int) -> IssueRecord:
    """An issue; UsageError where there is none with this number."""
    with database.read() as connection:
        return _stored(connection, number)


def _stored(connection: Transaction, number: int) -> IssueRecord:
    record = issues.one(connection, number)
    if record is None:
        raise UsageError(f"There is no issue {number}.", hint=Hint.NEWSLETTER_STATUS)
    return record


def letter_site(workspace: Workspace) -> LetterSite:
    """What letters say besides their issue."""
    url, settings = workspace.settings.signup.url or "", workspace.settings
    address = url if url.endswith("/") or not url else f"{url}/"
    return LetterSite(settings.site, address, settings.newsletter.postal or "", workspace.is_sample)


def letter_for(workspace: Workspace, issue: Issue, wishes: Wishes | None = None) -> Letter:
    """The letter of an issue, for nobody. PublishError where the template cannot be rendered."""
    wishes = wishes or Wishes(language=workspace.settings.site.language)
    return letter_of(issue, wishes, letter_site(workspace), Templates(workspace.templates), secret=NOBODYS_SECRET)


def refuse_language(language: str) -> None:
    """UsageError where no letter is written in a language."""
    if language not in LANGUAGES:
        raise UsageError(f"“{one_line(language)}” is not a language of letters; they are {', '.join(LANGUAGES)}.")


def show(workspace: Workspace, database: Database, number: int, wishes: Wishes | None = None) -> Drafted:
    """An issue with its letter, for these wishes. UsageError where there is none with this number."""
    record = stored(database, number)
    return Drafted(record, letter_for(workspace, record.issue, wishes))


def edit(workspace: Workspace, database: Database, number: int, *, seen: str = "", **changes: Any) -> Drafted:
    """Change a draft: see `newsletter.issue.edited` for what can be. UsageError where it is no draft any more, for what it
    does not have, or where it is not the one that was `seen` (see `version_of`)."""
    with database.write() as connection:
        record = _stored(connection, number)
        _refuse_frozen(record)
        _refuse_unseen(record.issue, seen)
        issues.change(connection, edited(record.issue, **changes))
    return show(workspace, database, number)


def version_of(issue: Issue) -> str:
    """By what somebody who decides says which state of an issue they saw."""
    return content_digest(issue)


def _refuse_unseen(issue: Issue, seen: str) -> None:
    if seen and seen != version_of(issue):
        raise UsageError("Somebody else changed this issue meanwhile, so nothing was done. Look at it and decide again.")


def _refuse_frozen(record: IssueRecord) -> None:
    if record.state is not IssueState.DRAFT:
        raise UsageError(f"Issue {record.issue.number} is {record.state}; only a draft can be changed.")


def approve(
    workspace: Workspace, database: Database, number: int, *, seen: str = "", now: datetime, is_safe_only: bool = False
) -> Drafted:
    """Freeze an issue: from now on it is sent as it is. What was withdrawn since the draft was made is taken out first. One
    that is approved already is frozen anew, as it is now. UsageError where it is cancelled, empty, or not the one that was
    `seen` (see `version_of`)."""
    with database.write() as connection:
        record = _stored(connection, number)
        if record.state is IssueState.CANCELLED:
            raise UsageError(f"Issue {number} is cancelled.")
        _refuse_unseen(record.issue, seen)
        issue = safe_part(record.issue) if is_safe_only else record.issue
        issue = _without(issue, to_pull(issue, _as_they_are(connection, issue)))
        if not has_something(issue):
            raise UsageError(f"Issue {number} has nothing to tell.")
        issues.change(connection, issue)
        actor = workspace.actor if not is_safe_only else "newsletter.if_unapproved"
        issues.decide(
            connection, number, IssueState.APPROVED, digest=digest_of(workspace, issue), actor=actor, now=now
        )  # fmt: skip
        acts.note(connection, Verb.ISSUE_APPROVE, _named(number), actor=actor, now=now)
        page_requests.want(connection)
    publish_decided(workspace, database, now=now)
    return show(workspace, database, number)


def _without(issue: Issue, numbers: Collection[int]) -> Issue:
    gone = tuple(one for one in issue.stories if one.story in numbers)
    kept = tuple(one for one in issue.stories if one.story not in numbers)
    return replace(issue, stories=kept, dropped=(*issue.dropped, *gone)) if gone else issue


def _as_they_are(connection: Transaction, issue: Issue) -> dict[int, Story | None]:
    """By its number in the issue, the story that each leading entry belongs to now."""
    places = stories.placed(connection, [one.entry for one in issue.stories])
    found = {one.id: one for one in stories.archive(connection, sorted(set(places.values())))}
    return {one.story: found.get(places.get(one.entry, 0)) for one in issue.stories}


def digest_of(workspace: Workspace, issue: Issue) -> str:
    """By what the approved letter is known again: its content, and its HTML and text before anything was pulled."""
    letter = letter_for(workspace, replace(issue, pulled=(), pulled_late=()))
    return content_digest(issue, letter.html, letter.text)


def cancel(workspace: Workspace, database: Database, number: int, *, now: datetime) -> None:
    """Never send an issue, or no more of it. UsageError where there is none with this number."""
    with database.write() as connection:
        record = _stored(connection, number)
        issues.decide(
            connection, number, IssueState.CANCELLED, digest=record.digest, actor=workspace.actor, now=now
        )  # fmt: skip
        acts.note(connection, Verb.ISSUE_CANCEL, _named(number), actor=workspace.actor, now=now)
        page_requests.want(connection)
    publish_decided(workspace, database, now=now)


def pull(
    workspace: Workspace, database: Database, number: int, *, has_begun: bool = False
) -> tuple[IssueRecord, tuple[str, ...]]:
    """Take out of an approved issue what was withdrawn or taken off the page; the issue, and the titles that were
    taken out just now. `has_begun` says that somebody may have it already. UsageError where it is not approved, or is
    another letter than the approved one."""
    with database.write() as connection:
        record = _stored(connection, number)
        if record.state is not IssueState.APPROVED:
            raise UsageError(f"Issue {number} is {'cancelled' if record.state is IssueState.CANCELLED else 'not approved'}.")
        if digest_of(workspace, record.issue) != record.digest:
            raise UsageError(
                f"The letter of issue {number} is another than the one that was approved: a template, the program or "
                "feeds.yaml changed since. Look at it and approve it again."
            )
        gone = to_pull(record.issue, _as_they_are(connection, record.issue))
        before = record.issue
        issue = (
            replace(before, pulled_late=(*before.pulled_late, *gone))
            if has_begun
            else replace(before, pulled=(*before.pulled, *gone))
        )
        if gone:
            issues.change(connection, issue)
            page_requests.want(connection)
    return replace(record, issue=issue), tuple(one.title for one in issue.stories if one.story in gone)


def export(workspace: Workspace, database: Database, number: int, folder: Path, *, unsubscribe: str) -> list[Path]:
    """Write an approved issue for another mailing system: subject, preheader, HTML and text; `unsubscribe` is what that
    system replaces by a person's link to unsubscribe. What was withdrawn since it was approved is taken out. UsageError
    where it is not approved, or is another letter than the approved one."""
    record, _ = pull(workspace, database, number, has_begun=True)
    letter = letter_of(
        record.issue, Wishes(language=workspace.settings.site.language), letter_site(workspace),
        Templates(workspace.templates), secret=NOBODYS_SECRET, unsubscribe=unsubscribe,
    )  # fmt: skip
    texts = {"subject.txt": record.issue.subject, "preheader.txt": record.issue.preheader, "letter.html": letter.html,
             "letter.txt": letter.text}  # fmt: skip
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from error
    return [folder / name for name in texts]
