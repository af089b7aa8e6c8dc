"""Who may ask for what: every address of the site map, by everybody, by every method, with every kind of forged form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

pytest.importorskip("starlette", reason="the console needs its dependency group: uv run --group console pytest")

from aggregator import web_guard as guard
from aggregator.console import app, today
from aggregator.console.call import Call
from aggregator.console.site_map import ANYONE, CURATOR, SITE_MAP, Route
from aggregator.staff.store import Account
from aggregator.web_guard import POLICY, Guard
from tests.console.people import Console, Person

# What anybody may ask for. Written out, so that a new page is not public by mistake.
PUBLIC = {
    "GET /sign-in", "POST /sign-in", "GET /setup/{secret}", "POST /setup/{secret}", "GET /demo/{secret}", "GET /console.css",
    "GET /console.js", "GET /preview/static/{file}",
}  # fmt: skip
POSTS = [route for route in SITE_MAP if route.method == "POST"]
# What a form has to have besides the token, so that a refusal is not for want of it.
FORM = {
    "with": "2", "of": "never", "phrase": "smile", "what": "disable", "name": "Facial Palsy Friends", "keys": "off",
    "address": "https://a.example/", "url": "https://a.example/feed", "seen": "", "topic": "eye-care",
}  # fmt: skip


def address(route: Route) -> str:
    """An address that the route answers."""
    values = {
        "entry": "1",
        "verb": "hide",
        "act": "1",
        "message": "1",
        "secret": "x" * 43,
        "file": "news.css",
        "number": "1",
    }
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], route.path)


def test_the_public_addresses_are_those_that_are_written_here() -> None:
    assert {f"{route.method} {route.path}" for route in SITE_MAP if route.role == ANYONE} == PUBLIC


def findings_of_strangers(console: Console) -> Iterator[str]:
    """What somebody gets who is not signed in, and should not."""
    before, nobody = console.dump(), console.nobody()
    for route in SITE_MAP:
        if f"{route.method} {route.path}" in PUBLIC:
            continue
        for cookie in ("", "x" * 43, "'; DROP TABLE session --", "%c3%a9"):
            headers = {"Origin": nobody.origin, "Cookie": f"{app.session_cookie(console.bound.desk)}={cookie}"}
            form = FORM if route.method == "POST" else None
            answer = nobody.client.request(route.method, address(route), data=form, headers=headers)
            is_refused = answer.status_code == 403 or (
                answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
            )
            if not is_refused:
                yield f"{route.method} {route.path}: {answer.status_code}"
    if console.dump() != before:
        yield "a stranger changed the store"


def findings_of_readers(console: Console) -> Iterator[str]:
    """What a reader can do that only curators may."""
    before, text = console.dump(), console.feeds.read_bytes()
    rita = console.person("rita")
    for route in SITE_MAP:
        if route.role != CURATOR:
            continue
        answer = rita.post(address(route), **FORM) if route.method == "POST" else rita.get(address(route))
        if answer.status_code != 403:
            yield f"{route.method} {route.path}"
    if console.dump() != before or console.feeds.read_bytes() != text:
        yield "a reader changed something"


def findings_of_forgery(console: Console) -> Iterator[str]:
    """Forms that were not sent from a page of this session, and do something even so."""
    before, text = console.dump(), console.feeds.read_bytes()
    anna, ben = console.person("anna"), console.person("ben")
    stale = console.person("anna").token
    for route in POSTS:
        if route.role == ANYONE:
            continue
        for what, answer in forged(anna, address(route), {"other": ben.token, "stale": stale}):
            if answer.status_code != 403:
                yield f"{route.path} with {what}: {answer.status_code}"
    if console.dump() != before or console.feeds.read_bytes() != text:
        yield "a forged form changed something"


def forged(anna: Person, path: str, tokens: dict[str, str]) -> Iterator[tuple[str, httpx.Response]]:
    """The same form, forged in every way."""
    good, origin = FORM | {"token": anna.token}, {"Origin": anna.origin}
    yield "no token", anna.client.post(path, data=FORM, headers=origin)
    yield "a token in the query only", anna.client.post(f"{path}?token={anna.token}", data=FORM, headers=origin)
    for name, token in tokens.items():
        yield f"a token that is {name}", anna.client.post(path, data=FORM | {"token": token}, headers=origin)
    yield "no origin", anna.client.post(path, data=good)
    for wrong in ("null", "https://evil.example", anna.origin + ".evil.example", anna.origin.replace("http:", "https:")):
        yield f"the origin {wrong}", anna.client.post(path, data=good, headers={"Origin": wrong})
    for site in ("cross-site", "same-site", "none"):
        yield f"Sec-Fetch-Site {site}", anna.client.post(path, data=good, headers=origin | {"Sec-Fetch-Site": site})
    body = "&".join(f"{name}={value}" for name, value in good.items())
    yield "text/plain", anna.client.post(path, content=body, headers=origin | {"Content-Type": "text/plain"})


def findings_of_looking(console: Console) -> Iterator[str]:
    """Whatever reading pages changes: every GET of the site map, and every link that stands on a page."""
    anna, before = console.person(), console.dump()
    # Single-use links and the sign-in of a demo are no pages.
    left = [address(route) for route in SITE_MAP if route.method == "GET" and "{secret}" not in route.path]
    seen: set[str] = set()
    while left and len(seen) < 60:
        path = left.pop(0)
        seen.add(path)
        answer = anna.get(path, follow_redirects=True)
        if answer.status_code >= 500:
            yield f"{path}: {answer.status_code}"
        if "html" in answer.headers.get("content-type", ""):
            links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', answer.text)}
            left += sorted(links - seen - set(left))
    if console.dump() != before:
        yield "looking changed the store"


def findings_of_answers(console: Console) -> Iterator[str]:
    """Answers without the headers that each must have."""
    anna, nobody = console.person(), console.nobody()
    pages = [address(route) for route in SITE_MAP if route.method == "GET" and "{secret}" not in route.path]
    for path in [
        *pages,
        "/nothing",
        "/entries/%00",
        "/static/../../etc/passwd",
        "/preview/static/..%2f..%2frun.py",
        "/docs",
    ]:
        for person in (anna, nobody):
            answer = person.get(path)
            expected = POLICY if path != "/preview/page" or answer.status_code != 200 else "default-src 'none'; style-src"
            if not answer.headers.get("content-security-policy", "").startswith(expected):
                yield f"{path}: no policy"
            if answer.headers.get("x-content-type-options") != "nosniff" or "server" in answer.headers:
                yield f"{path}: headers"
            if answer.headers.get("cache-control") not in ("no-store", "no-cache"):
                yield f"{path}: is kept"
            if "access-control-allow-origin" in answer.headers:
                yield f"{path}: lets other origins read it"


CHECKS: list[Callable[[Console], Iterator[str]]] = [
    findings_of_strangers, findings_of_readers, findings_of_forgery, findings_of_looking, findings_of_answers,
]  # fmt: skip


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_nothing_is_found(check: Callable[[Console], Iterator[str]], console: Console) -> None:
    assert list(check(console)) == []


def plant(monkeypatch: pytest.MonkeyPatch, bug: str) -> None:
    """Break one rule of the console's security."""
    bugs: dict[str, Callable[[], None]] = {
        "no session is needed": lambda: monkeypatch.setattr(app, "_refusal", lambda *_: None),
        "roles do not count": lambda: monkeypatch.setattr(Account, "is_curator", True),
        "any token will do": lambda: monkeypatch.setattr(app, "_has_token", lambda *_: True),
        "tokens are those of anybody": lambda: monkeypatch.setattr(app, "is_token", lambda _, token: bool(token)),
        "origins do not count": lambda: monkeypatch.setattr(Guard, "_is_own", lambda *_: True),
        "a missing origin is good": lambda: monkeypatch.setattr(
            Guard, "_is_own", lambda _, headers, host: "origin" not in headers or headers["origin"] == [f"http://{host}"]
        ),
        "no policy": lambda: monkeypatch.setattr(guard, "_with_ours", without_policy(guard._with_ours)),
        "sniffing": lambda: monkeypatch.delitem(guard._HEADERS, "x-content-type-options"),
        "pages are kept": lambda: monkeypatch.setitem(guard._HEADERS, "cache-control", "public"),
        "a GET decides": lambda: monkeypatch.setattr(app, "_answered", deciding(app._answered)),
        "other origins may read": lambda: monkeypatch.setitem(guard._HEADERS, "access-control-allow-origin", "*"),
    }
    bugs[bug]()


