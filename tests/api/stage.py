"""The API of one installation, as the owner and as programs with keys reach it."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from steadypin.api import OwnerDoor, create_api
from steadypin.services import access
from steadypin.services.access import Scope
from tests.support.rig import Rig

BASE = "http://127.0.0.1:8080"


class Api:
    """`owner` comes through the socket; `outside` has no key; `key` makes a client that has one."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.app = create_api(rig.wired, BASE)
        self.owner = TestClient(
            OwnerDoor(self.app), base_url="http://steadypin", raise_server_exceptions=False
        )
        self.outside = self.client()

    def client(self, **headers: str) -> TestClient:
        return TestClient(self.app, base_url=BASE, headers=headers, raise_server_exceptions=False)

    def key(self, *scopes: Scope, connection_ids: list[str] | None = None) -> TestClient:
        made = access.make_key(self.rig.ctx, "test", scopes, connection_ids)
        return self.client(Authorization=f"Bearer {made.secret}")

    def new_pin(self, shop: str, **more: Any) -> dict[str, Any]:
        """A body that makes a good Pin."""
        connection = next(c for c in self.owner.get("/api/v1/connections").json()["items"] if c["id"] == shop)
        boards = self.owner.get(f"/api/v1/connections/{connection['id']}/boards").json()["items"]
        return {
            "connection_id": shop,
            "board_id": boards[0]["id"],
            "media": {"type": "image", "media_id": self.rig.media().media_id},
            "title": "Lemon cake",
            "due_at": "2026-03-01T10:00:00+01:00",
            **more,
        }


def is_problem(answer: Any, status: int) -> dict[str, Any]:
    """The problem in an answer, after a look at its shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert set(found) >= {"type", "title", "status", "detail", "errors"}
    assert found["status"] == status
    assert found["type"].startswith(f"{BASE}/api/docs#problem-")
    assert found["detail"].endswith((".", "?", ")"))
    assert all(set(error) == {"field", "message"} for error in found["errors"])
    return found
