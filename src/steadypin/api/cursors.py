"""The cursor of a list: where the page before ended, opaque to the caller."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

from steadypin.domain.errors import InputRefused
from steadypin.domain.texts import FieldError


def write_cursor(moment: datetime, row_id: str) -> str:
    """A cursor that means: after this row."""
    return urlsafe_b64encode(f"{moment.isoformat()} {row_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """The (created_at, id) in a cursor; None without one. Raises InputRefused."""
    if cursor is None:
        return None
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        moment, _, row_id = text.partition(" ")
        when = datetime.fromisoformat(moment)
        if when.tzinfo is None or not row_id or not row_id.isprintable():
            raise ValueError(cursor)
        return when.astimezone(UTC), row_id
    except (ValueError, OverflowError):
        raise InputRefused(
            [
                FieldError(
                    "cursor", "This cursor is not one of Steadypin's. Take next_cursor from the page before."
                )
            ]
        ) from None
