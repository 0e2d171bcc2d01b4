"""connect, disconnect: the Pinterest accounts."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, urlsplit

import typer

from steadypin.cli import finding
from steadypin.cli.failures import REFUSED, Failed
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command

if TYPE_CHECKING:
    from steadypin.cli.client import Client

_POLL_S = 1.0


def register(app: typer.Typer) -> None:
    """Add these commands."""

    @command(app, "connect")
    def connect(
        shell: Shell,
        no_browser: Annotated[
            bool, typer.Option("--no-browser", help="Only show the address of the consent page.")
        ] = False,
        code: Annotated[
            str | None,
            typer.Option(
                help="Finish without a redirect: the whole address that Pinterest sent the browser to, or its code."
            ),
        ] = None,
        state: Annotated[
            str | None, typer.Option(help="With a bare --code: the state that belongs to it.")
        ] = None,
        sandbox: Annotated[bool, typer.Option("--sandbox", help="Connect in Pinterest's sandbox.")] = False,
    ) -> int | None:
        """Connect a Pinterest account: opens the consent page and waits for its answer."""
        with api() as client:
            if code is not None:
                return _finish(shell, client, code, state)
            begun = client.post(
                "/connections/authorize", {"environment": "sandbox" if sandbox else "production"}
            )
            if client.hosted:
                return _without_server(shell, client, begun)
            shell.note(f"Open this address and give access:\n{begun['url']}")
            if not no_browser:
                _open(begun["url"])
            _wait(shell, client, begun)
            return None

    @command(app, "disconnect")
    def disconnect(
        shell: Shell,
        account: Annotated[str, typer.Argument(help="Username or id.", show_default=False)],
    ) -> None:
        """Destroy the stored tokens of an account. Its Pins stay, and go on once it is connected again."""
        with api() as client:
            ended = client.delete(f"/connections/{finding.connection(client, account)['id']}")
        if shell.json:
            shell.document(ended)
        shell.say(f"{ended['username']} is disconnected, and its tokens are destroyed here.")
        shell.say(
            f"Remove the app on Pinterest too, signed in as {ended['username']}: {ended['remove_app_at']}"
        )
        shell.note("Its Pins stay, and are held as they come due. `steadypin connect` brings them back.")


def _finish(shell: Shell, client: Client, code: str, state: str | None) -> int | None:
    if "://" in code or code.startswith("/"):
        query = parse_qs(urlsplit(code).query)
        if "error" in query:
            return shell.fail(
                Failed(REFUSED, "Access was not given on Pinterest's page, so nothing was connected.")
            )
        state = state or query.get("state", [None])[0]
        code = query.get("code", [""])[0]
    if not code or not state:
        return shell.fail(
            Failed(
                REFUSED,
                "The code and the state are both needed. Paste the whole address that Pinterest sent the browser to, in "
                "quotation marks, or give --code and --state.",
            )
        )
    _connected(shell, client.post("/connections/authorize/finish", {"state": state, "code": code}))
    return None


def _without_server(shell: Shell, client: Client, begun: dict[str, Any]) -> int | None:
    """Nobody listens for the redirect, so the person carries the answer back."""
    if shell.json or not sys.stdin.isatty():
        if shell.json:
            shell.document(begun)
        shell.say(f"Open this address and give access:\n{begun['url']}")
        shell.say(
            "No server is running to take the answer. When the browser shows an error page, copy its address:"
        )
        shell.say("steadypin connect --code 'ADDRESS'")
        return None
    shell.say(f"Open this address and give access:\n{begun['url']}")
    shell.say(
        "No server is running to take the answer: the browser will show an error page. Copy the address of that page."
    )
    return _finish(shell, client, typer.prompt("Address").strip(), begun["state"])


def _open(url: str) -> None:
    import webbrowser

    webbrowser.open(url)


def _wait(shell: Shell, client: Client, begun: dict[str, Any]) -> None:
    """Until the person has decided; the server says so when the consent is over."""
    while True:
        found = client.get(f"/connections/authorize/{begun['state']}")
        if found["status"] == "connected":
            _connected(shell, found["connection"])
            return
        time.sleep(_POLL_S)


def _connected(shell: Shell, connection: dict[str, Any]) -> None:
    if shell.json:
        shell.document(connection)
    shell.say(
        f"Connected: {connection['username']} ({connection['account_type'].lower()}, {connection['environment']})."
    )
