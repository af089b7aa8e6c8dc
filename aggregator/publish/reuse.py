"""Pages of the previous release, linked again as they are where nothing that they show has changed.

Nothing hangs on this but time: where `archive` does not ask, every page is rendered. On 10,000 stories a day with ten new
ones renders four pages instead of 400 (`python -m bench publishing`).
"""

from __future__ import annotations

from pathlib import Path

# The digest stands in the head of a file: of a page in a `meta` element, of an index in its first member.
_HEAD = 1500


def unchanged(before: Path | None, file: str, digest: str) -> Path | None:
    """The file of the release `before` that is made from what `digest` stands for; None where it is from anything else."""
    if before is None:
        return None
    old = before / file
    try:
        with old.open("rb") as page:
            is_same = f'"{digest}"'.encode() in page.read(_HEAD)
    except FileNotFoundError:
        return None
    return old if is_same else None
