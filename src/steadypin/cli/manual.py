"""docs/cli.md, written from the commands themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer

_HEAD = """\
# The command line

`steadypin COMMAND --help` says the same in the terminal. Every command takes `--json` (one JSON document on standard
output and nothing else, errors included) and `--debug` (where in the code an unexpected error arose).

Commands talk to the running server through a socket in the data folder that only its owner can open. When no server
runs, they do the same work by themselves; nothing is published then. Progress bars appear on a terminal only, and
`NO_COLOR` turns colours off.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | done, and something needs attention: a refused row, a failed check |
| 2 | the command was not written correctly |
| 3 | Steadypin cannot start, or cannot be reached |
| 4 | refused: the sentence says why and what to do |
| 130 | interrupted |
"""


def as_markdown(app: typer.Typer) -> str:
    """The text of docs/cli.md."""
    root = typer.main.get_command(app)
    return "\n".join([_HEAD, *_sections(root, "steadypin")])


def _sections(group: Any, path: str) -> Iterator[str]:
    for name, found in group.commands.items():
        if getattr(found, "invoke_without_command", True):
            yield from _section(found, f"{path} {name}")
        if hasattr(found, "commands"):
            yield from _sections(found, f"{path} {name}")


def _section(found: Any, path: str) -> Iterator[str]:
    shown = [each for each in found.params if each.name not in {"as_json", "debug", "help"}]
    arguments = [each for each in shown if each.param_type_name == "argument"]
    words = [f"{each.name.upper()}{'…' if each.nargs == -1 else ''}" for each in arguments]
    yield f"## `{' '.join([path, *(word if each.required else f'[{word}]' for word, each in zip(words, arguments, strict=True))])}`\n"
    yield " ".join((found.help or "").split()) + "\n"
    options = [each for each in shown if each not in arguments]
    if options:
        yield "| option | |\n| --- | --- |"
        for each in options:
            names = ", ".join(f"`{option}`" for option in each.opts)
            needed = " Required." if each.required else ""
            yield f"| {names} | {each.help}{needed} |"
        yield ""


if __name__ == "__main__":
    from steadypin.cli.app import app as every_command

    sys.stdout.write(as_markdown(every_command))
