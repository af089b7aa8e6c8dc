"""Everything out as JSON Lines and in again: the same to the last byte, or not at all."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from aggregator.errors import UsageError
from aggregator.jobs.safekeeping import export_all, import_all
from tests.conftest import NOW, Town, item, rss


@pytest.fixture
def exported(town: Town, tmp_path: Path) -> Path:
    """A file that a town with entries, decisions and runs wrote."""
    town.add("News", rss(*(item(f"Bell's palsy, part {n}", f"https://news.example.org/{n}") for n in range(5))))
    town.refresh()
    town.refresh()
    path = tmp_path / "all.jsonl"
    assert export_all(town.workspace(), path) > 10
    return path


def empty(town: Town, tmp_path: Path, name: str = "other") -> Town:
    """A town next door without a store."""
    return Town(town.server, tmp_path / name, feeds=town.feeds)


def test_what_goes_out_comes_in_the_same(town: Town, exported: Path, tmp_path: Path) -> None:
    other, again = empty(town, tmp_path), tmp_path / "again.jsonl.gz"

    import_all(other.workspace(), exported, now=NOW)
    export_all(other.workspace(), again)

    assert gzip.decompress(again.read_bytes()) == exported.read_bytes()
    assert other.refresh().entries.new == 0


@pytest.mark.parametrize("cut", [1, 200, 2000])
def test_a_file_that_was_cut_off_is_refused_whole(town: Town, exported: Path, tmp_path: Path, cut: int) -> None:
    exported.write_bytes(exported.read_bytes()[:-cut])
    other = empty(town, tmp_path)

    if cut == 1:
        import_all(other.workspace(), exported, now=NOW)  # only the last line's end is missing
        return
    with pytest.raises(UsageError, match="Nothing was imported"):
        import_all(other.workspace(), exported, now=NOW)

    assert other.refresh().entries.new == 5


def test_a_store_with_entries_takes_nothing(town: Town, exported: Path) -> None:
    with pytest.raises(UsageError, match="empty folder"):
        import_all(town.workspace(), exported, now=NOW)


@pytest.mark.parametrize(
    "line",
    ['["guests", {"name": "x"}]', '["feed", {"secret": 1}]', '{"format": "another"}', "no json", '["word", {"word": null}]'],
)
def test_a_file_of_another_make_is_refused(town: Town, exported: Path, tmp_path: Path, line: str) -> None:
    lines = exported.read_text("utf-8").splitlines()
    exported.write_text("\n".join([lines[0], line, *lines[1:]]) + "\n", "utf-8")
    other = empty(town, tmp_path)

    with pytest.raises(Exception, match="Nothing was imported"):
        import_all(other.workspace(), exported, now=NOW)
