"""pause, resume."""

from __future__ import annotations

from typing import Annotated

import typer

from steadypin.cli import finding
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command

Connection = Annotated[str | None, typer.Option("--connection", help="Only this account: username or id.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""

    @command(app, "pause")
    def pause(
        shell: Shell,
        connection: Connection = None,
        because: Annotated[str, typer.Option(help="Shown wherever the pause is shown.")] = "",
    ) -> None:
        """Stop sending, everywhere or for one account. What was sent already is still confirmed."""
        _set(shell, True, connection, because)

    @command(app, "resume")
    def resume(shell: Shell, connection: Connection = None) -> None:
        """Go on after a pause."""
        _set(shell, False, connection, "")


def _set(shell: Shell, paused: bool, wanted: str | None, because: str) -> None:
    with api() as client:
        account = finding.connection(client, wanted) if wanted is not None else None
        body = {"paused": paused, "connection_id": account["id"] if account else None, "because": because}
        state = client.put("/pause", {name: value for name, value in body.items() if value is not None})
    if shell.json:
        shell.document(state)
    what = account["username"] if account else "Everything"
    shell.say(f"{what} is paused." if paused else f"{what} goes on.")
    if not paused and state["paused"]:
        shell.note("Everything is still paused; `steadypin resume` ends that.")
    elif not paused and account is None and state["connection_ids"]:
        shell.note(f"Still paused by themselves: {', '.join(state['connection_ids'])}.")
