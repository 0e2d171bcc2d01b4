"""The checks of a Pin's words: title, description, alternative text. Nothing is cut or repaired.

Characters are Unicode code points: the limits are `maxLength` in Pinterest's specification, and JSON Schema counts so. A
browser counts many emoji as two; a text that only fits the one way is warned of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from steadypin.domain.findings import Finding, Level
from steadypin.domain.rules.shorteners import shortener
from steadypin.domain.texts import TEXT_LIMITS, is_broken
from steadypin.domain.words import Cause, Remedy

_FIELDS = ("title", "description", "alt_text")
_MOST_HASHTAGS = 20
"""What Pinterest advised while it still spoke of hashtags."""
_HASHTAG = re.compile(r"(?<![\w&#/])#(?=\w*[^\W\d_])\w+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.I)
_LINES = frozenset("\n\r\t")
_OPENS = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
_CLOSES = frozenset("\u202c\u2069")


def text_findings(texts: Mapping[str, str | None]) -> tuple[Finding, ...]:
    """What is to be said about `title`, `description` and `alt_text`; the last Finding counts their characters."""
    found: list[Finding] = []
    for field in _FIELDS:
        text = texts.get(field) or ""
        found += [*_length(field, text), *_letters(field, text), *_edges(field, text)]
    found += _empty_title(texts.get("title") or "", bool(texts.get("link")))
    found += _description(texts.get("description") or "")
    return (*found, _counted(texts))


def hashtags(text: str) -> list[str]:
    """The hashtags of a text in their order, with the #; `#1` is a number."""
    return _HASHTAG.findall(text)


def shows_nothing(text: str) -> bool:
    """Whether a text has no letter that anybody could see: empty, spaces, marks of direction, characters without width."""
    return all(
        each.isspace() or unicodedata.category(each) in ("Cc", "Cf") or each in "\u115f\u1160\u3164\u2800"
        for each in text
    )


def _length(field: str, text: str) -> list[Finding]:
    limit, count = TEXT_LIMITS[field], len(text)
    units = count + sum(ord(letter) > 0xFFFF for letter in text)
    evidence = {"characters": count, "units": units, "most": limit}
    if count > limit:
        title = f"The {_named(field)} has {count} characters; Pinterest takes {limit}."
        return [_blocker(field, "length", title, f"Shorten it by {count - limit}.", evidence)]
    if units > limit:
        title = f"The {_named(field)} has {count} characters of {limit}; with emoji counted twice they are {units}."
        return [_warning(field, "length", title, f"Shorten it by {units - limit} to be sure.", evidence)]
    return []


def _letters(field: str, text: str) -> list[Finding]:
    if is_broken(text):
        title = f"The {_named(field)} holds a broken character."
        return [_blocker(field, "broken", title, "Type it again.", {})]
    found = []
    allowed = frozenset("\t") if field == "title" else _LINES
    control = sorted(
        {f"U+{ord(each):04X}" for each in text if unicodedata.category(each) == "Cc" and each not in allowed}
    )
    if control:
        title = f"The {_named(field)} holds control characters or line breaks that Pinterest may drop."
        found.append(_warning(field, "control", title, "Type that place again.", {"characters": control}))
    if sum(each in _OPENS for each in text) != sum(each in _CLOSES for each in text):
        title = f"The {_named(field)} changes the direction of writing and does not change it back."
        found.append(
            _warning(field, "direction", title, "Remove the hidden mark, or type the text again.", {})
        )
    if text and shows_nothing(text) and field != "title":
        title = f"The {_named(field)} holds only spaces or characters that nobody sees."
        found.append(_warning(field, "empty", title, "Write something, or leave it empty.", {}))
    return found


def _edges(field: str, text: str) -> list[Finding]:
    if text == text.strip() or shows_nothing(text):
        return []
    title = f"The {_named(field)} begins or ends with spaces, which Pinterest may leave out."
    return [Finding(f"{field}.spaces", Level.OK, title)]


def _empty_title(title: str, has_link: bool) -> list[Finding]:
    if not shows_nothing(title):
        return []
    said = (
        "The Pin has no title."
        if not title
        else "The title holds only spaces or characters that nobody sees."
    )
    theirs = " Pinterest may show the one of the linked page." if has_link else ""
    return [_warning("title", "empty", f"{said}{theirs}", "Write what people would search for.", {})]


def _description(text: str) -> list[Finding]:
    found = []
    addresses = _ADDRESS.findall(text)
    if addresses and shows_nothing(_ADDRESS.sub("", text)):
        title = "The description is nothing but a link, which cannot be clicked there."
        found.append(
            _warning(
                "description", "link_only", title, "Describe the Pin, and put the link into its link.", {}
            )
        )
    short = sorted({host for each in addresses if shortener(host := _host(each))})
    if short:
        title = f"The description holds a short link ({', '.join(short)}). Pinterest counts those as a sign of spam."
        found.append(
            _warning("description", "shortener", title, "Write the full address, or none.", {"hosts": short})
        )
    tags = hashtags(text)
    if len(tags) > _MOST_HASHTAGS:
        title = f"The description has {len(tags)} hashtags; more than {_MOST_HASHTAGS} look like spam."
        found.append(
            _warning("description", "hashtags", title, "Keep the few that say most.", {"hashtags": len(tags)})
        )
    return found


def _host(address: str) -> str:
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def _counted(texts: Mapping[str, str | None]) -> Finding:
    counts = {field: len(texts.get(field) or "") for field in _FIELDS}
    said = ", ".join(f"{_named(field)} {count} of {TEXT_LIMITS[field]}" for field, count in counts.items())
    tags = len(hashtags(texts.get("description") or ""))
    evidence = {
        "characters": counts,
        "most": {field: TEXT_LIMITS[field] for field in _FIELDS},
        "hashtags": tags,
    }
    return Finding("text", Level.OK, f"Characters: {said}; hashtags: {tags}.", evidence=evidence)


def _named(field: str) -> str:
    return field.replace("_", " ")


def _blocker(field: str, check: str, title: str, fix: str, evidence: Mapping[str, object]) -> Finding:
    return Finding(f"{field}.{check}", Level.BLOCKER, title, fix, Cause.CONTENT, Remedy.FIX_INPUT, evidence)


def _warning(field: str, check: str, title: str, fix: str, evidence: Mapping[str, object]) -> Finding:
    return Finding(f"{field}.{check}", Level.WARNING, title, fix, Cause.CONTENT, Remedy.FIX_INPUT, evidence)
