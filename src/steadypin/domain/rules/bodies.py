"""What a reply's body says: Pinterest's JSON however wrapped, OAuth errors, S3's XML, HTML pages, plain text.

    body -> form (json, html, xml, text, empty) -> Said(code, message, detail, extra)

Nothing here raises: a body is whatever a stranger sent.
"""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

MESSAGE_KEYS = ("message", "error_message", "errormessage", "error_description", "errordescription", "msg")
DETAIL_KEYS = (
    "message_detail",
    "messagedetail",
    "detail",
    "details",
    "reason",
    "error",
    "errors",
    "rawerrormessage",
)
MORE_KEYS = (
    "text",
    "cause",
    "response",
    "body",
    "raw",
    "info",
    "hint",
    "statustext",
    "status_text",
    "syscall",
)
"""Read as detail only: tools put Pinterest's words there, but so do other things."""
TITLE_KEYS = ("title", "description")
"""Words about the error, unless they are those of the Pin that the reply echoes."""
PIN_KEYS = frozenset({"board_id", "media_source", "link", "alt_text", "media"})
CODE_KEYS = ("code", "error_code", "errorcode", "err_code", "api_error_code")
DEEPEST = 8
"""Levels of wrapping followed; replies seen in the wild use up to five."""

_CODE = re.compile(
    r"(?<!\w)(?<!status )(?<!http )(?<!exit )(?<!response )(?:error[ _]?)?code[\"']?\s*[:=]?\s*[\"']?(\d{1,5})\b",
    re.I,
)
_DECODER = json.JSONDecoder()
_TAG = re.compile(r"<[^<>]{0,2000}>")
_SILENT = re.compile(r"<(script|style|svg|head)\b.*?</\1\s*>", re.I | re.S)
_TITLE = re.compile(r"<(title|h1)\b[^<>]*>(.*?)</\1\s*>", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Said:
    """What a body says. `message` is the main sentence, `detail` every other sentence about the error."""

    message: str = ""
    detail: str = ""
    code: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


def form(body: str) -> str:
    """`json`, `html`, `xml`, `text` or `empty`, by how the body begins."""
    start = body.lstrip("\ufeff \t\r\n")[:400].lower()
    if not start:
        return "empty"
    if start[0] in "{[":
        return "json"
    if start.startswith("<?xml") and "<html" not in start and "doctype html" not in start:
        return "xml"
    if re.match(r"<(!doctype html|!--|html|head|body|center|title|h1|p\b|div|pre)", start):
        return "html"
    if re.match(r"<[a-z]+>", start):
        return "xml"
    return "text"


def read_body(body: str) -> Said:
    """What the body says, whatever its form."""
    kind = form(body)
    if kind == "html":
        return _read_html(body)
    if kind == "xml":
        return _read_xml(body)
    value = parse(body)
    if isinstance(value, dict | list):
        return _read_value(value)
    if kind == "empty":
        return Said()
    return _read_text(body)


def is_object(body: str) -> bool:
    """Whether the whole body is one JSON object."""
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def holds_object(text: str) -> bool:
    """Whether a text of JSON, a log line or a sentence holds an object; what a page or a script holds does not count."""
    if form(text) in ("html", "xml"):
        return False
    value = parse(text)
    return isinstance(value, dict) if value is not None else embedded(text) is not None


def parse(text: str) -> object | None:
    """A JSON value, or a Python literal in its place; None when the text is neither."""
    text = text.strip().lstrip("\ufeff")
    if not text or len(text) > 2_000_000:
        return None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        if text[0] not in "{[" or len(text) > 50_000:
            return None
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return None
    return value


def embedded(text: str) -> tuple[dict[object, object], str] | None:
    """The first object with content inside a text, and the text around it; escaped quotes are seen through."""
    for variant in dict.fromkeys((text, text.replace("\\\\", "\\").replace('\\"', '"'))):
        for found in list(re.finditer(r"\{", variant))[:20]:
            start = found.start()
            try:
                value, end = _DECODER.raw_decode(variant, start)
            except (ValueError, RecursionError):
                end = variant.rfind("}", start) + 1
                value = parse(variant[start:end]) if 0 < end - start <= 20_000 else None
            if isinstance(value, dict) and value:
                return value, f"{variant[:start]} {variant[end:]}".strip()
    return None


def _read_value(value: dict[object, object] | list[object]) -> Said:
    layers = list(_layers(value, 0))
    best = max(layers, key=_worth, default=None)
    if best is None or _worth(best) == 0:
        texts = _strings(value, 0)
        return Said("" if isinstance(value, dict) else "; ".join(texts), "", None, _top(value))
    message = _first(best, MESSAGE_KEYS) or _first(best, DETAIL_KEYS)
    others = [text for layer in layers for key in _spoken_keys(layer) for text in _texts(layer.get(key))]
    detail = "\n".join(
        dict.fromkeys(text for text in others if text != message and text.lstrip()[:1] not in "{[")
    )
    code = _code(best)
    if code is None:
        code = next((found for layer in layers if (found := _code(layer)) is not None), None)
    return Said(message, detail, code, _top(value))


def _layers(value: object, depth: int) -> Iterator[dict[str, object]]:
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        layer = {str(key).lower(): item for key, item in value.items()}
        yield layer
        for key, item in layer.items():
            if isinstance(item, dict | list) or key in (
                *MESSAGE_KEYS,
                *DETAIL_KEYS,
                "body",
                "data",
                "response",
            ):
                yield from _layers(item, depth + 1)
    elif isinstance(value, list):
        for item in value[:50]:
            yield from _layers(item, depth + 1)
    elif isinstance(value, str) and "{" in value:
        inner = parse(value)
        if not isinstance(inner, dict | list):
            found = embedded(value)
            inner = found[0] if found else None
        if inner is not None:
            yield from _layers(inner, depth + 1)


def _spoken_keys(layer: dict[str, object]) -> tuple[str, ...]:
    about_error = _worth(layer) > 0 and not PIN_KEYS & layer.keys()
    wordy = CODE_KEYS if about_error and _code(layer) is None else ()  # "code": "ECONNRESET"
    return (*MESSAGE_KEYS, *DETAIL_KEYS, *MORE_KEYS, *(TITLE_KEYS if about_error else ()), *wordy)


def _worth(layer: dict[str, object]) -> int:
    spoken = bool(_first(layer, MESSAGE_KEYS))
    said = bool(_first(layer, DETAIL_KEYS))
    return 4 * (spoken and _code(layer) is not None) + 2 * spoken + said + (_code(layer) is not None)


def _first(layer: dict[str, object], keys: tuple[str, ...]) -> str:
    return next((text for key in keys for text in _texts(layer.get(key))), "")


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str) and item.strip()]
    return []


