"""Rules in the browser: shown before they are made, made in place, taken back, and never over somebody else's change."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")
from ruamel.yaml import YAML

from tests.console.people import Console, Person


def rules(console: Console) -> dict[str, object]:
    return dict(YAML(typ="safe", pure=True).load(console.feeds.read_text("utf-8")).get("filter") or {})


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found is not None
    return found[1]


def make(person: Person, **change: str) -> str:
    """Look at a change, then make it; where that leads."""
    page = person.at("/rules?" + "&".join(f"{name}={value}" for name, value in change.items()))
    answer = person.post("/rules/apply", seen=seen(page), **change)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_phrase_is_judged_before_it_is_added(console: Console) -> None:
    anna = console.person()
    page = anna.at("/rules?of=never&phrase=smile")

    assert "Never show what contains “smile”" in page
    assert "it would add 0, remove 2, and change the topics of 0" in page
    assert "gives boy" in page or "Masseteric nerve transfer" in page
    assert rules(console) == {}

    page = anna.at(make(anna, of="never", phrase="smile"))

    assert rules(console) == {"never": ["smile"]}
    assert "Masseteric nerve transfer" not in console.front()
    assert "Undo this change of the rules" in page
    assert console.rows("SELECT actor, verb FROM act") == [("console:anna", "filter")]


def test_a_change_is_undone_and_stands_in_the_history(console: Console) -> None:
    anna, text = console.person(), console.feeds.read_text("utf-8")
    act = make(anna, of="never", phrase="smile").partition("did=")[2]
    assert anna.post("/rules/undo", act=act).status_code == 303

    assert console.feeds.read_text("utf-8") == text
    assert "Masseteric nerve transfer" in console.front()
    assert re.search(r"\+ +- smile", anna.at("/rules/history"))
    assert anna.post("/rules/undo", act=2).status_code == 400


def test_undo_does_not_lose_what_was_written_by_hand(console: Console) -> None:
    anna = console.person()
    act = make(anna, of="never", phrase="smile").partition("did=")[2]
    by_hand = console.feeds.read_text("utf-8").replace("    - smile", "    - smile\n    - stocks  # by hand")
    console.feeds.write_text(by_hand, "utf-8")
    answer = anna.post("/rules/undo", act=act)

    assert answer.status_code == 400
    assert "changed by hand" in answer.text
    assert console.feeds.read_text("utf-8") == by_hand


def test_typing_shows_what_a_phrase_would_change(console: Console) -> None:
    anna = console.person()
    fragment = anna.post("/rules/preview", of="add", topic="synkinesis", phrase="harbour", reach="newest").text

    assert "“harbour” points to Synkinesis" in fragment
    assert "<html" not in fragment
    assert rules(console) == {}
    assert "Choose a topic" in anna.post("/rules/preview", of="add", phrase="harbour").text
    assert "Write a phrase" in anna.post("/rules/preview", of="never", phrase=" ").text
    assert "Choose what the phrase is for" in anna.post("/rules/preview", of="nothing", phrase="x").text


def test_of_two_at_once_one_wins_and_the_other_is_told_what_changed(console: Console) -> None:
    anna, ben = console.person("anna"), console.person("ben")
    page = anna.at("/rules?of=never&phrase=smile")
    make(ben, of="never", phrase="stocks")
    answer = anna.post("/rules/apply", seen=seen(page), of="never", phrase="smile")

    assert answer.status_code == 409
    assert re.search(r"\+ +- stocks", answer.text)
    assert "Never show what contains “smile”" in answer.text
    assert rules(console) == {"never": ["stocks"]}


def test_chips_are_taken_out(console: Console) -> None:
    anna = console.person()
    make(anna, of="add", topic="synkinesis", phrase="jaw+winking".replace("+", " "))
    make(anna, of="overrule", phrase="doi:10.1000/x", value="always")
    page = anna.at("/rules")
    assert "jaw winking" in page
    assert "doi:10.1000/x: always" in page

    make(anna, of="add", topic="synkinesis", phrase="jaw winking", take="1")
    make(anna, of="overrule", phrase="doi:10.1000/x", take="1")

    assert rules(console) == {"add": {"synkinesis": []}, "overrule": {}}


def test_what_feeds_yaml_would_not_take_changes_nothing(console: Console) -> None:
    anna = console.person()
    answer = anna.post(
        "/rules/apply",
        of="overrule",
        phrase="not an identifier",
        value="never",
        seen=seen(anna.at("/rules?of=never&phrase=x")),
    )

    assert answer.status_code == 400
    assert rules(console) == {}


def test_every_remark_stays(console: Console) -> None:
    remarked = (
        "# Ours.\nfilter:  # what counts\n  never:\n    # markets\n    - stocks  # since May\n"
        + console.feeds.read_text("utf-8")
    )
    console.feeds.write_text(remarked, "utf-8")
    anna = console.person()
    make(anna, of="never", phrase="smile")
    make(anna, of="never", phrase="stocks", take="1")
    text = console.feeds.read_text("utf-8")

    assert rules(console) == {"never": ["smile"]}
    assert all(remark in text for remark in ("# Ours.", "# what counts", "# markets", "# since May"))


@pytest.mark.parametrize("person", ["rita"])
def test_a_reader_looks_and_changes_nothing(console: Console, person: str) -> None:
    rita = console.person(person)

    assert "it would add 0, remove 2" in rita.at("/rules?of=never&phrase=smile")
    assert "Make this change" not in rita.at("/rules?of=never&phrase=smile")


def test_undo_takes_back_only_what_somebody_saw(console: Console) -> None:
    anna, ben = console.person("anna"), console.person("ben")
    act = make(anna, of="never", phrase="smile").partition("did=")[2]
    make(ben, of="never", phrase="stocks")
    answer = anna.post("/rules/undo", act=act)

    assert answer.status_code == 400
    assert "Somebody else changed the rules meanwhile" in answer.text
    assert rules(console) == {"never": ["smile", "stocks"]}


def test_a_change_that_changes_nothing_offers_no_undo(console: Console) -> None:
    anna = console.person()
    make(anna, of="never", phrase="smile")

    assert make(anna, of="never", phrase="smile") == "/rules?same=1"
    assert "The rules say so already" in anna.at("/rules?same=1")


def test_the_button_makes_the_change_that_was_looked_at(console: Console) -> None:
    anna = console.person()
    fragment = anna.post("/rules/preview", of="never", phrase="stocks").text

    assert 'name="phrase" value="stocks"' in fragment
    assert 'name="seen"' in fragment


def test_no_token_stands_in_a_form_that_is_sent_by_get(console: Console) -> None:
    anna = console.person()

    for path in ("/", "/rules", "/find", "/log", "/month", "/entries/1/merge"):
        for form in re.findall(r'<form method="get".*?</form>', anna.at(path), re.S):
            assert 'name="token"' not in form, path


def test_a_mistake_keeps_the_form(console: Console) -> None:
    answer = console.person().get("/rules?of=add&phrase=harbour")

    assert answer.status_code == 400
    assert "Choose a topic for the phrase." in answer.text
    assert 'value="harbour"' in answer.text
    assert "Make this change" not in answer.text
