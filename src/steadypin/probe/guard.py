"""Where the fetcher may go: public addresses only, in whatever spelling they come, and what the operator allowed.

check_url (before a request, for every hop) · GuardedResolver (what aiohttp dials is what was checked)
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from steadypin.domain.addresses import UNSAFE_PORTS, Address, is_disguised, is_public, meant, spelled
from steadypin.domain.link_seen import TroubleKind


class RefusedAddress(Exception):
    """The fetcher does not go there; the text says why, `kind` which of the reasons it is."""

    def __init__(self, because: str, kind: TroubleKind = TroubleKind.INVALID) -> None:
        super().__init__(because)
        self.kind = kind


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
            because = f"'{url.scheme}' is an unsupported scheme; only http and https are fetched"
            raise RefusedAddress(because, TroubleKind.SCHEME)
        host = url.raw_host
        if not host:
            raise RefusedAddress("it is an invalid URL without a host")
        if url.raw_user is not None or url.raw_password is not None:
            raise RefusedAddress("a name or password inside the address is not allowed", TroubleKind.USER)
        literal = _literal(host)
        if literal is not None:
            self.check_address(host, literal)
        if url.port in UNSAFE_PORTS:
            raise RefusedAddress(f"port {url.port} is not one of the web's", TroubleKind.PORT)

    def allows(self, host: str) -> bool:
        """Whether the operator named this host, or the network of the address that it spells."""
        address = spelled(host)
        named = host.lower().rstrip(".") in self._hosts
        return named or (address is not None and any(address in network for network in self._networks))

    def check_address(self, host: str, address: Address) -> None:
        """Raises RefusedAddress unless the address is public or allowed."""
        if host.lower().rstrip(".") in self._hosts or any(address in network for network in self._networks):
            return
        if not is_public(address):
            is_literal = spelled(host) is not None
            named = f"{address}" if is_literal else f"{host} ({address})"
            kind = TroubleKind.PRIVATE if is_literal else TroubleKind.PRIVATE_NAME
            raise RefusedAddress(f"{named} is a private address", kind)


def _literal(host: str) -> Address | None:
    """The address that a host part spells, None when it is a name. Raises RefusedAddress for disguised spellings."""
    if is_disguised(host):
        reading = meant(host)
        means = f", which means {reading}" if reading is not None else ""
        raise RefusedAddress(f"'{host}' is not a public address written in the usual way{means}")
    return spelled(host)


class GuardedResolver(AbstractResolver):
    """Resolves names and hands out only addresses that the Guard lets pass, so the checked address is the dialled one."""

    def __init__(self, guard: Guard, inner: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The passing addresses of a name. Raises RefusedAddress when it has none, OSError when it is not known."""
        passing, refused = [], RefusedAddress(f"{host} has no address", TroubleKind.UNKNOWN_HOST)
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
