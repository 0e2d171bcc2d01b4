"""secret: the key that seals the tokens in the database."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from steadypin.cli.failures import ATTENTION
from steadypin.cli.setup import api, current
from steadypin.cli.shell import Shell, command
from steadypin.settings import Settings


def register(app: typer.Typer) -> None:
    """Add these commands."""
    secret = typer.Typer(help="The key that seals the tokens in the database.", no_args_is_help=True)
    app.add_typer(secret, name="secret")

    @command(secret, "new")
    def new(shell: Shell) -> None:
        """Print a fresh key, for STEADYPIN_SECRET_KEY. Nothing is changed."""
        from steadypin.bootstrap import new_secret_key

        key = new_secret_key()
        if shell.json:
            shell.document({"key": key})
            return
        sys.stdout.write(f"{key}\n")

    @command(secret, "rotate")
    def rotate(
        shell: Shell,
        everywhere: Annotated[
            bool,
            typer.Option(
                "--everywhere", help="Every machine that works on this PostgreSQL has the new key already."
            ),
        ] = False,
    ) -> int | None:
        """Seal every token with a new key while the service runs. Run it again to go on after an interruption."""
        with api() as client, shell.progress() as bar:
            task = bar.add_task("Sealing", total=None)
            resealed = 0
            while True:
                found = client.post("/secret/rotate", {"everywhere": everywhere})
                resealed += found["resealed"]
                bar.update(task, completed=resealed, total=resealed + found["left"])
                if found["finished"] or found["waits"]:
                    break
        told = {**found, "resealed": resealed}
        if shell.json:
            shell.document(told)
        return _tell(shell, current(), told)


def _tell(shell: Shell, config: Settings, told: dict[str, Any]) -> int | None:
    if told["waits"]:
        where = config.sources["STEADYPIN_SECRET_KEY"]
        file = config.data_dir / "secret.key" if config.secret_key is None else where
        shell.say(
            f"The new key {told['key']} is ready, in front of the former one ({file}). Nothing uses it yet."
        )
        shell.say(
            "Bring both to every machine that works on this database: copy the file (running processes read it by "
            "themselves), or set STEADYPIN_SECRET_KEY there and start them again one after the other."
        )
        shell.say("Then run `steadypin secret rotate --everywhere`.")
        return ATTENTION
    shell.say(f"Everything is sealed with the key {told['key']}. Rows sealed anew: {told['resealed']}.")
    if told["former_file"]:
        shell.say(f"The former key is in {told['former_file']}. Only backups from before now need it.")
    else:
        shell.say("Remove the former key from where you keep it. Only backups from before now need it.")
    if told["unreadable"]:
        names = ", ".join(told["unreadable"])
        shell.say(
            f"No key opens the tokens of {names}. They are kept as they were; connect these accounts again."
        )
        return ATTENTION
    return None