def _strings(value: object, depth: int) -> list[str]:
    if isinstance(value, str):
        return [value]
    if depth > DEEPEST or not isinstance(value, dict | list):
        return []
    items = list(value.values()) if isinstance(value, dict) else value
    return [text for item in items[:50] for text in _strings(item, depth + 1)]


def _code(layer: dict[str, object]) -> int | None:
    for key in CODE_KEYS:
        value = layer.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
            return int(value)
    return None


def _top(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        return {}
    known = ("code", "message", "message_detail")
    return {str(key): item for key, item in value.items() if str(key).lower() not in known}


def _read_html(body: str) -> Said:
    cut = body[:200_000]
    titles = [_plain(found.group(2)) for found in _TITLE.finditer(cut)]
    return Said(next((title for title in titles if title), ""), _plain(_SILENT.sub(" ", cut))[:4000])


def _read_xml(body: str) -> Said:
    fields = {
        name.lower(): _plain(text) for name, text in re.findall(r"<(\w+)>([^<]{0,4000})</\1>", body[:100_000])
    }
    code, message = fields.pop("code", ""), fields.pop("message", "")
    number = int(code) if re.fullmatch(r"[0-9]{1,9}", code) else None
    return Said(message or _plain(body)[:4000], "" if number is not None else code, number, dict(fields))


def _read_text(body: str) -> Said:
    text = body.strip()
    if "&quot;" in text:
        return read_body(html.unescape(text))
    query = text.split("?", 1)[-1] if re.match(r"https?://\S+$", text) else text
    if re.fullmatch(r"[\w.~-]+=[^\s=&]*(&[\w.~-]+=[^\s=&]*)*(#\S*)?", query):
        pairs = dict(parse_qsl(query.split("#")[0], keep_blank_values=True))
        told = _first(dict(pairs), MESSAGE_KEYS)
        return Said(
            told or pairs.get("error", "") or text, pairs.get("error", ""), _code(dict(pairs)), dict(pairs)
        )
    found = embedded(text)
    if found is not None:
        inner, around = _read_value(found[0]), found[1]
        if inner.message or inner.code is not None:
            return Said(
                inner.message,
                "\n".join(part for part in (inner.detail, around) if part),
                inner.code,
                inner.extra,
            )
    return Said(text, "", _code_in(text))


def _code_in(text: str) -> int | None:
    found = _CODE.search(text[:20_000])
    return int(found.group(1)) if found else None


def _plain(markup: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(_TAG.sub(" ", markup))).strip()
