"""HTTPS, with servers and certificates of our own."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from select import select
from socket import create_connection, socket
from threading import Event

import pytest
from trustme import CA

from aggregator.errors import UsageError
from aggregator.ingest.fetch import Limits, Network, fetch
from aggregator.ingest.guard import read_allowances
from aggregator.jobs.refresh import refresh
from aggregator.values.feeds import Fetched, FetchFailed, NotModified, Validators
from tests.conftest import NOW, Answer, FeedServer, Town, item, rss

FEED = rss(item("One", "https://www.example.com/1"))
HOST = "feeds.example.org"
Serve = Callable[..., FeedServer]


@pytest.fixture(scope="session")
def authority() -> CA:
    """Who signs the servers' certificates."""
    return CA()


@pytest.fixture
def ca_file(authority: CA, tmp_path: Path) -> str:
    """The authority's own certificate, as AGGREGATOR_CA_FILE names it."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def serve(authority: CA) -> Iterator[Serve]:
    """Servers that speak TLS, by the names on their certificates; `asked` hears which name a client asks for."""
    running: list[FeedServer] = []

    def start(*names: str, ends: datetime | None = None, asked: list[str | None] | None = None) -> FeedServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, not_after=ends).configure_cert(context)
        if asked is not None:
            context.sni_callback = lambda _socket, name, _context: asked.append(name)
        server = FeedServer(context)
        server.answers["/f"] = Answer(FEED, headers={"ETag": '"1"'})
        running.append(server)
        return server

    yield start
    for server in running:
        server.close()


async def here(_host: str, _port: int) -> list[str]:
    """Every name is this machine's."""
    return ["127.0.0.1"]


def network(server: FeedServer, ca_file: str | None) -> Network:
    return Network("test", read_allowances(f"{HOST}:{server.port}"), ca_file=ca_file, resolve=here)


def ask(
    server: FeedServer, among: Network, validators: Validators = Validators(), seconds: float = 5
) -> Fetched | NotModified | FetchFailed:
    return asyncio.run(fetch(f"https://{HOST}:{server.port}/f", validators, among, Limits(deadline=seconds), now=NOW))


def test_a_feed_is_read_and_the_server_hears_its_own_name(serve: Serve, ca_file: str) -> None:
    names: list[str | None] = []
    server = serve(HOST, asked=names)

    found = ask(server, network(server, ca_file))

    assert isinstance(found, Fetched)
    assert found.body == FEED
    assert names == [HOST]
    assert server.asked[0].headers["Host"] == f"{HOST}:{server.port}"
    assert isinstance(ask(server, network(server, ca_file), found.validators), NotModified)


@pytest.mark.parametrize(
    ("name", "ends", "is_trusted"),
    [
        (HOST, None, False),
        ("other.example.org", None, True),
        ("127.0.0.1", None, True),
        (HOST, datetime(2020, 1, 1, tzinfo=UTC), True),
    ],
    ids=["self-made", "another name", "only the address", "expired"],
)
def test_a_certificate_that_cannot_be_trusted_is_told(
    serve: Serve, ca_file: str, name: str, ends: datetime | None, is_trusted: bool
) -> None:
    server = serve(name, ends=ends)

    found = ask(server, network(server, ca_file if is_trusted else None))

    assert isinstance(found, FetchFailed)
    assert found.reason == "has a certificate that cannot be trusted (expired, self-made, or for another name)"
    assert server.asked == []


def test_a_server_that_speaks_no_tls_costs_its_own_feed(server: FeedServer, ca_file: str) -> None:
    found = ask(server, network(server, ca_file))

    assert isinstance(found, FetchFailed)
    assert found.reason == "cannot be reached (no connection)"


def test_a_handshake_that_never_ends_ends_at_the_deadline_and_leaves_nothing_open(ca_file: str) -> None:
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        elsewhere = Network("test", read_allowances(HOST), ca_file=ca_file, resolve=here)
        found = asyncio.run(
            fetch(f"https://{HOST}:{silent.getsockname()[1]}/f", Validators(), elsewhere, Limits(deadline=0.5), now=NOW)
        )

    assert isinstance(found, FetchFailed)
    assert "did not answer completely within" in found.reason
    # A socket that is still open is a warning here, and warnings are errors.
    gc.collect()


def test_through_a_proxy_the_feed_s_own_certificate_counts(serve: Serve, server: FeedServer, ca_file: str) -> None:
    target, asked_for, is_done = serve(HOST), [], Event()

    def connect(handler: BaseHTTPRequestHandler) -> None:
        """What CONNECT asks a proxy to do (RFC 9110, 9.3.6)."""
        asked_for.append(handler.path)
        handler.send_response(200)
        handler.end_headers()
        with create_connection(("127.0.0.1", target.port)) as there:
            pairs = {handler.connection: there, there: handler.connection}
            while data := (ready := select(list(pairs), [], [])[0][0]).recv(65536):
                pairs[ready].sendall(data)
        is_done.set()

    server.connect = connect
    proxy = f"http://127.0.0.1:{server.port}"

    found = ask(target, Network("test", proxy=proxy, ca_file=ca_file))
    untrusted = ask(target, Network("test", proxy=proxy))

    assert isinstance(found, Fetched)
    assert set(asked_for) == {f"{HOST}:{target.port}"}
    assert isinstance(untrusted, FetchFailed)
    assert "certificate" in untrusted.reason
    assert is_done.wait(5)


def test_a_hospital_s_certificate_is_trusted_besides_the_usual_ones(ca_file: str) -> None:
    usual = Network("test").tls.cert_store_stats()["x509_ca"]

    assert Network("test", ca_file=ca_file).tls.cert_store_stats()["x509_ca"] == usual + 1
    assert usual > 50


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_without_usable_certificates_no_refresh_begins(town: Town, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_text(content)
    town.add("A", FEED)
    workspace = replace(town.workspace(), network=Network("test", ca_file=str(path)))

    with pytest.raises(UsageError, match=r"AGGREGATOR_CA_FILE: .*authority\.pem cannot be read as certificates \(.+\)\."):
        asyncio.run(refresh(workspace))
    assert not workspace.database_path.exists()
