"""App: the developer's entry at Pinterest."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class App:
    """`access` is trial, standard or none (not approved yet: every call is refused)."""

    id: str
    secret: str
    name: str
    redirect_uris: list[str] = field(default_factory=list)
    access: str = "standard"
    owner: str = ""
    active: bool = True
