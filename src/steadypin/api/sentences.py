"""What a validation error means, in a sentence for the person who sent the request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from steadypin.domain.media import MediaKind
from steadypin.domain.texts import FieldError

_SENTENCES = {
    "missing": "{field} is missing. Give it.",
    "extra_forbidden": "There is no field {field}. Remove it, or correct its name.",
    "string_type": "{field} must be a text.",
    "string_too_short": "{field} must have at least {min_length} characters.",
    "string_too_long": "{field} must have at most {max_length} characters.",
    "string_pattern_mismatch": "{field} is not an id: ids have letters, digits, _ and - only.",
    "enum": "{field} must be {expected}.",
    "literal_error": "{field} must be {expected}.",
    "bool_type": "{field} must be true or false.",
    "bool_parsing": "{field} must be true or false.",
    "float_type": "{field} must be a number.",
    "finite_number": "{field} must be a number.",
    "int_type": "{field} must be a whole number.",
    "int_parsing": "{field} must be a whole number.",
    "int_parsing_size": "{field} must be a smaller number.",
    "int_from_float": "{field} must be a whole number.",
    "greater_than_equal": "{field} must be at least {ge}.",
    "less_than_equal": "{field} must be at most {le}.",
    "too_long": "{field} must have at most {max_length} entries.",
    "too_short": "{field} must have at least {min_length} entries.",
    "list_type": "{field} must be a list.",
    "set_type": "{field} must be a list.",
    "model_attributes_type": "{field} must be a JSON object.",
    "model_type": "{field} must be a JSON object.",
    "dict_type": "{field} must be a JSON object.",
    "union_tag_invalid": "There is no {discriminator} '{tag:.40}' here. Use one of {expected_tags}.",
    "union_tag_not_found": "{field} has no {discriminator}. Say of which kind it is.",
}
"""Pydantic's error type → our words."""

_TAGS = {kind.value for kind in MediaKind}
"""Pydantic puts the kind of a media into the path of what is wrong inside; nobody wrote it there."""
_PLACES = {"body", "query", "path", "header", "cookie"}


def sentences(errors: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """One FieldError for each validation error; the field is its dotted path, `body` for the whole body."""
    return [FieldError(field := _field(error["loc"]), _sentence(error, field)) for error in errors]


def _field(loc: Sequence[str | int]) -> str:
    path = [str(part) for part in loc]
    if len(path) > 1 and path[0] in _PLACES:
        path = path[1:]
    return ".".join(
        part for n, part in enumerate(path) if n == 0 or path[n - 1] != "media" or part not in _TAGS
    )


def _sentence(error: Mapping[str, Any], field: str) -> str:
    context: Mapping[str, Any] = error.get("ctx") or {}
    if error["type"] == "value_error" and "error" in context:
        return str(context["error"])
    words = _SENTENCES.get(str(error["type"]), "{field}: {msg}.")
    return words.format_map({**context, "field": field, "msg": str(error["msg"]).rstrip(".")})
