"""Reading what a tester sends: every wrong type and unknown member is one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class BadControl(ValueError):
    """A control request that cannot be done; the text says why."""


def only(wanted: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    """Refuse members that `what` does not have."""
    unknown = sorted(wanted.keys() - set(known))
    if unknown:
        raise BadControl(f"{what} has no member {unknown[0]!r}; it has {', '.join(known)}.")


def text(wanted: Mapping[str, Any], name: str) -> str:
    """A text that must be there."""
    value = wanted.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadControl(f"{name}: a text that is not empty.")
    return value


def optional_text(wanted: Mapping[str, Any], name: str) -> str | None:
    """A text, or None."""
    value = wanted.get(name)
    if value is not None and not isinstance(value, str):
        raise BadControl(f"{name}: a text.")
    return value


def texts(wanted: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts, empty when it is absent."""
    value = wanted.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadControl(f"{name}: a list of texts.")
    return list(value)


def objects(wanted: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects, empty when it is absent."""
    value = wanted.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadControl(f"{name}: a list of objects.")
    return list(value)


def one_of(wanted: Mapping[str, Any], name: str, choices: tuple[str, ...], default: str | None = None) -> str:
    """One of the choices; without a default it must be there."""
    value = wanted.get(name, default)
    if not isinstance(value, str) or value not in choices:
        raise BadControl(f"{name}: one of {', '.join(filter(None, choices))}.")
    return value


def flag(wanted: Mapping[str, Any], name: str, default: bool) -> bool:
    """True or false."""
    value = wanted.get(name, default)
    if not isinstance(value, bool):
        raise BadControl(f"{name}: true or false.")
    return value


def seconds(wanted: Mapping[str, Any], name: str) -> float:
    """A time span that must be there."""
    value = wanted.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e10:
        raise BadControl(f"{name}: a number of seconds from 0.")
    return float(value)
