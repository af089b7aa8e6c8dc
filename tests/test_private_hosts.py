"""No link of ours leads visitors into their own machine or network."""

from __future__ import annotations

import pytest

from aggregator.private_hosts import is_private_host


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "0", "0177.0.0.1", "0x7f.1", "2130706433", "127.1", "localhost", "localhost.", "LOCALHOST", "①②⑦.⓪.⓪.①",
        "127。0。0。1", "127．0｡0．1", "localhost。", "%31%32%37.0.0.1", "loc%61lhost", "local%C2%ADhost", "local\ufe0fhost", "",
        "printer.local", "nas.lan", "box.home.arpa", "home.arpa", "x.localdomain", "wiki.corp", "x.intranet", "router", "example.1",
        "10.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::1", "[::1]", "2002:7f00:1::", "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "fec0::1", "fc00::1", "fe80::1", "ff02::1",
        "3fff::1", "2001:db8::1", "5f00::1", "fe80::1%25eth0",
    ],
)  # fmt: skip
def test_hosts_inside_are_known_however_they_are_written(host: str) -> None:
    assert is_private_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "www.example.org", "8.8.8.8", "2606:4700::1111", "[2606:4700::1111]", "3com.com", "1password.com", "123.de", "island.com",
        "mylocal.org", "homearpa.org", "bücher.example.org", "example.org.",
    ],
)  # fmt: skip
def test_hosts_outside_are_not_taken_for_hosts_inside(host: str) -> None:
    assert not is_private_host(host)
