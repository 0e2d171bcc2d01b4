"""Talks to the API through the socket that only the owner of the data folder can open."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

from steadypin.cli.failures import ApiError, Unreachable
from steadypin.settings import Settings

_PATIENCE_S = 120.0
_LONGEST_PATH = 100
"""The kernel takes 107 bytes for the path of a socket."""
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Client:
    """The API at one socket. `hosted`: no server was running, and this process plays it for the moment."""

    path: Path
    hosted: bool = False

    def get(self, path: str, **query: object) -> Any:
        """GET; parameters that are None are left out."""
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        return self._send("GET", f"{path}?{asked}" if asked else path)

    def post(self, path: str, body: object = None) -> Any:
        """POST a JSON body."""
        return self._send("POST", path, body)

    def put(self, path: str, body: object) -> Any:
        """PUT a JSON body."""
        return self._send("PUT", path, body)

    def patch(self, path: str, body: object) -> Any:
        """PATCH with a JSON body."""
        return self._send("PATCH", path, body)

    def delete(self, path: str, **query: object) -> Any:
        """DELETE."""
        return self._send("DELETE", f"{path}?{urlencode(query)}" if query else path)

    def upload(self, file: Path) -> Any:
        """POST a file to /media. Raises OSError when it cannot be read, ApiError when it is refused."""
        border = secrets.token_hex(16)
        name = quote(file.name[-200:])
        head = (
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()
        tail = f"\r\n--{border}--\r\n".encode()
        with file.open("rb") as source:
            size = len(head) + os.fstat(source.fileno()).st_size + len(tail)
            headers = {"Content-Type": f"multipart/form-data; boundary={border}", "Content-Length": str(size)}
            return self._exchange("POST", "/media", _pieces(head, source, tail), headers)

    def pages(self, path: str, most: int, **query: object) -> list[Any]:
        """The items of a list, page by page, up to `most`."""
        items: list[Any] = []
        cursor: object = None
        while len(items) < most:
            page = self.get(path, limit=min(most - len(items), 200), cursor=cursor, **query)
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                break
        return items

    def _send(self, method: str, path: str, body: object = None) -> Any:
        if body is None:
            return self._exchange(method, path, None, {})
        return self._exchange(
            method,
            path,
            [_encoded(body)],
            {"Content-Type": "application/json"},
        )

    def _exchange(
        self,
        method: str,
        path: str,
        body: Sequence[bytes] | Iterator[bytes] | None,
        headers: Mapping[str, str],
    ) -> Any:
        connection = _SocketConnection(self.path)
        sized = {"Content-Length": str(sum(map(len, body)))} if isinstance(body, list) else {}
        try:
            # A server that refuses before it has read everything closes its end; its answer is waiting.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, f"/api/v1{path}", body, {**sized, **headers})
            reply = connection.getresponse()
            content = reply.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                f"The Steadypin server did not answer ({error}). Look at its log, and ask again."
            ) from None
        finally:
            connection.close()
        decoded = _decoded(content)
        if reply.status >= 400:
            raise ApiError(reply.status, decoded if isinstance(decoded, dict) else {})
        return decoded


def _encoded(body: object) -> bytes:
    """JSON as UTF-8; escaped where the terminal gave us bytes that are no text, so that the API can say so."""
    try:
        return json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(body).encode()


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None


def _pieces(head: bytes, source: BinaryIO, tail: bytes) -> Iterator[bytes]:
    yield head
    while piece := source.read(_PIECE):
        yield piece
    yield tail


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_PATIENCE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = dial(self._path, _PATIENCE_S)


def dial(path: Path, timeout_s: float) -> socket.socket:
    """A connection to a socket file, however long its path is. Raises OSError."""
    folder = None
    wire = socket.socket(socket.AF_UNIX)
    wire.settimeout(timeout_s)
    try:
        address = str(path)
        if len(os.fsencode(path)) > _LONGEST_PATH:
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            address = f"/proc/self/fd/{folder}/{path.name}"
        wire.connect(address)
    except BaseException:
        wire.close()
        raise
    finally:
        if folder is not None:
            os.close(folder)
    return wire


def is_running(settings: Settings) -> bool:
    """Whether a server answers on the socket of this data folder. Raises Unreachable when it is not ours to open."""
    try:
        dial(settings.socket_path, 2.0).close()
    except PermissionError:
        raise Unreachable(
            f"{settings.socket_path} belongs to another user. Run the command as the user who runs Steadypin."
        ) from None
    except OSError:
        return False
    return True


@contextmanager
def reach(settings: Settings) -> Iterator[Client]:
    """The running server, else the same app inside this process, without Lanes. Raises CannotStart."""
    if is_running(settings):
        yield Client(settings.socket_path)
        return
    from steadypin import bootstrap

    with bootstrap.hosted(settings) as path:
        yield Client(path, hosted=True)
