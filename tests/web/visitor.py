"""A browser without scripts."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from starlette.testclient import TestClient

BASE = "http://127.0.0.1:8080"

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""How Chromium is started: it asks nobody but our page."""


class Visitor:
    """Reads the page and sends its forms."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def read(self, address: str = "/") -> str:
        """The text of a page."""
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        return answer.text

    def words(self, address: str = "/") -> str:
        """The same without tags."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.read(address))).split())

    @property
    def csrf(self) -> str:
        """The token that the forms of the page carry."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.read())
        assert found is not None
        return found[1]

    def send(self, address: str, headers: dict[str, str] | None = None, **fields: str) -> Any:
        """Send a form as the page would."""
        return self.client.post(address, data={"csrf": self.csrf, **fields}, headers=headers or {})
