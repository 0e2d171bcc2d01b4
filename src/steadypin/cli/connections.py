"""connections, connections budget, limits, check, owner: the accounts, how much each may send, who looks after it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from steadypin.cli import finding, reconnecting
from steadypin.cli.client import Client
from steadypin.cli.failures import ATTENTION
from steadypin.cli.setup import api
from steadypin.cli.shell import Shell, command, command_of
from steadypin.cli.shown import moment, styled

Account = Annotated[str, typer.Argument(help="Username or id.", show_default=False)]

_POLL_S, _PATIENCE_S = 0.3, 60.0
_LIMITS = {
    "daily_cap": "Pins a day",
    "spacing_s": "Least spacing",
    "quiet": "Quiet hours",
    "tz": "Time zone",
}
_CATEGORIES = {"org_write": "Writes", "org_read": "Reads", "org_analytics": "Analytics"}


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer()
    app.add_typer(group, name="connections")
    reconnecting.register(group)

    @command_of(group)
    def connections(shell: Shell) -> None:
        """List the connected accounts."""
        with api() as client:
            found = client.get("/connections")
        if shell.json:
            shell.document(found)
            return
        if not found["items"]:
            shell.say("No account is connected. Connect one with `steadypin connect`.")
            return
        rows = (
            (each["username"], styled(each["status"]), each["account_type"].lower(), each["environment"],
             _end(each), each["id"])
            for each in found["items"]
        )  # fmt: skip
        shell.table(("Account", "Status", "Type", "Environment", "Ends unless refreshed", "Connection"), rows)
        for each in found["items"]:
            if each["broken"]:
                shell.say(_broken(each))
            elif each["ends_because"]:
                shell.say(f"{each['username']}: {each['ends_because']}")

    @command(group, "check")
    def check(shell: Shell, account: Account) -> int | None:
        """Read the account from Pinterest now, also when it is broken, and say what was found."""
        with api() as client:
            before = finding.connection(client, account)
            asked = client.post(f"/connections/{before['id']}/check")
            if client.hosted:
                if shell.json:
                    shell.document(asked)
                shell.say(f"The account {before['username']} is read when `steadypin serve` runs.")
                return None
            found = _until_checked(client, before)
        if shell.json:
            shell.document(found or asked)
        if found is None:
            shell.say(f"The account {before['username']} is read as soon as its turn comes.")
            return None
        shell.facts(_check_facts(found))
        return ATTENTION if found["broken"] or found["last_check_failure"] else None

    @command(group, "owner")
    def owner(
        shell: Shell,
        account: Account,
        name: Annotated[
            str | None, typer.Option(help="The person who looks after it; every alert names them.")
        ] = None,
        contact: Annotated[str | None, typer.Option(help="How to reach that person, in your words.")] = None,
        remove: Annotated[bool, typer.Option("--remove", help="Nobody looks after it any more.")] = False,
    ) -> None:
        """Show or name the person who looks after an account."""
        with api() as client:
            found = finding.connection(client, account)
            known = found["owner"] or {}
            if remove:
                found = client.patch(f"/connections/{found['id']}", {"owner": None})
            elif name is not None or contact is not None:
                given = {"name": name or known.get("name", ""), "contact": contact or known.get("contact")}
                found = client.patch(f"/connections/{found['id']}", {"owner": given})
        if shell.json:
            shell.document(found)
            return
        shell.facts(_owner_facts(found))

    @command(group, "budget")
    def budget(shell: Shell, account: Account) -> None:
        """Show what an account may still send: its limits, Pinterest's quotas, the App's access."""
        with api() as client:
            found = client.get(f"/connections/{finding.connection(client, account)['id']}/budget")
        if shell.json:
            shell.document(found)
            return
        shell.facts(_budget_facts(found))

    @command(group, "limits")
    def limits(
        shell: Shell,
        account: Account,
        daily_cap: Annotated[int | None, typer.Option(help="The most Pins a day, 1 to 10000.")] = None,
        spacing: Annotated[
            float | None, typer.Option(help="The least seconds between two Pins, 0 to 86400.")
        ] = None,
        quiet: Annotated[
            str | None,
            typer.Option(help="No Pin goes out between these times of day, like 22:00-07:00; or none."),
        ] = None,
        time_zone: Annotated[
            str | None, typer.Option(help="Whose day and hours are meant, like Europe/Berlin.")
        ] = None,
        reset: Annotated[
            bool, typer.Option("--reset", help="Go back to the settings, except for what is given besides.")
        ] = False,
    ) -> None:
        """Show or change what the user allows for an account. A change acts at once, also on Pins that wait."""
        given = {"daily_cap": daily_cap, "spacing_s": spacing, "quiet": quiet, "tz": time_zone}
        changes = {name: value for name, value in given.items() if reset or value is not None}
        with api() as client:
            address = f"/connections/{finding.connection(client, account)['id']}"
            found = client.put(f"{address}/limits", changes) if changes else client.get(f"{address}/budget")
        if shell.json:
            shell.document(found)
            return
        shell.facts(_limit_facts(found["limits"]))


def _until_checked(client: Client, before: Mapping[str, Any]) -> dict[str, Any] | None:
    """The connection once its account was read; None when its turn did not come for long."""
    give_up_at = time.monotonic() + _PATIENCE_S
    while time.monotonic() < give_up_at:
        found: dict[str, Any] = client.get(f"/connections/{before['id']}")
        if any(found[name] != before[name] for name in ("checked_at", "last_check_failure")):
            return found
        time.sleep(_POLL_S)
    return None


def _check_facts(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    failed = found["last_check_failure"]
    yield "Account", f"{found['username']} ({found['account_type'].lower()}, {found['environment']})"
    yield "Status", found["status"]
    if failed:
        yield "Not read", f"{failed['title']}. {failed['fix']}"
    else:
        yield "Read", moment(found["checked_at"])
    if found["broken"]:
        yield "Broken", _broken(found)
    yield from _owner_facts(found)


def _end(found: Mapping[str, Any]) -> str:
    """When a Connection ends by itself; one that is over has no end ahead."""
    return "" if found["broken"] or found["disconnected_at"] else moment(found["ends_at"])


def _broken(found: Mapping[str, Any]) -> str:
    broken = found["broken"]
    words = f"{found['username']} is broken: {broken['because']} (cause {broken['cause']}, remedy {broken['remedy']})."
    return f"{words} {broken['fix']}"


def _owner_facts(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    owner = found["owner"]
    yield "Owner", " · ".join(filter(None, (owner["name"], owner["contact"]))) if owner else "nobody is named"


def _limit_facts(limits: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for name, words in _LIMITS.items():
        value, source = limits[name]["value"], limits[name]["source"]
        shown = "none" if value is None else f"{value:g} s" if name == "spacing_s" else value
        yield words, f"{shown} ({'its own' if source == 'own' else 'from the settings'})"


def _budget_facts(found: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    day, waits, app = found["day"], found["next_pin"], found["app"]
    cap = found["limits"]["daily_cap"]["value"]
    yield "Today", f"{day['used']} of {cap} Pins; the account's day ends at {moment(day['ends_at'])}"
    because = waits["because"]
    yield "Next Pin", f"at {moment(waits['at'])}, because: {because}" if because else "may leave at once"
    yield from _limit_facts(found["limits"])
    for each in found["categories"]:
        yield _CATEGORIES[each["category"]], _category(each, found["now"])
    said = {"operator": "says the operator", "pinterest": "as Pinterest's replies show", None: ""}
    yield "Access", ", ".join(filter(None, (app["access_tier"], said[app["said_by"]])))
    if app["block"]:
        yield (
            "App",
            f"calls nothing until {moment(app['block']['until'])}, because: {app['block']['because']}",
        )
    if app["trial"]:
        yield "Trial day", _trial(app["trial"])


def _category(each: Mapping[str, Any], now: str) -> str:
    quota = f"{each['quota']['limit']} in {each['quota']['window_s']} s"
    if each["block"]:
        return f"{quota}; none until {moment(each['block']['until'])}, because: {each['block']['because']}"
    return quota if _passed(each["next_at"], now) else f"{quota}; the next at {moment(each['next_at'])}"


def _passed(moment: str, now: str) -> bool:
    return datetime.fromisoformat(moment) <= datetime.fromisoformat(now)


def _trial(left: Mapping[str, Any]) -> str:
    words = f"{left['writes_left']} writes and {left['calls_left']} calls left for all accounts together"
    return words if left["writes_left"] else f"{words}; the next write at {moment(left['next_write_at'])}"
