"""What the public can do at sign-up, over real HTTP, with letters through a real mail server."""

from __future__ import annotations

import pytest

pytest.importorskip("starlette", reason="sign-up needs its dependency group: uv run --group newsletter pytest")

from aggregator.jobs import subscribers as jobs
from aggregator.render.words import LANGUAGES
from aggregator.values.subscribers import Door as PublicDoor
from aggregator.values.subscribers import Wishes
from tests.signup.doors import SECRET, Door

JANE = "jane.doe@example.com"


def test_somebody_subscribes_confirms_chooses_and_leaves(door: Door) -> None:
    assert door.client.get("/", follow_redirects=True).status_code == 200
    answer = door.subscribe(JANE, topics=["synkinesis"], frequency="monthly", large_type="yes")
    assert (answer.status_code, answer.headers["location"]) == (303, "asked?lang=en")
    assert "Check your inbox" in door.client.get("/asked?lang=en").text

    (letter,) = door.letters()
    assert (letter["To"], letter["Auto-Submitted"]) == (JANE, "auto-generated")
    assert "synkinesis" not in letter.as_string().lower()
    link = door.link(letter)
    assert "This is what you asked for" in door.client.get(link).text
    assert "In large type" in door.client.get(link).text
    assert door.counts()["confirmed"] == 0
    assert "You will get the newsletter" in door.client.post(link).text
    assert door.client.post(link).text == door.client.get(link).text

    with door.bound.counter.desk.store.reading() as rows:
        from aggregator.subscribers import people  # noqa: PLC0415

        person = people.person_of(rows, rows.vault.mark(JANE))
    assert person is not None
    assert (person.wishes.topics, person.wishes.frequency) == (("synkinesis",), "monthly")
    assert person.wishes.large_type

    assert "checked> Synkinesis" not in door.client.get(f"/wishes/{person.token}").text
    assert "Saved" in door.client.post(f"/wishes/{person.token}", data={"frequency": "weekly"}).text
    assert door.counts()["confirmed"] == 1
    assert "unsubscribed" in door.client.post(f"/leave/{person.token}", data={"List-Unsubscribe": "One-Click"}).text
    assert door.counts()["confirmed"] == 0


def test_scanners_that_open_every_link_change_nothing(door: Door) -> None:
    token = door.join("bob@example.org")
    door.subscribe(JANE)
    links = [door.link(door.letters()[0]), f"/wishes/{token}", f"/leave/{token}"]

    # More than a thousand requests.
    for _ in range(112):
        for link in links:
            # The guard slows down who asks for too much.
            assert door.client.get(link).status_code in (200, 429)
            assert door.client.head(link).status_code in (200, 429)
            assert door.client.options(link).status_code in (404, 405, 429)
    assert door.counts() == {"confirmed": 1, "suspended": 0, "pending": 1, "suppressed": 0}


def test_known_unknown_and_erased_get_the_same_answer(door: Door) -> None:
    door.join("known@example.org")
    door.join("erased@example.org")
    jobs.erase_person(door.bound.counter.desk, "erased@example.org", now=door.clock())
    answers = [door.subscribe(f"{who}@example.org") for who in ("known", "unknown", "erased")]

    assert len({(one.status_code, one.text, one.headers["location"]) for one in answers}) == 1
    told = {letter["To"]: letter.get_content() for letter in door.letters()}  # type: ignore[attr-defined]
    assert told.keys() == {"known@example.org", "unknown@example.org"}
    assert "It is sent there already" in told["known@example.org"]


def test_links_that_are_nobodys_say_the_same_as_used_ones(door: Door) -> None:
    token = door.join(JANE)
    used = door.client.post(f"/leave/{token}")

    assert used.text == door.client.post("/leave/nobodys").text
    assert door.client.get("/wishes/nobodys").text.replace("nobodys", "x") == door.client.get(
        f"/wishes/{token}"
    ).text.replace(token, "x")
    assert door.client.get("/confirm/nobodys").status_code == 404


def test_a_machine_is_answered_and_nothing_is_done(door: Door) -> None:
    caught = door.subscribe(JANE, reference="https://spam.example")
    at_once = door.client.post("/subscribe", data={"address": JANE, "made": door.bound.counter.age.token()})
    forged = door.client.post("/subscribe", data={"address": JANE, "made": "1700000000.0.abcdef"})
    none = door.client.post("/subscribe", data={"address": JANE})

    assert caught.status_code == 303
    assert all("once more" in one.text and JANE in one.text for one in (at_once, forged, none))
    assert door.letters() == []
    assert door.counts()["pending"] == 0


