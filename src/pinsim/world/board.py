"""Board and Section."""

from __future__ import annotations

from dataclasses import dataclass, field

from pinsim.world.account import Account
from pinsim.world.shelf import Shelf


@dataclass(slots=True)
class Section:
    """A section; its Pins are also on the board's shelf."""

    id: str
    name: str
    board_id: str
    shelf: Shelf


@dataclass(slots=True)
class Board:
    """A board of one account; `collaborators` are persons who see it as a group board."""

    id: str
    owner: Account
    name: str
    privacy: str
    created_at: float
    pins_modified_at: float
    shelf: Shelf
    description: str | None = None
    is_ads_only: bool = False
    archived: bool = False
    collaborators: set[str] = field(default_factory=set)
    sections: dict[str, Section] = field(default_factory=dict)
    last_write_at: float = float("-inf")

    def seen_by(self, account: Account) -> bool:
        """Whether it is this account's own board or a group board it works on."""
        return self.owner is account or account.person in self.collaborators
