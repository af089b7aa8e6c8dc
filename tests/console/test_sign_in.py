"""Signing in and out: links that work once, passwords that are never cut, guessing that takes longer and longer."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")

from aggregator.jobs import staff_accounts
from tests.console.people import PASSWORD, Console, Person


def form_of(person: Person, path: str) -> str:
    """The token of a page's form."""
    found = re.search(r'name="token" value="([^"]+)"', person.get(path).text)
    assert found is not None
    person.token = found[1]
    return found[1]


def with_password(console: Console, name: str = "anna") -> Person:
    """Somebody who chose a password by their link."""
    secret = staff_accounts.reset_account(console.bound.desk.staff, name, now=console.clock())
    someone = console.nobody()
    form_of(someone, f"/setup/{secret}")
    answer = someone.post(f"/setup/{secret}", password=PASSWORD, again=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return someone


def sign_in(console: Console, name: str, password: str, **more: str) -> tuple[Person, int, str]:
    someone = console.nobody()
    form_of(someone, "/sign-in")
    answer = someone.post("/sign-in", name=name, password=password, **more)
    return someone, answer.status_code, answer.headers.get("location", answer.text)


def test_a_link_is_good_once(console: Console) -> None:
    secret = staff_accounts.add_account(console.bound.desk.staff, "Carla", "reader", now=console.clock())
    carla, late = console.nobody(), console.nobody()
    form_of(carla, f"/setup/{secret}")
    form_of(late, f"/setup/{secret}")

    assert carla.post(f"/setup/{secret}", password=PASSWORD, again=PASSWORD).status_code == 303
    assert "reader" in carla.at("/")
    assert late.post(f"/setup/{secret}", password=PASSWORD, again=PASSWORD).status_code == 404
    assert late.get(f"/setup/{secret}").status_code == 404


def test_a_link_is_good_for_a_day(console: Console) -> None:
    secret = staff_accounts.reset_account(console.bound.desk.staff, "anna", now=console.clock())
    console.clock.go_on(hours=24, seconds=1)

    assert console.nobody().get(f"/setup/{secret}").status_code == 404


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("short", "short", "at least 15 characters"),
        ("a" * 20, "a" * 20, "too easy to guess"),
        (PASSWORD, PASSWORD + " ", "not the same"),
        ("x y" * 400, "x y" * 400, "at most 1000"),
    ],
)
def test_a_bad_password_is_named_and_the_link_stays_good(console: Console, password: str, again: str, said: str) -> None:
    secret = staff_accounts.reset_account(console.bound.desk.staff, "anna", now=console.clock())
    anna = console.nobody()
    form_of(anna, f"/setup/{secret}")
    answer = anna.post(f"/setup/{secret}", password=password, again=again)

    assert answer.status_code == 400
    assert said in answer.text
    assert anna.get(f"/setup/{secret}").status_code == 200


def test_name_and_password_let_in_and_nothing_else_does(console: Console) -> None:
    with_password(console)
    anna, status, to = sign_in(console, " ANNA ", PASSWORD, next="/feeds")

    assert (status, to) == (303, "/feeds")
    assert "anna" in anna.at("/")
    for name, password in (("anna", PASSWORD + "x"), ("nobody", PASSWORD), ("rita", ""), ("anna", PASSWORD[:-1]), ("", "")):
        _, status, text = sign_in(console, name, password)
        assert status == 401
        assert "Name and password do not fit." in text


def test_a_long_password_is_compared_whole(console: Console) -> None:
    long = "many words " * 20
    secret = staff_accounts.reset_account(console.bound.desk.staff, "anna", now=console.clock())
    anna = console.nobody()
    form_of(anna, f"/setup/{secret}")
    anna.post(f"/setup/{secret}", password=long, again=long)

    assert sign_in(console, "anna", long[:72])[1] == 401
    assert sign_in(console, "anna", long)[1] == 303


def test_who_guesses_waits_and_is_never_locked_out(console: Console) -> None:
    with_password(console)
    statuses = [sign_in(console, "anna", "wrong " * 4)[1] for _ in range(7)]

    assert statuses == [401] * 5 + [429] * 2
    assert sign_in(console, "anna", PASSWORD)[1] == 429
    console.clock.go_on(seconds=11)
    assert sign_in(console, "anna", PASSWORD)[1] == 303


def test_a_stranger_s_header_does_not_begin_the_count_anew(console: Console) -> None:
    someone = console.nobody()
    form_of(someone, "/sign-in")
    statuses = []
    for number in range(7):
        someone.client.headers["X-Forwarded-For"] = f"10.0.0.{number}"
        someone.client.headers["Remote-User"] = "anna"
        statuses.append(someone.post("/sign-in", name=f"anna{number % 2}", password="x" * 20).status_code)

    # By name: each of the two has five tries.
    assert statuses == [401] * 7
    assert someone.get("/").status_code == 303


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example", "/%09/evil.example",
     "/%5cevil.example", "javascript:alert(1)", "/\r\nSet-Cookie: a=b", "///evil.example", "/ /evil.example", "evil.example"],
)  # fmt: skip
def test_the_way_on_after_signing_in_stays_inside(console: Console, to: str) -> None:
    with_password(console)

    assert sign_in(console, "anna", PASSWORD, next=to)[2] == "/"


