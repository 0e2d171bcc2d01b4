"""pins cancel, retry, resolve, delete, undo-twin: what a person decides about a Pin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli import finding
from steadypin.cli.failures import ATTENTION, ApiError
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import PIN_COLUMNS, pin_facts, pin_row
from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError

if TYPE_CHECKING:
    from steadypin.cli.client import Client

PIN = typer.Argument(help="The id of a Pin.", show_default=False)
PINS = typer.Argument(help="One or more ids of Pins.", show_default=False)


def register(app: typer.Typer) -> None:
    """Add these commands to the group `pins`."""
    pins = next(group.typer_instance for group in app.registered_groups if group.name == "pins")
    assert pins is not None

    @command(pins, "cancel")
    def cancel(shell: Shell, pin: Annotated[list[str], PINS]) -> int | None:
        """Take Pins out of the queue. One that may be live already is cancelled only if it is not."""
        with api() as client:
            return _each(shell, client, pin, "cancel")

    @command(pins, "retry")
    def retry(shell: Shell, pin: Annotated[list[str], PINS]) -> int | None:
        """Try held or waiting Pins now. One that may be live is looked for, never sent again."""
        with api() as client:
            return _each(shell, client, pin, "retry")

    @command(pins, "resolve")
    def resolve(
        shell: Shell,
        pin: Annotated[str, PIN],
        live_as: Annotated[
            str | None, typer.Option("--live-as", help="It is live: Pinterest's id or address of it.")
        ] = None,
        not_live: Annotated[bool, typer.Option("--not-live", help="It is not live, send it again.")] = False,
    ) -> None:
        """Say whether a Pin whose outcome is unknown is live."""
        if (live_as is None) is not not_live:
            raise InputRefused([FieldError("live_as", "Say one of the two: --live-as ID, or --not-live.")])
        with api() as client:
            found = client.post(f"/pins/{finding.pin_id(pin)}/resolve", {"live_as": _pinterest_id(live_as)})
        if shell.json:
            shell.document(found)
        else:
            shell.facts(pin_facts(found))

    @command(pins, "delete")
    def delete(
        shell: Shell,
        pin: Annotated[str, PIN],
        live: Annotated[bool, typer.Option("--live", help="Delete it on Pinterest, too.")] = False,
    ) -> None:
        """Remove a Pin from Steadypin; its history stays."""
        with api() as client:
            found = client.delete(f"/pins/{finding.pin_id(pin)}", live="true" if live else "false")
        if shell.json:
            shell.document(found)
        on_pinterest = " On Pinterest it is deleted as soon as the account's turn comes." if live else ""
        shell.say(f"Removed {found['id']}.{on_pinterest}")

    @command(pins, "undo-twin")
    def undo_twin(
        shell: Shell,
        pin: Annotated[str, PIN],
        pinterest_pin_id: Annotated[
            str, typer.Argument(help="Pinterest's id of the second Pin.", show_default=False)
        ],
    ) -> None:
        """Delete a second Pin that turned up on Pinterest; the Pin itself stays."""
        with api() as client:
            found = client.post(f"/pins/{finding.pin_id(pin)}/twins/{finding.pin_id(pinterest_pin_id)}/undo")
        if shell.json:
            shell.document(found)
        shell.say(f"The twin {pinterest_pin_id} is deleted as soon as the account's turn comes.")


def _each(shell: Shell, client: Client, ids: list[str], act: str) -> int | None:
    """One id: its refusal is the command's. Several: each is tried, and refusals are listed."""
    done: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for pin in ids:
        try:
            done.append(client.post(f"/pins/{finding.pin_id(pin)}/{act}"))
        except ApiError as error:
            if len(ids) == 1 or error.status >= 500:
                raise
            refused.append({"id": pin, "sentence": str(error)})
    if shell.json:
        shell.document(done[0] if len(ids) == 1 else {"items": done, "refused": refused})
    elif done:
        shell.table(PIN_COLUMNS, map(pin_row, done))
    for each in refused:
        shell.note(f"{each['id']}: {each['sentence']}")
    return ATTENTION if refused else None


def _pinterest_id(given: str | None) -> str | None:
    """The id in `https://www.pinterest.com/pin/123/`, or the id itself."""
    return given.rstrip("/").rpartition("/")[2] if given is not None else None
