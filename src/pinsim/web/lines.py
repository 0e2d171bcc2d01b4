"""Lines: servers that talk too slowly, for too long, or not as HTTP wants it. Written byte by byte."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pinsim.web.files import image
from pinsim.web.pages import fine, markup
from pinsim.web.visit import MOST_BYTES, Visit
from pinsim.wire import Answer, Raw

_PIECE = b"x" * 65536
_HTML = "Content-Type: text/html; charset=utf-8"


def silent(visit: Visit) -> Answer:
    """Takes the request and never answers."""
    return Answer(504, delivery="hang")


def dropped(visit: Visit) -> Answer:
    """Takes the request and resets the connection."""
    return Answer(504, delivery="reset_after")


def slow(visit: Visit) -> Answer:
    """A fine page whose first byte comes after `first_s`."""
    page = fine(visit)
    return Answer(page.status, page.headers, page.body, "delayed", visit.seconds("first_s", 2))


def drip(visit: Visit) -> Answer:
    """A page of `bytes`, one byte every `every_s`."""
    page = markup().encode().ljust(visit.whole("bytes", 2000, 1_000_000))
    every = visit.seconds("every_s", 0.5)

    def pieces() -> Iterator[bytes | float]:
        yield _head(f"Content-Length: {len(page)}", _HTML)
        for byte in page:
            yield bytes([byte])
            yield every

    return _raw(pieces())


def stall(visit: Visit) -> Answer:
    """A page, or a picture with `what=image.jpg`, of which the last hundredth never comes."""
    shown = image(visit) if visit.text("what") == "image.jpg" else fine(visit)
    sent = shown.body[: len(shown.body) * 99 // 100]
    kind = f"Content-Type: {shown.headers['Content-Type']}"
    return _raw([_head(f"Content-Length: {len(shown.body)}", kind), sent, math.inf])


def endless(visit: Visit) -> Answer:
    """A page without an end."""

    def pieces() -> Iterator[bytes | float]:
        yield _head(_HTML) + markup().encode()
        while True:
            yield _PIECE

    return _raw(pieces())


def miscounted(visit: Visit) -> Answer:
    """A page whose Content-Length is wrong by `by` bytes, `more` or `less` than there are; or is no number (`odd`)."""
    page, by = markup().encode(), visit.whole("by", 100, MOST_BYTES)
    how = visit.one_of("how", ("more", "less", "odd"), "more")
    told = {"more": str(len(page) + by), "less": str(max(len(page) - by, 0)), "odd": "many"}[how]
    return _raw([_head(f"Content-Length: {told}", _HTML), page])


def untyped(visit: Visit) -> Answer:
    """A page without a content type."""
    page = markup().encode()
    return _raw([_head(f"Content-Length: {len(page)}"), page])


def headers(visit: Visit) -> Answer:
    """Heads that are too much: one line of `bytes` (`long`), `bytes` / 100 lines (`many`), never an end (`endless`),
    bytes that no header may hold (`odd`), no HTTP at all (`not-http`)."""
    how = visit.one_of("how", ("long", "many", "endless", "odd", "not-http"), "long")
    size = visit.whole("bytes", 1_000_000, 64_000_000)
    page = markup().encode()

    def pieces() -> Iterator[bytes | float]:
        match how:
            case "long":
                yield _head(_HTML, "X-Long: " + "x" * size)
            case "many":
                yield _head(_HTML, *(f"X-Line-{n}: {'x' * 80}" for n in range(size // 100)))
            case "endless":
                yield b"HTTP/1.1 200 OK\r\nX-Long: "
                while True:
                    yield _PIECE
            case "odd":
                yield b"HTTP/1.1 200 OK\r\nX-Odd: a\x00b\xff\r\nX\x7f Bad\r\n" + f"{_HTML}\r\n\r\n".encode()
            case _:
                yield b"SSH-2.0-OpenSSH_9.2\r\n"
        yield page

    return _raw(pieces())


def odd_location(visit: Visit) -> Answer:
    """A redirect whose Location holds raw bytes that are no UTF-8."""
    return Answer(
        302,
        delivery="raw",
        raw=[b"HTTP/1.1 302 Found\r\nLocation: /web/p\xe4ge\r\nContent-Length: 0\r\n\r\n"],
    )


def _head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "Connection: close", "", ""]).encode("latin-1")


def _raw(pieces: Raw) -> Answer:
    return Answer(200, delivery="raw", raw=pieces)