# Which check finds it.
BUGS = {
    "no session is needed": findings_of_strangers,
    "roles do not count": findings_of_readers,
    "any token will do": findings_of_forgery,
    "tokens are those of anybody": findings_of_forgery,
    "origins do not count": findings_of_forgery,
    "a missing origin is good": findings_of_forgery,
    "no policy": findings_of_answers,
    "sniffing": findings_of_answers,
    "pages are kept": findings_of_answers,
    "a GET decides": findings_of_looking,
    "other origins may read": findings_of_answers,
}


def without_policy(ours: Callable[..., object]) -> Callable[..., object]:
    return lambda headers, _policy, **options: ours(headers, "default-src *", **options)


def deciding(answered: Callable[..., object]) -> Callable[..., object]:
    def decides(route: Route, call: Call, request: object) -> object:
        if route.path == "/find" and call.session is not None:
            today.decide(Call(call.desk, call.now, path={"entry": "1", "verb": "hide"}, session=call.session))
        return answered(route, call, request)

    return decides


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, bug)

    assert list(BUGS[bug](console))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "HIDE"])
def test_other_methods_are_refused(console: Console, method: str) -> None:
    anna = console.person()

    assert anna.client.request(method, "/", headers={"Origin": anna.origin}).status_code in (400, 405)
    overridden = anna.client.get("/entries/1/hide", headers={"X-HTTP-Method-Override": "POST"}, params={"_method": "POST"})
    assert overridden.status_code in (404, 405)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""])
