"""What every command shares: output as text or as one JSON document, exit codes, and errors as sentences.

    @command(app, "list")
    def list_pins(shell: Shell, …) -> int | None: …

    @command_of(group)      what the group does when no command of it is named
    def list_connections(shell: Shell) -> int | None: …

The decorators add `--json` and `--debug`; the function's result is the exit code, None for DONE.
"""

from __future__ import annotations

import inspect
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from steadypin.cli.failures import DONE, Failed, told

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

_AS_JSON = Annotated[bool, typer.Option("--json", help="Answer with one JSON document on standard output.")]
_DEBUG = Annotated[bool, typer.Option("--debug", help="Show where in the code an unexpected error arose.")]
_WIDE = 400


@dataclass(slots=True)
class Shell:
    """Where a command writes to."""

    json: bool = False
    debug: bool = False
    _consoles: dict[bool, Console] = field(default_factory=dict)

    def console(self, *, stderr: bool = False) -> Console:
        """The rich console of standard output or error; outside a terminal it never wraps or cuts."""
        if stderr not in self._consoles:
            from rich.console import Console

            stream = sys.stderr if stderr else sys.stdout
            width = None if stream.isatty() else _WIDE
            self._consoles[stderr] = Console(
                stderr=stderr, width=width, highlight=False, markup=False, emoji=False
            )
        return self._consoles[stderr]

    def document(self, content: object) -> None:
        """The one JSON document of a command."""
        sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()

    def say(self, sentence: str = "", style: str | None = None) -> None:
        """A line for people; nothing with --json."""
        if not self.json:
            self.console().print(clean(sentence), style=style, soft_wrap=True)

    def note(self, sentence: str) -> None:
        """A line beside the answer, on standard error; nothing with --json."""
        if not self.json:
            self.console(stderr=True).print(clean(sentence), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table for people. A cell may be a (text, style) pair."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(*columns, box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
        for column in table.columns:
            column.overflow = "fold"
        for row in rows:
            cells = [cell if isinstance(cell, tuple) else (cell, "") for cell in row]
            table.add_row(*(Text(clean("" if text is None else str(text)), style) for text, style in cells))
        self.console().print(table)

    def facts(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Names and values, one a line; empty values are left out."""
        known = [(name, value) for name, value in pairs if value not in (None, "", [])]
        width = max((len(name) for name, _ in known), default=0)
        for name, value in known:
            self.say(f"{name.ljust(width)}  {value}")

    def progress(self) -> Progress:
        """A progress bar on standard error; silent outside a terminal and with --json."""
        from rich.progress import Progress

        console = self.console(stderr=True)
        return Progress(console=console, transient=True, disable=self.json or not console.is_terminal)

    def fail(self, failed: Failed) -> int:
        """Tell what went wrong and answer the exit code."""
        if self.json:
            self.document({"error": {"sentence": failed.sentence, "exit_code": failed.code, **failed.more}})
        else:
            self.console(stderr=True).print(clean(failed.sentence), style="red", soft_wrap=True)
        return failed.code


def clean(text: str) -> str:
    """Text without control characters: what a user or Pinterest wrote must not steer the terminal."""
    return "".join(
        letter if letter in "\n\t" or (ord(letter) >= 32 and not 127 <= ord(letter) < 160) else "\ufffd"
        for letter in text
    )


def command(
    app: typer.Typer, name: str, **options: Any
) -> Callable[[Callable[..., int | None]], Callable[..., int]]:
    """Register a function as a command; its first parameter is the Shell."""

    def register(function: Callable[..., int | None]) -> Callable[..., int]:
        wrapper = _in_shell(function)
        app.command(name, **options)(wrapper)
        return wrapper

    return register


def command_of(group: typer.Typer) -> Callable[[Callable[..., int | None]], Callable[..., int]]:
    """Register a function as what the group itself does; its first parameter is the Shell."""

    def register(function: Callable[..., int | None]) -> Callable[..., int]:
        wrapper = _in_shell(function)

        def alone(context: typer.Context, **given: Any) -> int:
            if context.invoked_subcommand is None:
                return wrapper(**given)
            if any(given.values()):
                raise typer.BadParameter(f"write options behind the word {context.invoked_subcommand}")
            return DONE

        first = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
        _look_like(alone, wrapper, [first, *inspect.signature(wrapper).parameters.values()])
        group.callback(invoke_without_command=True)(alone)
        return wrapper

    return register


def _in_shell(function: Callable[..., int | None]) -> Callable[..., int]:
    def wrapper(as_json: bool, debug: bool, **given: Any) -> int:
        shell = Shell(as_json, debug)
        try:
            code = function(shell, **given)
            sys.stdout.flush()
        except (typer.TyperException, typer.Exit, typer.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if debug:
                traceback.print_exc()
            return shell.fail(told(error))
        return DONE if code is None else code

    hints = get_type_hints(function, include_extras=True)
    parameters = list(inspect.signature(function).parameters.values())[1:]
    added = [
        inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_AS_JSON),
        inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_DEBUG),
    ]
    shown = [
        each.replace(annotation=hints[each.name], kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters
    ]
    _look_like(wrapper, function, [*shown, *added])
    return wrapper


def _look_like(
    wrapper: Callable[..., int], function: Callable[..., Any], parameters: list[inspect.Parameter]
) -> None:
    """Give a wrapper the name, the words and the parameters that Typer reads."""
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    wrapper.__doc__, wrapper.__name__ = function.__doc__, function.__name__
