"""Where the fetcher may go: public addresses only, in whatever spelling they come, and what the operator allowed.

check_url (before a request, for every hop) · GuardedResolver (what aiohttp dials is what was checked)
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

Address = IPv4Address | IPv6Address

_CLOSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
        "168.63.129.16/32",  # looks public; inside Azure it answers with the machine's credentials
    )
)  # fmt: skip
"""Everything in IANA's special-purpose registry that is not the public internet; written out, because the standard
library's `is_global` differs between patch releases."""

_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = tuple(IPv6Network(text) for text in ("2001:db8::/32", "2001::/23", "3fff::/20"))
_TRANSLATED_6 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


class RefusedAddress(Exception):
    """The fetcher does not go there; the text says why."""


class Guard:
    """The rule, with the operator's exceptions: host names, addresses or networks."""

    def __init__(self, allow: Sequence[str] = ()) -> None:
        self._networks: list[IPv4Network | IPv6Network] = []
        self._hosts: set[str] = set()
        for place in allow:
            try:
                self._networks.append(ip_network(place, strict=False))
            except ValueError:
                self._hosts.add(place.lower().rstrip("."))

    def check_url(self, url: URL) -> None:
        """Raises RefusedAddress for what must not be asked at all; names are checked again when they are resolved."""
        if url.scheme not in ("http", "https"):
            raise RefusedAddress(f"'{url.scheme}' is an unsupported scheme; only http and https are fetched")
        host = url.raw_host
        if not host:
            raise RefusedAddress("it is an invalid URL without a host")
        if url.raw_user is not None or url.raw_password is not None:
            raise RefusedAddress("a name or password inside the address is not allowed")
        literal = _literal(host)
        if literal is not None:
            self.check_address(host, literal)

    def check_address(self, host: str, address: Address) -> None:
        """Raises RefusedAddress unless the address is public or allowed."""
        if host.lower().rstrip(".") in self._hosts or any(address in network for network in self._networks):
            return
        if not is_public(address):
            named = f"{address}" if host == str(address) else f"{host} ({address})"
            raise RefusedAddress(f"{named} is a private address")


def is_public(address: Address) -> bool:
    """Whether it is an ordinary address of the public internet. Tunnels are judged by the address inside them."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _TRANSLATED_6:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address in _SIX_TO_FOUR:
        return is_public(IPv4Address((int(address) >> 80) & 0xFFFF_FFFF))
    return address in _OPEN_6 and not any(address in network for network in _CLOSED_6)


_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+)){0,3}\.?", re.I)


def _literal(host: str) -> Address | None:
    """The address that a host part spells, None when it is a name. Raises RefusedAddress for disguised spellings."""
    text = host.strip("[]")
    try:
        return ip_address(text)
    except ValueError:
        pass
    if _NUMERIC.fullmatch(text) or ":" in text:
        try:
            meant = f", which means {IPv4Address(socket.inet_aton(text.rstrip('.')))}"
        except OSError:
            meant = ""
        raise RefusedAddress(f"'{host}' is not a public address written in the usual way{meant}")
    return None


class GuardedResolver(AbstractResolver):
    """Resolves names and hands out only addresses that the Guard lets pass, so the checked address is the dialled one."""

    def __init__(self, guard: Guard, inner: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The passing addresses of a name. Raises RefusedAddress when it has none, OSError when it is not known."""
        passing, refused = [], RefusedAddress(f"{host} has no address")
        for found in await self._inner.resolve(host, port, family):
            try:
                self._guard.check_address(host, ip_address(found["host"]))
            except RefusedAddress as refusal:
                refused = refusal
            except ValueError:
                continue
            else:
                passing.append(found)
        if not passing:
            raise refused
        return passing

    async def close(self) -> None:
        """Release the inner resolver."""
        await self._inner.close()
