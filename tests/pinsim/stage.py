"""Stage: a simulator with a clock that tests move, talked to without sockets."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Mapping
from typing import Any

from PIL import Image

from pinsim import Answer, Request, Sim
from pinsim.wire import Query

START = 1_790_000_000.0  # 2026-09-21T14:13:20 UTC


def picture(kind: str = "PNG", size: tuple[int, int] = (200, 300), colour: str = "tomato") -> bytes:
    """A real image file."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def base64_source(data: bytes | None = None, content_type: str = "image/png") -> dict[str, Any]:
    """A media_source with the bytes inside."""
    packed = base64.b64encode(picture() if data is None else data).decode()
    return {"source_type": "image_base64", "content_type": content_type, "data": packed}


class Stage:
    """The default cast with ready tokens; `send` answers at once."""

    def __init__(self, seed: int = 1) -> None:
        self.now = START
        self.sim = Sim(seed, clock=lambda: self.now)
        self.cast = {each["username"]: each for each in self.post("/_sim/seed", {"tokens": True})["accounts"]}

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        query: Query = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; a dict becomes JSON, bytes go as they are."""
        extra = {} if token is None else {"Authorization": f"Bearer {token}"}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, query, {**(headers or {}), **extra}, data)
        return asyncio.run(self.sim.answer(request))

    def as_(self, username: str, method: str, path: str, body: Any = None, query: Query = ()) -> Answer:
        """One request with that account's token."""
        return self.send(method, path, body, token=self.token(username), query=query)

    def spring(self, method: str, path: str, body: Any = None, query: Query = ()) -> Answer:
        """One request as spring_shop."""
        return self.as_("spring_shop", method, path, body, query)

    def token(self, username: str) -> str:
        return str(self.cast[username]["tokens"]["access_token"])

    def board(self, username: str = "spring_shop", index: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.cast[username]["boards"][index]
        return found

    def create(self, username: str = "spring_shop", **fields: Any) -> Answer:
        """Publish a Pin on the account's first board."""
        body = {"board_id": self.board(username)["id"], "media_source": base64_source(), **fields}
        return self.as_(username, "POST", "/v5/pins", body)

    def post(self, path: str, body: Any = None) -> Any:
        """A control request that must work."""
        return self._control("POST", path, body)

    def get(self, path: str, query: Query = ()) -> Any:
        answer = self.send("GET", path, query=query)
        assert answer.status == 200, answer.body
        return answer.json()

    def switch(self, **switches: Any) -> None:
        self._control("PUT", "/_sim/switches", switches)

    def order(self, do: Any, on: str = "pins/create", **more: Any) -> None:
        self.post("/_sim/faults", {"on": on, "do": do, **more})

    def live(self) -> list[dict[str, Any]]:
        """What is really live."""
        pins: list[dict[str, Any]] = self.get("/_sim/pins")["pins"]
        return pins

    def pages(self, username: str, path: str, size: int = 25) -> list[list[dict[str, Any]]]:
        """Every page of a list."""
        found, bookmark = [], None
        while True:
            query = {"page_size": str(size), **({"bookmark": bookmark} if bookmark else {})}
            page = self.as_(username, "GET", path, query=query).json()
            found.append(page["items"])
            bookmark = page["bookmark"]
            if bookmark is None:
                return found

    def _control(self, method: str, path: str, body: Any) -> Any:
        answer = self.send(method, path, body)
        assert answer.status == 200, answer.body
        return answer.json()
