"""doctor, settings, migrate, backup, restore: keeping the installation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from steadypin.cli.failures import ATTENTION
from steadypin.cli.setup import current
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import styled


def register(app: typer.Typer) -> None:
    """Add these commands."""

    @command(app, "doctor")
    def doctor(shell: Shell) -> int | None:
        """Check what stands between this installation and its first published Pin."""
        from steadypin import bootstrap

        found = bootstrap.checks(current())
        if shell.json:
            items = [{"check": c.name, "level": c.level, "said": c.said, "fix": c.fix} for c in found]
            shell.document({"items": items})
        else:
            shell.table(
                ("Check", "", "What was found", "What to do"),
                ((c.name, styled(c.level), c.said, c.fix) for c in found),
            )
        return ATTENTION if any(check.level == "blocker" for check in found) else None

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
        file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.", show_default=False)],
    ) -> None:
        """Put a backup in place. Everything starts paused, and what was due since is confirmed before anything is sent."""
        from steadypin import bootstrap

        waiting = bootstrap.restore(current(), file)
        if shell.json:
            shell.document({"to_confirm": waiting})
        shell.say(f"The backup is in place, and everything is paused. Pins to be confirmed first: {waiting}.")
        shell.say("Start `steadypin serve`, look at the Pins, then run `steadypin resume`.")
