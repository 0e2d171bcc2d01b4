"""Refusals that reach a person: each is a sentence that says what happened and what to do.

Refusal
  CannotStart    the installation is not usable (exit code 3)
  NotThere       no such Pin, Connection, … (404, exit code 4)
  Conflict       it is there, but not now (409, exit code 4)
  InputRefused   the input, field by field (422, exit code 4)
"""

from __future__ import annotations

from collections.abc import Sequence

from steadypin.domain.texts import FieldError


class Refusal(Exception):
    """Base of all; the text is for the person in front of it."""


class CannotStart(Refusal):
    """Something that the whole service needs is missing, damaged or taken."""


class StoreTrouble(CannotStart):
    """The database cannot take or give data just now (disk full, connection lost); nothing was half-written."""


class NotThere(Refusal):
    """What was named does not exist, or not for this caller."""


class Conflict(Refusal):
    """The thing exists and its present stage does not allow this."""


class InputRefused(Refusal):
    """One or more fields cannot be taken; `errors` says which and why."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(" ".join(error.message for error in errors))
        self.errors = tuple(errors)
