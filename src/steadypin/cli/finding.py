"""From what a person writes (a username, a board's name, a moment) to what the API takes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from steadypin.cli.client import Client
from steadypin.domain.boards import Board, BoardNotFound, resolve_board
from steadypin.domain.errors import InputRefused, NotThere
from steadypin.domain.texts import FieldError


def connection(client: Client, wanted: str | None, *, ended: bool = False) -> dict[str, Any]:
    """A connection by username or id; the only one when nothing was said. `ended`: disconnected ones too.

    Raises NotThere, InputRefused.
    """
    known = client.get("/connections")["items"]
    standing = [each for each in known if ended or each["disconnected_at"] is None]
    if wanted is None:
        if len(standing) == 1:
            return dict(standing[0])
        if not standing:
            raise NotThere("No Pinterest account is connected. Connect one with `steadypin connect`.")
        names = ", ".join(each["username"] for each in standing[:8])
        raise InputRefused(
            [
                FieldError(
                    "connection", f"Several accounts are connected. Say which with --connection: {names}."
                )
            ]
        )
    found = [each for each in standing if wanted in (each["id"], each["username"])]
    if len(found) == 1:
        return dict(found[0])
    if found:
        ids = ", ".join(each["id"] for each in found)
        raise InputRefused(
            [
                FieldError(
                    "connection", f"Several connections are named '{wanted}'. Name one by its id: {ids}."
                )
            ]
        )
    names = ", ".join(each["username"] for each in standing[:8]) or "none"
    raise NotThere(f"There is no connection '{wanted}'. There are: {names}.")


def board_id(client: Client, connection_id: str, wanted: str) -> str:
    """A board by name or id. Raises InputRefused."""
    items = client.get(f"/connections/{connection_id}/boards")["items"]
    boards = [
        Board(
            each["id"],
            each["name"],
            each["privacy"],
            each["owner_username"],
            each["pin_count"],
            _when(each["gone_at"]),
            group=each["may_be_refused"],
        )
        for each in items
    ]
    try:
        return resolve_board(wanted, boards).id
    except BoardNotFound as missing:
        raise InputRefused([FieldError("board", str(missing))]) from None


def any_board_id(client: Client, connection_id: str, wanted: str) -> str:
    """The same, also for a board that is gone: its Pins may still wait for it. Raises InputRefused."""
    items = client.get(f"/connections/{connection_id}/boards")["items"]
    if any(each["id"] == wanted for each in items):
        return wanted
    gone = [
        each for each in items if each["gone_at"] and each["name"].casefold() == wanted.strip().casefold()
    ]
    waiting = [each for each in gone if each["pins_waiting"]] or gone
    return str(waiting[0]["id"]) if len(waiting) == 1 else board_id(client, connection_id, wanted)


def pin_id(wanted: str) -> str:
    """An id as it may stand in an address. Raises NotThere for what cannot be one."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", wanted):
        raise NotThere(f"There is no Pin '{wanted}'. `steadypin pins list` shows the ids.")
    return wanted


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
