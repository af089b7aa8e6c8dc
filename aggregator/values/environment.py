"""What a command is told about this machine: options of the command line, then variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from aggregator.errors import UsageError
from aggregator.urls import is_web


@dataclass(frozen=True, slots=True)
class Environment:
    """Where things are on this machine and how it reaches the internet: options of the command line, then variables."""

    feeds: Path
    data: Path
    templates: Path
    allow_hosts: str = ""
    proxy: str | None = None
    ca_file: str | None = None
    # Secrets: how somebody is told (see monitoring/channels.py).
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    webhook_url: str | None = field(default=None, repr=False)
    ping_url: str | None = field(default=None, repr=False)
    # The key of the subscribers (see subscribers/vault.py), a mailbox, the secret in the address of the webhook.
    subscribers_key: str | None = field(default=None, repr=False)
    subscribers_key_file: Path | None = None
    imap_url: str | None = field(default=None, repr=False)
    intake_secret: str | None = field(default=None, repr=False)
    # The resolver that `check --mail` asks, as host:port; empty for the machine's own.
    dns: str = ""


def has_subscribers(environment: Environment) -> bool:
    """Whether this machine was given the key to the list of subscribers."""
    return environment.subscribers_key is not None or environment.subscribers_key_file is not None


def read_environment(home: Path, *, feeds: Path | None, data: Path | None, environ: Mapping[str, str]) -> Environment:
    """The environment of a command; `home` is the folder that run.py stands in. UsageError where a variable cannot be
    used."""
    return Environment(
        feeds=feeds or Path(environ.get("AGGREGATOR_FEEDS") or home / "feeds.yaml"),
        data=data or Path(environ.get("AGGREGATOR_DATA") or home / "data"),
        templates=Path(environ.get("AGGREGATOR_TEMPLATES") or home / "templates"),
        allow_hosts=environ.get("AGGREGATOR_ALLOW_HOSTS", ""),
        proxy=_proxy(environ.get("AGGREGATOR_PROXY") or None),
        ca_file=environ.get("AGGREGATOR_CA_FILE") or None,
        smtp_url=environ.get("AGGREGATOR_SMTP_URL") or None,
        mail_from=environ.get("AGGREGATOR_MAIL_FROM") or None,
        webhook_url=environ.get("AGGREGATOR_WEBHOOK_URL") or None,
        ping_url=environ.get("AGGREGATOR_PING_URL") or None,
        subscribers_key=environ.get("AGGREGATOR_SUBSCRIBERS_KEY") or None,
        subscribers_key_file=Path(key_file) if (key_file := environ.get("AGGREGATOR_SUBSCRIBERS_KEY_FILE")) else None,
        imap_url=environ.get("AGGREGATOR_IMAP_URL") or None,
        intake_secret=environ.get("AGGREGATOR_INTAKE_SECRET") or None,
        dns=_server(environ.get("AGGREGATOR_DNS", "")),
    )


def _server(written: str) -> str:
    host, _, port = written.rpartition(":")
    if not written:
        return ""
    try:
        ip_address(host.strip("[]"))
        is_right = 0 < int(port) < 65536
    except ValueError:
        is_right = False
    if not is_right:
        raise UsageError("AGGREGATOR_DNS is not an IP address with a port; write it like 9.9.9.9:53.")
    return written


def _proxy(address: str | None) -> str | None:
    if address is not None and not is_web(address):
        raise UsageError("AGGREGATOR_PROXY is not a web address; write it like http://proxy.example:3128.")
    return address
