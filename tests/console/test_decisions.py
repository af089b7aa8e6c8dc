"""A curator's morning: what is decided counts at once, says how far it reaches, and can be taken back."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")

from aggregator.jobs.workspace import open_workspace
from tests.console.people import Console, entries_on


def number_of(console: Console, title: str) -> int:
    ((number,),) = console.rows("SELECT min(id) FROM entry WHERE title LIKE ?", f"%{title}%")
    assert isinstance(number, int)
    return number


def standing(console: Console, number: int) -> object:
    ((found,),) = console.rows("SELECT standing FROM entry WHERE id = ?", number)
    return found


def test_today_has_what_is_on_the_page_in_its_order(console: Console) -> None:
    page = console.person().at("/")
    shown = [row[0] for row in console.rows("SELECT entry_id FROM front ORDER BY position")]

    assert len(shown) == 12
    assert entries_on(page)[:12] == shown
    assert "12 stories are on the page" in page


def test_hide_says_how_many_entries_it_takes_off_and_takes_them_off(console: Console) -> None:
    anna = console.person()
    found = (
        "SELECT entry_id FROM front JOIN entry ON entry.id = entry_id WHERE title LIKE 'Early prednisolone with or without%'"
    )
    ((number,),) = console.rows(found)
    button = re.search(rf'action="/entries/{number}/hide".*?<button[^>]*>([^<]+)<', anna.at("/"), re.S)
    assert button is not None
    assert button[1] == "Hide (2 entries)"

    answer = anna.post(f"/entries/{number}/hide", back="/")

    assert answer.status_code == 303
    hidden = console.rows("SELECT id FROM entry WHERE standing = 'hidden'")
    assert len(hidden) == 2
    assert "Early prednisolone with or without" not in console.front()
    page = anna.at(answer.headers["location"])
    assert "Hidden:" in page
    assert number not in entries_on(page)
    assert console.rows("SELECT actor, verb FROM act") == [("console:anna", "hide")]


def test_a_hidden_entry_is_back_after_undo_also_the_next_day(console: Console) -> None:
    anna = console.person()
    number = number_of(console, "Early prednisolone with or without")
    anna.post(f"/entries/{number}/hide")
    ((act,),) = console.rows("SELECT max(id) FROM act")
    console.clock.go_on(hours=11)
    assert f'action="/acts/{act}/undo"' in anna.at("/log")

    answer = console.person("ben").post(f"/acts/{act}/undo", back="/log")

    assert answer.headers["location"].startswith("/log?did=")
    assert standing(console, number) == ""
    assert "Early prednisolone with or without" in console.front()
    again = anna.post(f"/acts/{act}/undo")
    assert again.status_code == 400
    assert "was undone already" in again.text


@pytest.mark.parametrize(("verb", "expected"), [("accept", ""), ("reject", "hidden")])
def test_what_waits_is_accepted_or_rejected(console: Console, verb: str, expected: str) -> None:
    anna = console.person()
    number = number_of(console, "Selective Neurectomy")
    console.write("UPDATE entry SET standing = 'waiting' WHERE id = ?", number)
    page = anna.at("/")
    assert entries_on(page)[0] == number
    assert "<b>1</b> entry waits for you" in page

    answer = anna.post(f"/entries/{number}/{verb}")

    assert answer.status_code == 303
    assert standing(console, number) == expected
    ((act,),) = console.rows("SELECT max(id) FROM act")
    anna.post(f"/acts/{act}/undo")
    assert standing(console, number) == "waiting"


def test_what_does_not_wait_is_not_accepted(console: Console) -> None:
    answer = console.person().post(f"/entries/{number_of(console, 'Selective Neurectomy')}/accept")

    assert answer.status_code == 400
    assert "not waiting for review" in answer.text
    assert console.rows("SELECT * FROM act") == []


def test_topics_that_staff_choose_are_those_of_the_page(console: Console) -> None:
    anna = console.person()
    number = number_of(console, "Selective Neurectomy")
    anna.client.post(
        f"/entries/{number}/topics", headers={"Origin": anna.origin},
        data={"token": anna.token, "topic": ["eye-care", "parotid"]},
    )  # fmt: skip

    section = (console.data / "site" / "topics" / "parotid" / "section.html").read_text("utf-8")
    assert "Selective Neurectomy" in section
    assert ">the filter’s topics again<" in anna.at(f"/entries/{number}").replace("The filter", "the filter")

    anna.post(f"/entries/{number}/topics", whose="filter")

    section = (console.data / "site" / "topics" / "parotid" / "section.html").read_text("utf-8")
    assert "Selective Neurectomy" not in section


def test_a_topic_that_is_none_changes_nothing(console: Console) -> None:
    answer = console.person().post(f"/entries/{number_of(console, 'Selective Neurectomy')}/topics", topic="nonsense")

    assert answer.status_code == 400
    assert "“nonsense” is not a topic" in answer.text


def test_split_and_merge_show_both_stories_first(console: Console) -> None:
    anna = console.person()
    number = number_of(console, "Lighthouse singer Mara Quill")
    asked = anna.at(f"/entries/{number}/split?back=/stories")
    assert "On its own" in asked
    before = console.rows("SELECT story_id FROM entry WHERE id = ?", number)

    assert anna.post(f"/entries/{number}/split", back="/stories").headers["location"].startswith("/stories?did=")

    assert console.rows("SELECT story_id FROM entry WHERE id = ?", number) != before
    asked = anna.at(f"/entries/{number}/merge?with=Selective+Neurectomy")
    assert "Together they would be one story" in asked
    partner = number_of(console, "Selective Neurectomy")
    anna.post(f"/entries/{number}/merge", **{"with": partner})
    assert console.rows("SELECT count(DISTINCT story_id) FROM entry WHERE id IN (?, ?)", number, partner) == [(1,)]
    for act in (2, 1):
        assert anna.post(f"/acts/{act}/undo").status_code == 303
    assert console.rows("SELECT story_id FROM entry WHERE id = ?", number) == before


@pytest.mark.parametrize("path", ["never-from", "let-in"])
def test_a_rule_about_one_entry_is_shown_before_it_is_made(console: Console, path: str) -> None:
    page = console.person().at(f"/entries/{number_of(console, 'Lighthouse singer Mara Quill')}/{path}")

    assert "Make this change" in page
    assert console.rows("SELECT * FROM filter_change") == []


def test_two_people_see_what_the_other_did(console: Console) -> None:
    anna, ben = console.person("anna"), console.person("ben")
    since = re.search(r'data-since="(\d+)"', anna.at("/"))
    assert since is not None
    ben.post(f"/entries/{number_of(console, 'Selective Neurectomy')}/hide")

    assert [said.split(":")[0] for said in anna.get(f"/changes?since={since[1]}").json()["others"]] == ["ben"]
    assert ben.get(f"/changes?since={since[1]}").json()["others"] == []


def test_an_unknown_entry_is_not_found(console: Console) -> None:
    anna = console.person()

    for number in ("999999", "0", "-1", "9223372036854775808", "1e9", "x", "%00"):
        assert anna.get(f"/entries/{number}").status_code == 404
        assert anna.post(f"/entries/{number}/hide").status_code in (400, 404)


def test_a_decision_counts_while_a_refresh_runs(console: Console) -> None:
    anna = console.person()
    number = number_of(console, "Selective Neurectomy")
    with open_workspace(console.bound.desk.environment).lock(now=console.clock()):
        assert anna.post(f"/entries/{number}/hide").status_code == 303
        assert standing(console, number) == "hidden"
        assert anna.post("/rules/apply", of="never", phrase="smile", seen="x").status_code in (409, 503)


def test_the_log_is_a_table_that_no_spreadsheet_executes(console: Console) -> None:
    anna = console.person()
    console.write("UPDATE entry SET title = '=HYPERLINK(\"http://evil.example\")' WHERE id = 1")
    anna.post("/entries/1/hide")
    table = anna.get("/log.csv")

    assert table.headers["content-type"].startswith("text/csv")
    assert not [line for line in table.text.splitlines() for cell in line.split(",") if cell.strip('"')[:1] in tuple("=+@")]
    assert "HYPERLINK" in table.text
