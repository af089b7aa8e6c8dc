"""The WordPress plugin as a zip file: complete, the same every time, of one version, and whole for every page of ours."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from zipfile import ZipFile

import pytest

from aggregator import __version__
from aggregator.errors import UsageError
from aggregator.jobs.wordpress_plugin import make_plugin, plugin_files
from aggregator.topics import vocabulary
from tests.conftest import HOME

PLUGIN = HOME / "integrations" / "wordpress" / "facial-paralysis-news"
TEMPLATES = HOME / "templates"


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The file."""
    path = tmp_path / "plugin.zip"
    make_plugin(HOME, TEMPLATES, path)
    return path


def test_the_plugin_has_its_files_and_the_program_s_style_script_and_topics(plugin: Path) -> None:
    with ZipFile(plugin) as packed:
        names = set(packed.namelist())
        assert all(name.startswith("facial-paralysis-news/") for name in names)
        files = {name.partition("/")[2]: packed.read(name) for name in names}

    assert {"facial-paralysis-news.php", "readme.txt", "uninstall.php", "block/block.json", "block/editor.js"} <= set(files)
    assert files["assets/news.css"].startswith((TEMPLATES / "static" / "news.css").read_bytes())
    assert (TEMPLATES / "scripts" / "freshness.js").read_bytes() in files["assets/freshness.js"]
    topics = json.loads(files["assets/topics.json"])
    assert [(one["value"], one["label"]) for one in topics] == [(one.slug, one.name) for one in vocabulary().topics]
    assert {"includes/age.js", "includes/column.css"}.isdisjoint(files)


def test_the_plugin_is_the_same_whenever_it_is_made(plugin: Path, tmp_path: Path) -> None:
    time.sleep(2.1)  # A zip file knows every other second.
    again = tmp_path / "again.zip"
    make_plugin(HOME, TEMPLATES, again)

    assert again.read_bytes() == plugin.read_bytes()
    assert plugin.stat().st_mode & 0o777 == 0o644


def test_a_program_without_the_plugin_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="make the plugin in a clone"):
        plugin_files(tmp_path / "nothing", TEMPLATES)


def test_every_place_that_names_the_version_names_this_one() -> None:
    main, readme = (PLUGIN / "facial-paralysis-news.php").read_text(), (PLUGIN / "readme.txt").read_text()

    assert re.findall(r"Version:\s+(\S+)", main) == [__version__]
    assert re.findall(r"Stable tag: (\S+)", readme) == [__version__]
    assert json.loads((PLUGIN / "block" / "block.json").read_text())["version"] == __version__
    assert f"'version'      => '{__version__}'" in (PLUGIN / "block" / "editor.asset.php").read_text()
    assert re.findall(r"Requires (?:at least|PHP):\s+(\S+)", main) == re.findall(r"Requires (?:at least|PHP): (\S+)", readme)
