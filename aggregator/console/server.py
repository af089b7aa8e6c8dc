"""The console's process: an address, and uvicorn."""

from __future__ import annotations

import secrets
import socket
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import uvicorn

from aggregator.console.app import make_app
from aggregator.console.call import Desk
from aggregator.errors import ConfigError, Hint, UsageError
from aggregator.jobs.curation import settle
from aggregator.jobs.demo_feeds import write_list
from aggregator.jobs.staff_accounts import open_staff
from aggregator.jobs.workspace import open_workspace
from aggregator.listening import is_loopback, listen
from aggregator.values.environment import Environment


@dataclass(frozen=True)
class Bound:
    """A socket that listens, and the address under which people reach it."""

    socket: socket.socket
    url: str
    desk: Desk

    def config(self) -> uvicorn.Config:
        """How uvicorn serves it: no name of a server, no trust in what a stranger says of where they come from."""
        return uvicorn.Config(
            make_app(self.desk), log_config=None, server_header=False, proxy_headers=False, lifespan="off", ws="none",
            limit_concurrency=200, timeout_keep_alive=10, timeout_graceful_shutdown=10, h11_max_incomplete_event_size=32_000,
        )  # fmt: skip

    def serve(self) -> None:
        """Answer until a signal comes."""
        uvicorn.Server(self.config()).run(sockets=[self.socket])


def bind(
    environment: Environment, *, host: str, port: int, behind_proxy: str, is_demo: bool, clock: Callable[[], datetime]
) -> Bound:
    """Listen at an address. UsageError where that is not this machine's own and no proxy is named, or it cannot be had."""
    if (not behind_proxy or is_demo) and not is_loopback(host):
        raise UsageError(
            f"The console listens on this machine only, not at {host}, unless a web server with TLS stands before it.",
            hint=Hint.BEHIND_PROXY,
        )
    if behind_proxy and is_demo:
        raise UsageError("A demo's console listens on this machine only, and stands behind no other server.")
    open_workspace(environment).make_data_folder()
    if is_demo:
        environment = replace(environment, feeds=write_list(environment.data))
    listening = listen(host, port, behind_proxy)
    with suppress(ConfigError):
        settle(open_workspace(environment), environment.feeds)
    desk = Desk(
        environment,
        open_staff(environment.data),
        clock,
        listening.hosts,
        is_https=bool(behind_proxy),
        is_behind_proxy=bool(behind_proxy),
        demo_secret=secrets.token_urlsafe(24) if is_demo else "",
        versions=OrderedDict(),
    )
    if is_demo:
        desk.staff.add("demo", "curator", now=clock())
    return Bound(listening.socket, listening.url, desk)