def test_a_form_without_its_cookie_signs_nobody_in(console: Console) -> None:
    with_password(console)
    someone = console.nobody()
    form_of(someone, "/sign-in")
    someone.client.cookies.clear()

    assert someone.post("/sign-in", name="anna", password=PASSWORD).status_code == 403


def test_a_cookie_from_before_signing_in_is_another_one(console: Console) -> None:
    with_password(console)
    someone = console.nobody()
    someone.client.cookies.set("console", "planted" * 6)
    form_of(someone, "/sign-in")
    someone.post("/sign-in", name="anna", password=PASSWORD)

    assert "planted" not in [cookie.value for cookie in someone.client.cookies.jar if cookie.value]
    planted = console.nobody()
    planted.client.cookies.set("console", "planted" * 6)
    assert planted.get("/").status_code == 303


def test_the_cookie_is_for_the_server_only(console: Console) -> None:
    secret = staff_accounts.reset_account(console.bound.desk.staff, "anna", now=console.clock())
    anna = console.nobody()
    form_of(anna, f"/setup/{secret}")
    set_cookie = anna.post(f"/setup/{secret}", password=PASSWORD, again=PASSWORD).headers["set-cookie"].lower()

    assert "httponly" in set_cookie
    assert "samesite=lax" in set_cookie
    assert "path=/" in set_cookie


def test_signing_out_ends_the_session_on_the_server(console: Console) -> None:
    anna = with_password(console)
    token = form_of(anna, "/account")
    cookie = anna.client.cookies["console"]
    assert anna.post("/sign-out").headers["location"] == "/sign-in"

    anna.client.cookies.set("console", cookie)
    anna.token = token
    assert anna.get("/").status_code == 303


def test_signing_out_everywhere_ends_all_sessions(console: Console) -> None:
    here, there, other = console.person(), console.person(), console.person("ben")
    here.post("/sign-out-everywhere")

    assert (there.get("/").status_code, other.get("/").status_code) == (303, 200)


@pytest.mark.parametrize(("steps", "is_in"), [([11, 11], True), ([13], False), ([11] * 31, False)])
def test_a_session_ends_by_itself_and_no_clock_revives_it(console: Console, steps: list[int], is_in: bool) -> None:
    anna = console.person()
    for hours in steps:
        console.clock.go_on(hours=hours)
        status = anna.get("/").status_code

    assert (status == 200) == is_in
    if not is_in:
        console.clock.go_on(hours=-sum(steps))
        assert anna.get("/").status_code == 303


def test_a_session_from_the_future_ends(console: Console) -> None:
    anna = console.person()
    console.clock.go_on(hours=-1)

    assert anna.get("/").status_code == 303


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(console: Console) -> None:
    anna = with_password(console)
    elsewhere = console.person()
    form_of(anna, "/account")
    new = "five other words for it"

    wrong = anna.post("/account/password", old="not this one at all", new=new, again=new)
    assert "The old password is not right." in wrong.text
    assert elsewhere.get("/").status_code == 200
    assert anna.post("/account/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert (anna.get("/").status_code, elsewhere.get("/").status_code) == (200, 303)
    assert sign_in(console, "anna", PASSWORD)[1] == 401
    assert sign_in(console, "anna", new)[1] == 303


def test_who_is_disabled_is_out_at_once(console: Console) -> None:
    anna = with_password(console)
    staff_accounts.disable_account(console.bound.desk.staff, "anna", now=console.clock())

    assert anna.get("/").status_code == 303
    assert sign_in(console, "anna", PASSWORD)[1] == 401


def test_the_demo_s_link_signs_its_curator_in(console: Console) -> None:
    someone = console.nobody()

    assert someone.get(f"/demo/{console.bound.desk.demo_secret}").headers["location"] == "/"
    assert "Sample data" in someone.at("/")
    assert console.nobody().get("/demo/" + "x" * 32).status_code == 404


def test_keys_are_switched_off_and_on(console: Console) -> None:
    anna = console.person()
    assert "data-keys" in anna.at("/")
    anna.post("/account/keys", keys="off")
    assert "data-keys" not in anna.at("/")
    anna.post("/account/keys", keys="on")
    assert "data-keys" in anna.at("/")


def test_extra_fields_change_nothing(console: Console) -> None:
    rita = console.person("rita")
    rita.post("/account/keys", keys="off", role="curator", is_admin="1", name="anna")

    accounts = {one.name: (one.role, one.has_keys) for one in console.bound.desk.staff.accounts()}
    assert accounts["rita"] == ("reader", False)
    assert accounts["anna"] == ("curator", True)


def test_no_secret_is_stored_as_it_is(console: Console) -> None:
    anna = with_password(console)
    stored = b"".join(path.read_bytes() for path in console.data.glob("console.db*"))

    assert PASSWORD.encode() not in stored
    assert anna.client.cookies["console"].encode() not in stored
    assert (console.data / "console.db").stat().st_mode & 0o077 == 0


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(console: Console) -> None:
    anna = console.person()
    for _ in range(13):
        console.clock.go_on(hours=1)
        anna.get("/changes?since=0")

    assert anna.get("/").status_code == 303


def test_a_disabled_account_that_is_added_again_needs_a_new_password(console: Console) -> None:
    with_password(console)
    staff = console.bound.desk.staff
    staff_accounts.disable_account(staff, "anna", now=console.clock())
    staff_accounts.add_account(staff, "anna", "curator", now=console.clock())

    assert sign_in(console, "anna", PASSWORD)[1] == 401
