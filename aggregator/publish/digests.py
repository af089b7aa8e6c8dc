"""What a page of the archive is made from, as a digest that it carries: templates, settings, this program, and its stories,
which the archive knows by their records (see ledger.py).
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path

from aggregator.render.templates import Templates
from aggregator.render.views import story_file
from aggregator.values.settings import Site
from aggregator.values.stories import Story


def archive_digest(templates: Templates, site: Site, *, is_sample: bool, has_issues: bool = False) -> str:
    """The digest of what all pages of the archive are made from beside their stories; `has_issues` says that there is an
    issue of the newsletter to link to."""
    common = f"{templates.digest}|{_program_digest()}|{site!r}|{is_sample}|{has_issues}"
    return hashlib.blake2b(common.encode(), digest_size=16).hexdigest()


def page_digest(archive: str, told: str) -> str:
    """The digest of a page: `archive` is what it has in common with all others, `told` stands for what it shows."""
    return hashlib.blake2b(f"{archive}|{told}".encode(), digest_size=12).hexdigest()


def story_digest(story: Story, claimed_at: datetime | None) -> str:
    """A digest of all that a page says of a story, and of where it leads: its own page is named by its number. It stands at
    `claimed_at`; where that is None, its place is no part of the digest."""
    articles = [
        (a.title, a.url, a.source, a.summary, a.language, a.evidence, a.topics, a.dated_at, a.is_dated)
        for a in story.articles
    ]
    told = (claimed_at, articles, story.more, story.notices, story_file(story))
    return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()


@cache
def _program_digest() -> str:
    """What changes with a new version of this program. All of it, for anything may show: 7 ms, once a run."""
    ours = Path(__file__).parents[1]
    sources = [*sorted(ours.rglob("*.py")), *sorted((ours / "render").rglob("*.yaml")), ours / "topics.yaml"]
    return hashlib.blake2b(b"".join(path.read_bytes() for path in sources), digest_size=8).hexdigest()
