"""Where a server of ours listens, and under which addresses people reach it: the console and sign-up alike."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import ip_address

from aggregator.errors import Hint, UsageError


@dataclass(frozen=True, slots=True)
class Listening:
    """A socket that listens; `url` is where people reach it, `hosts` the names to which it answers."""

    socket: socket.socket
    url: str
    hosts: tuple[str, ...]


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int, behind_proxy: str) -> Listening:
    """Listen at an address, behind a server with TLS that people know as `behind_proxy`, if there is one. UsageError where
    the port cannot be had."""
    found = _bound(host, port)
    own = f"{host if ':' not in host else f'[{host}]'}:{found.getsockname()[1]}"
    if behind_proxy:
        return Listening(found, f"https://{behind_proxy}/", (behind_proxy.lower(),))
    return Listening(found, f"http://{own}/", (own, f"localhost:{found.getsockname()[1]}"))


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, asyncio sends each piece at once; else a small answer waits 40 ms for the browser's acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UsageError(f"Port {port} cannot be used: {error.strerror}.", hint=Hint.OTHER_PORT) from error
    return listening
