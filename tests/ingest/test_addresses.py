"""Which addresses are public, and what an allowance covers."""

from __future__ import annotations

import asyncio

import pytest

from aggregator.errors import FeedError, UsageError
from aggregator.ingest.guard import Guard, GuardedBackend, is_public, read_allowances


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        # Mapped IPv4 is what it maps.
        ("::ffff:8.8.8.8", True),
        ("::ffff:10.0.0.1", False),
        ("2606:4700::1111%eth0", True),
        ("192.0.0.9", False),
        ("192.88.99.1", False),
        ("224.0.0.1", False),
        ("233.252.0.1", False),
        ("240.0.0.1", False),
        ("::8.8.8.8", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::1", False),
        ("2001:1::1", False),
        ("2002:808:808::1", False),
        ("fec0::1", False),
        ("ff0e::1", False),
        ("fe80::1", False),
        ("127.0.0.1", False),
    ],
)
def test_public_addresses(address: str, expected: bool) -> None:
    assert is_public(address) == expected


@pytest.mark.parametrize(
    ("allowed", "host", "addresses", "port", "is_covered"),
    [
        ("127.0.0.0/8:8080", "x", ["127.1.2.3"], 8080, True),
        ("127.0.0.0/8:8080", "x", ["127.1.2.3"], 80, False),
        ("127.0.0.0/8", "x", ["127.1.2.3"], 9, True),
        ("127.0.0.1/8", "x", ["127.9.9.9"], 9, True),
        ("127.0.0.0/8", "x", ["127.1.2.3", "10.0.0.1"], 9, False),
        ("feeds.intranet", "FEEDS.intranet", ["10.0.0.1"], 9, True),
        ("Feeds.Intranet:80", "feeds.intranet", ["10.0.0.1"], 80, True),
        ("feeds.intranet", "other.intranet", ["10.0.0.1"], 9, False),
        ("[fd00::1]:80", "x", ["fd00::1%eth0"], 80, True),
        ("[fd00::1]", "x", ["fd00::1"], 9, True),
        ("[fd00::1]:80", "x", ["fd00::2"], 80, False),
    ],
)
def test_what_an_allowance_covers(allowed: str, host: str, addresses: list[str], port: int, is_covered: bool) -> None:
    (allowance,) = read_allowances(allowed)

    assert allowance.covers(host, addresses, port) == is_covered


def test_allowances_are_parted_by_commas_and_nothing_allows_nothing() -> None:
    assert [one.port for one in read_allowances(" a:1 , b:2,, ")] == [1, 2]
    assert read_allowances("") == ()


@pytest.mark.parametrize("text", ["a:b", "a:", "127.0.0.0/8:x"])
def test_an_allowance_with_something_else_than_a_port_is_named(text: str) -> None:
    with pytest.raises(UsageError, match=f"“{text}” has no port number"):
        read_allowances(text)


GUARD = Guard("feeds.intranet", 8088, read_allowances("10.0.0.0/8:8088"))


@pytest.mark.parametrize(
    ("host", "port", "addresses", "refused"),
    [
        ("a.example", 80, ["8.8.8.8"], None),
        ("a.example", 443, ["8.8.8.8"], None),
        ("a.example", 8080, ["8.8.8.8"], None),
        ("a.example", 8443, ["8.8.8.8"], None),
        ("a.example", 8088, ["8.8.8.8"], "port 8088"),
        ("FEEDS.intranet", 8088, ["8.8.8.8"], None),
        ("feeds.intranet", 8089, ["8.8.8.8"], "port 8089"),
        ("feeds.intranet", 8088, ["10.0.0.1"], None),
        ("feeds.intranet", 8088, ["10.0.0.1", "192.168.0.1"], "unless AGGREGATOR_ALLOW_HOSTS lists it"),
        ("feeds.intranet", 80, ["10.0.0.1"], "only reads public ones$"),
        ("a.example", 8088, ["10.0.0.1"], "only reads public ones$"),
        ("a.example", 80, ["8.8.8.8", "10.0.0.1"], "private address"),
        ("a.example", 80, [], "has no address"),
    ],
)
def test_what_a_feed_may_connect_to(host: str, port: int, addresses: list[str], refused: str | None) -> None:
    if refused is None:
        GUARD.check(host, port, addresses)
        return
    with pytest.raises(FeedError, match=refused) as error:
        GUARD.check(host, port, addresses)

    # A name that is not known today may be tomorrow.
    assert error.value.permanent == (refused != "has no address")


def test_a_name_that_cannot_be_resolved_fails_in_words_and_a_socket_file_always() -> None:
    async def fails(host: str, port: int) -> list[str]:
        raise OSError

    backend = GuardedBackend(GUARD, fails)

    with pytest.raises(FeedError, match="could not be found"):
        asyncio.run(backend.connect_tcp("a.example", 80))
    with pytest.raises(FeedError, match="socket file"):
        asyncio.run(backend.connect_unix_socket("/tmp/x"))  # noqa: S108
