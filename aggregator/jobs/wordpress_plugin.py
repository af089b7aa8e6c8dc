"""The WordPress plugin as one file: what is in integrations/, with this program's style sheet, script and topics."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from aggregator.errors import UsageError
from aggregator.files import replacing
from aggregator.publish.front import bundle
from aggregator.render.words import LANGUAGES, words_of
from aggregator.topics import vocabulary

_NAME = "facial-paralysis-news"
# The earliest date that a zip file can have: the same files give the same bytes on every day.
_DATE = (1980, 1, 1, 0, 0, 0)


def make_plugin(home: Path, templates: Path, target: Path) -> int:
    """Write the plugin to `target`; how many files it has. UsageError where integrations/ did not come with the program."""
    files = plugin_files(home / "integrations" / "wordpress" / _NAME, templates)
    with replacing(target, mode=0o644) as fresh, ZipFile(fresh, "w", ZIP_DEFLATED) as packed:
        for name, content in sorted(files.items()):
            packed.writestr(_entry(f"{_NAME}/{name}"), content)
    return len(files)


def plugin_files(folder: Path, templates: Path) -> dict[str, bytes]:
    """The plugin's files by their names in it. UsageError where there are none."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is missing: make the plugin in a clone of the repository.")
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    script, style = files.pop("includes/age.js"), files.pop("includes/column.css")
    return files | _assets(templates, script.decode(), style)


def _assets(templates: Path, script: str, style: bytes) -> dict[str, bytes]:
    told = {language: words_of(language).script_texts("freshness") for language in LANGUAGES}
    languages = f"var words, languages = {json.dumps(told, ensure_ascii=False)};"
    freshness = (templates / "scripts" / "freshness.js").read_text("utf-8")
    topics = [{"value": topic.slug, "label": topic.name} for topic in vocabulary().topics]
    return {
        "assets/news.css": (templates / "static" / "news.css").read_bytes() + style,
        "assets/freshness.js": bundle(languages, freshness, script),
        "assets/topics.json": json.dumps(topics, ensure_ascii=False).encode(),
    }


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _DATE)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3  # Unix, whose permissions follow.
    entry.external_attr = 0o644 << 16
    return entry
