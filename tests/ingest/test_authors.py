"""A name is what is left of an author once addresses are gone."""

from __future__ import annotations

import pytest

from aggregator.ingest.authors import author_names, cited_author


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Ann Example", "Ann Example"),
        ("ann@example.org (Ann Example)", "Ann Example"),
        ("press@palsy.foundation (Ann Example)", "Ann Example"),
        ("Ann Example <ann@hospital.health>", "Ann Example"),
        ("Ann Example (mailto:ann@example.org)", "Ann Example"),
        ("Ann Example ()", "Ann Example"),
        ("ann@example.org?subject=Hello (Ann Example, MD)", "Ann Example, MD"),
        ("Example Clinic (Bern)", "Example Clinic (Bern)"),
        ("ann@clinic.institute", ""),
        ("<b>Ann</b> Example", "Ann Example"),
        ("  ", ""),
    ],
)
def test_an_author_is_a_name(written: str, name: str) -> None:
    assert author_names([written]) == ((name,) if name else ())


def test_a_name_is_there_once_and_none_is_long() -> None:
    assert author_names(["Ann", "Ann", "x" * 500]) == ("Ann", "x" * 199 + "…")
    assert len(author_names([f"Author {n}" for n in range(80)])) == 50


@pytest.mark.parametrize(
    ("summary", "names"),
    [
        ("2026 Mar 5. Lindqvist E, Barr T. On the face.", ("Lindqvist E",)),
        ("Lindqvist E et al", ("Lindqvist E",)),
        ("J Examples; van Lindqvist AB; text", ()),
        ("J Examples; Van Lindqvist AB; text", ("Van Lindqvist AB",)),
        ("The face is weak.", ()),
        ("", ()),
    ],
)
def test_the_first_author_in_a_summary(summary: str, names: tuple[str, ...]) -> None:
    assert cited_author(summary) == names
