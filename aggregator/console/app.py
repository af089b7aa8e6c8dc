"""The console as an ASGI application: requests become calls, answers become responses, errors become sentences."""

from __future__ import annotations

import secrets
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, tzinfo
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route as StarletteRoute

from aggregator.console.call import Answer, Call, Desk, Page, Raw, Redirect, trouble
from aggregator.console.site_map import ANYONE, CURATOR, SITE_MAP, Route
from aggregator.errors import (
    AggregatorError,
    AlreadyRunningError,
    ChangedError,
    Hint,
    PublishError,
    StoreError,
    UsageError,
    is_of_the_machine,
    sentence_of,
)
from aggregator.jobs.staff_accounts import Session, is_token, session_of
from aggregator.web_guard import LARGEST_BODY, TOO_LARGE, Guard, TooLargeError, address_of

_MOST_FIELDS = 200

# What helps after an error, as links.
_HINTS = {
    Hint.LIST_FEEDS: ("/feeds", "All feeds"),
    Hint.APPLY_FILTER: ("/rules", "The rules as they are now"),
    Hint.LIST_WAITING: ("/", "What waits"),
    Hint.FIND_BY_TITLE: ("/find", "Find by words of the title"),
}


def make_app(desk: Desk) -> Guard:
    """The console for a desk."""
    routes = [StarletteRoute(one.path, _endpoint(desk, one), methods=[one.method]) for one in SITE_MAP]
    handlers = {HTTPException: _not_found(desk), TooLargeError: _too_large}
    inner = Starlette(routes=routes, exception_handlers=handlers)
    return Guard(inner, desk.hosts, desk.is_https, time.monotonic, is_behind_proxy=desk.is_behind_proxy)


async def _too_large(_request: Request, _error: Exception) -> Response:
    return Response(TOO_LARGE, 413, media_type="text/plain")


def _endpoint(desk: Desk, route: Route) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            call = await _call_of(desk, request)
        except AggregatorError as error:
            return await run_in_threadpool(_respond, desk, Call(desk, desk.clock()), _trouble(error), request)
        answer = await run_in_threadpool(_answered, route, call, request)
        return await run_in_threadpool(_respond, desk, call, answer, request)

    return endpoint


async def _call_of(desk: Desk, request: Request) -> Call:
    now, cookie = desk.clock(), request.cookies.get(session_cookie(desk), "")
    fields: dict[str, list[str]] = {}
    files: dict[str, tuple[str, bytes]] = {}
    if request.method == "POST":
        await _read_form(request, fields, files)
    return Call(
        desk=desk,
        now=now,
        path=request.path_params,
        query=request.query_params,
        form=fields,
        files=files,
        # A page that asks by itself what is new keeps nobody signed in.
        session=await run_in_threadpool(session_of, desk.staff, cookie, now=now, is_used=request.url.path != "/changes"),
        cookie=cookie,
        address=address_of(request.scope, is_behind_proxy=desk.is_behind_proxy),
        agent=request.headers.get("user-agent", ""),
    )


async def _read_form(request: Request, fields: dict[str, list[str]], files: dict[str, tuple[str, bytes]]) -> None:
    """The fields and files of a form; UsageError where it is none that can be read."""
    try:
        async with request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=LARGEST_BODY) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = (value.filename or "", await value.read())
                else:
                    fields.setdefault(name, []).append(value)
    except TooLargeError:
        raise
    except Exception as error:  # whatever a form can be wrong in
        raise UsageError("This form cannot be read.") from error


def _answered(route: Route, call: Call, request: Request) -> Answer:
    """What the page answers, or why it does not."""
    refusal = _refusal(route, call, request)
    if refusal is not None:
        return refusal
    try:
        return route.handler(call)
    except AggregatorError as error:
        return _trouble(error)
    except Exception as error:
        return _fault(error)


def _refusal(route: Route, call: Call, request: Request) -> Answer | None:
    if route.role != ANYONE and call.session is None:
        if request.method == "GET":
            to = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return Redirect(f"/sign-in?next={quote(to, safe='')}" if to != "/" else "/sign-in")
        return trouble("You are signed out. Sign in, then try again.", 403, "Signed out")
    if route.role == CURATOR and call.session is not None and not call.session.account.is_curator:
        return trouble("You may look at everything and change nothing: ask an operator for the role of a curator.", 403)
    if request.method == "POST" and not _has_token(call, request):
        return trouble("This form is too old: it was made for another session. Load the page again.", 403)
    return None


