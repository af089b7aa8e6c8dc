"""What a fault left half done is cleared by the next refresh, and does not push out what is whole."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from aggregator.publish import site
from aggregator.publish.site import current_release, releases_of
from tests.conftest import NOW, Town, item, rss

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture
def running(town: Town) -> Town:
    """A town with one good release."""
    town.add("A feed", rss(item("Bell's palsy: what helps", "https://www.example.org/1")))
    town.refresh()
    return town


def test_releases_that_broke_off_are_cleared_and_push_out_none_that_is_whole(running: Town) -> None:
    whole = current_release(running.data)
    for number in range(10):
        (running.data / "releases" / f"20261124T1801{number:02}Z" / "static").mkdir(parents=True)

    running.now += timedelta(days=1)
    running.refresh()

    assert releases_of(running.data) == [current_release(running.data), whole]


def test_a_release_that_fails_leaves_nothing(running: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    before = releases_of(running.data)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(site, "sync", full)
    running.now += timedelta(days=1)
    running.refresh()

    assert releases_of(running.data) == before


def test_a_link_and_a_copy_that_broke_off_are_cleared(running: Town) -> None:
    (running.data / "site.next").symlink_to("releases/gone")
    making = running.data / "backups" / ".making-of-old"
    making.mkdir(parents=True)
    (making / "copy.db").write_bytes(b"half")
    long_ago = (NOW - timedelta(days=3)).timestamp()
    os.utime(making, (long_ago, long_ago))

    running.now += timedelta(days=8)
    running.refresh()

    assert not (running.data / "site.next").is_symlink()
    assert not making.exists()
