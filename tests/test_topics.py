"""The vocabulary is right, and a mistake in it names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from aggregator.errors import ConfigError
from aggregator.topics import joined, read_vocabulary, vocabulary
from tests.conftest import HOME

GOOD = """topics:
  a-topic:
    name: "A topic"
    about: "What it is."
    strong: ["one phrase"]
    beside:
      face: ["another"]
companies:
  face:
    with: ["face"]
elsewhere: ["not this"]
"""


def test_the_vocabulary_is_what_the_strict_reader_reads() -> None:
    home = HOME / "aggregator"
    found = read_vocabulary((home / "topics.yaml").read_text("utf-8"), home / "topics.yaml")
    for path in sorted((home / "vocabulary").glob("*.yaml")):
        found = joined(found, read_vocabulary(path.read_text("utf-8"), path, beside=found))

    assert vocabulary() == found


def test_a_language_adds_phrases_and_no_topic() -> None:
    base = read_vocabulary(GOOD, Path("topics.yaml"))
    french = read_vocabulary('topics: {a-topic: {strong: ["une"]}}\nanother: ["autre"]', Path("fr.yaml"), beside=base)

    assert joined(base, french).topics[0].strong == ("one phrase", "une")
    assert joined(base, french).topics[0].name == "A topic"
    assert joined(base, french).another == ("autre",)
    with pytest.raises(ConfigError) as caught:
        read_vocabulary("topics:\n  b-topic: {strong: []}", Path("fr.yaml"), beside=base)
    assert "fr.yaml, line 2: “b-topic” is not known here" in str(caught.value)


def test_the_fifteen_topics() -> None:
    found = vocabulary()

    assert len(found.topics) == 15
    assert all(topic.name and topic.about.endswith(".") for topic in found.topics)
    assert found.name("parotid") == "Parotid gland"
    assert found.name("gone") == "gone"


def test_a_good_file_is_read() -> None:
    found = read_vocabulary(GOOD, Path("topics.yaml"))

    assert found.topics[0].beside == {"face": ("another",)}
    assert found.companies["face"].within == ("face",)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("strong:", "stong:", "topics.yaml, line 5: “stong” is not known here"),
        ('["one phrase"]', '"one phrase"', "topics.yaml, line 5: a list of phrases is needed"),
        ('"one phrase"', '"one (phrase"', "topics.yaml, line 5: “one (phrase”: brackets must be closed"),
        ('"one phrase"', '"…"', "topics.yaml, line 5: “…” has no letters"),
        ("      face: [", "      fase: [", "topics.yaml, line 7: “fase” is not known here; known are face"),
        ('    name: "A topic"\n', "", "topics.yaml, line 3: the topic “a-topic” has no “name”"),
        ("elsewhere:", "elsewere:", "topics.yaml, line 11: “elsewere” is not known here"),
        ("elsewhere: [", "elsewhere: ][", "topics.yaml, line 11:"),
        (
            '    strong: ["one phrase"]',
            '    strong: ["one phrase"]\n    strong: []',
            "topics.yaml, line 6: “strong” is here a second",
        ),
    ],
)
def test_a_mistake_names_its_line(old: str, new: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_vocabulary(GOOD.replace(old, new, 1), Path("topics.yaml"))

    assert sentence in str(caught.value)
