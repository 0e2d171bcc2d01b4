"""Text made comparable: the same sentence in another case, quoting, spacing or escaping folds to the same string."""

from __future__ import annotations

import html
import re
from functools import lru_cache

_QUOTES = re.compile(r"[\"'`´‘’‚‛“”„‟«»\\\u200b\u200c\u200d\ufeff]")
_ESCAPES = re.compile(r"\\+u([0-9a-fA-F]{4})")
_BREAKS = re.compile(r"\\+[rnt](?![a-z])")
_SPACES = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([:=])\s*")

LONGEST = 20_000
"""Characters looked at; whole pages of HTML are longer, what they say stands at their start."""


def fold(text: str) -> str:
    """`text` in lower case, without quotes and backslashes, entities and escapes resolved, single spaces."""
    text = html.unescape(text[:LONGEST])
    text = _ESCAPES.sub(lambda found: chr(int(found.group(1), 16)), text)
    text = _BREAKS.sub(" ", text)
    text = _QUOTES.sub("", text).lower()
    return _AROUND.sub(r"\1", _SPACES.sub(" ", text)).strip()


@lru_cache(maxsize=4096)
def pattern(fragment: str) -> re.Pattern[str]:
    """A fragment as a search over folded text: `…` is a gap of up to 120 characters, `|` at an end a word's edge."""
    head, tail = fragment.startswith("|"), fragment.endswith("|")
    parts = [re.escape(fold(part)) for part in fragment.strip("|").split("…")]
    body = ".{0,120}?".join(parts)
    return re.compile((r"(?<![a-z0-9])" if head else "") + body + (r"(?![a-z0-9])" if tail else ""))


def find(fragment: str, folded: str) -> int:
    """Length of the fragment when it occurs in the folded text, else 0: the longer, the more specific."""
    return len(fold(fragment.strip("|"))) if pattern(fragment).search(folded) else 0
