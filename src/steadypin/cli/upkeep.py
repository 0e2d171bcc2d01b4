"""doctor, settings, migrate, backup, restore: keeping the installation."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from steadypin.cli.failures import ATTENTION
from steadypin.cli.setup import current
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import styled
from steadypin.settings import Settings

if TYPE_CHECKING:
    from steadypin.bootstrap import Check


def register(app: typer.Typer) -> None:
    """Add these commands."""

    @command(app, "doctor")
    def doctor(shell: Shell) -> int | None:
        """Check what stands between this installation and its first published Pin."""
        found = _checks(current())
        if shell.json:
            shell.document({"items": found})
        else:
            rows = ((each["check"], styled(each["level"]), each["said"], each["fix"]) for each in found)
            shell.table(("Check", "", "What was found", "What to do"), rows)
        return ATTENTION if any(each["level"] == "blocker" for each in found) else None

    @command(app, "settings")
    def settings(
        shell: Shell,
        reference: Annotated[
            bool, typer.Option("--reference", help="Print docs/settings.md instead.")
        ] = False,
    ) -> None:
        """Show the settings in force, without secrets."""
        from steadypin.settings import as_markdown

        if reference:
            sys.stdout.write(as_markdown())
            return
        shown = current().shown()
        if shell.json:
            shell.document(
                {"items": [{"name": name, "value": value, "source": source} for name, value, source in shown]}
            )
        else:
            shell.table(("Variable", "Value", "From"), shown)

    @command(app, "migrate")
    def migrate(shell: Shell) -> None:
        """Bring the database to this version (SQLite does so by itself at every start)."""
        from steadypin import bootstrap

        changed = bootstrap.migrate(current())
        if shell.json:
            shell.document({"changed": changed})
        shell.say(
            "The database was brought to this version."
            if changed
            else "The database is at this version already."
        )

    @command(app, "backup")
    def backup(
        shell: Shell, file: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)]
    ) -> None:
        """Copy the database, also while the service runs. The secret key and the media are not in it."""
        from steadypin import bootstrap

        config = current()
        bootstrap.backup(config, file)
        if shell.json:
            shell.document({"file": str(file), "bytes": file.stat().st_size})
        shell.say(f"The database is in {file}.")
        shell.note(f"Keep the secret key and the folder {config.data_dir / 'media'} with it.")

    @command(app, "restore")
    def restore(
        shell: Shell,
        file: Annotated[
            Path | None, typer.Argument(help="A file that `backup` wrote.", show_default=False)
        ] = None,
        mark: Annotated[
            bool, typer.Option("--mark", help="The rows were put back by other means, such as pg_restore.")
        ] = False,
    ) -> None:
        """Put a backup in place. Everything starts paused, and what was due since is confirmed before anything is sent."""
        from steadypin import bootstrap

        if (file is None) == (not mark):
            raise typer.BadParameter("give either a file, or --mark")
        waiting = bootstrap.mark_restored(current()) if file is None else bootstrap.restore(current(), file)
        if shell.json:
            shell.document({"to_confirm": waiting})
        shell.say(f"The backup is in place, and everything is paused. Pins to be confirmed first: {waiting}.")
        shell.say("Start `steadypin serve`, look at the Pins, then run `steadypin resume`.")


def _checks(config: Settings) -> list[dict[str, str]]:
    """The findings of the doctor. A running server is asked: its database belongs to it alone."""
    from steadypin import bootstrap
    from steadypin.cli.client import is_running, reach

    if not is_running(config):
        return [_shown(each) for each in bootstrap.checks(config)]
    with reach(config) as client:
        known = client.get("/connections")["items"]
        pause = client.get("/pause")
        troubles = client.get("/incidents", open="true")["items"]
        app = client.get("/app")
    found = [
        _check(
            "server", "ok", f"Steadypin runs, and its database answers. Its pages are at {config.base_url}."
        )
    ]
    if app["id"] and app["secret_set"]:
        found.append(_check("app", "ok", f"The Pinterest app {app['id']} is set."))
    else:  # the server may have been started with other variables than this command
        said, fix = "The server was started without a Pinterest app.", app["next_steps"][0]
        found.append(_check("app", "blocker", said, fix))
    if pause["paused"]:
        because = f": {pause['because']}" if pause["because"] else ""
        found.append(_check("pause", "warning", f"Everything is paused{because}.", "Run `steadypin resume`."))
    tier = "not approved" if app["not_approved"] else app["access_tier"]
    found += map(_shown, bootstrap.access_checks(tier, app["how_known"], _block(app["block"])))
    found += [_check("incident", "warning", f"{each['title']}.", each["fix"]) for each in troubles]
    if not known:
        found.append(_check("connections", "warning", "No account is connected.", "Run `steadypin connect`."))
    for each in known:
        name, status = each["username"], each["status"]
        well = status in {"connected", "paused"}
        fix = "" if well else f"Run `steadypin connect` and choose {name}."
        found.append(_check(f"connection {name}", "ok" if well else "blocker", f"{name} is {status}.", fix))
    return found


def _shown(check: Check) -> dict[str, str]:
    return _check(check.name, check.level, check.said, check.fix)


def _block(block: dict[str, str] | None) -> tuple[datetime, str] | None:
    return (datetime.fromisoformat(block["until"]), block["because"]) if block else None


def _check(name: str, level: str, said: str, fix: str = "") -> dict[str, str]:
    return {"check": name, "level": level, "said": said, "fix": fix}
