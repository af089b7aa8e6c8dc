"""Who may be connected to. The check sits where the connection is made, so that no redirect, no spelling of an address
and no DNS answer that changes its mind gets past it: a name is resolved once, every address of the answer is checked,
and the connection goes to a checked one. TLS still checks the name, since it starts later.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import httpcore

from aggregator.errors import FeedError, UsageError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

# What ipaddress calls global although nothing public is there, or what wraps another address (measured on 3.11).
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip

_USUAL_PORTS = {80, 443, 8080, 8443}


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _NOT_PUBLIC)


@dataclass(frozen=True, slots=True)
class Allowance:
    """One item of AGGREGATOR_ALLOW_HOSTS: a host name or a network, and a port (None: any)."""

    host: str
    network: Network | None
    port: int | None

    def covers(self, host: str, addresses: Iterable[str], port: int) -> bool:
        """Whether a connection to `host`, resolved to `addresses`, may be private."""
        if self.port not in (None, port):
            return False
        if self.network is None:
            return self.host == host.lower()
        return all(ipaddress.ip_address(address.partition("%")[0]) in self.network for address in addresses)


def read_allowances(text: str) -> tuple[Allowance, ...]:
    """AGGREGATOR_ALLOW_HOSTS, for instance `127.0.0.0/8:8080,feeds.intranet:80`."""
    allowances = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        host, colon, port = item.rpartition(":") if not item.endswith("]") and ":" in item else (item, "", "")
        host = host.strip("[]").lower()
        if colon and not port.isdigit():
            raise UsageError(f"AGGREGATOR_ALLOW_HOSTS: “{item}” has no port number; write it like 127.0.0.0/8:8080")
        try:
            network = ipaddress.ip_network(host, strict=False)
        except ValueError:
            network = None
        allowances.append(Allowance(host, network, int(port) if port else None))
    return tuple(allowances)


_resolvers = ThreadPoolExecutor(20, thread_name_prefix="dns")


async def system_resolve(host: str, port: int) -> list[str]:
    """All addresses of `host`, by the system's resolver, in threads of their own: a hanging name delays no other."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(str(item[4][0]) for item in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """What one feed may connect to: public addresses, and its own address where that is private and allowed."""

    own_host: str
    own_port: int
    allowances: tuple[Allowance, ...] = ()

    def check(self, host: str, port: int, addresses: list[str]) -> None:
        """Raise FeedError where a connection to `host`, resolved to `addresses`, must not be made."""
        if not addresses:
            raise FeedError(f"the name {host} is not known")
        is_own = (host.lower(), port) == (self.own_host, self.own_port)
        if all(is_public(address) for address in addresses):
            if port in _USUAL_PORTS or is_own:
                return
            raise FeedError(f"{host} wants port {port}, where no feed is expected", permanent=True)
        if is_own and any(allowance.covers(host, addresses, port) for allowance in self.allowances):
            return
        raise FeedError(
            f"{host} leads to a private address ({', '.join(addresses[:2])}), which is never asked"
            + ("; AGGREGATOR_ALLOW_HOSTS can allow it" if is_own else ""),
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
        """A connection to one of the checked addresses of `host`."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FeedError(f"the name {host} could not be found") from error
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
        """Never: no feed lives behind a socket file."""
        raise FeedError("socket files are never asked", permanent=True)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
