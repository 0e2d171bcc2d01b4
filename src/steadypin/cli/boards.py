"""boards list, sync, create, remap: the boards of a connected account."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli import finding
from steadypin.cli.failures import ATTENTION, REFUSED, Failed
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import PIN_COLUMNS, moment, pin_row
from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError

if TYPE_CHECKING:
    from steadypin.cli.client import Client

_POLL_S, _PATIENCE_S = 0.5, 60.0

Account = Annotated[
    str | None, typer.Option("--connection", help="Username or id; not needed while there is only one.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    boards = typer.Typer(help="The boards of a connected account.", no_args_is_help=True)
    app.add_typer(boards, name="boards")

    @command(boards, "list")
    def list_boards(shell: Shell, connection: Account = None) -> int | None:
        """List the boards as last read from Pinterest, and what keeps Pins from going out."""
        with api() as client:
            account = finding.connection(client, connection)
            found = client.get(f"/connections/{account['id']}/boards")
        if shell.json:
            shell.document(found)
        else:
            shell.table(("Board", "Privacy", "Pins", "Waiting", "Id", ""), map(_row, found["items"]))
        if found["synced_at"]:
            shell.note(f"Read at {moment(found['synced_at'])}; next at {moment(found['next_sync_at'])}.")
        stuck = [each for each in found["items"] if each["problem"] and each["pins_waiting"]]
        for each in stuck:
            shell.note(f"{each['problem']}. {each['fix']}")
        return ATTENTION if stuck else None

    @command(boards, "sync")
    def sync_boards(shell: Shell, connection: Account = None) -> None:
        """Have the boards and their sections read from Pinterest as soon as the account's turn comes."""
        with api() as client:
            account = finding.connection(client, connection)
            asked = client.post(f"/connections/{account['id']}/boards/sync")
            running = not client.hosted
        if shell.json:
            shell.document(asked)
        when = "now" if running else "when `steadypin serve` runs"
        shell.say(f"The boards of {account['username']} are read {when}.")

    @command(boards, "create")
    def create_board(
        shell: Shell,
        name: Annotated[str, typer.Argument(help="The name of the board.", show_default=False)],
        description: Annotated[str | None, typer.Option(help="What the board is about.")] = None,
        secret: Annotated[bool, typer.Option("--secret", help="Nobody else sees the board.")] = False,
        section_of: Annotated[
            str | None,
            typer.Option(
                "--section-of", help="Make a section of this board (name or id) instead of a board."
            ),
        ] = None,
        connection: Account = None,
    ) -> int | None:
        """Make a board, or a section of one, on Pinterest."""
        with api() as client:
            account = finding.connection(client, connection)
            address = f"/connections/{account['id']}"
            if section_of is None:
                body = {"name": name, "description": description, "privacy": "SECRET" if secret else "PUBLIC"}
                asked = client.post(f"{address}/boards", body)
            else:
                board_id = finding.board_id(client, account["id"], section_of)
                asked = client.post(f"{address}/boards/{board_id}/sections", {"name": name})
            if client.hosted:
                if shell.json:
                    shell.document(asked)
                shell.say(f"'{name}' is made when `steadypin serve` runs.")
                return None
            return _made(shell, name, _outcome(client, f"{address}/errands/{asked['errand_id']}"))

    @command(boards, "remap")
    def remap(
        shell: Shell,
        board: Annotated[
            str | None, typer.Argument(help="The board whose Pins are to move, by id.", show_default=False)
        ] = None,
        to: Annotated[
            str | None, typer.Option("--to", help="The board that takes them, by name or id.")
        ] = None,
        apply: Annotated[
            bool, typer.Option("--apply", help="Move them; without it, only show what would move.")
        ] = False,
        undo: Annotated[
            str | None, typer.Option("--undo", help="Bring back the Pins of this move, by its id.")
        ] = None,
        moves: Annotated[bool, typer.Option("--list", help="List the moves of this account.")] = False,
        connection: Account = None,
    ) -> int | None:
        """Move every Pin that waits for one board to another; shows first what would move and where it could go."""
        if (board is not None) + (undo is not None) + moves != 1:
            raise InputRefused([FieldError("board", "Name a board, or give --undo ID, or --list.")])
        with api() as client:
            account = finding.connection(client, connection)
            address = f"/connections/{account['id']}/boards"
            if moves:
                return _list_moves(shell, client.get(f"{address}/remap"))
            if undo is not None:
                return _undone(shell, client.post(f"{address}/remap/{finding.pin_id(undo)}/undo"))
            if apply and to is None:
                raise InputRefused([FieldError("to", "Say where to: --to BOARD.")])
            target = finding.board_id(client, account["id"], to) if to is not None else None
            source = finding.any_board_id(client, account["id"], str(board))
            body = {"target": target, "dry_run": not apply}
            return _outlook(shell, client.post(f"{address}/{source}/remap", body))