def test_another_host_is_refused(console: Console, host: str) -> None:
    answer = console.nobody().get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_a_forwarded_host_counts_for_nothing(console: Console) -> None:
    answer = console.nobody().get("/", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})

    assert answer.headers["location"] == "/sign-in"


@pytest.mark.parametrize("size", [1_000_001, 20_000_000])
def test_what_is_too_large_is_refused(console: Console, size: int) -> None:
    anna = console.person()
    answer = anna.post("/feeds/try", address="x" * size)

    assert answer.status_code == 413
    assert anna.get("/?" + "x" * 9000).status_code == 414
    assert anna.client.get("/", headers={"Cookie": "console=" + "x" * 60_000}).status_code in (400, 431)


def test_a_body_in_pieces_is_counted(console: Console) -> None:
    anna = console.person()
    pieces = (b"x" * 100_000 for _ in range(30))
    headers = {"Origin": anna.origin, "Content-Type": "application/x-www-form-urlencoded"}

    assert anna.client.post("/feeds/try", content=pieces, headers=headers).status_code == 413


def test_too_many_requests_of_an_address_wait(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_REQUESTS", 5)
    nobody = console.nobody()
    answers = [nobody.get("/sign-in").status_code for _ in range(7)]

    assert answers == [200] * 5 + [429] * 2
    assert nobody.get("/sign-in").headers["retry-after"] == "60"


def test_a_fault_has_a_number_and_no_trace(
    console: Console, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("/secret/path")

    monkeypatch.setattr("aggregator.console.today.today", broken)
    answer = console.person().get("/")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    number = re.search(r"its number: (\w{8})", answer.text)
    assert number is not None
    assert f"fault {number[1]}" in capsys.readouterr().err


def test_a_template_that_cannot_be_rendered_is_a_sentence(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("templates/console")

    monkeypatch.setattr("aggregator.console.app._rendered", broken)
    answer = console.person().get("/")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")
    assert answer.headers["content-security-policy"] == POLICY
