"""The REST API. `create_api` makes the app; `OwnerDoor` wraps it for the owner's own socket."""

from steadypin.api.app import create_api
from steadypin.api.doors import OwnerDoor

__all__ = ["OwnerDoor", "create_api"]
