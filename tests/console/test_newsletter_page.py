"""The console's page of the newsletter: draft, change, look, approve, and who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")
pytest.importorskip("css_inline", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")
pytest.importorskip("cryptography", reason="the newsletter needs its dependency group: uv run --group newsletter pytest")

from aggregator.console import newsletter as page
from aggregator.jobs import mailing
from aggregator.jobs.subscribers import open_subscribers
from aggregator.subscribers.people import add_person
from aggregator.subscribers.vault import new_key
from aggregator.values.subscribers import Wishes
from tests.console.people import Console, Person
from tests.receivers import MailServer


def drafted(anna: Person) -> list[int]:
    """Draft an issue; its stories."""
    answer = anna.post("/newsletter/draft", period="month")
    if answer.status_code != 303:
        answer = anna.post("/newsletter/draft", period="week")
    assert answer.headers["location"] == "/newsletter/1", answer.text
    return stories(anna)


def stories(anna: Person) -> list[int]:
    text = anna.at("/newsletter/1").partition('id="stories"')[2].partition("The letter")[0].partition("Left out")[0]
    return [int(part.partition('"')[0]) for part in text.split('<h3 id="s')[1:]]


def test_a_curator_makes_an_issue(console: Console) -> None:
    anna = console.person()
    assert "There is no issue yet" in anna.at("/newsletter")
    before = drafted(anna)
    assert len(before) > 2

    anna.post("/newsletter/1/edit", verb="drop", story=before[0])
    anna.post("/newsletter/1/edit", verb="down", story=before[1])
    assert stories(anna)[:2] == [before[2], before[1]]
    anna.post("/newsletter/1/edit", verb="up", story=before[1])
    anna.post("/newsletter/1/edit", verb="first", story=before[-1])
    anna.post("/newsletter/1/edit", verb="restore", story=before[0])
    assert sorted(stories(anna)) == sorted(before)
    assert stories(anna)[0] == before[-1]
    anna.post("/newsletter/1/edit", subject="Ours <b>", preheader="Look", intro="Dear **all**,\r\n\r\n<script>x</script>")

    text = anna.at("/newsletter/1")
    assert "Ours &lt;b&gt;" in text
    letter = anna.get("/newsletter/1/letter")
    assert "Dear <strong>all</strong>," in letter.text
    assert "<script" not in letter.text
    assert "sandbox" in letter.headers["content-security-policy"]
    assert "Dear all," in anna.get("/newsletter/1/letter?as=text").text
    assert "@media all" in anna.get("/newsletter/1/letter?scheme=dark").text
    assert "22px" in anna.get("/newsletter/1/letter?large=1&language=de").text

    assert anna.post("/newsletter/1/approve").headers["location"] == "/newsletter/1?said=approved"
    assert "approved by console:anna" in anna.at("/newsletter/1")
    assert (console.data / "site" / "newsletter" / "1.html").exists()
    assert anna.post("/newsletter/1/edit", verb="drop", story=before[0]).status_code == 400


def test_a_reader_looks_and_changes_nothing(console: Console) -> None:
    anna, rita = console.person(), console.person("rita")
    told = drafted(anna)

    text = rita.at("/newsletter/1")
    assert "<form" not in text.partition("<main")[2]
    for path in ("draft", "1/edit", "1/test", "1/approve", "1/act/send", "1/act/cancel"):
        assert rita.post(f"/newsletter/{path}", verb="drop", story=told[0], period="week").status_code == 403
    assert stories(anna) == told


def test_an_issue_is_tested_sent_and_counted(console: Console, mail: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = console.bound.desk
    object.__setattr__(
        desk, "environment",
        replace(desk.environment, subscribers_key=new_key(), smtp_url=mail.address, mail_from="news@institute.example"),
    )  # fmt: skip
    people = open_subscribers(desk.environment, desk.workspace())
    with people.store.writing() as rows:
        add_person(rows, "jane@example.org", Wishes(), now=console.clock())
    started: list[int] = []
    monkeypatch.setattr(mailing, "start", lambda _, number: started.append(number))
    anna = console.person()
    drafted(anna)
    monkeypatch.setattr("aggregator.jobs.issues.letter_site", with_signup)
    monkeypatch.setattr("aggregator.jobs.mailing.letter_site", with_signup)

    assert anna.post("/newsletter/1/test", address="anna@institute.example").headers["location"] == "/newsletter/1?said=test"
    assert str(mail.messages[0]["Subject"]).startswith("[Test]")
    assert anna.post("/newsletter/1/act/pause").status_code == 400
    anna.post("/newsletter/1/approve")
    assert "Send it now" in anna.at("/newsletter/1")
    assert anna.post("/newsletter/1/act/send").headers["location"] == "/newsletter/1?said=started"
    assert started == [1]
    assert anna.post("/newsletter/1/act/fly").status_code == 404
    anna.post("/newsletter/1/act/cancel")
    assert "cancelled" in anna.at("/newsletter")


def with_signup(workspace: object) -> object:
    from aggregator.newsletter.letter import LetterSite  # noqa: PLC0415

    return LetterSite(workspace.settings.site, "https://signup.institute.example/")  # type: ignore[attr-defined]


def test_what_is_not_there(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = console.person()

    assert anna.get("/newsletter/9").status_code == 400
    assert anna.get("/newsletter/x").status_code == 400
    assert anna.get("/newsletter/9/letter").status_code == 400
    monkeypatch.setattr(page, "is_installed", lambda: False)
    assert "not installed on this machine" in anna.at("/newsletter")
    assert anna.get("/newsletter/1").status_code == 404
