"""Who of the institute an item means: rules as tables, and floors on items that people labelled."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from aggregator.jobs.mentions import evaluate
from aggregator.jobs.workspace import Workspace
from aggregator.relevance.mentions import Item, mentions_of
from aggregator.values.mentions import MentionKind
from aggregator.values.settings import FilterRules, Institute, NamedPerson

SETS = Path(__file__).parent / "mentions"
LARKSPUR = Institute.model_validate(
    {"names": ["Larkspur Facial Nerve Institute", "Larkspur Institute"], "with": ["Larkfield", "California"],
     "own_hosts": ["larkspurinstitute.example"]}
)  # fmt: skip
PEOPLE = tuple(
    NamedPerson.model_validate(one)
    for one in (
        {"name": "Elena Marchetti-Ross", "also": ["Dr. Marchetti-Ross", "Elena Marchetti Ross"]},
        {"name": "Daniel Okafor", "also": ["Dr. Okafor", "Daniel C. Okafor"],
         "with": ["Larkspur", "Larkfield", "facial", "Bell's palsy", "synkinesis"]},
        {"name": "Sarah Young", "also": ["Dr. Young", "Sarah L. Young"], "until": "2025-12-31",
         "with": ["Larkspur", "Larkfield", "facial nerve", "facial paralysis", "physical therapist"]},
        {"name": "José Ibáñez Peral", "also": ["Dr. Ibáñez Peral", "Jose Ibanez"],
         "with": ["Larkspur", "Larkfield", "parálisis facial", "facial"]},
    )
)  # fmt: skip


def names(title: str, text: str = "", **more: object) -> list[str]:
    item = replace(Item(title, text), **more)  # type: ignore[arg-type]
    return sorted(mentions_of(item, PEOPLE, LARKSPUR).names)


ELENA, DANIEL, SARAH, JOSE = (one.name for one in PEOPLE)


@pytest.mark.parametrize(
    ("title", "text", "meant"),
    [
        ("Elena Marchetti-Ross wins a gardening prize", "", [ELENA]),
        ("ELENA MARCHETTI-ROSS HONOURED", "", [ELENA]),
        ("A talk by Elena Marchetti\u2011Ross", "", [ELENA]),
        ("Elena Marchetti", "Ross was not there.", []),
        ("Elena Ross opens a shop", "", []),
        ("Dr. Daniel Okafor on facial palsy", "", [DANIEL]),
        ("Daniel C. Okafor, MD, treats synkinesis", "", [DANIEL]),
        ("Daniel Okafor scores twice", "The striker had a facial injury last year.", []),
        ("Daniel Okafor's beard", "The best facial hair of the county.", []),
        ("Okafor Ltd. sells facial masks", "", []),
        ("Daniel and Okafor", "Two facial surgeons.", []),
        ("Surgeon Sarah. Young people with facial paralysis", "", []),
        ("Sarah Youngblood, physical therapist", "", []),
        ("Dr. Young on the facial nerve", "Dr. Alan Young writes for us.", []),
        ("Dr. Okafor Chukwu treats facial palsy", "", []),
        ("José Ibáñez Peral, cirujano", "Habla de la parálisis facial.", [JOSE]),
        ("Jose Ibanez rides again", "The jockey had facial surgery.", []),
        ("The Larkspur Facial Nerve Institute turns ten", "", ["institute"]),
        ("Larkspur Institute\u2019s patients ran a marathon", "", ["institute"]),
        ("Larkspur Institute of Technology opens a lab", "Patients are invited.", []),
        ("Ohio Larkspur Institute", "Patients welcome.", []),
        ("Larkspur Garden Institute", "", []),
        ("Larkspur Institute in Toledo", "Patients welcome.", []),
        ("Drs. Marchetti-Ross, Okafor and Ibáñez Peral", "They lead the Larkspur Facial Nerve Institute.",
         [DANIEL, ELENA, JOSE, "institute"]),
    ],
)  # fmt: skip
def test_who_is_meant(title: str, text: str, meant: list[str]) -> None:
    assert names(title, text) == sorted(meant)


@pytest.mark.parametrize(
    ("author", "meant"),
    [
        ("Daniel Okafor", [DANIEL]), ("Okafor, Daniel", [DANIEL]), ("Okafor DC", [DANIEL]), ("D. C. Okafor", [DANIEL]),
        ("Okafor DA", []), ("Okafor D", []), ("Okafor S", []), ("Marchetti-Ross E", [ELENA]), ("Marchetti E", []),
        ("Ibáñez-Peral J", [JOSE]), ("Peral, José Ibáñez", [JOSE]), ("Okafor", []), ("Daniel Okafor Smith", []),
    ],
)  # fmt: skip
def test_authors(author: str, meant: list[str]) -> None:
    found = names("Facial reanimation with one nerve", "Forty patients.", authors=(author,), is_on_topic=True)

    assert found == meant


def test_who_left_is_mentioned_until_then() -> None:
    text = "Sarah Young, physical therapist, on facial paralysis."

    assert names("Exercises", text, on=date(2025, 12, 31)) == [SARAH]
    assert names("Exercises", text, on=date(2026, 1, 1)) == []


@pytest.mark.parametrize(
    ("item", "kind"),
    [
        (Item("A prize for Elena Marchetti-Ross"), MentionKind.ABOUT),
        (Item("A paper", authors=("Marchetti-Ross E",), is_on_topic=True), MentionKind.PUBLICATION),
        (Item("Open day", url="https://www.larkspurinstitute.example/open"), MentionKind.FROM_INSTITUTE),
        (Item("Open day", url="https://notlarkspurinstitute.example/open"), None),
        (Item("Open day", url="https://larkspurinstitute.example.evil.example/"), None),
        (Item("New wing", "LARKFIELD /PRNewswire/ -- The Larkspur Facial Nerve Institute today announced a wing."),
         MentionKind.FROM_INSTITUTE),
        (Item("Results", "AUSTIN /PRNewswire/ -- Robots Inc. reported today. It works with the Larkspur Facial Nerve Institute."),
         MentionKind.ABOUT),
    ],
)  # fmt: skip
def test_what_kind_it_is(item: Item, kind: MentionKind | None) -> None:
    assert mentions_of(item, PEOPLE, LARKSPUR).kind is kind


HARROW = Institute.model_validate(
    {"names": ["Harrow Point Facial Paralysis Center", "Harrow Point Center"], "with": ["Quillby", "Oregon"],
     "own_hosts": ["harrowpoint.example"]}
)  # fmt: skip
OTHERS = tuple(
    NamedPerson.model_validate(one)
    for one in (
        {"name": "Ingrid Solheim-Baptiste", "also": ["Dr. Solheim-Baptiste", "Ingrid Solheim Baptiste"]},
        {"name": "Michael Chen", "also": ["Dr. Chen", "Michael T. Chen"],
         "with": ["Harrow Point", "Quillby", "facial", "Bell's palsy", "synkinesis"]},
        {"name": "Laura Bennett", "also": ["Dr. Bennett", "Laura M. Bennett"], "until": "2025-06-30",
         "with": ["Harrow Point", "Quillby", "facial nerve", "facial paralysis", "speech therapist"]},
        {"name": "Tomás Rey Aguilar", "also": ["Dr. Rey Aguilar", "Tomas Rey"],
         "with": ["Harrow Point", "Quillby", "parálisis facial", "facial"]},
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "people", "institute", "items", "precision", "recall"),
    [
        # Two thirds are near misses. The rules were mended on this set.
        ("first", PEOPLE, LARKSPUR, 330, 0.99, 0.97),
        # The second time .97 and .83 without having seen it, and mended in little since: of its 13 misses, eight call the
        # clinic by a name that the configuration does not have.
        ("second", OTHERS, HARROW, 160, 0.98, 0.82),
    ],
)
def test_floors_on_what_people_labelled(
    name: str, people: tuple[NamedPerson, ...], institute: Institute, items: int, precision: float, recall: float
) -> None:
    """Items by people who had not seen the rules."""
    lines = [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    settings = SimpleNamespace(named_people=people, institute=institute, filter=FilterRules())

    found = evaluate(cast("Workspace", SimpleNamespace(settings=settings)), lines)

    assert found.items == items
    assert (found.precision >= precision, found.recall >= recall) == (True, True), (found.precision, found.recall)
    assert found.kinds == found.kinds_of
