"""Replacing feeds.yaml: what stops it, and what stays. tests/jobs/test_curation.py has permissions and shared folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aggregator.errors import ConfigError, UsageError
from aggregator.feedlist.saving import check_writable, save


def broken(path: Path) -> None:
    raise ConfigError(path, [f"{path.name}, line 1: wrong"])


def other_meanwhile(path: Path) -> None:
    path.with_name("feeds.yaml").write_bytes(b"theirs")


@pytest.mark.parametrize(("before", "after"), [(b"a\n", b"b\nc\n"), (b"a\r\n", b"b\r\nc\r\n"), (b"", b"b\nc\n")])
def test_line_ends_stay(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(before)

    save(path, "b\nc\n", before, lambda fresh: None)

    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("check", "told", "left"),
    [
        (broken, r"would not be valid:\nfeeds\.yaml, line 1: wrong", b"a"),
        (other_meanwhile, "Somebody else changed feeds.yaml", b"theirs"),
    ],
)
def test_what_stops_it_leaves_the_file(tmp_path: Path, check: Callable[[Path], None], told: str, left: bytes) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(b"a")

    with pytest.raises(UsageError, match=told):
        save(path, "b", b"a", check)

    assert path.read_bytes() == left
    assert [one.name for one in tmp_path.iterdir()] == ["feeds.yaml"]


@pytest.mark.parametrize("name", [".feeds.yaml.swp", ".#feeds.yaml", ".~lock.feeds.yaml#"])
def test_a_file_that_is_open_in_an_editor_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(b"a")
    check_writable(path)
    (tmp_path / name).symlink_to("nobody@nowhere.1")

    with pytest.raises(UsageError, match="is open in an editor"):
        check_writable(path)
