"""Fetch an address: its bytes, or the reason why there are none. The only module of this package that knows httpx.

Plain httpx is not safe enough here (measured): a per-read timeout lets a trickle run for ever, a 200 kB body may inflate to
hundreds of megabytes, and redirects reach private addresses. So one deadline covers the whole fetch, the body is inflated
here in small steps, and connections go through the guard.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property, partial
from importlib.util import find_spec
from typing import Self
from urllib.parse import urlsplit

import httpx

from aggregator.errors import FeedError, UsageError
from aggregator.ingest.guard import Allowance, Guard, GuardedBackend, Resolve, is_refused_behind_proxy, system_resolve
from aggregator.text import one_line, shorten
from aggregator.values.feeds import Fetched, FetchFailed, NotModified, Validators

# httpcore imports sniffio seven times a request. If it is not installed, each attempt searches all of sys.path, a quarter of
# a request's cost (measured); None in sys.modules ends the search.
if find_spec("sniffio") is None:
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
# The longest pause that a server is granted.
LONGEST_WAIT = timedelta(days=2)
_USUAL_WAIT = {429: timedelta(hours=6), 503: timedelta(0)}
_LONGEST_VALIDATOR = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one fetch: `deadline` in seconds overall, `body` in bytes after decompression, number of `redirects`."""

    deadline: float = 30.0
    body: int = 8 * 2**20
    redirects: int = 10


@dataclass(frozen=True)
class Network:
    """How this machine reaches the internet. `proxy` and `ca_file` are for hospitals behind a proxy."""

    user_agent: str
    allowances: tuple[Allowance, ...] = ()
    proxy: str | None = None
    ca_file: str | None = None
    resolve: Resolve = system_resolve

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """One context for all feeds: making it costs more than a request. UsageError if the CA file cannot be used."""
        context = httpx.create_ssl_context(trust_env=False)
        if self.ca_file is not None:
            try:
                context.load_verify_locations(self.ca_file)
            except OSError as error:
                raise UsageError(
                    f"AGGREGATOR_CA_FILE: {self.ca_file} cannot be read as certificates ({error.strerror})."
                ) from error
        return context

    @asynccontextmanager
    async def transport(self, own: str) -> AsyncIterator[httpx.AsyncHTTPTransport]:
        """A transport for one fetch, which shares no connection with another. It may connect to a private address only if
        `own`, the address that a person wrote, names it and AGGREGATOR_ALLOW_HOSTS lists it."""
        parts = urlsplit(self.proxy or own)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        allowances = self.allowances
        if self.proxy:
            allowances = (*allowances, Allowance((parts.hostname or "").lower(), None, port))
        transport = httpx.AsyncHTTPTransport(
            # For http too: it may redirect to https.
            verify=self.tls,
            trust_env=False,
            proxy=self.proxy,
            # Every feed has a host of its own: a kept-alive connection is never reused and costs a third of a refresh.
            limits=httpx.Limits(max_connections=4, max_keepalive_connections=0),
        )
        guard = Guard((parts.hostname or "").lower(), port, allowances)
        # httpx has no public seam below the transport; tests/ingest/test_guard.py fails if this one moves.
        backend = transport._pool._network_backend = GuardedBackend(guard, self.resolve)
        try:
            async with transport:
                yield transport
        finally:
            await backend.aclose()


async def fetch(
    url: str, validators: Validators, network: Network, limits: Limits, *, now: datetime, own: str | None = None,
    turn: LargeTurn | None = None,
) -> Fetched | NotModified | FetchFailed:  # fmt: skip
    """Request `url`, conditionally if there are `validators`, within `limits`. `own` is the address that a person wrote, if
    `url` came from elsewhere; a large document waits for its `turn`."""
    turn = turn or LargeTurn(asyncio.Lock())
    ask = partial(_ask, url, validators, network, limits, now, own or url, turn)
    try:
        async with asyncio.timeout(limits.deadline) as turn.deadline:
            try:
                return await ask()
            except (httpx.ReadError, httpx.ConnectError, httpx.RemoteProtocolError):
                # Half of all resets are one-offs: one more request succeeds.
                return await ask()
    except TimeoutError:
        return FetchFailed(f"did not answer completely within {limits.deadline:.0f} seconds")
    except FeedError as error:
        return FetchFailed(error.reason, error.status, error.permanent, error.retry_after)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        return FetchFailed(_reason(error))


