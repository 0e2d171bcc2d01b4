"""Addresses: which are of the public internet, and what the host part of a link spells.

host -> spelled | disguised -> is_public            names that stay inside -> is_inside
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address

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

UNSAFE_PORTS = frozenset(
    {
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
        111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
        540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
        6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
    }
)  # fmt: skip
"""Ports of other services, where a request might be taken for a command; no browser opens them (WHATWG Fetch)."""

_PART = "(?:0[xX][0-9a-fA-F]*|[0-9]+)"
_NUMERIC = re.compile(rf"{_PART}(?:\.{_PART}){{0,3}}\.?")
_INSIDE = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa")
"""Endings of names that no public name server answers."""


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


def spelled(host: str) -> Address | None:
    """The address that a host part spells in the usual way, with or without brackets; None for anything else."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_disguised(host: str) -> bool:
    """Whether a host part is a number or a bracketed thing that is no address in the usual spelling."""
    text = host.strip("[]")
    return spelled(host) is None and (_NUMERIC.fullmatch(text) is not None or ":" in text)


def meant(host: str) -> IPv4Address | None:
    """The address that old C libraries read in a host such as `0x7f.1`, `017700000001` or `2130706433`."""
    text = host.strip("[]").removesuffix(".")
    if _NUMERIC.fullmatch(text) is None or len(text) > 64:
        return None
    try:
        *high, last = [_number(part) for part in text.split(".")]
    except ValueError:
        return None
    if any(part > 255 for part in high) or last >= 256 ** (4 - len(high)):
        return None
    return IPv4Address(sum(part << (24 - 8 * n) for n, part in enumerate(high)) + last)


def is_inside(host: str) -> bool:
    """Whether a name has no public meaning: a single word, or an ending used only inside of networks."""
    name = host.lower().rstrip(".")
    return "." not in name or any(name.endswith(f".{ending}") for ending in _INSIDE)


def _number(part: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") else int(part)
