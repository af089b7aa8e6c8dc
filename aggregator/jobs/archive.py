"""The archive of a release. Only stories that changed since the release before are read whole, and those on a page that is
rendered; of all others their records say enough.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from aggregator.edition import archive_sections, as_shown, dates_of, redate
from aggregator.instants import is_believed
from aggregator.jobs.workspace import Workspace
from aggregator.publish.archive import render_archive
from aggregator.publish.digests import archive_digest, story_digest
from aggregator.publish.ledger import Ledger, archive_of, read_ledger
from aggregator.render.templates import Templates
from aggregator.store import stories
from aggregator.store.database import Transaction
from aggregator.values.settings import Site
from aggregator.values.stories import ArchiveSection, DatedStory, ListedStory, Story, StoryRecord


def record_of(story: Story, shown: Story) -> StoryRecord:
    """What the archive's lists need to know of a story that pages show as `shown`."""
    claimed_at, known_at = dates_of(story)
    return StoryRecord(story.id, story_digest(shown, claimed_at), shown.topics, shown.has_page, claimed_at, known_at)


class Loader:
    """Gives stories as pages tell them; read from the store (`read`) where they are not known yet."""

    def __init__(self, site: Site, read: Callable[[Sequence[int]], Sequence[Story]] = lambda numbers: ()) -> None:
        self._site, self._read = site, read
        self._told: dict[int, Story] = {}

    def know(self, found: Collection[Story]) -> dict[int, StoryRecord]:
        """Give these as they are; their records."""
        shown = {one.id: as_shown(one, self._site) for one in found}
        self._told |= shown
        return {one.id: record_of(one, shown[one.id]) for one in found}

    def __call__(self, listed: Sequence[ListedStory]) -> list[DatedStory]:
        """These stories with their articles, in order."""
        if missing := [one.record.story for one in listed if one.record.story not in self._told]:
            self.know(self._read(missing))
        return [DatedStory(self._told[one.record.story], one.day, one.at, one.is_dated) for one in listed]


def archive_in_memory(told: Collection[Story], site: Site, *, now: datetime) -> tuple[tuple[ArchiveSection, ...], Loader]:
    """The archive of these stories, and what gives them."""
    load = Loader(site)
    return archive_sections(load.know(told).values(), site, now=now), load


def archive_files(
    connection: Transaction,
    workspace: Workspace,
    templates: Templates,
    before: Path | None,
    *,
    now: datetime,
    has_issues: bool = False,
) -> tuple[Mapping[str, bytes | Path], Ledger]:
    """Every file of the archive, and what it was made from. What the release `before` has already is taken over."""
    site = workspace.settings.site
    stored, feeds = stories.archive_digests(connection)
    inputs = f"{archive_digest(templates, site, is_sample=workspace.is_sample, has_issues=has_issues)} {feeds}"
    newest_at = stories.newest_date(connection)
    load = Loader(site, lambda numbers: stories.archive(connection, numbers))
    if newest_at is not None and not is_believed(newest_at, now):
        # Where something stands after `now`, what is shown of all depends on the day as well.
        told = redate(stories.archive(connection, list(stored)), now=now)
        ledger = Ledger("", {}, load.know(told))
    else:
        known = read_ledger(workspace.data, before, inputs)
        if before is not None and known is not None and known.stored == stored:
            return archive_of(before), known
        ledger = _brought_up(connection, known or Ledger(inputs, {}, {}), stored, load)
    sections = archive_sections(ledger.records.values(), site, now=now)
    files = render_archive(
        templates, sections, load, site, before, is_sample=workspace.is_sample, has_issues=has_issues
    )  # fmt: skip
    return files, ledger


def _brought_up(connection: Transaction, known: Ledger, stored: Mapping[int, str], load: Loader) -> Ledger:
    changed = [number for number, digest in stored.items() if known.stored.get(number) != digest]
    records = {number: one for number, one in known.records.items() if known.stored.get(number) == stored.get(number)}
    records |= load.know(stories.archive(connection, changed))
    return Ledger(known.inputs, stored, records)
