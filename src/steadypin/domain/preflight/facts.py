"""What a Preflight reasons about, gathered once for many Pins where they share it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from steadypin.domain.attempts import Fingerprint
from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection
from steadypin.domain.findings import Finding
from steadypin.domain.links import normalise_link
from steadypin.domain.media import Picture
from steadypin.domain.pacing.day import Limits
from steadypin.domain.pins import Content


@dataclass(frozen=True, slots=True)
class Looks:
    """By what Pins are alike: `whole` everything that goes to Pinterest, `pair` board, link and media, `site` the host."""

    whole: tuple[object, ...]
    pair: tuple[object, ...] | None
    site: str

    @classmethod
    def of(cls, content: Content) -> Looks:
        """Of one content. Without a link two Pins are no pair."""
        shown = (content.media.kind, *content.media.sources)
        link = normalise_link(content.link)
        whole = (Fingerprint.of(content).same_as, content.board_section_id or "", content.media)
        return cls(whole, (content.board_id, link, *shown) if link else None, site_of(content.link))


@dataclass(frozen=True, slots=True)
class Sibling:
    """Another Pin of the same account. `at`: when it went live, else when it is due."""

    id: str
    at: datetime
    live: bool
    looks: Looks


def site_of(link: str | None) -> str:
    """The host of a link without `www.`; '' for none."""
    try:
        host = urlsplit(link or "").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Account:
    """What the Pins of one Connection share. `boards` None: never read; `tier` and `blocked_until` are the App's.

    `siblings`: its Pins from a week before to a week after the ones that are looked at, by their `at`.
    """

    connection: Connection
    limits: Limits
    boards: Mapping[str, Board] | None = None
    sections: Mapping[str, frozenset[str]] = field(default_factory=dict)
    siblings: Sequence[Sibling] = ()
    tier: str | None = None

    def near(self, moment: datetime, within: timedelta) -> Sequence[Sibling]:
        """The siblings within so long before and after."""
        first = bisect_left(self.siblings, moment - within, key=_at)
        last = bisect_right(self.siblings, moment + within, key=_at)
        return self.siblings[first:last]


def _at(sibling: Sibling) -> datetime:
    return sibling.at


@dataclass(frozen=True, slots=True)
class Facts:
    """One Pin as it stands. `pin_id` None: not stored yet. `account` None: there is no such Connection.

    `media` and `link` are what was found when the bytes and the page were looked at; None means that nobody has yet.
    `pictures` are the kept files of its media by id. `confirmed` holds the checks whose blocker the user has accepted.
    `may_be_private`: hosts of links that the operator lets be private.
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
