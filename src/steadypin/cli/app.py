"""All commands together, and the one place where the process learns its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

import typer

from steadypin import __version__
from steadypin.cli.failures import DONE, INTERRUPTED, REFUSED, USAGE, Failed
from steadypin.cli.shell import Shell
from steadypin.domain.native import without_secrets

app = typer.Typer(
    name="steadypin",
    help="Publishes Pins to Pinterest: each exactly once, at its time, or says before that what would stop it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"steadypin {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", help="Show the version.", callback=_version, is_eager=True
    ),
) -> None:
    pass


from steadypin.cli import (  # noqa: E402  the commands register themselves on `app`
    accounts,
    app_facts,
    boards,
    connections,
    demo,
    importing,
    incidents,
    keys,
    media,
    pausing,
    pin_acts,
    pins,
    preflight,
    recording,
    reference,
    running,
    secret,
    upkeep,
)

for module in (
    running,
    demo,
    recording,
    accounts,
    app_facts,
    boards,
    connections,
    pins,
    pin_acts,
    importing,
    preflight,
    media,
    pausing,
    incidents,
    reference,
    keys,
    secret,
    upkeep,
):
    module.register(app)


def run(argv: Sequence[str]) -> int:
    """Run one command; answers its exit code (see docs/cli.md)."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = app(args=list(argv), prog_name="steadypin", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        return _usage(error, "--json" in argv)
    except BrokenPipeError:
        # Whoever read us has read enough. Python would complain once more when it flushes at its end.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else DONE


def _usage(error: typer.TyperException, as_json: bool) -> int:
    code = USAGE if error.exit_code == USAGE else REFUSED
    sentence = without_secrets(error.format_message().replace("Value error, ", ""))
    if sentence.startswith("Usage:") and not as_json:
        sys.stdout.write(f"{sentence}\n")
        return code
    context = getattr(error, "ctx", None)
    if context is not None and not sentence.startswith("Usage:"):
        sentence = f"{sentence.rstrip('.')}. See `{context.command_path} --help`."
    return Shell(json=as_json).fail(Failed(code, sentence))
