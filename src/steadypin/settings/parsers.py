"""From the text of a variable to its value. Each parser raises ValueError with what is allowed, for people."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def text(value: str) -> str:
    return value


def folder(value: str) -> Path:
    return Path(value).expanduser().absolute()


def whole(least: int, most: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if re.fullmatch(r"[0-9]{1,12}", value) and least <= int(value) <= most:
            return int(value)
        raise ValueError(f"a whole number from {least} to {most}")

    return parse


def seconds(least: float, most: float) -> Callable[[str], float]:
    def parse(value: str) -> float:
        number = _number(value)
        if number is None or not least <= number <= most:
            raise ValueError(f"a number of seconds from {least:g} to {most:g}")
        return number

    return parse


def rising_seconds(value: str) -> tuple[float, ...]:
    numbers = [_number(part.strip()) for part in value.split(",")]
    moments = tuple(number for number in numbers if number is not None)
    if len(moments) < len(numbers) or min(moments) < 0 or list(moments) != sorted(set(moments)):
        raise ValueError("rising numbers of seconds with commas between, like 0,120,300")
    return moments


def _number(value: str) -> float | None:
    return float(value) if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", value) else None


_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def size(value: str) -> int:
    found = re.fullmatch(r"([0-9]{1,12})\s*([kmg]?i?b|)", value.strip().lower())
    if found is None or found[2] not in _UNITS or int(found[1]) * _UNITS[found[2]] < 10**6:
        raise ValueError("a size of at least 1 MB, like 256 MB")
    return int(found[1]) * _UNITS[found[2]]


def one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return value.lower()

    return parse


def on_or_off(value: str) -> bool:
    if value.lower() not in {"on", "off"}:
        raise ValueError("on or off")
    return value.lower() == "on"


def web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
        parts = urlsplit("")
    if (
        not usable
        or parts.query
        or parts.fragment
        or parts.username
        or any(letter.isspace() for letter in value)
    ):
        raise ValueError(
            "a web address that begins with http:// or https://, without query, name or password"
        )
    return value.rstrip("/")


def consent_address(value: str) -> str:
    return web_address(value) + "/"


def bind(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError("an address and a port, like 127.0.0.1:8080 or [::1]:8080")
    return host, int(port)


def database(value: str) -> str:
    if not re.match(r"(sqlite:///.|postgres(ql)?(\+psycopg)?://.)", value):
        raise ValueError("sqlite:///path/to/file.db or postgresql://user:password@host/name")
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql://", value)


def app_id(value: str) -> str:
    if not re.fullmatch(r"[0-9]{1,32}", value):
        raise ValueError("the number that Pinterest's developer page shows as the app id")
    return value


def places(value: str) -> tuple[str, ...]:
    places = tuple(part for part in re.split(r"[,\s]+", value.strip()) if part)
    for place in places:
        try:
            ipaddress.ip_network(place, strict=False)
        except ValueError:
            if not re.fullmatch(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})", place) or re.fullmatch(
                r"[0-9.]+", place
            ):
                raise ValueError(
                    "host names, addresses or networks with commas between, like nas.lan, 10.0.0.0/8"
                ) from None
    return places


def quiet_hours(value: str) -> str:
    times = re.fullmatch(
        r"((?:[01]?[0-9]|2[0-3]):[0-5][0-9])\s*-\s*((?:[01]?[0-9]|2[0-3]):[0-5][0-9])", value
    )
    if times is None or times[1].zfill(5) == times[2].zfill(5):
        raise ValueError("two different times of day, like 22:00-07:00")
    return f"{times[1].zfill(5)}-{times[2].zfill(5)}"


def time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("the name of a time zone, like Europe/Berlin or UTC") from None
    return value
