"""Exit codes, and what an exception means to the person at the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from steadypin.domain.errors import CannotStart, InputRefused, Refusal

DONE, ATTENTION, USAGE, CANNOT_START, REFUSED, INTERRUPTED = 0, 1, 2, 3, 4, 130


@dataclass(frozen=True, slots=True)
class Failed:
    """An exit code and its sentence; `more` goes into the JSON document beside them."""

    code: int
    sentence: str
    more: Mapping[str, Any] = field(default_factory=dict)


class ApiError(Exception):
    """The API refused: its status and its problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(
            str(problem.get("detail") or problem.get("title") or f"The server answered {status}.")
        )
        self.status, self.problem = status, problem

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(field, message) of each field that was refused."""
        return [(str(each["field"]), str(each["message"])) for each in self.problem.get("errors") or ()]


class Unreachable(Exception):
    """There is no server to talk to, or it fell silent; the text is a sentence."""


def told(error: Exception) -> Failed:
    """The exit code and the sentence for whatever a command raised."""
    from steadypin.settings import SettingsError

    match error:
        case ApiError():
            code = CANNOT_START if error.status >= 500 else REFUSED
            return Failed(code, _with_fields(str(error), error.errors), {"problem": dict(error.problem)})
        case InputRefused():
            fields = [{"field": each.field, "message": each.message} for each in error.errors]
            return Failed(REFUSED, str(error), {"errors": fields})
        case CannotStart() | Unreachable():
            return Failed(CANNOT_START, str(error))
        case SettingsError():
            return Failed(CANNOT_START, str(error), {"sentences": list(error.sentences)})
        case Refusal():
            return Failed(REFUSED, str(error))
        case OSError() if error.filename is not None:
            return Failed(
                REFUSED,
                f"{error.filename} cannot be used: {error.strerror}. Correct the path or its permissions.",
            )
        case _:
            kind = type(error).__name__
            sentence = f"Something went wrong inside Steadypin ({kind}: {error}). Run the command again with --debug and report it."
            return Failed(CANNOT_START, sentence)


def _with_fields(detail: str, errors: list[tuple[str, str]]) -> str:
    """The detail, and the fields that it does not mention yet."""
    return "\n".join([detail, *(f"{name}: {message}" for name, message in errors if message not in detail)])
