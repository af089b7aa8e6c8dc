"""What every request to the console and to sign-up passes first, and every answer last (OWASP ASVS 5.0, V3, V4 and V15).
Pure ASGI, so that nothing else, not even an error, goes round it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 1_000_000
_LONGEST_ADDRESS = 8_000
_LARGEST_HEADERS = 16_000
SAFE = ("GET", "HEAD")
# Of one address, within a minute.
MOST_REQUESTS = 600

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    # A form's Origin is `null` under `no-referrer`, and is compared.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


TOO_LARGE = "This is larger than anything that this server takes (1 MB)."


class TooLargeError(Exception):
    """More was sent than any form of ours has."""


@dataclass
class Guard:
    """Refuses what no page of ours sends: another host, another origin, too much of anything. `clock` is in seconds."""

    app: App
    hosts: tuple[str, ...]
    is_https: bool
    clock: Callable[[], float]
    is_behind_proxy: bool = False
    # Whether a form may be sent from the pages of this server only.
    is_own_only: bool = True
    policy: str = POLICY
    requests: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(send, self.policy, is_https=self.is_https)
        refusal = self._refusal(scope)
        if refusal:
            await answer.refuse(*refusal)
            return
        await self.app(scope, _limited(receive), answer)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """The status and the sentence of a refusal; None where the request may pass."""
        headers = _by_name(scope)
        hosts = headers.get("host", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return 400, "This server is not known under this address."
        if (
            not scope["path"].startswith("/")
            or len(scope["raw_path"] or b"") + len(scope["query_string"]) > _LONGEST_ADDRESS
        ):
            return 414, "This address is too long, or is none."
        announced = headers.get("content-length", ["0"])[0]
        if sum(len(name) + len(value) for name, value in scope["headers"]) > _LARGEST_HEADERS:
            return 431, "The headers of this request are too large."
        if not announced.isdigit() or int(announced) > LARGEST_BODY:
            return 413, TOO_LARGE
        if self._is_too_often(address_of(scope, is_behind_proxy=self.is_behind_proxy)):
            return 429, "Too many requests. Wait a minute."
        if scope["method"] in SAFE:
            return None
        if scope["method"] != "POST":
            return 405, "This server takes GET and POST only."
        is_allowed = not self.is_own_only or self._is_own(headers, hosts[0])
        return None if is_allowed else (403, "This form was not sent from a page of this server.")

    def _is_own(self, headers: Mapping[str, list[str]], host: str) -> bool:
        """Whether a page of this server sent the form: each browser says from where a POST comes (Fetch, Origin header)."""
        scheme = "https" if self.is_https else "http"
        is_near = headers.get("sec-fetch-site", ["same-origin"]) == ["same-origin"]
        return is_near and headers.get("origin") == [f"{scheme}://{host.lower()}"]

    def _is_too_often(self, address: str) -> bool:
        now, lately = self.clock(), self.requests[address]
        while lately and lately[0] < now - 60:
            lately.popleft()
        if len(self.requests) > 10_000:
            self.requests.clear()
        if len(lately) >= MOST_REQUESTS:
            return True
        lately.append(now)
        return False


def address_of(scope: Scope, *, is_behind_proxy: bool) -> str:
    """Where a request comes from: behind a proxy what that one wrote last, since anybody can write what stands before it;
    else the other end of the connection."""
    forwarded = _by_name(scope).get("x-forwarded-for") if is_behind_proxy else None
    return forwarded[-1].rpartition(",")[2].strip() if forwarded else (scope.get("client") or ("",))[0]


def _by_name(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _limited(receive: Receive) -> Receive:
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise TooLargeError
        return message

    return limited


class _Answer:
    """Sends on, with the headers that every answer has."""

    def __init__(self, send: Send, policy: str, *, is_https: bool) -> None:
        self._send, self._policy, self._is_https = send, policy, is_https

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = _with_ours(message.get("headers", []), self._policy, is_https=self._is_https)
        await self._send(message)

    async def refuse(self, status: int, sentence: str) -> None:
        """Answer with a sentence."""
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        if status == 429:
            headers.append((b"retry-after", b"60"))
        await self({"type": "http.response.start", "status": status, "headers": headers})
        await self({"type": "http.response.body", "body": sentence.encode()})


def _with_ours(headers: list[tuple[bytes, bytes]], policy: str, *, is_https: bool) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with ours; what a page says itself stays."""
    said = {name.decode("latin-1").lower() for name, _ in headers}
    ours = _HEADERS | {"content-security-policy": policy}
    if is_https:
        ours["strict-transport-security"] = "max-age=31536000"
    return [*headers, *((name.encode(), value.encode()) for name, value in ours.items() if name not in said)]
