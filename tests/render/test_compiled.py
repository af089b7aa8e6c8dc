"""Compiled templates save time and change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.errors import PublishError
from aggregator.render.templates import Templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text("<p>{{ name }}</p>")
    return tmp_path


def rendered(folder: Path) -> str:
    return Templates(folder / "templates", folder / "compiled").render("a.html", name="<b>")


def test_a_template_is_compiled_once_and_again_when_it_changes(folder: Path) -> None:
    assert rendered(folder) == "<p>&lt;b&gt;</p>"
    (kept,) = (folder / "compiled").iterdir()
    made = kept.stat().st_mtime_ns
    assert rendered(folder) == "<p>&lt;b&gt;</p>"
    assert kept.stat().st_mtime_ns == made

    (folder / "templates" / "a.html").write_text("<q>{{ name }}</q>")
    assert rendered(folder) == "<q>&lt;b&gt;</q>"


@pytest.mark.parametrize("content", [b"", b"rubbish", b"j2" * 500])
def test_a_damaged_one_is_compiled_again(folder: Path, content: bytes) -> None:
    rendered(folder)
    (kept,) = (folder / "compiled").iterdir()
    kept.write_bytes(content)
    assert rendered(folder) == "<p>&lt;b&gt;</p>"


def test_a_folder_that_cannot_be_had_is_done_without(folder: Path) -> None:
    (folder / "compiled").write_text("a file")
    assert rendered(folder) == "<p>&lt;b&gt;</p>"


def test_what_a_template_may_not_do_it_may_not_do_from_there(folder: Path) -> None:
    for text in ("{% autoescape false %}{{ name }}{% endautoescape %}", "{{ name | safe }}", "{{ ''.__class__.__mro__ }}"):
        (folder / "templates" / "a.html").write_text(text)
        for _ in range(2):
            with pytest.raises(PublishError):
                rendered(folder)


def test_only_its_owner_can_read_or_write_it(folder: Path) -> None:
    rendered(folder)
    assert (folder / "compiled").stat().st_mode & 0o777 == 0o700
