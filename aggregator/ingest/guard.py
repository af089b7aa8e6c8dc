"""Which addresses may be connected to. The check sits where the connection is made, so that no redirect, no spelling of an
address and no DNS rebinding gets past it: a name is resolved once, every address of the answer is checked, and the
connection goes to a checked one. TLS, which starts later, still verifies the name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any, TypeAlias

import httpcore

from aggregator.errors import FeedError, UsageError
from aggregator.private_hosts import is_private_host
from aggregator.values.reports import NAME_NOT_FOUND

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

# The range of all public IPv6 addresses (RFC 4291, 2.4; IANA's registry of global unicast space).
_IPV6 = ipaddress.ip_network("2000::/3")
# Ranges that ipaddress calls global although they hold nothing public or wrap another address (measured on 3.11): 6to4
# relays and addresses, IETF protocols with Teredo (RFC 2928), documentation (RFC 9637).
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2002::/16", "3fff::/20")
)
# Interface identifiers that wrap an IPv4 address (ISATAP; RFC 5214, 6.1), without and with the universal bit.
_ISATAP = (0x00005EFE, 0x02005EFE)

_USUAL_PORTS = {80, 443, 8080, 8443}


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return _is_public_6(ip)
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC)


def _is_public_6(ip: ipaddress.IPv6Address) -> bool:
    is_wrapper = int(ip) >> 32 & 0xFFFFFFFF in _ISATAP
    return ip in _IPV6 and ip.is_global and not is_wrapper and not any(ip in network for network in _NOT_PUBLIC)


@dataclass(frozen=True, slots=True)
class Allowance:
    """One item of AGGREGATOR_ALLOW_HOSTS: a host name or a network, and a port (None: any)."""

    host: str
    network: IPNetwork | None
    port: int | None

    def covers(self, host: str, addresses: Iterable[str], port: int) -> bool:
        """Whether a connection to `host`, resolved to `addresses`, may be private."""
        if self.port not in (None, port):
            return False
        if self.network is None:
            return self.host == host.lower()
        return all(ipaddress.ip_address(address.partition("%")[0]) in self.network for address in addresses)


def is_refused_behind_proxy(host: str, port: int, *, is_own: bool, allowances: Iterable[Allowance]) -> bool:
    """Whether a proxy must not be asked for `host`: a private address or a private name, unless it is the feed's own and
    allowed. Nothing else can be checked, since the proxy resolves names."""
    host = host.strip("[]").lower()
    try:
        addresses = [str(ipaddress.ip_address(host.partition("%")[0]))]
    except ValueError:
        addresses = []
    if not is_private_host(host) and all(is_public(address) for address in addresses):
        return False
    covering = (allowance for allowance in allowances if addresses or allowance.network is None)
    return not (is_own and any(allowance.covers(host, addresses, port) for allowance in covering))


def read_allowances(text: str) -> tuple[Allowance, ...]:
    """Parse AGGREGATOR_ALLOW_HOSTS, for instance `127.0.0.0/8:8080,feeds.intranet:80`. UsageError names a bad item."""
    allowances = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        # An IPv6 address or network without brackets has colons and no port.
        is_plain = item.endswith("]") or ":" not in item or _network(item) is not None
        host, colon, port = (item, "", "") if is_plain else item.rpartition(":")
        host = host.strip("[]").lower()
        if colon and not port.isdigit():
            raise UsageError(f"AGGREGATOR_ALLOW_HOSTS: “{item}” has no port number; write it like 127.0.0.0/8:8080")
        allowances.append(Allowance(host, _network(host), int(port) if port else None))
    return tuple(allowances)


def _network(host: str) -> IPNetwork | None:
    """The IP address or network that `host` is; None for a name."""
    try:
        return ipaddress.ip_network(host, strict=False)
    except ValueError:
        return None


async def system_resolve(host: str, port: int) -> list[str]:
    """All IP addresses of `host`, from the system's resolver, in a daemon thread of its own: a lookup that hangs delays no
    other, nor the end of the program. OSError or UnicodeError if there is none."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def give(result: list[Any] | Exception) -> None:
        if not answer.done():
            answer.set_exception(result) if isinstance(result, Exception) else answer.set_result(result)

    def ask() -> None:
        result: list[Any] | Exception
        try:
            result = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except Exception as error:
            result = error
        # The loop may be closed by now.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(give, result)

    Thread(target=ask, name=f"dns {host}", daemon=True).start()
    return list(dict.fromkeys(str(item[4][0]) for item in await answer))


@dataclass(frozen=True, slots=True)
class Guard:
    """What one feed may connect to: public addresses, and its own address if that is private and allowed."""

    own_host: str
    own_port: int
    allowances: tuple[Allowance, ...] = ()

    def check(self, host: str, port: int, addresses: list[str]) -> None:
        """Raise FeedError if a connection to `host`, resolved to `addresses`, must not be made."""
        if not addresses:
            raise FeedError(f"cannot be reached: the name {host} has no address")
        is_own = (host.lower(), port) == (self.own_host, self.own_port)
        if all(is_public(address) for address in addresses):
            if port in _USUAL_PORTS or is_own:
                return
            raise FeedError(f"cannot be read: {host} uses port {port}, where no feed is expected", permanent=True)
        if is_own and any(allowance.covers(host, addresses, port) for allowance in self.allowances):
            return
        raise FeedError(
            f"cannot be read: {host} leads to a private address ({', '.join(addresses[:2])}). The program only reads public "
            + ("ones unless AGGREGATOR_ALLOW_HOSTS lists it" if is_own else "ones"),
            permanent=True,
        )


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """httpcore's network seam: resolve, check, connect to what was checked."""

    def __init__(self, guard: Guard, resolve: Resolve = system_resolve) -> None:
        self._guard = guard
        self._resolve = resolve
        self._inner = httpcore.AnyIOBackend()
        self._streams: list[httpcore.AsyncNetworkStream] = []

    async def aclose(self) -> None:
        """Close what is still open: httpcore forgets a connection whose handshake is cut short by a deadline."""
        for stream in self._streams:
            await stream.aclose()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to one of the checked addresses of `host`. FeedError if it has none, or the guard refuses them."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FeedError(f"cannot be reached: the name {host} {NAME_NOT_FOUND}") from error
        self._guard.check(host, port, addresses)
        for address in addresses[:3]:
            try:
                stream = await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                self._streams.append(stream)
                return stream
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Always raises FeedError: a socket file is no feed's address."""
        raise FeedError("cannot be read: a socket file is not a web address", permanent=True)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
