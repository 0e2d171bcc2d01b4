"""Making boards and sections on Pinterest, asked for as errands: the intent on record before the request leaves.

    ask -> plan (intent) -> run (wire) -> Made | NotYet | Failure -> record

Pinterest has no idempotency key here either. After a reply that proves nothing, or a crash, the boards are read back by
name before anything is sent again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from steadypin.domain.boards import Board, Section
from steadypin.domain.confirming import CLOCK_TOLERANCE
from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, InputRefused, NotThere
from steadypin.domain.failures import Failure, classify
from steadypin.domain.native import native_from_exception
from steadypin.domain.texts import FieldError
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Caller, Refused, Request, Unreached
from steadypin.services import calling, reading
from steadypin.services.context import Context, Wired
from steadypin.services.holding import Held
from steadypin.services.reading import Unreadable
from steadypin.storage import boards, connections, errands
from steadypin.storage.database import Tx
from steadypin.storage.errands import Errand, ErrandKind

SECTION_NAME = 180
"""Characters of a section's name, by the specification; for boards it names no limit, so Pinterest says it."""
_SECRET_SCOPE = "boards:write_secret"


@dataclass(frozen=True, slots=True)
class NewBoard:
    """A board as it is asked for. `privacy` is PUBLIC or SECRET."""

    name: str
    description: str | None = None
    privacy: str = "PUBLIC"


@dataclass(frozen=True, slots=True)
class Made:
    """It is on Pinterest. `found`: it was read back after a reply that proved nothing."""

    thing: Board | Section
    found: bool = False


@dataclass(frozen=True, slots=True)
class NotYet:
    """It was not found when it was looked for; it may be sent again after another look."""


def ask_board(ctx: Context, tx: Tx, connection_id: str, new: NewBoard) -> str:
    """Ask for a board; answers the errand's id. Raises InputRefused, NotThere, Conflict."""
    connection = _usable(tx, connection_id)
    if not new.name.strip():
        raise InputRefused([FieldError("name", "The name is empty. Give the board a name.")])
    if new.privacy == "SECRET" and _SECRET_SCOPE not in connection.scopes:
        raise InputRefused(
            [
                FieldError(
                    "privacy",
                    f"The connection to {connection.username} may not make secret boards: {_SECRET_SCOPE} was not given. "
                    "Make the board public, or connect the account again and allow secret boards.",
                )
            ]
        )
    payload = {"name": new.name, "description": new.description, "privacy": new.privacy}
    return _ask(ctx, tx, connection_id, ErrandKind.CREATE_BOARD, payload)


def ask_section(ctx: Context, tx: Tx, connection_id: str, board_id: str, name: str) -> str:
    """Ask for a section of a board; answers the errand's id. Raises InputRefused, NotThere, Conflict."""
    _usable(tx, connection_id)
    board = boards.get(tx, connection_id, board_id)
    if board is None or board.gone_at is not None:
        raise NotThere(f"There is no board {board_id}. `steadypin boards list` shows them.")
    if not name.strip() or len(name) > SECTION_NAME:
        sentence = f"A section's name has 1 to {SECTION_NAME} characters, this one {len(name)}. Change it."
        raise InputRefused([FieldError("name", sentence)])
    return _ask(ctx, tx, connection_id, ErrandKind.CREATE_SECTION, {"board_id": board_id, "name": name})


def _ask(ctx: Context, tx: Tx, connection_id: str, kind: ErrandKind, payload: Mapping[str, Any]) -> str:
    errand_id = ctx.new_id("err", tx.now)
    errands.ask(tx, errand_id, connection_id, kind, payload)
    return errand_id


def _usable(tx: Tx, connection_id: str) -> Connection:
    connection = connections.get(tx, connection_id)
    if connection is None:
        raise NotThere(f"There is no connection {connection_id}.")
    if connection.disconnected_at is not None or connection.broken_because is not None:
        raise Conflict(
            f"The account {connection.username} is not connected, so nothing can be made in it. Connect it again with "
            "`steadypin connect`."
        )
    return connection


