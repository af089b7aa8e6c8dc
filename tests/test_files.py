"""A file is replaced whole, or stays as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.files import replacing


def test_the_new_file_takes_the_place_of_the_old_one_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    path.chmod(0o644)

    with replacing(path) as fresh:
        fresh.write_text("new")
        assert path.read_text() == "old"

    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_exception_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")

    with pytest.raises(ValueError, match="no"), replacing(path) as fresh:
        fresh.write_text("half")
        raise ValueError("no")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_its_place_is_an_error_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()

    with pytest.raises(OSError, match=r"a\.json"), replacing(tmp_path / "a.json") as fresh:
        fresh.write_text("new")

    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_a_file_has_the_rights_that_are_asked_for(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.yaml", mode=0o664) as fresh:
        fresh.write_text("new")

    assert (tmp_path / "a.yaml").stat().st_mode & 0o777 == 0o664
