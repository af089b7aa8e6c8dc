"""Who may be connected to: tested where the connection is made, whatever the address looks like."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from aggregator.errors import FeedError, UsageError
from aggregator.ingest.fetch import Limits, Network, fetch
from aggregator.ingest.guard import Guard, GuardedBackend, is_public, is_refused_behind_proxy, read_allowances
from aggregator.values.feeds import Fetched, FetchFailed, NotModified, Validators
from tests.conftest import NOW, Answer, FeedServer, item, network_for, rss

FEED = rss(item("One", "https://www.example.com/1"))


def ask(url: str, network: Network, seconds: float = 5) -> Fetched | NotModified | FetchFailed:
    return asyncio.run(fetch(url, Validators(), network, Limits(deadline=seconds), now=NOW))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "2a00:1450::1", "3ffe::1"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.0.9", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fd00::1", "fe80::1",
        "fe80::1%eth0", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1", "::127.0.0.1", "2001::1",
        "::ffff:0:7f00:1", "100:0:0:1::1", "2001:db8::1", "3fff::1", "5f00::1", "4000::1", "8000::1", "fe00::1", "fec0::1",
        "64:ff9b:1::7f00:1", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:7f00:1", "1fff::1", "192.88.99.1", "198.51.100.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_no_spelling_of_loopback_is_asked(server: FeedServer, host: str) -> None:
    server.answers["/f"] = Answer(FEED)

    outcome = ask(f"http://{host}:{server.port}/f", Network("test"))

    assert isinstance(outcome, FetchFailed)
    assert server.asked == []


def test_a_feed_s_own_private_address_is_asked_where_it_is_allowed(server: FeedServer) -> None:
    server.answers["/f"] = Answer(FEED)

    assert isinstance(ask(server.url("/f"), network_for(server)), Fetched)


@pytest.mark.parametrize(
    "spelling",
    [
        "http://localhost:{port}/secret",
        "http://127.0.0.2:{port}/secret",
        "http://127.1:{port}/secret",
        "http://[::ffff:127.0.0.1]:{port}/secret",
    ],
)
def test_a_redirect_never_leads_to_a_private_address(server: FeedServer, spelling: str) -> None:
    """Not even to the allowed one, when the feed's own address does not name it."""
    canary = FeedServer()
    canary.answers["/secret"] = Answer(FEED)
    server.answers["/f"] = Answer(status=302, headers={"Location": spelling.format(port=canary.port)})
    network = Network("test", read_allowances("127.0.0.0/8"))

    outcome = ask(server.url("/f"), network)
    canary.close()

    assert isinstance(outcome, FetchFailed)
    assert canary.asked == []


def test_a_redirect_to_another_port_of_the_own_host_is_refused(server: FeedServer) -> None:
    canary = FeedServer()
    server.answers["/f"] = Answer(status=301, headers={"Location": canary.url("/x")})

    outcome = ask(server.url("/f"), network_for(server, canary))
    canary.close()

    assert isinstance(outcome, FetchFailed)
    assert "private address" in outcome.reason
    assert canary.asked == []


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "ftp://example.com/x",
        "gopher://x/",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
        "http://",
        "http://[bad/",
        "http://example.com:99999/",
    ],
)
def test_a_redirect_to_what_is_no_web_address_fails_in_words(server: FeedServer, target: str) -> None:
    server.answers["/f"] = Answer(status=302, headers={"Location": target})

    outcome = ask(server.url("/f"), network_for(server))

    assert isinstance(outcome, FetchFailed)
    assert outcome.reason


def test_a_name_is_resolved_once_and_the_checked_address_is_used(server: FeedServer) -> None:
    """DNS that changes its mind: the first answer is public, the next would be loopback."""
    answers = iter([["203.0.113.7"], ["127.0.0.1"], ["127.0.0.1"]])
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    backend = GuardedBackend(Guard("rebind.example", 80), resolve)
    with pytest.raises(FeedError, match="private"):
        asyncio.run(backend.connect_tcp("rebind.example", 80, timeout=0.2))

    assert asked == ["rebind.example"]


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(FeedError, match="private"):
        Guard("mixed.example", 443).check("mixed.example", 443, ["8.8.8.8", "10.0.0.1"])


