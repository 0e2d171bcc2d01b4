"""Text limits of a Pin and the checks that need nothing but the text.

The numbers are those of `PinCreate` in `spec/` (compared by a test). Pinterest counts Unicode code points, as JSON
Schema's maxLength does, which is what `len` counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

TEXT_LIMITS = {"title": 100, "description": 800, "alt_text": 500, "link": 2048}


_BROKEN = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of the user's input that cannot be taken, why, and what to do."""

    field: str
    message: str


def check_texts(texts: dict[str, str | None]) -> list[FieldError]:
    """Every text that Pinterest would refuse; nothing is cut or repaired."""
    errors = []
    for field, limit in TEXT_LIMITS.items():
        text = texts.get(field)
        if text is None:
            continue
        if len(text) > limit:
            errors.append(
                FieldError(
                    field,
                    f"The {field.replace('_', ' ')} has {len(text)} characters; Pinterest takes {limit}. "
                    f"Shorten it by {len(text) - limit}.",
                )
            )
        if is_broken(text):
            errors.append(
                FieldError(field, f"The {field.replace('_', ' ')} holds a broken character. Type it again.")
            )
    return errors + check_link(texts.get("link"))


def is_broken(text: str) -> bool:
    """Whether a text holds what no encoding can carry: half a surrogate pair, or NUL."""
    return _BROKEN.search(text) is not None


def check_link(link: str | None) -> list[FieldError]:
    """A link must be a whole http or https address without spaces."""
    if not link:
        return []
    try:
        parts = urlsplit(link)
        whole = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        whole = False
    if whole and not any(letter.isspace() or ord(letter) < 32 for letter in link):
        return []
    return [
        FieldError("link", "The link is not a web address. Write it whole, like https://example.com/page.")
    ]
