"""Sign-up as an ASGI application. GET never changes anything: scanners open every link of every mail."""

from __future__ import annotations

import json
import secrets
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from hmac import compare_digest
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from aggregator.errors import AggregatorError
from aggregator.jobs import subscribers as jobs
from aggregator.jobs.deliveries import deliver
from aggregator.jobs.intake import posted, take_in_form
from aggregator.jobs.subscribers import Subscribers
from aggregator.jobs.workspace import Workspace
from aggregator.render.templates import Templates
from aggregator.render.words import LANGUAGES, words_of
from aggregator.signup.tokens import FormAge
from aggregator.topics import vocabulary
from aggregator.values.environment import Environment
from aggregator.values.subscribers import Door, Wishes
from aggregator.web_guard import TOO_LARGE, Guard, TooLargeError, address_of

_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# Of one network within an hour.
MOST_FORMS = 10
_MOST_FIELDS = 60


@dataclass(frozen=True)
class Counter:
    """What all requests share."""

    environment: Environment
    workspace: Workspace
    desk: Subscribers
    clock: Callable[[], datetime]
    hosts: tuple[str, ...]
    is_behind_proxy: bool = False
    age: FormAge = field(default_factory=lambda: FormAge(secrets.token_bytes(32)))
    # Called after something was queued: the letter leaves while the visitor reads the answer.
    send: Callable[[], None] = lambda: None

    @cached_property
    def templates(self) -> Templates:
        """The templates, compiled once."""
        return Templates(self.environment.templates)


@dataclass(frozen=True)
class Page:
    """A page: the keys of its words, the form on it, its status."""

    name: str
    form: str = ""
    status: int = 200
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request, as its page is handed it."""

    counter: Counter
    path: Mapping[str, str]
    form: Mapping[str, list[str]]
    language: str
    network: str
    now: datetime

    def said(self, name: str) -> str:
        """A field of the form; empty where it is missing."""
        return (self.form.get(name) or [""])[0].strip()

    @property
    def wishes(self) -> Wishes:
        """What was chosen."""
        on_paper = bool(self.said("on_paper") and self.said("postal"))
        return jobs.wishes_from(
            self.form.get("topics", []),
            self.said("frequency"),
            self.said("language") or self.language,
            on_paper=on_paper,
            large_type=bool(self.said("large_type")),
        )

    @property
    def postal(self) -> str:
        """The postal address, if paper was asked for."""
        return self.said("postal")[: jobs.LONGEST_POSTAL] if self.wishes.on_paper else ""


Handler = Callable[[Asked], Page | str]


def make_app(counter: Counter) -> Guard:
    """Sign-up behind its guard. Forms may come from any page: the institute's own website has one, and nothing counts before
    the mail is answered."""
    pages: list[tuple[str, str, Handler]] = [
        ("/", "GET", lambda asked: "subscribe"),
        ("/subscribe", "GET", show_form),
        ("/subscribe", "POST", subscribe),
        ("/asked", "GET", lambda asked: Page("asked")),
        ("/confirm/{secret}", "GET", show_confirm),
        ("/confirm/{secret}", "POST", confirm),
        ("/wishes/{secret}", "GET", show_wishes),
        ("/wishes/{secret}", "POST", save_wishes),
        ("/move/{secret}", "POST", move),
        ("/leave/{secret}", "GET", lambda asked: Page("leave", "leave")),
        ("/leave/{secret}", "POST", leave),
    ]
    routes = [Route(path, _endpoint(counter, handler), methods=[method]) for path, method, handler in pages]
    routes += [
        Route("/signup.css", _style(counter), methods=["GET"]),
        Route("/intake/{secret}", _webhook(counter), methods=["POST"]),
    ]
    inner = Starlette(routes=routes, exception_handlers={TooLargeError: _too_large, 404: _nothing, 405: _nothing})
    return Guard(
        inner, counter.hosts, counter.is_behind_proxy, time.monotonic, is_behind_proxy=counter.is_behind_proxy,
        is_own_only=False, policy=_POLICY,
    )  # fmt: skip


# ---- pages -----------------------------------------------------------------------------------------------------------


def show_form(asked: Asked) -> Page:
    """The form."""
    return Page("title", "subscribe")


def subscribe(asked: Asked) -> Page | str:
    """Ask for the letter to confirm. What a machine sent is answered as if it were taken."""
    counter = asked.counter
    if asked.said("reference"):
        return "asked"
    if not counter.age.is_right(asked.said("made")):
        return Page("again", "subscribe", values=_chosen(asked))
    if _is_too_often(asked):
        return Page("busy", status=429)
    is_address = jobs.ask(
        counter.desk,
        asked.said("address"),
        asked.wishes,
        door=Door.FORM,
        network=asked.network,
        postal=asked.postal,
        now=asked.now,
    )
    if not is_address:
        return Page("wrong", "subscribe", 400, _chosen(asked))
    counter.send()
    return "asked"


def show_confirm(asked: Asked) -> Page:
    """What a link is about, and the button."""
    found = jobs.look_up(asked.counter.desk, asked.path["secret"], now=asked.now)
    if found is None:
        return Page("gone", status=404)
    if found.is_done or found.is_waiting:
        return _confirmed(found)
    if found.kind != "subscribe":
        return Page("confirm", "confirm", values={"about": "confirm_move_about"})
    return Page("confirm", "confirm", values={"wishes": found.wishes, "postal": found.postal})


def confirm(asked: Asked) -> Page:
    """Do what the link is about."""
    found = jobs.confirm(asked.counter.desk, asked.path["secret"], network=asked.network, now=asked.now)
    return Page("gone", status=404) if found is None else _confirmed(found)


def _confirmed(found: jobs.Confirmed) -> Page:
    about = "confirmed_about" if found.kind == "subscribe" else "waiting_about" if found.is_waiting else "moved_about"
    return Page("confirmed", values={"about": about})


def show_wishes(asked: Asked) -> Page:
    """The form to choose anew. It shows nothing of anybody, so it is the same for a link that is nobody's."""
    return Page("wishes", "wishes")


