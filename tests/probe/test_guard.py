"""Where the fetcher may go."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from steadypin.domain.addresses import is_public
from steadypin.probe.guard import Guard, GuardedResolver, RefusedAddress

PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.1", "192.0.2.1", "192.168.1.20", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1",
    "255.255.255.255", "168.63.129.16", "100.100.100.200",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fec0::1", "ff02::1", "3fff::1", "5f00::1", "100::1", "fe80::1%eth0",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "151.101.0.84", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "64:ff9b::808:808",
          "2002:808:808::1", "::ffff:8.8.8.8"]  # fmt: skip


@pytest.mark.parametrize("text", PRIVATE)
def test_these_are_not_public(text: str):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_these_are_public(text: str):
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/a.jpg",
        "file:///etc/passwd",
        "gopher://shop.example/",
        "//shop.example/a.jpg",
        "shop.example/a.jpg",
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1./",
        "http://１２７.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://[::ffff:7f00:1]/",
        "http://[fe80::1%25eth0]/",
        "http://8.8/",
        "http://me:secret@shop.example/",
        "http://me@shop.example/",
    ],
)
def test_these_addresses_are_refused_before_anything_is_sent(url: str):
    with pytest.raises((RefusedAddress, ValueError)):
        Guard().check_url(URL(url))


@pytest.mark.parametrize(
    "url", ["https://shop.example/a.jpg", "http://8.8.8.8:8443/a.jpg", "https://[2606:4700::1111]/"]
)
def test_these_may_be_asked(url: str):
    Guard().check_url(URL(url))


@pytest.mark.parametrize("allow", ["10.0.0.0/8", "10.1.2.3", "nas.lan", "NAS.lan."])
def test_the_operator_may_allow_a_host_an_address_or_a_network(allow: str):
    Guard([allow]).check_address("nas.lan", ip_address("10.1.2.3"))
    with pytest.raises(RefusedAddress):
        Guard([allow]).check_address("other.lan", ip_address("192.168.0.1"))


class Names(AbstractResolver):
    """A name server with one answer."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing to close."""


def resolve(*addresses: str) -> list[str]:
    found = asyncio.run(GuardedResolver(Guard(), Names(*addresses)).resolve("shop.example", 443))
    return [each["host"] for each in found]


def test_only_the_public_addresses_of_a_name_are_dialled():
    assert resolve("10.0.0.1", "8.8.8.8", "::1") == ["8.8.8.8"]


def test_a_name_that_leads_to_a_private_address_is_refused_with_both():
    with pytest.raises(RefusedAddress, match=r"shop\.example \(10\.0\.0\.1\) is a private address"):
        resolve("10.0.0.1")
