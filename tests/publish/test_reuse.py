"""A file of the release before is taken where it carries the digest of what it would be made from again."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.publish.reuse import unchanged


@pytest.mark.parametrize(
    ("content", "is_taken"),
    [
        ('<meta name="digest" content="abc">', True),
        ('{"digest":"abc","stories":[]}', True),
        ('<meta name="digest" content="abcd">', False),
        ("<p>abc</p>", False),
        (f'<meta name="digest" content="">{"x" * 1500}"abc"', False),
        ("", False),
    ],
    ids=["a page", "an index", "another digest", "not in quotation marks", "further down", "an empty file"],
)
def test_a_file_is_taken_by_the_digest_in_its_head(content: str, is_taken: bool, tmp_path: Path) -> None:
    page = tmp_path / "archive" / "2026-11.html"
    page.parent.mkdir()
    page.write_text(content, "utf-8")

    assert unchanged(tmp_path, "archive/2026-11.html", "abc") == (page if is_taken else None)


def test_nothing_is_taken_where_there_is_nothing(tmp_path: Path) -> None:
    assert unchanged(None, "archive/2026-11.html", "abc") is None
    assert unchanged(tmp_path, "archive/2026-11.html", "abc") is None