def plan(ctx: Context, tx: Tx, errand: Errand) -> Errand | None:
    """Write the intent. The answer is the errand as it stood: with `sent_at` in its payload it may be on Pinterest
    already, and is looked for first. None: it is too early to look."""
    sent_at = _sent_at(errand)
    if sent_at is None:
        errands.note(tx, errand.id, {**errand.payload, "sent_at": tx.now.isoformat()})
        return errand
    first_look = ctx.policy.first_look(sent_at)
    if tx.now < first_look:
        errands.later(tx, errand.id, first_look)
        return None
    return errand


async def run(
    wired: Wired, held: Held, caller: Caller, connection: Connection, errand: Errand
) -> Made | NotYet | Failure:
    """Look for it if it may be there, else make it. Raises LaneLost."""
    sent_at = _sent_at(errand)
    if sent_at is not None:
        found = await _find(wired, held, caller, connection, errand, sent_at)
        if isinstance(found, Unreadable):
            return replace(found.failure, leaves_doubt=False)
        return Made(found, found=True) if found is not None else NotYet()
    request = _request(caller, errand)
    try:
        reply = await calling.call(wired, held, request)
    except Unreached as unreached:
        native = native_from_exception(request.operation.id, unreached.exception, unreached.message)
        return classify(native, environment=caller.environment, left=unreached.left)
    except Refused as refused:
        return refused.failure
    try:
        made = wire.read_object(request.operation, reply, request.environment)
    except Refused as refused:
        return refused.failure
    thing = (
        reading.read_section(made) if errand.kind is ErrandKind.CREATE_SECTION else reading.read_board(made)
    )
    return Made(thing) if thing.id.isdigit() else NotYet()


def record(tx: Tx, connection: Connection, errand: Errand, made: Made) -> None:
    """It is there: into the mirror with it."""
    if isinstance(made.thing, Board):
        boards.put(tx, connection.id, [made.thing])
        result: dict[str, Any] = {"board_id": made.thing.id, "name": made.thing.name}
    else:
        board_id = str(errand.payload["board_id"])
        boards.put_sections(tx, connection.id, board_id, [made.thing])
        result = {"board_id": board_id, "section_id": made.thing.id, "name": made.thing.name}
    errands.done(tx, errand.id, result)


def look_later(ctx: Context, tx: Tx, errand: Errand) -> None:
    """It may be on Pinterest or not. When it was looked for and not found, the next time it is sent."""
    if _sent_at(errand) is None:
        errands.later(tx, errand.id, ctx.policy.first_look(tx.now))
        return
    errands.note(tx, errand.id, {name: each for name, each in errand.payload.items() if name != "sent_at"})
    errands.later(tx, errand.id, tx.now)


def not_made(tx: Tx, errand: Errand) -> None:
    """Pinterest refused it, so the intent is taken back; one that was only looked for stays in doubt."""
    if _sent_at(errand) is None:
        errands.note(tx, errand.id, errand.payload)


def _sent_at(errand: Errand) -> datetime | None:
    said = errand.payload.get("sent_at")
    return datetime.fromisoformat(str(said)) if said else None


def _request(caller: Caller, errand: Errand) -> Request:
    wanted = errand.payload
    if errand.kind is ErrandKind.CREATE_SECTION:
        return wire.create_section(caller, str(wanted["board_id"]), str(wanted["name"]))
    description = wanted.get("description")
    return wire.create_board(
        caller, str(wanted["name"]), str(description) if description else None, str(wanted["privacy"])
    )


async def _find(
    wired: Wired, held: Held, caller: Caller, connection: Connection, errand: Errand, sent_at: datetime
) -> Board | Section | Unreadable | None:
    name = str(errand.payload["name"]).strip().casefold()
    if errand.kind is ErrandKind.CREATE_SECTION:
        sections = await reading.sections(
            wired, held, caller, str(errand.payload["board_id"]), background=False
        )
        if isinstance(sections, Unreadable):
            return sections
        return next((each for each in sections if each.name.strip().casefold() == name), None)
    found = await reading.boards(wired, held, caller, background=False)
    if isinstance(found, Unreadable):
        return found
    since = sent_at - CLOCK_TOLERANCE - timedelta(minutes=1)
    for board in found:
        mine = board.name.strip().casefold() == name and board.owner_username in ("", connection.username)
        if mine and (board.created_at is None or board.created_at >= since):
            return board
    return None