def test_an_unusual_port_is_refused_unless_the_feed_names_it() -> None:
    Guard("a.example", 8088).check("a.example", 8088, ["8.8.8.8"])

    with pytest.raises(FeedError, match="port 25"):
        Guard("a.example", 8088).check("a.example", 25, ["8.8.8.8"])


def test_credentials_in_an_address_do_not_change_its_host(server: FeedServer) -> None:
    server.answers["/f"] = Answer(status=302, headers={"Location": f"http://example.com@127.0.0.1:{server.port + 1}/x"})

    assert isinstance(ask(server.url("/f"), network_for(server)), FetchFailed)


def test_allowances_are_read_as_they_are_documented() -> None:
    network, name = read_allowances("127.0.0.0/8:8080, Feeds.Intranet:80")

    assert network.covers("x", ["127.3.4.5"], 8080)
    assert not network.covers("x", ["127.3.4.5"], 8081)
    assert not network.covers("x", ["127.3.4.5", "10.0.0.1"], 8080)
    assert name.covers("feeds.intranet", ["10.1.1.1"], 80)
    assert not name.covers("other.intranet", ["10.1.1.1"], 80)


@pytest.mark.parametrize(
    ("written", "port"),
    [("::1", None), ("[::1]", None), ("[::1]:8080", 8080), ("fd00::/8", None), ("fd00::/8:8080", 8080), ("fd00::1", None)],
)
def test_an_allowance_may_be_ipv6_with_or_without_brackets(written: str, port: int | None) -> None:
    (allowance,) = read_allowances(written)
    inside = "::1" if written.strip("[]").removesuffix("]:8080") == "::1" else "fd00::1"

    assert allowance.covers("x", [inside], port or 80)
    assert allowance.covers("x", [inside], 443) == (port is None)


def test_an_allowance_without_a_number_is_named() -> None:
    with pytest.raises(UsageError, match="AGGREGATOR_ALLOW_HOSTS"):
        read_allowances("localhost:http")


def test_behind_a_proxy_a_private_address_written_out_is_still_refused(server: FeedServer) -> None:
    network = Network("test", proxy=server.url("").rstrip("/"))

    outcome = ask("http://169.254.169.254/latest/", network)

    assert isinstance(outcome, FetchFailed)
    assert "private" in outcome.reason
    assert server.asked == []


def test_behind_a_proxy_the_proxy_is_asked(server: FeedServer) -> None:
    server.answers["http://feeds.example.com/f"] = Answer(FEED)
    network = Network("test", proxy=server.url("").rstrip("/"))

    assert isinstance(ask("http://feeds.example.com/f", network), Fetched)
    assert urlsplit(server.asked[0].path).hostname == "feeds.example.com"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("::ffff:169.254.169.254", True), ("localhost", True),
        ("0x7f000001", True), ("2130706433", True), ("0177.0.0.1", True), ("127.1", True), ("0x7f.1", True),
        ("metadata.google.internal", True), ("printer.local", True), ("3fff::1", True),
        ("feeds.intranet", True), ("::ffff:8.8.8.8", True),
        ("8.8.8.8", False), ("2606:4700::1111", False), ("feeds.example.com", False),
    ],
)  # fmt: skip
def test_what_is_never_asked_of_a_proxy(host: str, expected: bool) -> None:
    assert is_refused_behind_proxy(host, 80, is_own=True, allowances=()) is expected


@pytest.mark.parametrize(
    ("host", "allowed", "is_own", "expected"),
    [
        ("wiki.internal", "wiki.internal:80", True, False),
        ("wiki.internal", "wiki.internal:80", False, True),
        ("wiki.internal", "wiki.internal:81", True, True),
        ("wiki.internal", "127.0.0.0/8:80", True, True),
        ("10.0.0.1", "10.0.0.0/8:80", True, False),
        ("10.0.0.1", "127.0.0.0/8:80", True, True),
        ("10.0.0.1", "10.0.0.0/8:80", False, True),
    ],
)
def test_a_feed_s_own_private_address_is_asked_of_a_proxy_where_it_is_allowed(
    host: str, allowed: str, is_own: bool, expected: bool
) -> None:
    assert is_refused_behind_proxy(host, 80, is_own=is_own, allowances=read_allowances(allowed)) is expected