def test_a_wrong_address_is_told_and_the_choice_is_kept(door: Door) -> None:
    answer = door.subscribe("jane@@example", topics=["synkinesis"], on_paper="yes", postal="1 Main Street")

    assert answer.status_code == 400
    assert 'value="jane@@example"' in answer.text
    assert 'value="synkinesis" checked' in answer.text
    assert "1 Main Street" in answer.text


def test_one_network_cannot_bomb_mailboxes(door: Door) -> None:
    answers = [door.subscribe(f"victim{number}@example.org").status_code for number in range(30)]

    assert answers == [303] * 10 + [429] * 20


def test_the_whole_site_sends_sixty_letters_an_hour(door: Door) -> None:
    desk = door.bound.counter.desk
    for number in range(100):
        jobs.ask(desk, f"p{number}@example.org", Wishes(), door=PublicDoor.FORM, now=door.clock())

    assert len(door.letters()) == 60
    assert len(door.letters()) == 0
    door.clock.go_on(hours=1, minutes=1)
    assert len(door.letters()) == 40


def test_nobody_says_anything_through_our_letters(door: Door) -> None:
    door.subscribe(
        "jane@example.com\r\nBcc: all@example.com", topics=["<script>"], language="xx", postal="y" * 9000, on_paper="1"
    )
    door.subscribe('"<b>buy</b>"@example.com')

    assert door.letters() == []


def test_every_language_has_its_pages_and_letters(door: Door) -> None:
    for number, language in enumerate(LANGUAGES):
        page = door.client.get(f"/subscribe?lang={language}").text
        assert f'<html lang="{language}">' in page
        door.subscribe(f"p{number}@example.org", language=language)
        (letter,) = door.letters()
        confirmation = door.client.get(door.link(letter)).text
        assert f'<html lang="{language}">' in confirmation


def test_headers_keep_links_and_pages_private(door: Door) -> None:
    answer = door.client.get("/subscribe")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert len(answer.content) + len(door.client.get("/signup.css").content) < 14_000
    assert door.client.get("/subscribe", headers={"Host": "evil.example"}).status_code == 400
    assert door.client.get("/nothing").status_code == 404


def test_a_form_on_another_website_may_post_here(door: Door) -> None:
    headers = {"Origin": "https://www.institute.example", "Sec-Fetch-Site": "cross-site"}
    answer = door.client.post("/subscribe", data={"address": JANE}, headers=headers)
    assert answer.status_code == 200
    assert "once more" in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (
            '{"fields": [{"name": "Email", "value": "jane.doe@example.com"}, {"name": "Message", "value": "newsletter please"}]}',
            "json",
        ),
        ('{"Name": "Jane", "Email": "jane.doe@example.com", "Comment": "newsletter"}', "json"),
        ("your-email=jane.doe%40example.com&your-message=newsletter", "form"),
    ],
)
def test_a_webhook_starts_a_double_opt_in(door: Door, content: str, kind: str) -> None:
    types = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
    answer = door.client.post(f"/intake/{SECRET}", content=content, headers={"Content-Type": types[kind]})

    assert answer.status_code == 200
    assert [letter["To"] for letter in door.letters()] == [JANE]
    assert door.client.post(f"/intake/{SECRET}", content=content, headers={"Content-Type": types[kind]}).status_code == 200
    assert door.letters() == []


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, '{"a": ' * 50 + "1" + "}" * 50, "x=1"])
def test_a_webhook_takes_anything_and_does_nothing(door: Door, content: str) -> None:
    answer = door.client.post(f"/intake/{SECRET}", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
    assert door.counts()["pending"] == 0


def test_a_webhook_needs_its_secret(door: Door) -> None:
    assert door.client.post("/intake/wrong", content="{}").status_code == 404
    assert door.client.get(f"/intake/{SECRET}").status_code in (404, 405)


def test_what_a_server_cannot_take_now_is_tried_again(door: Door) -> None:
    door.mail.stop()
    door.subscribe(JANE)
    assert door.counts()["pending"] == 1
    assert door.letters() == []
    door.mail.start()

    assert [letter["To"] for letter in door.letters()] == [JANE]


def test_nothing_is_said_of_anybody_in_what_is_logged(door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    door.join(JANE, topics=["synkinesis"])

    said = capfd.readouterr()
    assert JANE not in said.out + said.err
