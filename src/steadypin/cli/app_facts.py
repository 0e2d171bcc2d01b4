"""app: the operator's Pinterest app, its Access, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import moment


def register(app: typer.Typer) -> None:
    """Add this command."""

    @command(app, "app")
    def show_app(shell: Shell) -> None:
        """Show the Pinterest app: its access and how that is known, what it allows, what to do next."""
        with api() as client:
            found = client.get("/app")
        if shell.json:
            shell.document(found)
            return
        shell.facts(_facts(found))
        if found["abilities"]:
            rows = (
                (("yes", "green") if each["allowed"] else ("no", "red"), each["what"], each["known"])
                for each in found["abilities"]
            )
            shell.table(("Allowed", "What", "How it is known"), rows)
        if found["evidence"]:
            shell.table(("Seen", "What Pinterest showed"), map(_seen, found["evidence"]))
        shell.say("What to do next:")
        for n, step in enumerate(found["next_steps"], 1):
            shell.say(f"{n}. {step}")


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield "App", found["id"] or "none is set"
    yield "Secret", "set" if found["secret_set"] else "not set"
    yield "Redirect address", found["redirect_uri"]
    tier = "none: the App is not approved" if found["not_approved"] else found["access_tier"]
    since = f", since {moment(found['since'])}" if found["since"] else ""
    yield "Access", f"{tier}{since}"
    yield "Known because", found["how_known"]
    if found["block"]:
        yield "Waits", f"until {moment(found['block']['until'])}, because: {found['block']['because']}"
    if found["trial"]:
        yield "Trial day", trial_day(found["trial"])
    for each in found["environments"]:
        yield each["environment"].capitalize(), f"{_accounts(each)}, at {each['address']}"


def trial_day(trial: Mapping[str, Any]) -> str:
    """What of a Trial day is used, in a line."""
    calls, writes = trial["calls_used"], trial["writes_used"]
    return (
        f"{calls} of {calls + trial['calls_left']} calls and {writes} of {writes + trial['writes_left']} writes used, "
        "all accounts together"
    )


def _accounts(each: Mapping[str, Any]) -> str:
    known, usable = each["connections"], each["usable"]
    words = f"{known or 'no'} account{'' if known == 1 else 's'} connected"
    return words if known == usable else f"{words}, {usable} of them usable"


def _seen(each: Mapping[str, Any]) -> tuple[str, str]:
    return moment(each["at"]), each["sentence"]