async def _ask(
    url: str, validators: Validators, network: Network, limits: Limits, now: datetime, own: str, turn: LargeTurn
) -> Fetched | NotModified:
    conditional = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    asked = {name: value for name, value in conditional.items() if value}
    headers = {"User-Agent": network.user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate", **asked}
    cookies = httpx.Cookies()
    # A transport, not a client: a client's extras (authentication, hooks, a cookie jar per response) are a quarter of the
    # cost of a refresh with nothing new (measured).
    async with network.transport(own) as transport:
        request = httpx.Request("GET", url, headers=headers)
        moved_to: str | None = None
        may_move = True
        for _ in range(limits.redirects + 1):
            _check_target(request.url, network, httpx.URL(own))
            response = await transport.handle_async_request(request)
            response.request = request
            try:
                if response.has_redirect_location:
                    # Only an unbroken chain of permanent redirects from the feed's own address means that it moved.
                    may_move = may_move and response.status_code in (301, 308)
                    request = _redirected(response, headers, cookies)
                    moved_to = str(request.url.copy_with(userinfo=b"", fragment=None)) if may_move else moved_to
                    continue
                return await _answer(response, limits, asked, moved_to, now, turn)
            finally:
                await response.aclose()
    raise FeedError(f"redirects more than {limits.redirects} times", permanent=True)


def _redirected(response: httpx.Response, headers: dict[str, str], cookies: httpx.Cookies) -> httpx.Request:
    """The request that a redirect asks for (RFC 9110, 15.4), with the cookies that were set on the way."""
    location = httpx.URL(response.headers["location"])
    # A location with a scheme and no host is not joined to this host: `_check_target` refuses it.
    target = location if location.scheme and not location.host else response.url.join(location)
    request = httpx.Request("GET", target, headers=headers)
    cookies.extract_cookies(response)
    cookies.set_cookie_header(request)
    return request


def _check_target(url: httpx.URL, network: Network, own: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise FeedError(f"redirects to {shorten(one_line(str(url)), 80)}, which is not a web address", permanent=True)
    if not network.proxy:
        return
    port = url.port or (443 if url.scheme == "https" else 80)
    is_own = (url.host, url.port) == (own.host, own.port)
    if is_refused_behind_proxy(url.host, port, is_own=is_own, allowances=network.allowances):
        reason = f"cannot be read: {url.host} is a private address. The program only reads public ones"
        raise FeedError(reason, permanent=True)


async def _answer(
    response: httpx.Response, limits: Limits, asked: dict[str, str], moved_to: str | None, now: datetime, turn: LargeTurn
) -> Fetched | NotModified:
    status = response.status_code
    if status == 304 and asked:
        return NotModified(validators=_validators(response))
    if status not in (200, 201, 202, 203, 226):
        raise _refusal(response, now)
    body = await _body(response, limits.body, turn)
    if not body.strip():
        raise FeedError("answered with nothing at all (an empty document)", status=status)
    content_type = one_line(response.headers.get("content-type", ""))[:200]
    return Fetched(body, content_type, str(response.url), _validators(response) or Validators(), moved_to)


def _validators(response: httpx.Response) -> Validators | None:
    """The response's validators as received, or None; an absurdly long one (64 kB was seen) is not worth sending back."""
    headers = [response.headers.get(name) for name in ("etag", "last-modified")]
    usable = [value if _is_sendable(value) else None for value in headers]
    return Validators(*usable) if any(usable) else None


def _is_sendable(value: str | None) -> bool:
    return bool(value) and len(value or "") <= _LONGEST_VALIDATOR and (value or "").isascii() and (value or "").isprintable()


# ---- the body --------------------------------------------------------------------------------------------------------


class LargeTurn:
    """Lets one large document through at a time: a fetch whose body grows beyond 512 KiB waits until the previous large
    document has been parsed. The wait counts against no deadline."""

    LARGE = 512 << 10

    def __init__(self, large: asyncio.Lock) -> None:
        self._large = large
        self._is_held = False
        self.deadline: asyncio.Timeout | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._is_held:
            self._large.release()

    async def grow(self, size: int) -> None:
        """Wait for the turn if the body, of `size` bytes so far, has become large."""
        if size > self.LARGE and not self._is_held:
            began, ends = asyncio.get_running_loop().time(), self.deadline.when() if self.deadline else None
            if self.deadline and ends is not None:
                self.deadline.reschedule(None)
            await self._large.acquire()
            self._is_held = True
            if self.deadline and ends is not None:
                self.deadline.reschedule(ends + asyncio.get_running_loop().time() - began)


async def _body(response: httpx.Response, limit: int, turn: LargeTurn) -> bytes:
    codings = [name.strip() for name in response.headers.get("content-encoding", "").lower().split(",")]
    coding = ",".join(name for name in codings if name not in ("", "identity"))
    if "," in coding or coding in ("br", "zstd", "compress", "x-compress"):
        raise FeedError(f"sends its document compressed in a way that was not requested ({shorten(coding, 40)})")
    body = bytearray()
    async for piece in _inflated(response.aiter_raw(), is_deflate=coding == "deflate"):
        body += piece
        await turn.grow(len(body))
        if len(body) > limit:
            raise FeedError(f"sends more than {limit // 2**20} MiB, which no feed needs", permanent=True)
    return bytes(body)


async def _inflated(chunks: AsyncIterator[bytes], *, is_deflate: bool) -> AsyncIterator[bytes]:
    """Decompress what its first bytes show to be gzip or deflate (headers lie both ways), at most 64 KiB at a time."""
    inflater: _Inflater | None = None
    start = b""
    is_decided = False
    async for piece in chunks:
        chunk = piece
        if not is_decided:
            # Two bytes are enough to decide; the first piece may be a single byte.
            start += piece
            if len(start) < 2:
                continue
            is_decided, chunk = True, start
            if start[:2] == b"\x1f\x8b" or is_deflate:
                inflater = _Inflater(start[:2])
        if inflater is None:
            yield chunk
            continue
        for inflated in inflater.pieces(chunk):
            yield inflated
    if not is_decided:
        yield start
    if inflater is not None and not inflater.is_complete:
        raise FeedError("broke off in the middle of its compressed document")


class _Inflater:
    """zlib in small steps: a decompression bomb costs the limit, not its full size (httpx's decoder: 416 MB for 200 kB)."""

    _STEP = 65536

    def __init__(self, start: bytes) -> None:
        is_raw = start[:1] not in (b"\x1f", b"\x78")
        self._wbits = -15 if is_raw else 47
        self._zlib = zlib.decompressobj(self._wbits)

    @property
    def is_complete(self) -> bool:
        """Whether the compressed stream has ended properly."""
        return self._zlib.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Inflate `data`, at most 64 KiB at a time. Gzip may have several members (RFC 1952, 2.2); anything after the last
        is ignored. FeedError if the data is broken."""
        try:
            while data:
                if self._zlib.eof:
                    # Only another member begins with these bytes; servers append newlines and comments after the last.
                    if self._wbits != 47 or data[:2] != b"\x1f\x8b":
                        return
                    self._zlib = zlib.decompressobj(self._wbits)
                yield self._zlib.decompress(data, self._STEP)
                data = self._zlib.unconsumed_tail or self._zlib.unused_data
        except zlib.error as error:
            raise FeedError("sends a document that says it is compressed and cannot be decompressed") from error


# ---- failures --------------------------------------------------------------------------------------------------------


def _refusal(response: httpx.Response, now: datetime) -> FeedError:
    status = response.status_code
    wait = retry_after(response.headers.get("retry-after"), status, now)
    seconds = wait.total_seconds() if status in (429, 503) and wait else None
    return FeedError(_status_sentence(response), status=status, permanent=status in (404, 410, 451), retry_after=seconds)


def _status_sentence(response: httpx.Response) -> str:
    status = response.status_code
    if response.headers.get("cf-mitigated") or (status in (403, 503) and "cf-chl" in str(response.headers)):
        return f"blocks automatic readers (a challenge page, HTTP {status}): ask the publisher to let us in"
    sentences = {
        204: "answered without a document (HTTP 204)",
        206: "answered with a part of the document only (HTTP 206)",
        304: "says that nothing changed although it was never read (HTTP 304)",
        401: "needs a password (HTTP 401)",
        402: "wants to be paid (HTTP 402)",
        403: "refuses automatic readers (HTTP 403): ask the publisher to let us in",
        404: "is not there (HTTP 404): look for its address on the publisher's site",
        407: "is behind a proxy that needs a password (HTTP 407)",
        410: "is gone for good, its publisher says (HTTP 410)",
        429: "received too many requests and wants a pause (HTTP 429)",
        451: "is blocked for legal reasons (HTTP 451)",
        503: "is out of service for now (HTTP 503)",
        511: "cannot be reached: the network here wants a login first (HTTP 511)",
    }
    if status in sentences:
        return sentences[status]
    if status in (301, 302, 303, 307, 308):
        return f"redirects without saying where to (HTTP {status})"
    if status > 599:
        return f"refuses automatic readers (HTTP {status})"
    if status >= 500:
        return f"has trouble of its own (HTTP {status})"
    return f"answered in a way that is not a feed (HTTP {status})"


def retry_after(value: str | None, status: int, now: datetime) -> timedelta | None:
    """The pause that a Retry-After header asks for, in seconds or by a date (RFC 9110, 10.2.3), at most two days; the usual
    one of `status`, or None, if the header is missing or unreadable."""
    usual = _USUAL_WAIT.get(status)
    if not value:
        return usual
    if re.fullmatch(r"\s*\d{1,30}(\.\d+)?\s*", value):
        wait = timedelta(seconds=min(float(value), LONGEST_WAIT.total_seconds()))
    else:
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError, OverflowError):
            return usual
        wait = (until if until.tzinfo else until.replace(tzinfo=UTC)) - now
    return max(timedelta(0), min(wait, LONGEST_WAIT))


def _reason(error: Exception) -> str:
    """A sentence for an exception of httpx, whose own messages are for programmers, or empty."""
    sentences: tuple[tuple[type[Exception], str], ...] = (
        (httpx.ConnectError, "cannot be reached (no connection)"),
        (httpx.ReadError, "broke the connection off"),
        (httpx.RemoteProtocolError, "answered in a way that is not proper HTTP, or broke off in the middle"),
        (httpx.DecodingError, "sends a document that cannot be decompressed"),
        (httpx.UnsupportedProtocol, "redirects to something that is not a web address"),
        (httpx.InvalidURL, "redirects to something that is not a web address"),
        (httpx.ProxyError, "could not be reached through the proxy (AGGREGATOR_PROXY)"),
    )
    if "CERTIFICATE_VERIFY_FAILED" in repr(error):
        return "has a certificate that cannot be trusted (expired, self-made, or for another name)"
    return next((text for kind, text in sentences if isinstance(error, kind)), "cannot be read")
