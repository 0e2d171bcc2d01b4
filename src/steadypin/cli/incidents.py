"""incidents: trouble that concerns many Pins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import moment, styled


def register(app: typer.Typer) -> None:
    """Add these commands."""

    @command(app, "incidents")
    def incidents(
        shell: Shell,
        open_only: Annotated[bool, typer.Option("--open", help="Only those that are not over yet.")] = False,
    ) -> None:
        """List trouble of one account or of all: what happens by itself, and what a person can do."""
        with api() as client:
            found = client.get("/incidents", open="true" if open_only else None)
        if shell.json:
            shell.document(found)
            return
        if not found["items"]:
            shell.say("There is no incident.")
            return
        columns = ("Incident", "", "Since", "Until", "Next probe", "What happens, and what to do")
        shell.table(columns, map(_row, found["items"]))


def _row(incident: Mapping[str, Any]) -> tuple[object, ...]:
    where = "" if incident["environment"] == "production" else f" ({incident['environment']})"
    return (
        incident["title"] + where,
        styled("open" if incident["open"] else "over"),
        moment(incident["opened_at"]),
        moment(incident["closed_at"]),
        moment(incident["next_probe_at"]) if incident["open"] else "",
        f"{incident['by_itself']} {incident['fix']}" if incident["open"] else "",
    )
