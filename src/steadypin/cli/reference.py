"""explain, errors: the error reference, without a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from steadypin.cli import replay
from steadypin.cli.failures import REFUSED, USAGE, Failed
from steadypin.cli.shell import Shell, command
from steadypin.cli.shown import native_lines

if TYPE_CHECKING:
    from steadypin.domain.failures import Failure, Rule

DOUBT = "If this came after a create, it does not prove that nothing was made. Look before you send anything again."


def register(app: typer.Typer) -> None:
    """Add these commands."""

    @command(app, "explain")
    def explain(
        shell: Shell,
        file: Annotated[
            Path | None, typer.Argument(help="A file with the error; - or nothing reads standard input.")
        ] = None,
        body: Annotated[
            str | None, typer.Option(help="The error as text: a body, a log line, an exception.")
        ] = None,
        status: Annotated[
            int | None, typer.Option(min=100, max=599, help="The HTTP status, if known.")
        ] = None,
        endpoint: Annotated[
            str,
            typer.Option(
                help="The operation, if known: pins/create, media/upload, media/source, oauth/authorize, …"
            ),
        ] = "",
    ) -> int | None:
        """Explain an error from Pinterest: what it means, and what to do."""
        from steadypin.domain.failures import classify
        from steadypin.domain.native import read_pasted

        text = _pasted(shell, file, body)
        if text is None:
            return USAGE
        failure = classify(read_pasted(text, status, endpoint))
        if shell.json:
            shell.document(_document(failure))
        else:
            _tell(shell, failure)
        return None

    @command(app, "errors")
    def errors(
        shell: Shell,
        rule: Annotated[
            str | None,
            typer.Argument(help="The id or common name of one error; or `replay`, for the stored replies."),
        ] = None,
    ) -> int | None:
        """List every error that Steadypin knows, or show one. `steadypin errors replay` classifies every stored reply
        again with today's rules and shows those that are told differently now; it changes nothing."""
        from steadypin.domain import failures

        if rule == replay.WORD:
            replay.tell(shell)
            return None
        if rule is None:
            if shell.json:
                shell.document({"items": [_rule(each) for each in failures.rules()]})
            else:
                rows = (
                    (each.id, each.title, each.cause.value, each.remedy.value) for each in failures.rules()
                )
                shell.table(("Rule", "What happened", "Cause", "Remedy"), rows)
            return None
        try:
            found = failures.rule(rule)
        except KeyError:
            try:
                found = failures.alias(rule)
            except KeyError:
                sentence = f"There is no rule '{rule}'. `steadypin errors` lists them."
                return shell.fail(Failed(REFUSED, sentence))
        if shell.json:
            shell.document(_rule(found))
        else:
            shell.facts((name.replace("_", " ").capitalize(), value) for name, value in _rule(found).items())
        return None


def _pasted(shell: Shell, file: Path | None, body: str | None) -> str | None:
    if body is not None:
        return body
    if file is not None and str(file) != "-":
        return file.read_text(encoding="utf-8", errors="replace")
    if file is None and sys.stdin.isatty():
        shell.fail(Failed(USAGE, "Give the error with --body TEXT, as a file, or on standard input."))
        return None
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _document(failure: Failure) -> dict[str, Any]:
    return {
        "cause": failure.cause.value,
        "remedy": failure.remedy.value,
        "step": int(failure.step),
        "rule": failure.rule,
        "title": failure.title,
        "meaning": failure.meaning,
        "fix": failure.fix,
        "by_itself": failure.by_itself,
        "leaves_doubt": failure.leaves_doubt,
        "native": failure.native.to_json(),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "title": rule.title,
        "cause": rule.cause.value,
        "remedy": rule.remedy.value,
        "step": int(rule.step) if rule.step is not None else None,
        "meaning": rule.meaning,
        "fix": rule.fix,
        "by_itself": rule.by_itself,
        "since": rule.since,
    }


def _tell(shell: Shell, failure: Failure) -> None:
    shell.say(failure.title, style="bold")
    shell.say(failure.meaning)
    shell.say()
    facts = [
        ("What to do", failure.fix),
        ("By itself", failure.by_itself),
        ("Careful", DOUBT if failure.leaves_doubt else ""),
        ("Cause", failure.cause.value),
        ("Remedy", failure.remedy.value),
        ("Step", f"{int(failure.step)} of 6 ({failure.step.name.lower().replace('_', ' ')})"),
        ("Rule", failure.rule),
    ]
    shell.facts([*facts, *native_lines(failure.native.to_json())])
