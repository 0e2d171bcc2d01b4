"""Field types that several bodies share: ids, plain texts, moments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from steadypin.domain.texts import is_broken
from steadypin.domain.times import parse_moment


class Body(BaseModel):
    """A request body: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", strict=True)


def _whole_text(text: str) -> str:
    if is_broken(text):
        raise ValueError("The text holds a broken character. Type it again.")
    return text


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("A time is a text like 2026-05-01T09:00:00+02:00.")
    return parse_moment(value)


def _due(value: Any) -> datetime | str:
    return "now" if value == "now" else _moment(value)


_OFFSET = "With an offset, like 2026-05-01T09:00:00+02:00."
_MOMENT_SCHEMA = {"type": "string", "format": "date-time", "description": _OFFSET}

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Text = Annotated[str, AfterValidator(_whole_text)]
Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema(_MOMENT_SCHEMA)]
DueAt = Annotated[
    datetime | Literal["now"],
    BeforeValidator(_due),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date-time"}, {"const": "now"}], "description": _OFFSET}
    ),
]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds").replace(
        "+00:00", "Z"
    )


Told = Annotated[
    datetime,
    PlainSerializer(_iso, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment in an answer: UTC, ending in Z."""
