"""A release: all files or none, synced, switched by one rename, old ones pruned."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aggregator.errors import PublishError
from aggregator.publish.site import KEPT_RELEASES, current_release, release, releases_of

FILES = {"index.html": b"<html></html>", "static/news.css": b"body {}"}


def test_a_release_is_what_the_link_points_to(tmp_path: Path) -> None:
    release(tmp_path, "one", FILES)

    assert (tmp_path / "site").readlink() == Path("releases/one")
    assert (tmp_path / "site" / "static" / "news.css").read_bytes() == b"body {}"
    assert (tmp_path / "site" / "index.html").stat().st_mode & 0o777 == 0o644


def test_unchanged_files_are_linked_and_changed_ones_leave_the_old_release_alone(tmp_path: Path) -> None:
    one = release(tmp_path, "one", FILES)
    two = release(tmp_path, "two", {**FILES, "index.html": b"<html>new</html>"})

    assert (one / "static" / "news.css").stat().st_ino == (two / "static" / "news.css").stat().st_ino
    assert (one / "index.html").read_bytes() == b"<html></html>"
    assert current_release(tmp_path) == two.resolve()


def test_seven_releases_are_kept(tmp_path: Path) -> None:
    for number in range(10):
        release(tmp_path, f"r{number}", FILES)

    assert [folder.name for folder in releases_of(tmp_path)] == [f"r{number}" for number in range(9, 2, -1)]
    assert KEPT_RELEASES == 7


def test_the_release_in_use_is_kept_though_its_time_says_that_it_is_the_oldest(tmp_path: Path) -> None:
    """The clock went back: what is published now is older than all that is there."""
    for number in range(KEPT_RELEASES):
        os.utime(release(tmp_path, f"r{number}", FILES), (2e9, 2e9 + number))

    release(tmp_path, "now", FILES)

    assert current_release(tmp_path) == (tmp_path / "releases" / "now").resolve()
    assert (tmp_path / "site" / "index.html").read_bytes() == FILES["index.html"]


def test_the_first_page_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release without it broke off, and is neither counted nor kept."""
    written: list[str] = []
    monkeypatch.setattr(Path, "chmod", lambda self, mode: written.append(self.name) if self.is_file() else None)

    release(tmp_path, "one", {"index.html": b"1", "a.html": b"2", "z.html": b"3"})

    assert sorted(written) == ["a.html", "index.html", "z.html"]
    assert written[-1] == "index.html"
    (tmp_path / "releases" / "broken").mkdir()
    (tmp_path / "releases" / "broken" / "a.html").write_bytes(b"")
    assert [folder.name for folder in releases_of(tmp_path)] == ["one"]
    release(tmp_path, "two", FILES)
    assert not (tmp_path / "releases" / "broken").exists()


def test_a_name_that_an_earlier_attempt_left_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "releases" / "one").mkdir(parents=True)

    assert release(tmp_path, "one", FILES).name == "one-2"


def test_everything_is_synced_before_the_switch_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order that a power cut asks for (FAULTS: renaming without it leaves empty pages)."""
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        done.append(f"sync {Path(os.readlink(f'/proc/self/fd/{handle}')).relative_to(tmp_path)}")
        fsync(handle)

    def note_replace(self: Path, target: Path) -> Path:
        done.append("switch")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    release(tmp_path, "one", FILES)
    before, after = done[: done.index("switch")], done[done.index("switch") + 1 :]

    assert {"sync releases/one/index.html", "sync releases/one/static/news.css"} <= set(before)
    assert {"sync releases/one", "sync releases/one/static", "sync releases"} <= set(before)
    assert after == ["sync ."]


@pytest.mark.parametrize("step", ["fsync", "symlink", "link"])
def test_a_disk_that_fails_at_any_step_leaves_the_old_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    release(tmp_path, "one", FILES)

    def fail(*args: object, **keys: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(PublishError, match="No space left"):
        release(tmp_path, "two", {**FILES, "index.html": b"<html>new</html>"})
    monkeypatch.undo()

    assert (tmp_path / "site" / "index.html").read_bytes() == b"<html></html>"
    release(tmp_path, "three", FILES)
    assert current_release(tmp_path) == (tmp_path / "releases" / "three").resolve()


def test_a_folder_in_the_place_of_the_link_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "mine.html").write_text("x")

    with pytest.raises(PublishError, match="move it away"):
        release(tmp_path, "one", FILES)

    assert (tmp_path / "site" / "mine.html").exists()
