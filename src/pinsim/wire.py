"""What goes into a simulator and what comes out, without sockets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl

Delivery: TypeAlias = Literal["reply", "delayed", "hang", "reset_before", "reset_after", "raw"]
"""What the shell does with an answer: send it, send it after `delay_s`, never answer, drop the connection
before the body was read, drop it after the request was dealt with, write `raw` and close."""

Raw: TypeAlias = Iterable[bytes | float]
"""Bytes as they go over the wire, the head among them. A number between them is a pause in seconds; an infinite
one lasts until the client is gone."""

Query: TypeAlias = Iterable[tuple[str, str]] | Mapping[str, str]


class Request:
    """One HTTP request: `path` without host and query, header names in any case."""

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(
        self,
        method: str,
        path: str,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        self.method = method.upper()
        self.path = path
        pairs = query.items() if isinstance(query, Mapping) else query
        self.query: tuple[tuple[str, str], ...] = tuple(pairs)
        self.headers: dict[str, str] = {name.lower(): value for name, value in (headers or {}).items()}
        self.body = body

    def param(self, name: str, default: str = "") -> str:
        """The first query parameter of that name."""
        return next((value for key, value in self.query if key == name), default)

    def form(self) -> dict[str, str]:
        """The body as an URL-encoded form; the last value of a repeated field wins."""
        return dict(self.form_pairs())

    def form_pairs(self) -> list[tuple[str, str]]:
        """The body as an URL-encoded form, repeated fields kept."""
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP reply and how it is delivered. With `hang` and `reset_*` no client ever sees the reply."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delivery: Delivery = "reply"
    delay_s: float = 0.0
    raw: Raw = ()

    def json(self) -> Any:
        """The body as JSON; None when it is empty."""
        return json.loads(self.body) if self.body else None

    def header(self, name: str) -> str:
        """A header by name in any case; empty when it is absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(payload: object) -> bytes:
    """JSON as the simulator writes it: compact, UTF-8."""
    return _JSON.encode(payload).encode(errors="replace")


def json_answer(status: int, payload: object) -> Answer:
    """A JSON reply without Pinterest's own headers."""
    return Answer(status, {"Content-Type": "application/json"}, encode(payload))


def html_answer(status: int, page: str) -> Answer:
    """An HTML reply."""
    return Answer(status, {"Content-Type": "text/html; charset=utf-8"}, page.encode(errors="replace"))
