"""Feeds in the browser."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")

from aggregator.config import load
from tests.conftest import Answer, FeedServer, item, rss
from tests.console.people import Console, Person

NAME = "Facial Palsy Friends"


def seen(person: Person) -> str:
    found = re.search(r'name="seen" value="(\w+)"', person.at("/feeds"))
    assert found is not None
    return found[1]


def feed(console: Console, name: str = NAME):  # type: ignore[no-untyped-def]
    return next((one for one in load(console.feeds).feeds if one.name == name), None)


@pytest.mark.parametrize(
    ("what", "value", "key", "expected"),
    [
        ("disable", "", "enabled", False), ("review", "", "review", True), ("weight", "0,5", "weight", 0.5),
        ("type", "press", "type", "press"),
    ],
)  # fmt: skip
def test_one_thing_about_a_feed_is_changed(console: Console, what: str, value: str, key: str, expected: object) -> None:
    anna = console.person()
    answer = anna.post("/feeds/change", name=NAME, what=what, value=value, seen=seen(anna))

    assert answer.status_code == 303, answer.text
    assert getattr(feed(console), key) == expected
    assert console.rows("SELECT actor, verb FROM act") == [("console:anna", "feed changed")]
    assert NAME in anna.at("/log")


@pytest.mark.parametrize(
    ("value", "said"), [("many", "is not a number"), ("-1", "would not be valid"), ("1e9", "not be valid")]
)
def test_a_weight_that_is_none_is_refused(console: Console, value: str, said: str) -> None:
    anna = console.person()
    answer = anna.post("/feeds/change", name=NAME, what="weight", value=value, seen=seen(anna))

    assert answer.status_code == 400
    assert said in answer.text
    assert console.rows("SELECT * FROM act") == []


def test_a_feed_is_renamed_and_removed(console: Console) -> None:
    anna = console.person()
    anna.post("/feeds/change", name=NAME, what="rename", value="Friends & Co <b>", seen=seen(anna))
    assert feed(console, "Friends & Co <b>") is not None
    assert "Friends &amp; Co &lt;b&gt;" in anna.at("/feeds")
    anna.post("/feeds/change", name="Friends & Co <b>", what="remove", seen=seen(anna))

    assert len(load(console.feeds).feeds) == 9
    assert [row[0] for row in console.rows("SELECT verb FROM act ORDER BY id")] == ["feed renamed", "feed removed"]


def test_a_form_that_was_opened_before_somebody_else_s_change_is_refused(console: Console) -> None:
    anna, ben = console.person("anna"), console.person("ben")
    old = seen(anna)
    ben.post("/feeds/change", name="MedWire releases", what="disable", seen=old)
    answer = anna.post("/feeds/change", name=NAME, what="disable", seen=old)

    assert answer.status_code == 409
    assert feed(console).enabled
    assert len(console.rows("SELECT * FROM act")) == 1


def test_a_feed_is_tried_and_added(console: Console, server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    title = "Bell's palsy <script>alert(1)</script> after a long night"
    server.answers["/feed"] = Answer(rss(item(title, "https://a.example/1", guid="1")))
    object.__setattr__(console.bound.desk.environment, "allow_hosts", f"127.0.0.1:{server.port}")
    anna = console.person()
    answer = anna.post("/feeds/try", address=f"http://127.0.0.1:{server.port}/feed")

    assert answer.status_code == 200, answer.text
    assert "1 would be admitted" in answer.text
    assert "<script>alert" not in answer.text
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1] for name in ("seen", "url", "name")}  # type: ignore[index]
    assert anna.post("/feeds/add", **(found | {"name": "A new one", "type": "charity", "review": "1"})).status_code == 303
    assert feed(console, "A new one").review
    assert console.rows("SELECT verb, about FROM act") == [("feed added", "“A new one”")]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1/feed",
        "http://169.254.169.254/latest",
        "http://[::1]:22/",
        "file:///etc/passwd",
        "javascript:1",
        "x",
    ],
)
def test_an_address_inside_is_not_asked(console: Console, address: str) -> None:
    answer = console.person().post("/feeds/try", address=address)

    assert answer.status_code == 400
    assert "/etc/passwd" not in answer.text or "is not" in answer.text


def test_ten_trials_a_minute(console: Console) -> None:
    anna = console.person()
    for _ in range(10):
        anna.post("/feeds/try", address="http://127.0.0.1:1/feed")

    assert "Ten feeds were tried within a minute" in anna.post("/feeds/try", address="http://127.0.0.1:1/feed").text
    console.clock.go_on(seconds=61)
    assert "Ten feeds" not in anna.post("/feeds/try", address="http://127.0.0.1:1/feed").text


def test_a_feed_that_cannot_be_read_is_said_to_be_so(console: Console) -> None:
    answer = console.person().post("/feeds/test", name=NAME)

    assert answer.status_code == 200
    assert "Nothing of this was stored" in answer.text


def test_opml_goes_out_and_comes_in(console: Console) -> None:
    anna = console.person()
    text = anna.get("/feeds.opml").text
    assert NAME in text
    more = text.replace("</body>", '<outline type="rss" text="Another &lt;b&gt;" xmlUrl="https://a.example/feed"/></body>')
    files = {"file": ("feeds.opml", more.encode(), "text/x-opml")}

    def send(how: str) -> str:
        fields = {"token": anna.token, "how": how}
        return anna.client.post("/feeds/import", data=fields, files=files, headers={"Origin": anna.origin}).text

    assert "What would be added" in send("look")
    assert len(load(console.feeds).feeds) == 10
    assert "Imported" in send("import")
    assert len(load(console.feeds).feeds) == 11
    assert console.rows("SELECT verb, about FROM act") == [("feeds imported", "1 feed")]


@pytest.mark.parametrize("content", [b"", b"not xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><opml>&a;</opml>", b"\x00" * 100])
def test_a_file_that_is_no_opml_is_a_sentence(console: Console, content: bytes) -> None:
    anna = console.person()
    files = {"file": ("../../etc/passwd", content, "text/x-opml")}
    answer = anna.client.post(
        "/feeds/import", data={"token": anna.token, "how": "import"}, files=files, headers={"Origin": anna.origin}
    )

    assert answer.status_code in (200, 400)
    assert "Traceback" not in answer.text
    assert len(load(console.feeds).feeds) == 10


def test_no_password_of_an_address_is_shown(console: Console) -> None:
    anna = console.person()
    text = console.feeds.read_text("utf-8") + "- name: Paid\n  url: https://paid.example/feed?token=geheim2\n"
    console.feeds.write_text(text, "utf-8")
    anna.post("/feeds/change", name="Paid", what="remove", seen=seen(anna))
    rita = console.person("rita")

    for path in ("/log", "/log.csv", "/feeds"):
        assert "geheim" not in rita.get(path).text, path
    assert rita.get("/feeds.opml").status_code == 403


def test_two_changes_at_once_leave_a_whole_file(console: Console) -> None:
    """Whoever is second waits, and is told that the file is another by then."""
    anna, old = console.person("anna"), seen(console.person("anna"))
    names = [feed.name for feed in load(console.feeds).feeds]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(anna.post, "/feeds/change", name=name, what="disable", seen=old) for name in names[:8]]
        statuses = sorted(one.result().status_code for one in asked)

    assert statuses == [303] + [409] * 7
    assert [feed.enabled for feed in load(console.feeds).feeds].count(False) == 1
    assert len(console.rows("SELECT * FROM act")) == 1
