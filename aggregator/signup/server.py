"""The process of sign-up: an address, uvicorn, and a thread that sends what waits."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event, Thread

import uvicorn

from aggregator.errors import Hint, UsageError, sentence_of
from aggregator.jobs.subscriber_copies import tidy
from aggregator.jobs.subscribers import open_subscribers
from aggregator.jobs.workspace import open_workspace
from aggregator.listening import is_loopback, listen
from aggregator.signup.app import Counter, make_app, sender
from aggregator.values.environment import Environment

# Seconds between two looks for letters that wait.
_PAUSE = 60.0


@dataclass(frozen=True)
class Bound:
    """A socket that listens, and the address under which people reach it."""

    socket: socket.socket
    url: str
    counter: Counter
    wakes: Event

    def config(self) -> uvicorn.Config:
        """How uvicorn serves it. Nothing is logged: an address in a log says who wants the newsletter."""
        return uvicorn.Config(
            make_app(self.counter), log_config=None, access_log=False, server_header=False, proxy_headers=False,
            lifespan="off",
            ws="none", limit_concurrency=200, timeout_keep_alive=10, timeout_graceful_shutdown=10,
            h11_max_incomplete_event_size=32_000,
        )  # fmt: skip

    def serve(self) -> None:
        """Answer until a signal comes."""
        over = Event()
        thread = Thread(target=_send_on, args=(self.counter, self.wakes, over), daemon=True)
        thread.start()
        try:
            uvicorn.Server(self.config()).run(sockets=[self.socket])
        finally:
            over.set()
            self.wakes.set()
            thread.join(timeout=30)


def _send_on(counter: Counter, wakes: Event, over: Event) -> None:
    send = sender(counter)
    while not over.is_set():
        wakes.clear()
        for work in (send, lambda: tidy(counter.desk, now=counter.clock())):
            try:
                work()
            except Exception as error:  # whatever it is, letters go on being sent
                sys.stderr.write(f"signup: {sentence_of(error)}\n")
        wakes.wait(_PAUSE)


def bind(environment: Environment, *, host: str, port: int, behind_proxy: str, clock: Callable[[], datetime]) -> Bound:
    """Listen at an address. UsageError where that is not this machine's own and no proxy is named, where it cannot be had,
    or where the key of the subscribers is missing."""
    if not behind_proxy and not is_loopback(host):
        raise UsageError(
            f"Sign-up listens on this machine only, not at {host}, unless a web server with TLS stands before it.",
            hint=Hint.BEHIND_PROXY,
        )
    workspace = open_workspace(environment)
    desk = open_subscribers(environment, workspace)
    listening = listen(host, port, behind_proxy)
    desk = desk if desk.url else replace(desk, url=listening.url)
    wakes = Event()
    counter = Counter(
        environment, workspace, desk, clock, listening.hosts, is_behind_proxy=bool(behind_proxy), send=wakes.set
    )
    return Bound(listening.socket, listening.url, counter, wakes)