def save_wishes(asked: Asked) -> Page:
    """Remember what somebody chose."""
    jobs.change(
        asked.counter.desk, asked.path["secret"], asked.wishes, postal=asked.postal, network=asked.network, now=asked.now
    )
    return Page("saved")


def move(asked: Asked) -> Page:
    """Ask both addresses to confirm a move."""
    if _is_too_often(asked):
        return Page("busy", status=429)
    if not jobs.ask_to_move(
        asked.counter.desk, asked.path["secret"], asked.said("address"), network=asked.network, now=asked.now
    ):
        return Page("wrong", "wishes", 400, {"address": asked.said("address")[:254]})
    asked.counter.send()
    return Page("asked", values={"about": "move_about"})


def leave(asked: Asked) -> Page:
    """Unsubscribe, by the button or by a mail program's own (RFC 8058)."""
    jobs.leave(asked.counter.desk, asked.path["secret"], network=asked.network, now=asked.now)
    return Page("left")


def _chosen(asked: Asked) -> dict[str, Any]:
    wishes = asked.wishes
    return {"address": asked.said("address")[:254], "chosen": wishes.topics, "frequency": wishes.frequency.value,
            "on_paper": wishes.on_paper, "postal": asked.postal, "large_type": wishes.large_type}  # fmt: skip


def _is_too_often(asked: Asked) -> bool:
    return jobs.is_too_often(asked.counter.desk, asked.network, most=MOST_FORMS, within=timedelta(hours=1), now=asked.now)


# ---- requests and answers --------------------------------------------------------------------------------------------


