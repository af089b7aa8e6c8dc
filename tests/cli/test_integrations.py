"""What the program makes for other programs."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

from tests.cli.conftest import Run


def test_the_wordpress_plugin_is_made_without_a_store_or_a_list_of_sources(run: Run, tmp_path: Path) -> None:
    done = run("wordpress", "--out", str(tmp_path / "plugin.zip"))

    assert (done.returncode, done.stderr) == (0, "")
    with ZipFile(tmp_path / "plugin.zip") as packed:
        assert packed.testzip() is None
        count = len(packed.namelist())
    assert done.stdout == f"{count} files written to {tmp_path / 'plugin.zip'}.\n"


def test_where_the_file_cannot_be_written_one_sentence_says_so(run: Run, tmp_path: Path) -> None:
    done = run("wordpress", "--out", str(tmp_path / "nowhere" / "plugin.zip"))

    assert done.returncode != 0
    assert len(done.stderr.splitlines()) == 1
