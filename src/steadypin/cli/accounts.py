"""connect, disconnect: the Pinterest accounts."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, urlsplit

import typer

from steadypin.cli import finding
from steadypin.cli.failures import REFUSED, Failed
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import moment

if TYPE_CHECKING:
    from steadypin.cli.client import Client

_POLL_S = 1.0
_LONGEST_TOKEN = 4000


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
        secret_boards: Annotated[
            bool,
            typer.Option("--secret-boards", help="Ask for secret boards too; all goes on without them."),
        ] = False,
        paste_token: Annotated[
            bool,
            typer.Option(
                "--paste-token",
                help="With --sandbox: take a token of the App's page, asked for without showing it, or from standard input.",
            ),
        ] = False,
        token_file: Annotated[
            Path | None,
            typer.Option(
                "--token-file", help="With --sandbox: take such a token from a file.", show_default=False
            ),
        ] = None,
    ) -> int | None:
        """Connect a Pinterest account: opens the consent page and waits for its answer."""
        if paste_token or token_file is not None:
            return _with_token(shell, token_file, sandbox=sandbox)
        with api() as client:
            if code is not None:
                return _finish(shell, client, code, state, secret_boards)
            environment = "sandbox" if sandbox else "production"
            begun = client.post(
                "/connections/authorize", {"environment": environment, "secret_boards": secret_boards}
            )
            if client.hosted:
                return _without_server(shell, client, begun, secret_boards)
            shell.note(f"Open this address and give access:\n{begun['url']}")
            if not no_browser:
                open_in_browser(begun["url"])
            _connected(shell, await_consent(client, begun["state"]), secret_boards)
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


def _with_token(shell: Shell, file: Path | None, *, sandbox: bool) -> int | None:
    if not sandbox:
        said = (
            "A token can be taken in the sandbox only: add --sandbox. In production accounts are connected through the "
            "consent page, so that Steadypin can renew their tokens."
        )
        return shell.fail(Failed(REFUSED, said))
    token = file.read_text("utf-8", "replace") if file is not None else _asked_for()
    with api() as client:
        made = client.post("/connections/token", {"token": token.strip()})
    _connected(shell, made, secret_boards=False)
    shell.note(
        f"It has no refresh token: it ends on {moment(made['ends_at'])} at the latest, unless it is connected again."
    )
    return None


def _asked_for() -> str:
    """The token, without showing it; a token never stands on the command line, where others can read it."""
    import getpass

    return getpass.getpass("Sandbox token: ") if sys.stdin.isatty() else sys.stdin.read(_LONGEST_TOKEN)


def _finish(shell: Shell, client: Client, code: str, state: str | None, secret_boards: bool) -> int | None:
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
    found = client.post("/connections/authorize/finish", {"state": state, "code": code})
    _connected(shell, found, secret_boards)
    return None


def _without_server(shell: Shell, client: Client, begun: dict[str, Any], secret_boards: bool) -> int | None:
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
    return _finish(shell, client, typer.prompt("Address").strip(), begun["state"], secret_boards)


def open_in_browser(url: str) -> None:
    """Open an address in the person's browser, if there is one."""
    import webbrowser

    webbrowser.open(url)


def await_consent(client: Client, state: str) -> dict[str, Any]:
    """The connection, once the person has decided; the server says so when the consent is over. Raises ApiError."""
    while True:
        found = client.get(f"/connections/authorize/{state}")
        if found["status"] == "connected":
            connection: dict[str, Any] = found["connection"]
            return connection
        time.sleep(_POLL_S)


def _connected(shell: Shell, connection: dict[str, Any], secret_boards: bool) -> None:
    if shell.json:
        shell.document(connection)
    shell.say(
        f"Connected: {connection['username']} ({connection['account_type'].lower()}, {connection['environment']})."
    )
    if secret_boards:
        for each in connection["lacks"]:
            shell.note(f"Without {each['scope']}: {each['costs']}")