def _has_token(call: Call, request: Request) -> bool:
    given = call.said("token")
    if call.session is not None:
        return is_token(call.session, given)
    known = request.cookies.get(_form_cookie(call.desk), "")
    return bool(known) and secrets.compare_digest(known.encode(), given.encode("utf-8", "surrogatepass"))


def _trouble(error: AggregatorError) -> Page:
    status = 409 if isinstance(error, ChangedError) else 400
    if isinstance(error, AlreadyRunningError):
        return trouble("A refresh is running, and this has to wait for it. Try again in a minute.", 503, "One moment")
    if isinstance(error, PublishError):
        return trouble(sentence_of(error), 503, "Kept, and not on the page yet")
    if isinstance(error, StoreError):
        status = 503
    page = trouble(sentence_of(error), status)
    link = _HINTS.get(error.hint) if error.hint else None
    return Page(page.template, {**page.context, "link": link}, page.status)


def _fault(error: Exception) -> Page:
    """One sentence and a number; everything else goes to the operators' log."""
    if is_of_the_machine(error):
        return trouble("This machine refused something (a file, memory, the disk). The site stays as it is.", 503)
    number = secrets.token_hex(4)
    # The operators' log.
    sys.stderr.write(f"console: fault {number}\n")
    traceback.print_exception(error)
    return trouble(f"The console has a fault. Please tell your operator its number: {number}.", 500, "A fault")


def _respond(desk: Desk, call: Call, answer: Answer, request: Request) -> Response:
    if isinstance(answer, Redirect):
        response: Response = RedirectResponse(answer.to, 303)
        if answer.cookie is not None:
            _set_session(desk, response, answer.cookie)
        return response
    if isinstance(answer, Raw):
        response = Response(answer.body, media_type=answer.media_type)
        if answer.file_name:
            response.headers["content-disposition"] = f'attachment; filename="{answer.file_name}"'
        if answer.policy:
            response.headers["content-security-policy"] = answer.policy
        if answer.is_public:
            response.headers["cache-control"] = "no-cache"
            response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response
    return _page(desk, call, answer, request)


def _page(desk: Desk, call: Call, page: Page, request: Request) -> Response:
    token = call.session.token if call.session else request.cookies.get(_form_cookie(desk), "") or secrets.token_urlsafe(32)
    try:
        text = _rendered(desk, call.session, page, token, request.url.path)
        response = Response(text, page.status, media_type="text/html")
    except Exception as error:
        fault = _fault(error)
        sentence = str(fault.context["sentence"])
        response = Response(sentence, fault.status, media_type="text/plain")
    if call.session is None and request.cookies.get(_form_cookie(desk)) != token:
        response.set_cookie(_form_cookie(desk), token, httponly=True, samesite="lax", secure=desk.is_https, path="/")
    if page.status == 429:
        response.headers["retry-after"] = "60"
    return response


def _rendered(desk: Desk, session: Session | None, page: Page, token: str, path: str) -> str:
    person = session.account if session else None
    context = {"link": None, "is_demo": bool(desk.demo_secret), "zone": _zone(desk), **page.context}
    return desk.templates.render(f"console/{page.template}", person=person, token=token, path=path, **context)


def _zone(desk: Desk) -> tzinfo:
    """The site's time zone; UTC where feeds.yaml and its last good copy are broken, so that a page can say so."""
    try:
        return desk.workspace().settings.site.zone
    except AggregatorError:
        return UTC


def session_cookie(desk: Desk) -> str:
    """The name of the session's cookie; without TLS, which is on loopback only, a browser takes no `__Host-`."""
    return "__Host-console" if desk.is_https else "console"


def _form_cookie(desk: Desk) -> str:
    return "__Host-console-form" if desk.is_https else "console-form"


def _set_session(desk: Desk, response: Response, cookie: str) -> None:
    if cookie:
        response.set_cookie(session_cookie(desk), cookie, httponly=True, samesite="lax", secure=desk.is_https, path="/")
    else:
        response.delete_cookie(session_cookie(desk), httponly=True, samesite="lax", secure=desk.is_https, path="/")


def _not_found(desk: Desk) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        sentence = "There is no such page." if status in (404, 405) else "This form cannot be read."
        page = trouble(sentence, status, "Not found" if status in (404, 405) else "That did not work")
        return await run_in_threadpool(_respond, desk, Call(desk, desk.clock()), page, request)

    return answer
