"""demo-recording: the story that Pinterest's review wants to see, slowly and with titles, while the screen is recorded.

    the App -> the permission -> the account -> its boards -> a Pin in the sandbox -> its end

The Pin is one like any other: it is made through the API, and the service sends it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from steadypin.cli import finding
from steadypin.cli.accounts import await_consent, open_in_browser
from steadypin.cli.client import Client
from steadypin.cli.failures import ATTENTION, CANNOT_START, REFUSED, Failed
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import moment, pin_news

T = TypeVar("T")
_STEPS = 6
_PATIENCE_S, _BOARDS_S, _LOOK_S = 120.0, 45.0, 0.3
_UNDER_WAY = frozenset({"scheduled", "preparing", "sending", "confirming"})
_IMAGE = "images/rhubarb-cake.jpg"
_TEXTS = {
    "title": "Rhubarb cake",
    "description": "A Pin that was made with Steadypin in Pinterest's sandbox.",
    "alt_text": "A cake with rhubarb.",
}


def register(app: typer.Typer) -> None:
    """Add this command."""

    @command(app, "demo-recording")
    def demo_recording(
        shell: Shell,
        board: Annotated[
            str | None, typer.Option(help="Name or id of the sandbox board to pin to; asked for without it.")
        ] = None,
        image: Annotated[
            Path | None, typer.Option(help="A JPEG or PNG file instead of the sample.", show_default=False)
        ] = None,
        yes: Annotated[bool, typer.Option("--yes", help="Do not wait for Enter between the steps.")] = False,
        delete: Annotated[
            bool | None,
            typer.Option(
                "--delete/--keep",
                help="Delete the Pin at the end, or keep it (--keep); asked for without it.",
            ),
        ] = None,
        no_browser: Annotated[
            bool, typer.Option("--no-browser", help="Only show the address of the consent page.")
        ] = False,
    ) -> int | None:
        """Walk through what Pinterest's review for Standard access wants to see, in the sandbox, for a screen recording."""
        with api() as client:
            if client.hosted:
                said = (
                    "No server is running to take the answer of the consent page and to send the Pin. Start `steadypin "
                    "serve` in another window, then run this again."
                )
                return shell.fail(Failed(CANNOT_START, said))
            talks = not yes and not shell.json and sys.stdin.isatty()
            return _Story(shell, client, talks).tell(board, image, delete, opens=not no_browser)


