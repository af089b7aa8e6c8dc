"""The page on subscribers: counts in which nobody can be recognised, and messages for curators."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")

from aggregator.jobs.people import shown
from aggregator.jobs.subscribers import import_list, open_subscribers
from aggregator.subscribers import seen
from aggregator.subscribers.vault import new_key
from aggregator.values.subscribers import Wishes
from tests.console.people import Console


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (1, "< 5"), (4, "< 5"), (5, "5"), (1234, "1,234")])
def test_a_count_recognises_nobody(number: int, text: str) -> None:
    assert shown(number) == text


def test_without_a_key_the_page_says_what_is_missing(console: Console) -> None:
    assert "not set up on this machine" in console.person().at("/people")


def test_staff_see_counts_and_curators_messages(console: Console) -> None:
    desk = console.bound.desk
    object.__setattr__(desk, "environment", replace(desk.environment, subscribers_key=new_key()))
    people = open_subscribers(desk.environment, desk.workspace())
    import_list(people, [f"person{number}@example.org" for number in range(7)], Wishes(), now=console.clock())
    with people.store.writing() as rows:
        seen.add_for_staff(rows, "mail", "two addresses <b>are</b> given", "Maildir 17", now=console.clock())

    curator, reader = console.person(), console.person("rita")
    page = curator.at("/people")
    assert "<td>7</td>" in page
    assert "two addresses &lt;b&gt;are&lt;/b&gt; given" in page
    assert "person3" not in page
    assert "two addresses" not in reader.at("/people")
    assert reader.post("/people/messages/1/done").status_code == 403
    assert curator.post("/people/messages/1/done").status_code == 303
    assert "No message waits" in curator.at("/people")
