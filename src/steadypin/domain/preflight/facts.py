"""What a Preflight reasons about, gathered once for many Pins where they share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from steadypin.domain.absences import Absence
from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection
from steadypin.domain.findings import Finding
from steadypin.domain.media import Picture
from steadypin.domain.pacing.day import Limits
from steadypin.domain.pins import Content
from steadypin.domain.preflight.siblings import Sibling, Siblings


@dataclass(frozen=True, slots=True)
class Account:
    """What the Pins of one Connection share. `boards` None: never read; `tier` and `blocked_until` are the App's.

    `siblings`: its Pins from a week before to a week after the ones that are looked at, by their `at`; `beside` finds
    among them.
    """

    connection: Connection
    limits: Limits
    boards: Mapping[str, Board] | None = None
    sections: Mapping[str, frozenset[str]] = field(default_factory=dict)
    siblings: Sequence[Sibling] = ()
    tier: str | None = None
    beside: Siblings = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "beside", Siblings(self.siblings, self.limits.tz))


@dataclass(frozen=True, slots=True)
class Facts:
    """One Pin as it stands. `pin_id` None: not stored yet. `account` None: there is no such Connection.

    `media` and `link` are what was found when the bytes and the page were looked at; None means that nobody has yet.
    `pictures` are the kept files of its media by id. `confirmed` holds the checks whose blocker the user has accepted.
    `may_be_private`: hosts of links that the operator lets be private. `absences`: when Steadypin was not running.
    """

    now: datetime
    content: Content
    due_at: datetime | None
    account: Account | None
    pin_id: str | None = None
    media: Sequence[Finding] | None = None
    link: Sequence[Finding] | None = None
    confirmed: frozenset[str] = frozenset()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    may_be_private: Callable[[str], bool] = lambda host: False
    absences: Sequence[Absence] = ()
