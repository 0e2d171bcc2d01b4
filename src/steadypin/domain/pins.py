"""A Pin as the user wants it: its content, its due time and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from steadypin.domain.findings import Finding
from steadypin.domain.media import Media, MediaKind
from steadypin.domain.words import Cause, Remedy, Stage, Step

__all__ = ["EDITABLE", "Content", "Media", "MediaKind", "Pin", "Trouble"]


@dataclass(frozen=True, slots=True)
class Content:
    """What goes to Pinterest, exactly as the user wrote it. Absent texts are None; nothing is ever cut."""

    board_id: str
    media: Media
    board_section_id: str | None = None
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a Pin waits or is held: cause and remedy in the fixed words, the fix in a sentence, Pinterest's own words."""

    step: Step
    cause: Cause
    remedy: Remedy
    fix: str
    title: str = ""
    rule: str = ""
    native: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Pin:
    """One Pin. `version` counts the user's edits; `open_attempt_id` names the Attempt whose outcome is unknown.

    `act_at` is when the Lane should next do something about it, None when nothing is to be done. `refused_grant` is
    the version of the Grant whose access token Pinterest refused for this Pin. `risk` is what the last look found that
    would stop it at its time.
    """

    id: str
    connection_id: str
    content: Content
    stage: Stage
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int = 1
    step: Step = Step.COMPOSE
    trouble: Trouble | None = None
    act_at: datetime | None = None
    deferred_until: datetime | None = None
    deferred_because: str | None = None
    open_attempt_id: str | None = None
    cancel_requested_at: datetime | None = None
    tries: int = 0
    looks: int = 0
    refused_grant: int | None = None
    pinterest_pin_id: str | None = None
    published_at: datetime | None = None
    deleted_at: datetime | None = None
    twin_ids: tuple[str, ...] = field(default=())
    risk: Finding | None = None

    @property
    def in_doubt(self) -> bool:
        """True while an Attempt of this Pin may or may not have made something on Pinterest."""
        return self.open_attempt_id is not None

    def late_by(self, now: datetime) -> timedelta:
        """How far it is behind the moment at which it could have left: what its account's own limits made of its time
        does not count as late, what a fault delayed does."""
        ready = self.due_at or now
        if self.deferred_until is not None and self.trouble is None:
            ready = max(ready, self.deferred_until)
        return max(now - ready, timedelta(0))

    @property
    def permalink(self) -> str | None:
        """The public address: Pinterest's replies hold none, it is built from the id."""
        return f"https://www.pinterest.com/pin/{self.pinterest_pin_id}/" if self.pinterest_pin_id else None


EDITABLE = frozenset({Stage.DRAFT, Stage.SCHEDULED, Stage.PREPARING, Stage.HELD, Stage.CANCELLED})
"""Stages in which the user may change a Pin, provided that no Attempt is open."""
