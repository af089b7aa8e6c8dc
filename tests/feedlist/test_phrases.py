"""Phrases of the filter section, edited in place: no remark is lost, and what is read back is what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from aggregator.errors import UsageError
from aggregator.feedlist.phrases import add_phrase, remove_pair, remove_phrase, set_pair

FEEDS = "feeds:\n  - name: One\n    url: https://one.example/\n"
BLOCK = (
    "# Ours.\nfilter:\n  # Why.\n  add:\n    synkinesis:  # of the eye\n      - crocodile tears  # gustatory\n"
    "      # more to come\n      - jaw winking\n  never: [stocks, 'share price']  # markets\n  overrule:\n"
    "    # doubted\n    doi:10.1/x: never  # see mail\n\n# Sources.\n" + FEEDS
)


def filter_of(text: str) -> dict[str, object]:
    return dict(YAML(typ="safe", pure=True).load(text).get("filter") or {})


@pytest.mark.parametrize(
    ("text", "path", "phrase", "expected"),
    [
        (FEEDS, ("filter", "never"), "stocks", {"never": ["stocks"]}),
        (FEEDS, ("filter", "add", "synkinesis"), "jaw: winking", {"add": {"synkinesis": ["jaw: winking"]}}),
        ("filter: {}\n" + FEEDS, ("filter", "add", "eye-care"), "x y", {"add": {"eye-care": ["x y"]}}),
        ("filter:\n  never: []\n" + FEEDS, ("filter", "never"), "#1", {"never": ["#1"]}),
        ("filter:\n  never:\n" + FEEDS, ("filter", "never"), "no", {"never": ["no"]}),
        ("filter:\n  never: [a,]\n" + FEEDS, ("filter", "never"), "b", {"never": ["a", "b"]}),
        ("filter:\n  never:\n  - a\n" + FEEDS, ("filter", "never"), "b", {"never": ["a", "b"]}),
        ("filter:\n  never: [a,\n    b]\n" + FEEDS, ("filter", "never"), "c", {"never": ["a", "b", "c"]}),
        ("filter:\n  never:\n    - a\n" + FEEDS, ("filter", "never"), "a", {"never": ["a"]}),
        ("filter:\n" + FEEDS, ("filter", "never"), "a", {"never": ["a"]}),
    ],
)
def test_a_phrase_is_added_where_it_belongs(text: str, path: tuple[str, ...], phrase: str, expected: object) -> None:
    assert filter_of(add_phrase(text, path, phrase)) == expected


def test_an_addition_changes_nothing_but_its_line() -> None:
    after = add_phrase(BLOCK, ("filter", "add", "synkinesis"), "eye closing")

    assert after == BLOCK.replace("      - jaw winking\n", "      - jaw winking\n      - eye closing\n")


@pytest.mark.parametrize(
    ("text", "path", "phrase", "expected"),
    [
        (BLOCK, ("filter", "add", "synkinesis"), "crocodile tears", {"synkinesis": ["jaw winking"]}),
        ("filter:\n  add:\n    a: [x, y, z]\n" + FEEDS, ("filter", "add", "a"), "x", {"a": ["y", "z"]}),
        ("filter:\n  add:\n    a: [x, y, z]\n" + FEEDS, ("filter", "add", "a"), "y", {"a": ["x", "z"]}),
        ("filter:\n  add:\n    a: [x, y, z]\n" + FEEDS, ("filter", "add", "a"), "z", {"a": ["x", "y"]}),
        ("filter:\n  add:\n    a: [x]\n" + FEEDS, ("filter", "add", "a"), "x", {"a": []}),
        ("filter:\n  add:\n    a: # why\n      # what\n      - x # who\n" + FEEDS, ("filter", "add", "a"), "x", {"a": []}),
    ],
)
def test_a_phrase_is_taken_out(text: str, path: tuple[str, ...], phrase: str, expected: object) -> None:
    after = remove_phrase(text, path, phrase)

    assert filter_of(after)["add"] == expected
    assert remarks(after) == remarks(text)


def test_pairs_are_set_and_taken_out() -> None:
    path = ("filter", "overrule")
    assert filter_of(set_pair(BLOCK, path, "doi:10.1/x", "always"))["overrule"] == {"doi:10.1/x": "always"}
    more = set_pair(BLOCK, path, "https://a.example/?q=1: x", "never")
    assert filter_of(more)["overrule"] == {"doi:10.1/x": "never", "https://a.example/?q=1: x": "never"}
    assert remarks(more) == remarks(BLOCK)
    less = remove_pair(BLOCK, path, "doi:10.1/x")
    assert filter_of(less)["overrule"] == {}
    assert remarks(less) == remarks(BLOCK)


@pytest.mark.parametrize("take", [remove_phrase, remove_pair])
def test_what_is_not_there_is_named(take: object) -> None:
    with pytest.raises(UsageError, match="“gone” is not in filter"):
        take(BLOCK, ("filter", "never"), "gone")  # type: ignore[operator]


def remarks(text: str) -> list[str]:
    """All remarks, in order."""
    return [line.partition("#")[2].strip() for line in text.split("\n") if "#" in line]


WORDS = st.sampled_from(["tears", "jaw winking", "Bell’s", "x: y", "a, b", "'quoted'", "[list]", "{map}", "no", "12", "ü"])
LISTS = st.sampled_from([("filter", "never"), ("filter", "add", "synkinesis"), ("filter", "add", "bells-palsy"),
                         ("filter", "never_from"), ("filter", "remove", "eye-care")])  # fmt: skip


@given(st.lists(st.tuples(LISTS, WORDS), min_size=1, max_size=12), st.sampled_from([BLOCK, FEEDS, "filter: {}\n" + FEEDS]))
@settings(max_examples=200, deadline=None)
def test_random_edits_lose_no_remark_and_mean_what_they_say(edits: list[tuple[tuple[str, ...], str]], text: str) -> None:
    before = remarks(text)
    for path, word in edits:
        found: object = filter_of(text)
        for key in path[1:]:
            found = found.get(key) if isinstance(found, dict) else None
        had = list(found) if isinstance(found, list) else []
        text = remove_phrase(text, path, word) if word in had else add_phrase(text, path, word)
        now: object = filter_of(text)
        for key in path[1:]:
            now = now[key] if isinstance(now, dict) else None
        assert now == ([one for one in had if one != word] if word in had else [*had, word])
    assert sorted(remarks(text)) == sorted(before)
    assert text.endswith(FEEDS)
