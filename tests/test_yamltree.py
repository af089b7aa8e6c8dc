"""YAML as plain values that keep their spelling and their lines."""

from __future__ import annotations

import pytest

from aggregator.yamltree import Place, Tree


def read(text: str) -> tuple[object, list[str], Tree]:
    tree = Tree("feeds.yaml")
    return tree.read(text), tree.problems, tree


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("name: NO", {"name": "NO"}),
        ("name: 012", {"name": "012"}),
        ("name: 2026-11-20", {"name": "2026-11-20"}),
        ("name: true", {"name": "true"}),
        ("name:", {"name": None}),
        ("name: ~", {"name": None}),
        ("name: null", {"name": None}),
        ('name: "null"', {"name": "null"}),
        ('name: ""', {"name": ""}),
        ("- a\n- [b, c]", ["a", ["b", "c"]]),
        ("", None),
    ],
)
def test_values_stay_what_was_written(text: str, content: object) -> None:
    assert read(text)[:2] == (content, [])


@pytest.mark.parametrize(
    ("place", "line"),
    [((), 1), (("a",), 1), (("feeds",), 2), (("feeds", 0), 3), (("feeds", 0, "url"), 4), (("feeds", 0, "nothing"), 3), (("x",), 1)],
)  # fmt: skip
def test_the_line_of_a_value_or_of_what_holds_it(place: Place, line: int) -> None:
    _, _, tree = read("a: 1\nfeeds:\n  - name: A\n    url: B\n")

    assert tree.line(place) == line
    assert tree.where(place) == f"feeds.yaml, line {line}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\na: 2", "line 2: “a” is here a second time; keep one"),
        ("a: 1\n---\nb: 2", "line 3: a second document begins here"),
        ("a: !x 1", "line 1: “!x” is not allowed here"),
        ("a: &x", "begins with a character that YAML reserves"),
        ("[a]: 1", "line 1: a key must be a single word"),
        ("a: b: c", "line 1: there is a colon inside a text"),
        ("a: 'b", "a quotation mark or bracket further up is never closed"),
        ("a: *x", "a text begins with *"),
        ("a: @x", "begins with a character that YAML reserves"),
        ("a: 'b' c", "line 1:"),
        ("a: \x01", "feeds.yaml"),
        ("[" * 5000, "feeds.yaml"),
    ],
)
def test_every_mistake_is_named_with_its_line(text: str, told: str) -> None:
    problems = read(text)[1]

    assert problems
    assert told in problems[0]


def test_what_is_shared_is_merged_and_own_keys_win() -> None:
    text = "a: &a {x: 1, y: 1}\nb: {<<: *a, y: 2}\n"
    content, _, _ = read(text)

    assert isinstance(content, dict)
    assert content["b"] == {"x": "1", "y": "2"}


def test_what_refers_to_itself_is_named_once() -> None:
    problems = read("a: &a [*a, *a]\n")[1]

    assert len(problems) == 1
    assert "refers to itself" in problems[0] or "keeps for itself" in problems[0]