def _endpoint(counter: Counter, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        form = await _form(request) if request.method == "POST" else {}
        language = _language(counter, request, form)
        address = address_of(request.scope, is_behind_proxy=counter.is_behind_proxy)
        asked = Asked(counter, request.path_params, form, language, jobs.network_of(address), counter.clock())
        answer = await run_in_threadpool(_answered, handler, asked)
        if isinstance(answer, str):
            return RedirectResponse(f"{answer}?lang={language}", 303)
        return await run_in_threadpool(_page, counter, answer, language, request)

    return endpoint


def _answered(handler: Handler, asked: Asked) -> Page | str:
    try:
        return handler(asked)
    except AggregatorError as error:
        sys.stderr.write(f"signup: {error}\n")
        return Page("fault", status=503)
    except Exception as error:  # whatever it is, a visitor sees a page
        sys.stderr.write("signup: a fault\n")
        traceback.print_exception(error)
        return Page("fault", status=500)


async def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a form; none where it cannot be read."""
    found: dict[str, list[str]] = {}
    try:
        form: FormData = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    except TooLargeError:
        raise
    except Exception:  # whatever a form can be wrong in
        return found
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            found.setdefault(name, []).append(value)
    return found


def _language(counter: Counter, request: Request, form: Mapping[str, list[str]]) -> str:
    site = counter.workspace.settings.site.language
    for wanted in ((form.get("page") or [""])[0], request.query_params.get("lang", "")):
        if wanted in LANGUAGES:
            return wanted
    return site if site in LANGUAGES else "en"


def _page(counter: Counter, page: Page, language: str, request: Request) -> Response:
    depth, secret = request.url.path.count("/") - 1, request.path_params.get("secret", "")
    words, site = words_of(language), counter.workspace.settings.site
    chosen = {
        "address": "",
        "chosen": (),
        "frequency": "weekly",
        "on_paper": False,
        "large_type": False,
        "postal": "",
        "wishes": None,
        "about": f"{page.name}_about",
    }
    if page.name == "title":
        chosen["about"] = "about"
    text = counter.templates.render(
        "signup/page.html", t=words, site=site, language=language, root="../" * depth, page=page.name, form=page.form,
        secret=secret,
        made=counter.age.token(), topics=[(topic.slug, words.topic(topic.slug)) for topic in vocabulary().topics],
        consent=jobs.consent_text(language), languages=LANGUAGES, is_sample=counter.workspace.is_sample,
        **(chosen | dict(page.values)),
    )  # fmt: skip
    return Response(text, page.status, media_type="text/html", headers={"referrer-policy": "no-referrer"})


def _style(counter: Counter) -> Callable[[Request], Awaitable[Response]]:
    async def style(_request: Request) -> Response:
        text = (counter.environment.templates / "signup" / "signup.css").read_bytes()
        headers = {"cache-control": "public, max-age=3600", "cross-origin-resource-policy": "same-origin"}
        return Response(text, media_type="text/css", headers=headers)

    return style


def _webhook(counter: Counter) -> Callable[[Request], Awaitable[Response]]:
    async def webhook(request: Request) -> Response:
        secret = counter.environment.intake_secret or ""
        if len(secret) < 22 or not compare_digest(request.path_params["secret"].encode(), secret.encode()):
            return await _nothing(request, Exception())
        content = posted(await _posted_fields(request))
        try:
            await run_in_threadpool(take_in_form, counter.desk, content, counter.workspace.settings, now=counter.clock())
        except AggregatorError as error:
            sys.stderr.write(f"signup: {error}\n")
            return Response("Try again later.", 503, media_type="text/plain", headers={"retry-after": "60"})
        await run_in_threadpool(counter.send)
        return Response("ok", media_type="text/plain")

    return webhook


async def _posted_fields(request: Request) -> list[tuple[str, str]]:
    """Labels and values of a form that was posted as JSON or as a form: WPForms, Gravity Forms and Zapier nest them."""
    if "json" in request.headers.get("content-type", ""):
        try:
            return list(_flat(json.loads(await request.body())))
        except (ValueError, RecursionError):
            return []
    return [(name, value) for name, values in (await _form(request)).items() for value in values]


def _flat(value: Any, label: str = "", depth: int = 0) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < 6:
        named = value.get("name") or value.get("label")
        if isinstance(named, str) and isinstance(value.get("value"), str):
            return [(named, value["value"])]
        return [pair for key, inner in value.items() for pair in _flat(inner, str(key), depth + 1)]
    if isinstance(value, list) and depth < 6:
        return [pair for inner in value for pair in _flat(inner, label, depth + 1)]
    return [(label, str(value))] if isinstance(value, str | int | float | bool) else []


async def _nothing(_request: Request, _error: Exception) -> Response:
    return Response("There is no such page.", 404, media_type="text/plain")


async def _too_large(_request: Request, _error: Exception) -> Response:
    return Response(TOO_LARGE, 413, media_type="text/plain")


def sender(counter: Counter) -> Callable[[], None]:
    """What sends the letters that wait: `deliver`, with its trouble told to the operators."""

    said: list[str] = [""]

    def send() -> None:
        try:
            done = deliver(counter.desk, counter.environment, counter.workspace.settings, now=counter.clock())
        except AggregatorError as error:
            sys.stderr.write(f"signup: {error}\n")
            return
        refused = sum(number for outcome, number in done.outcomes.items() if outcome not in ("sent", "later"))
        told = done.problem or (f"letters that were not taken: {refused} ({done.answer})" if refused else "")
        # Said once, not every minute.
        if told and told != said[0]:
            sys.stderr.write(f"signup: {told}\n")
        said[0] = told

    return send
