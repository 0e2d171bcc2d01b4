"""connections reconnect-link, resume-preview, resume-late, undo-resume: bringing an account and its Pins back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from steadypin.cli import finding
from steadypin.cli.failures import ATTENTION, DONE
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import moment

Account = Annotated[str, typer.Argument(help="Username or id.", show_default=False)]

_HOW = {
    "by_itself": "goes on by itself",
    "on_your_word": "waits for your word",
    "looked_for": "may be live; is looked for",
    "gone_on": "goes on",
}


def register(group: typer.Typer) -> None:
    """Add these commands to `connections`."""

    @command(group, "reconnect-link")
    def reconnect_link(
        shell: Shell,
        account: Account,
        hours: Annotated[
            int | None, typer.Option(help="How long it works, 1 to 720; seven days unless told.")
        ] = None,
        asked_by: Annotated[
            str | None, typer.Option(help="Shown to whoever opens it, like the name of your team.")
        ] = None,
        revoke: Annotated[
            bool, typer.Option("--revoke", help="End every link of this account instead.")
        ] = False,
    ) -> None:
        """Make a link for the owner of an account: it needs no login, and brings this one account back, once."""
        with api() as client:
            address = f"{_address(client, account)}/reconnect-link"
            if revoke:
                ended = client.delete(address)
                if shell.json:
                    shell.document(ended)
                shell.say(f"{ended['revoked']} links do not work any more.")
                return
            given = {"hours": hours, "asked_by": asked_by}
            made = client.post(address, {name: value for name, value in given.items() if value is not None})
        if shell.json:
            shell.document(made)
        shell.say(made["url"])
        shell.note(
            f"It works until {moment(made['expires_at'])}, for this account alone, and is not shown again."
        )

    @command(group, "resume-preview")
    def resume_preview(shell: Shell, account: Account) -> None:
        """Show which Pins go on with a reconnect, or did, and at which times."""
        with api() as client:
            found = client.get(f"{_address(client, account)}/resume")
        if shell.json:
            shell.document(found)
            return
        _show(shell, found)

    @command(group, "resume-late")
    def resume_late(shell: Shell, account: Account) -> None:
        """Let go on what is too late to do so unasked, one Pin after the other, at new times."""
        with api() as client:
            found = client.post(f"{_address(client, account)}/resume")
        if shell.json:
            shell.document(found)
            return
        _show(shell, found)

    @command(group, "undo-resume")
    def undo_resume(shell: Shell, account: Account) -> int:
        """Hold again, exactly as before, what went on last; possible until the first of these Pins was sent."""
        with api() as client:
            undone = client.post(f"{_address(client, account)}/resume/undo")
        if shell.json:
            shell.document(undone)
        shell.say(f"{_pins(undone['put_back'])} held again, exactly as before.")
        for each in undone["left_alone"]:
            shell.say(f"{each['pin_id']} was left alone: {each['because']}.")
        return ATTENTION if undone["left_alone"] else DONE


def _address(client: Any, account: str) -> str:
    return f"/connections/{finding.connection(client, account, ended=True)['id']}"


def _show(shell: Shell, found: Mapping[str, Any]) -> None:
    for sentence in _sentences(found):
        shell.say(sentence)
    if not found["items"]:
        return
    rows = (
        (
            each["pin_id"],
            each["title"],
            moment(each["due_at"]),
            moment(each["at"]),
            _HOW[each["how"]],
            each["because"],
        )
        for each in found["items"]
    )
    shell.table(("Pin", "Title", "Due", "New time", "", "Because"), rows)


def _sentences(found: Mapping[str, Any]) -> Iterator[str]:
    last = found["last"]
    if found["paused"]:
        yield "A pause keeps them all; nothing is sent before it ends."
    if found["by_itself"]:
        yield f"Once the account is connected again, {found['by_itself']} of these go on by themselves."
    if found["gone_on"]:
        yield f"The account is back since {moment(last['at'])}; {found['gone_on']} of these go on."
    if last and last["undoable"]:
        yield "They can be held again with `steadypin connections undo-resume`, until the first of them is sent."
    if found["looked_for"]:
        yield f"{found['looked_for']} of them may be live and are looked for, not sent."
    if found["on_your_word"]:
        yield f"{found['on_your_word']} wait for your word: `steadypin connections resume-late`."
    if not found["items"]:
        yield "Nothing waits for this account to be connected, and nothing went on lately."


def _pins(count: int) -> str:
    return "1 Pin" if count == 1 else f"{count} Pins"