@dataclass(slots=True)
class _Story:
    """One recording. `talks`: a person is at the terminal, and goes on with Enter."""

    shell: Shell
    client: Client
    talks: bool
    step: int = 0

    def tell(self, wanted: str | None, image: Path | None, delete: bool | None, *, opens: bool) -> int | None:
        app = self.client.get("/app")
        sandbox = next(each for each in app["environments"] if each["environment"] == "sandbox")
        self.the_app(app, sandbox)
        account = self.the_permission(app, opens=opens)
        self.the_account(account)
        boards = self.the_boards(account)
        if not boards:
            return self.shell.fail(Failed(REFUSED, _no_board(account)))
        board = self.choose(account, boards, wanted)
        pin = self.the_pin(account, board, image, sandbox["address"])
        gone = pin["stage"] == "published" and self.the_end(pin, delete)
        self.shell.say()
        if pin["stage"] != "published":
            self.shell.say(f"The Pin is not live: {pin_news(pin)}", "red")
        else:
            self.shell.say("That is all: permission, account, boards, a Pin.", "bold")
        if self.shell.json:
            self.shell.document({"connection": account, "board": board, "pin": pin, "deleted": gone})
        return None if pin["stage"] == "published" else ATTENTION

    def title(self, words: str) -> None:
        self.step += 1
        if self.talks and self.step > 1:
            typer.prompt("\nPress Enter to go on", default="", show_default=False, prompt_suffix=" ")
        self.shell.say()
        self.shell.say(f"Step {self.step} of {_STEPS}: {words}", "bold")
        self.shell.say()

    def the_app(self, app: Mapping[str, Any], sandbox: Mapping[str, Any]) -> None:
        self.title("the App and where it works")
        self.shell.facts(
            (
                ("App", app["id"] or "none is set"),
                ("Program", "Steadypin, a self-hosted service that publishes its user's own Pins"),
                ("Pinterest's sandbox", sandbox["address"]),
                ("Asks people for", ", ".join(app["scopes"])),
                ("Returns to", app["redirect_uri"]),
            )
        )

    def the_permission(self, app: Mapping[str, Any], *, opens: bool) -> dict[str, Any]:
        self.title("a person gives the App permission on Pinterest's own page")
        begun = self.client.post("/connections/authorize", {"environment": "sandbox"})
        self.shell.say(f"Pinterest's consent page:\n{begun['url']}")
        self.shell.say()
        self.shell.say("Sign in there if asked, read what the App asks for, and give access.")
        if opens:
            open_in_browser(begun["url"])
        self.shell.say(f"Waiting for Pinterest to send the browser back to {app['redirect_uri']} …")
        account = await_consent(self.client, begun["state"])
        self.shell.say("It came back with a code, and Steadypin has exchanged it for tokens.", "green")
        return account

    def the_account(self, account: Mapping[str, Any]) -> None:
        self.title("the account that is connected now")
        self.shell.facts(
            (
                ("Account", account["username"]),
                ("Type", account["account_type"].lower()),
                ("Environment", account["environment"]),
                ("Allowed", ", ".join(account["scopes"])),
                ("Ends on", f"{moment(account['ends_at'])}, unless it is refreshed or reconnected"),
                ("Tokens", "kept sealed; never shown"),
            )
        )

    def the_boards(self, account: Mapping[str, Any]) -> list[dict[str, Any]]:
        self.title(f"the boards of {account['username']}, read from Pinterest")
        address = f"/connections/{account['id']}/boards"

        def read() -> list[dict[str, Any]]:
            return [each for each in self.client.get(address)["items"] if not each["gone_at"]]

        boards = _until(read, bool, _BOARDS_S)
        rows = (
            (n, each["name"], each["privacy"].lower(), each["pin_count"]) for n, each in enumerate(boards, 1)
        )
        if not self.shell.json:
            self.shell.table(("", "Board", "Privacy", "Pins"), rows)
        return boards

    def choose(
        self, account: Mapping[str, Any], boards: Sequence[dict[str, Any]], wanted: str | None
    ) -> dict[str, Any]:
        if wanted is None and self.talks:
            wanted = typer.prompt("On which board? Its number or name", default="1")
            if wanted.isdigit() and 1 <= int(wanted) <= len(boards):
                return boards[int(wanted) - 1]
        if wanted is None:
            return boards[0]
        found = finding.board_id(self.client, account["id"], wanted)
        return next(each for each in boards if each["id"] == found)

    def the_pin(
        self, account: Mapping[str, Any], board: Mapping[str, Any], image: Path | None, address: str
    ) -> dict[str, Any]:
        from steadypin import bootstrap

        self.title(f"a Pin on the board {board['name']}")
        kept = self.client.upload(image or bootstrap.campaign().parent / _IMAGE)
        picture = {"type": "image", "media_id": kept["id"]}
        asked = {"connection_id": account["id"], "board_id": board["id"], "media": picture, "due_at": "now"}
        made = self.client.post("/pins", {**asked, **_TEXTS, "confirm": ["identical"]})
        self.shell.say("Steadypin calls:")
        self.shell.say(f"POST {address}/pins")
        self.shell.say("Authorization: Bearer (hidden)")
        self.shell.say(json.dumps(_as_sent(board["id"], kept), indent=2))

        def read() -> dict[str, Any]:
            found: dict[str, Any] = self.client.get(f"/pins/{made['id']}")
            return found

        pin = _until(read, lambda pin: pin["stage"] not in _UNDER_WAY or pin["deferred_until"] is not None)
        self.shell.say()
        if pin["stage"] == "published":
            self.shell.say(
                f"Pinterest answers: the Pin is made, and its id is {pin['pinterest_pin_id']}.", "green"
            )
            self.shell.facts((("Permalink", pin["permalink"]), ("Published", moment(pin["published_at"]))))
        elif pin["native"]:
            self.shell.say("Pinterest answers:")
            self.shell.say(json.dumps(pin["native"], indent=2, ensure_ascii=False))
        return pin

    def the_end(self, pin: Mapping[str, Any], delete: bool | None) -> bool:
        self.title("what becomes of the Pin")
        if delete is None:
            delete = self.talks and typer.confirm("Delete it on Pinterest again?", default=False)
        if not delete:
            self.shell.say(f"It stays: {pin['permalink']}")
            return False
        self.client.delete(f"/pins/{pin['id']}", live="true")
        self.shell.say("Steadypin deletes it on Pinterest, by its id, as soon as the account's turn comes.")
        return True


def _as_sent(board_id: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The body of the call as it leaves, but for the bytes of the image."""
    data = f"({kept['size']} bytes as base64)"
    source = {"source_type": "image_base64", "content_type": kept["content_type"], "data": data}
    return {"board_id": board_id, **_TEXTS, "media_source": source}


def _no_board(account: Mapping[str, Any]) -> str:
    return (
        f"No board of {account['username']} was found in the sandbox, and a Pin needs one. Sandbox boards are other ones "
        "than those on Pinterest's pages: make one with a call of the sandbox (POST /boards), then run this again."
    )


def _until(look: Callable[[], T], done: Callable[[T], bool], patience_s: float = _PATIENCE_S) -> T:
    """What `look` answers once it is done, or at the end of our patience."""
    ends = time.monotonic() + patience_s
    while not done(found := look()) and time.monotonic() < ends:
        time.sleep(_LOOK_S)
    return found
