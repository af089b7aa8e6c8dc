"""feeds.yaml: every mistake is one sentence with its line, all of them at once; a broken file is refused whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aggregator.config import keep_good_copy, load, load_or_last_good
from aggregator.errors import ConfigError, UsageError
from aggregator.values.environment import Environment, read_environment
from tests.conftest import HOME

GOOD = "feeds:\n  - name: A\n    url: https://a.example/feed\n"


def problems(tmp_path: Path, text: str | bytes) -> tuple[str, ...]:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as refused:
        load(path)
    return refused.value.problems


def test_a_name_and_an_address_are_enough(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(GOOD)

    settings = load(tmp_path / "feeds.yaml")

    assert [(feed.name, feed.type.value, feed.enabled) for feed in settings.feeds] == [("A", "news", True)]
    assert settings.site.stories == 12


def test_the_shipped_list_is_good_and_long_enough() -> None:
    settings = load(HOME / "feeds.yaml")

    assert len(settings.feeds) >= 30


@pytest.mark.parametrize(
    "text",
    [
        (HOME / "feeds.yaml").read_text("utf-8"),
        "# none\n" + GOOD + '  - {name: NO, "url": "https://b.example/x#y", weight: 1}\n',
        GOOD
        + "  - name: 012\n    url: >-\n      https://b.example/\nx-a: &a {stories: 7}\nsite:\n  <<: *a\n  title: 2026-11-20\n",
        # What libyaml refuses.
        GOOD + "schedule: {refresh_at: [05:00]}\n",
    ],
)
def test_a_file_that_is_known_to_be_good_is_read_the_same(tmp_path: Path, text: str) -> None:
    (tmp_path / "feeds.yaml").write_text(text, "utf-8")

    assert load(tmp_path / "feeds.yaml", is_known=True) == load(tmp_path / "feeds.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD + "    colour: red\n", ["line 4", "“A”", "“colour”"]),
        (GOOD + "    tipe: news\n", ["line 4", "did you mean “type”?"]),
        (GOOD + "    type: blog\n", ["line 4", "“blog”", "charity"]),
        (GOOD + "    weight: heavy\n", ["line 4", "number", "heavy"]),
        (GOOD + "    review: maybe\n", ["line 4", "true or false"]),
        (GOOD + "    url: https://b.example/\n", ["line 4", "second time"]),
        (GOOD + "  - name: A\n    url: https://b.example/\n", ["line 4", "same name", "line 2"]),
        (GOOD + "  - name: B\n    url: http://www.A.example/feed/\n", ["line 5", "same address", "line 3"]),
        (GOOD + "  - name: B\n", ["line 4", "“url” is missing"]),
        (GOOD + "  - name: B\n    url:\n", ["line 5", "“url” is empty"]),
        (GOOD + "  -\n", ["line 4", "empty"]),
        (GOOD + "  - https://b.example/\n", ["line 4", "number 2"]),
        (GOOD + "site: {time_zone: Mars/Olympus}\n", ["line 4", "Mars/Olympus", "America/Los_Angeles"]),
        (GOOD + "site: {stories: none}\n", ["line 4", "“stories” must be a whole number, not “none”"]),
        (GOOD + "site: {stories: 1.5}\n", ["line 4", "“stories” must be a whole number, not “1.5”"]),
        (GOOD + "    weight: much\n", ["line 4", "“weight” must be a number, not “much”"]),
        (GOOD + "schedule: {refresh_at: ['25:00']}\n", ["line 4", "25:00"]),
        (GOOD + "filter: {add: {smiles: [x]}}\n", ["line 4", "smiles", "reanimation"]),
        (GOOD + "filter: {overrule: {'doi:10.1000/x': perhaps}}\n", ["line 4", "always or never"]),
        (GOOD + "filter: {overrule: {'nct:123': never}}\n", ["line 4", "“nct:123” is neither an address nor an identifier"]),
        (GOOD + "filter: {overrule: {'doi:': never}}\n", ["line 4", "“doi:” is neither an address nor an identifier"]),
        (GOOD.replace("https:", "feed:"), ["line 3", "feed:"]),
        (GOOD.replace("https://a.example/feed", "https://pubmed.ncbi.nlm.nih.gov/rss/search/?term=x"), ["Create RSS"]),
        (GOOD.replace("feed\n", "feed #top\n"), ["line 3", "remark"]),
        (GOOD.replace("A", "&Co"), ["line 2", "quotation marks"]),
        (GOOD.replace("A", "!!python/object/apply:os.system ['true']"), ["line 2", "not allowed"]),
        ("feeds: []\n", ["line 1", "at least one"]),
        ("feeds:\n", ["line 1", "empty"]),
        ("feed:\n  - name: A\n", ["line 1", "did you mean “feeds”"]),
        ("- name: A\n", ["feeds:"]),
        ("", ["empty"]),
        ("feeds:\n\t- name: A\n", ["line 2"]),
        (GOOD + "---\n" + GOOD, ["second document"]),
        (GOOD.replace("A", "Santé").encode("cp1252"), ["line 2", "UTF-8"]),
        ("a: &a [*a]\n" + GOOD, ["line 1"]),
        # What is meant is told, at the line where it is, and not what YAML stumbles over later.
        ("feeds:\n  - name:Copycat\n    url: https://a.example/\n", ["line 2", "space is missing behind the colon"]),
        ("feeds:\n  - name: A\n    url:https://a.example/\n    type: news\n", ["line 3", "behind the colon"]),
        (GOOD + "  - name: B\n    url:https://b.example/\n", ["line 5", "behind the colon"]),
        ("feeds:\n  -name: A\n    url: https://a.example/\n", ["line 2", "space is missing behind the dash"]),
        (GOOD + "  -name: B\n   url: https://b.example/\n", ["line 4", "behind the dash"]),
        (GOOD + "<<<<<<< HEAD\n  - name: B\n=======\n  - name: C\n>>>>>>> theirs\n", ["line 4", "git left a conflict"]),
        (GOOD + "\u00a0\u00a0\u00a0\u00a0type: news\n", ["line 4", "no-break space"]),
        (GOOD + "  \u00a0 type: news\n", ["line 4", "no-break space"]),
        (GOOD + "    type:\u00a0news\n", ["line 4", "no-break space"]),
        (GOOD + "\ttype: news\n", ["line 4", "tab"]),
        (GOOD.replace("A", "Health: news"), ["line 2", "colon inside a text"]),
        (GOOD.replace("A", '"A'), ["never closed"]),
    ],
)
def test_a_mistake_is_a_sentence_with_its_line(tmp_path: Path, text: str | bytes, told: list[str]) -> None:
    found = "\n".join(problems(tmp_path, text))

    assert [word for word in told if word not in found] == []
    assert "Traceback" not in found


def test_special_spaces_inside_a_text_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(GOOD.replace("A", "Santé\u00a0– le\u00a0journal"), "utf-8")

    assert load(tmp_path / "feeds.yaml").feeds[0].name == "Santé – le journal"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD + "    colour: red\n  - name: B\n    url: nowhere\nsite: {stories: many}\n"

    assert len(problems(tmp_path, text)) == 3


@pytest.mark.parametrize("name", ["NO", "012", "2026-11-20", "true", "Children's health", '"<script>"', '"{{7*7}}"'])
def test_a_name_stays_as_it_is_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "feeds.yaml").write_text(GOOD.replace("A", name))

    assert load(tmp_path / "feeds.yaml").feeds[0].name == name.strip('"')


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
    ],
)
def test_files_of_other_editors_are_read(tmp_path: Path, encode: object) -> None:
    (tmp_path / "feeds.yaml").write_bytes(encode(GOOD))  # type: ignore[operator]

    assert load(tmp_path / "feeds.yaml").feeds[0].url == "https://a.example/feed"


def test_a_broken_file_gives_way_to_its_last_good_copy(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(GOOD + "  - name: B\n    url: https://b.example/feed\n")
    keep_good_copy(path, tmp_path)

    path.write_text("feeds: [")
    loaded = load_or_last_good(path, tmp_path)

    assert len(loaded.settings.feeds) == 2
    assert "line 1" in loaded.problems[0]
    assert path.read_text() == "feeds: ["


def test_a_feed_that_vanished_is_named(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(GOOD + "  - name: B\n    url: https://b.example/feed\n")
    keep_good_copy(path, tmp_path)
    path.write_text(GOOD)

    assert load_or_last_good(path, tmp_path).gone == ("B",)


def test_without_a_good_copy_nothing_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_or_last_good(tmp_path / "feeds.yaml", tmp_path)


def test_the_environment_names_folders_and_options_win(tmp_path: Path) -> None:
    environ = {"AGGREGATOR_DATA": str(tmp_path / "env"), "AGGREGATOR_FEEDS": "elsewhere.yaml"}

    environment = read_environment(HOME, feeds=None, data=tmp_path / "option", environ=environ)

    assert (environment.data, environment.feeds) == (tmp_path / "option", Path("elsewhere.yaml"))
    assert isinstance(environment, Environment)


def test_a_proxy_that_is_no_address_is_named() -> None:
    with pytest.raises(UsageError, match="AGGREGATOR_PROXY"):
        read_environment(HOME, feeds=None, data=None, environ={"AGGREGATOR_PROXY": "proxy:3128"})


@pytest.mark.slow
def test_staff_s_real_edits_are_taken_as_the_lab_expects(shared: Path, tmp_path: Path) -> None:
    """The fault lab's YAML edits. `warn` reads as `keep` (a broken file is refused whole); three differ on purpose."""
    script = shared / "hostile" / "faults" / "make_staff_edits.py"
    subprocess.run([sys.executable, script, "--out", tmp_path], check=True, capture_output=True)
    on_purpose = {
        "yaml/sexagesimal.yaml",  # an unknown key is an error, whatever it holds
        "yaml/url-loopback.yaml",  # a private address is refused where the connection is made
        "yaml/url-metadata.yaml",
        "yaml/big-int.yaml",  # harmless here: a number is text until a key asks for one
    }
    wrong = []
    for line in (tmp_path / "manifest.jsonl").read_text().splitlines():
        edit = json.loads(line)
        if not edit["file"].startswith("yaml/") or edit["action"] or edit["file"] in on_purpose:
            continue
        try:
            load(tmp_path / edit["file"])
            got = "accept"
        except ConfigError:
            got = "keep"
        if got != ("accept" if edit["expect"] == "accept" else "keep"):
            wrong.append((edit["file"], edit["expect"], got))

    assert wrong == []


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "feeds.yaml"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")

    with pytest.raises(ConfigError, match="not a file"):
        load_or_last_good(path, tmp_path)


def test_a_key_that_python_has_another_name_for_is_called_as_staff_write_it(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(f"institute: {{wth: [Larkfield]}}\n{GOOD}")

    with pytest.raises(ConfigError, match="did you mean “with”"):
        load(tmp_path / "feeds.yaml")
