"""keys, open: who may come in."""

from __future__ import annotations

from typing import Annotated

import typer

from steadypin.cli import finding
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import moment

_USUAL = ["pins:read", "pins:write"]
SCOPES = ("pins:read", "pins:write", "connections:read", "connections:write", "admin")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    keys = typer.Typer(help="API keys.", no_args_is_help=True)
    app.add_typer(keys, name="keys")

    @command(keys, "create")
    def create(
        shell: Shell,
        name: Annotated[str, typer.Argument(help="What it is for.", show_default=False)],
        scope: Annotated[list[str], typer.Option(help=f"One or more of {', '.join(SCOPES)}.")] = _USUAL,
        connection: Annotated[
            list[str] | None,
            typer.Option(help="Only for this account (username or id); may be given several times."),
        ] = None,
    ) -> None:
        """Make a key. Its secret is shown this once."""
        with api() as client:
            ids = [finding.connection(client, each)["id"] for each in connection] if connection else None
            body = {"name": name, "scopes": scope, "connection_ids": ids}
            made = client.post("/keys", {field: value for field, value in body.items() if value is not None})
        if shell.json:
            shell.document(made)
        shell.say(made["secret"])
        shell.note(f"This is the key {made['id']}. It is not shown again: keep it in a safe place.")

    @command(keys, "list")
    def list_keys(shell: Shell) -> None:
        """List the keys, without their secrets."""
        with api() as client:
            found = client.get("/keys")
        if shell.json:
            shell.document(found)
            return
        rows = (
            (each["id"], each["name"], " ".join(each["scopes"]), moment(each["created_at"]),
             moment(each["used_at"]), ("revoked", "red") if each["revoked_at"] else "")
            for each in found["items"]
        )  # fmt: skip
        shell.table(("Key", "Name", "Scopes", "Made", "Last used", ""), rows)

    @command(keys, "revoke")
    def revoke(
        shell: Shell, key: Annotated[str, typer.Argument(help="The id of a key.", show_default=False)]
    ) -> None:
        """End a key at once and for good."""
        with api() as client:
            ended = client.delete(f"/keys/{key}")
        if shell.json:
            shell.document(ended)
        shell.say(f"The key {ended['name']} is revoked.")

    @command(app, "open")
    def open_pages(shell: Shell) -> None:
        """Make a link that signs a browser in, once."""
        with api() as client:
            link = client.post("/setup-links")
            hosted = client.hosted
        if shell.json:
            shell.document(link)
        shell.say(link["url"])
        if hosted:
            shell.note("No server is running; start it with `steadypin serve` before you open the link.")
