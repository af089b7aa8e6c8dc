"""Which mutants a piece of source has."""

from __future__ import annotations

import pytest

from tests.mutants.operators import Mutant, changes, mutants_of


def changed(source: str) -> set[str]:
    """The texts of all mutants that are other programs."""
    body = source.encode()
    return {one.applied_to(body).decode() for one in mutants_of("x.py", body) if changes(one, body)}


@pytest.mark.parametrize(
    ("source", "mutants"),
    [
        ("a < b", {"(a <= b)", "(a >= b)"}),
        ("a == b", {"(a != b)"}),
        ("a in b", {"(a not in b)"}),
        ("a is b", {"(a is not b)"}),
        ("a and b", {"(a or b)", "(a)", "(b)"}),
        ("not a", {"(a)"}),
        ("a + b", {"(a - b)"}),
        ("a | b", {"(a & b)"}),
        ("[a for a in b if c]", {"[a for a in b if True]"}),
        ("a[b:c]", {"a[:c]", "a[b:]"}),
        ("'é', 7", {"'', 7", "'é', 8", "'é', 6"}),
        ("True", {"False"}),
        ("{'a', 'b'}", {"{'', 'b'}", "{'a', ''}"}),
        ("'a b'.split()", {"'b'.split()", "'a'.split()"}),
        ("f'{a + 1}'", set()),
    ],
)
def test_expressions(source: str, mutants: set[str]) -> None:
    assert changed(f"x = {source}") == {f"x = {mutant}" for mutant in mutants}


@pytest.mark.parametrize(
    ("source", "mutants"),
    [
        ("return a", {"return None"}),
        ("a += b", {"pass"}),
        ("a.b = c", {"pass"}),
        ("a()", {"pass"}),
        ("'''Said.'''", set()),
        ("a: 'A' = b", set()),
        ("if a: b", {"if (not (a)): b"}),
    ],
)
def test_statements(source: str, mutants: set[str]) -> None:
    assert changed(f"def f():\n    {source}\n") == {f"def f():\n    {mutant}\n" for mutant in mutants}


def test_decorators_and_annotations_are_left_alone_and_defaults_are_not() -> None:
    assert changed("@a(1)\ndef f(b: 'B' = 2): pass\n") == {
        "@a(1)\ndef f(b: 'B' = 3): pass\n", "@a(1)\ndef f(b: 'B' = 1): pass\n",
    }  # fmt: skip


def test_of_a_large_table_three_elements_are_taken_at_most() -> None:
    found = [one for one in mutants_of("x.py", b"x = (1, 2, 3, 4, 5, 6)") if one.operator == "element removed"]

    assert len(found) == 3


def test_a_mutant_is_shown_as_one_line() -> None:
    source = b"def f():\n    return a < b\n"
    mutant = Mutant("x.py", 2, "comparison", 20, 25, "(a <= b)")

    assert mutant.shown_in(source) == ("return a < b", "return (a <= b)")
