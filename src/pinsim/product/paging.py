"""Paging: `bookmark` and `page_size`."""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pinsim import refusals
from pinsim.product.call import Call
from pinsim.world.pin import Pin
from pinsim.world.shelf import Mark, Shelf

_DEFAULT, _MOST = 25, 250
T = TypeVar("T")


def page_size(call: Call) -> int:
    """The size asked for: 1 to 250, 25 when nothing is said."""
    text = call.request.param("page_size", str(_DEFAULT))
    try:
        size = int(text)
    except ValueError:
        raise refusals.not_numeric("page_size") from None
    if not 1 <= size <= _MOST:
        raise refusals.invalid_request(f"'page_size' {size} is not between 1 and {_MOST}")
    return size


def page_of(call: Call, items: list[T], shape: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """One page of a short list that does not change its order."""
    size, place = page_size(call), place_of(call)
    start = int(place[0]) if place else 0
    shown = items[start : start + size]
    more = start + size < len(items)
    return {
        "items": [shape(each) for each in shown],
        "bookmark": bookmark_of([start + size]) if more else None,
    }


def page_of_shelf(
    call: Call, shelf: Shelf, shape: Callable[[Pin], dict[str, Any]], wanted: Callable[[Pin], bool]
) -> dict[str, Any]:
    """One page of Pins. A Pin that arrives meanwhile moves nobody to another page."""
    size, place = page_size(call), place_of(call)
    after = (float(place[0]), str(place[1])) if len(place) == 2 else None
    shown = _first(_wanted(call, shelf, after, wanted), size + 1)
    pins = [pin for _, pin in shown[:size]]
    return {
        "items": [shape(pin) for pin in pins],
        "bookmark": bookmark_of(list(shown[size - 1][0])) if len(shown) > size else None,
    }


def _wanted(
    call: Call, shelf: Shelf, after: Mark | None, wanted: Callable[[Pin], bool]
) -> Iterable[tuple[Mark, Pin]]:
    newest_shown = call.now - call.switches.list_lag_s
    for mark in shelf.walk(call.switches.list_order, after):
        pin = call.realm.pins[mark[1]]
        if pin.created_at <= newest_shown and wanted(pin):
            yield mark, pin


def _first(items: Iterable[T], count: int) -> list[T]:
    found: list[T] = []
    for item in items:
        found.append(item)
        if len(found) == count:
            break
    return found


def bookmark_of(place: list[Any]) -> str:
    """The opaque text for a place in a list; its first member is a number."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def place_of(call: Call) -> list[Any]:
    """The place that the bookmark sent stands for; empty at the beginning."""
    text = call.request.param("bookmark")
    if not text:
        return []
    try:
        place = json.loads(base64.urlsafe_b64decode(text))
        key = float(place[0])
    except (binascii.Error, ValueError, TypeError, KeyError, IndexError, OverflowError):
        key = math.nan
    if not (math.isfinite(key) and key >= 0):
        raise refusals.invalid_request("'bookmark' is invalid")
    return list(place)