def _row(each: dict[str, Any]) -> tuple[object, ...]:
    words = each["rule"].removeprefix("board-") if each["rule"] else ""
    if not words and each["may_be_refused"]:
        words = f"of {each['owner_username']}: may be refused"
    return each["name"], each["privacy"].lower(), each["pin_count"], each["pins_waiting"], each["id"], words


def _outcome(client: Client, address: str) -> dict[str, Any]:
    """What came of an errand, once it is done or nobody wants to wait any longer."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        found: dict[str, Any] = client.get(address)
        if found["state"] != "waiting" or time.monotonic() > until:
            return found
        time.sleep(_POLL_S)


def _made(shell: Shell, name: str, found: dict[str, Any]) -> int | None:
    if found["state"] == "refused":
        said = (found["native"] or {}).get("message")
        words = f" (Pinterest says: {said})" if said else ""
        return shell.fail(Failed(REFUSED, f"{found['problem']}. {found['fix']}{words}"))
    if shell.json:
        shell.document(found)
    if found["state"] == "waiting":
        shell.say(
            f"'{name}' is asked for; Pinterest has not answered for certain yet. Look at `steadypin boards list`."
        )
        return ATTENTION
    made = found["result"]
    shell.say(f"Made: {made['name']} ({made.get('section_id') or made['board_id']}).")
    return None


def _outlook(shell: Shell, found: dict[str, Any]) -> int | None:
    if shell.json:
        shell.document(found)
        return None
    if found["problem"]:
        shell.say(f"{found['problem']}.")
    if found["remap"] is not None:
        move = found["remap"]
        shell.say(f"{move['count']} Pins moved from '{found['name']}' to board {move['to_board_id']}.")
        shell.say(f"To bring them back: steadypin boards remap --undo {move['id']}")
        return None
    shell.say(f"{found['affected']} Pins wait for '{found['name']}' and could move.")
    if found["stays"]:
        shell.say(f"{found['stays']} more are being sent or may be live already; they stay.")
    if found["pins"]:
        shell.table(PIN_COLUMNS, map(pin_row, found["pins"]))
    if found["sections_lost"]:
        lost = ", ".join(f"'{name}'" for name in found["sections_lost"])
        shell.say(f"The new board has no section {lost}: those Pins go onto the board itself.")
    rows = (
        (each["name"], each["board_id"], f"{each['score']:.2f}", "; ".join(each["reasons"]))
        for each in found["proposals"]
    )
    shell.table(("Could go to", "Id", "Likeness", "Because"), rows)
    shell.note(
        f"Nothing was changed. To move them: steadypin boards remap {found['board_id']} --to BOARD --apply"
    )
    return None


def _undone(shell: Shell, move: dict[str, Any]) -> int | None:
    if shell.json:
        shell.document(move)
        return None
    shell.say(f"{move['restored']} of {move['count']} Pins are on their former board again.")
    left = move["count"] - move["restored"]
    if left:
        shell.note(f"{left} were changed or sent since, and stay where they are.")
    return None


def _list_moves(shell: Shell, found: dict[str, Any]) -> int | None:
    if shell.json:
        shell.document(found)
        return None
    rows = (
        (each["id"], moment(each["at"]), each["from_board_id"], each["to_board_id"], each["count"],
         "undone" if each["undone_at"] else "")
        for each in found["items"]
    )  # fmt: skip
    shell.table(("Move", "When", "From", "To", "Pins", ""), rows)
    return None
