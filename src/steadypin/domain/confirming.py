"""Did a doubtful create make a Pin? Decided from what the board shows, for all open Attempts of that board at once.

    confirm(doubts, listing, ours) -> {attempt id: Exact | Absent | Unclear}

Pinterest has no idempotency key and no client reference, so a Pin is recognised by what can be read back: the link
marker when there is one, else all texts, the link, the section and the kind, inside the window of the Attempt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from steadypin.domain.attempts import Fingerprint, comparable
from steadypin.domain.links import marker_of, normalise_link
from steadypin.domain.pins import MediaKind
from steadypin.domain.times import parse_pinterest_moment

CLOCK_TOLERANCE = timedelta(seconds=5)
"""Pinterest's `created_at` has seconds only and its `Date` header travelled; both are below this."""

_KINDS = {
    "image": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "multiple_videos": MediaKind.CAROUSEL,
    "multiple_images": MediaKind.CAROUSEL,
    "multiple_mixed": MediaKind.CAROUSEL,
}
_CREATIVES = {"VIDEO": MediaKind.VIDEO, "CAROUSEL": MediaKind.CAROUSEL}
"""`creative_type` says less: REGULAR is no proof of a single image."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """An open Attempt: what it would have made and since when it may exist (our clock)."""

    attempt_id: str
    fingerprint: Fingerprint
    since: datetime


@dataclass(frozen=True, slots=True)
class SeenPin:
    """A Pin as a board list shows it; None where Pinterest left a field out."""

    id: str
    created_at: datetime | None
    title: str
    description: str
    alt_text: str
    link: str
    board_section_id: str | None
    kind: MediaKind | None
    is_owner: bool | None

    @classmethod
    def read(cls, item: Mapping[str, object]) -> SeenPin:
        """From one item of a list reply; tolerant of absent and null fields."""

        def text(name: str) -> str:
            value = item.get(name)
            return value if isinstance(value, str) else ""

        section, owner = item.get("board_section_id"), item.get("is_owner")
        return cls(
            id=str(item.get("id", "")),
            created_at=parse_pinterest_moment(text("created_at")),
            title=text("title"),
            description=text("description"),
            alt_text=text("alt_text"),
            link=text("link"),
            board_section_id=str(section) if section else None,
            kind=_kind(item),
            is_owner=owner if isinstance(owner, bool) else None,
        )

    def evidence(self) -> dict[str, str]:
        """What a person needs to compare this Pin with the one that was sent."""
        return {
            "pinterest_pin_id": self.id,
            "created_at": self.created_at.isoformat() if self.created_at else "",
            "title": self.title,
            "description": self.description,
            "alt_text": self.alt_text,
            "link": self.link,
        }


def _kind(item: Mapping[str, object]) -> MediaKind | None:
    """What the Pin shows; None when nothing says it, or two fields contradict each other."""
    media = item.get("media")
    shown = _KINDS.get(str(media.get("media_type"))) if isinstance(media, Mapping) else None
    made = _CREATIVES.get(str(item.get("creative_type")))
    if shown is not None and made is not None and shown is not made:
        return None
    return shown or made


@dataclass(frozen=True, slots=True)
class Listing:
    """A board (or section) as read: its Pins, whether every page was read, Pinterest's clock minus ours."""

    pins: Sequence[SeenPin]
    complete: bool
    clock_offset: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Exact:
    """Exactly one Pin that is this Attempt's and nobody else's."""

    pin: SeenPin


@dataclass(frozen=True, slots=True)
class Absent:
    """The whole board was read and holds no Pin that could be this Attempt's."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something is there that may be it; only a person can tell. `candidates` is the evidence."""

    reason: str
    candidates: tuple[SeenPin, ...] = ()


Match = Exact | Absent | Unclear


def confirm(doubts: Sequence[Doubt], listing: Listing, ours: frozenset[str]) -> dict[str, Match]:
    """Match every open Attempt against one listing of its board; `ours` are Pinterest ids that are explained already.

    A Pin that is the exact match of one Attempt explains itself and does not cloud another Attempt.
    """
    unexplained = [pin for pin in listing.pins if pin.id not in ours and pin.is_owner is not False]
    exact = {
        doubt.attempt_id: [pin for pin in unexplained if _is_exact(doubt, pin, listing.clock_offset)]
        for doubt in doubts
    }
    claims: dict[str, int] = {}
    for pins in exact.values():
        for pin in pins:
            claims[pin.id] = claims.get(pin.id, 0) + 1
    return {
        doubt.attempt_id: _match(doubt, exact[doubt.attempt_id], unexplained, claims, listing)
        for doubt in doubts
    }


def _match(
    doubt: Doubt,
    exact: list[SeenPin],
    unexplained: list[SeenPin],
    claims: Mapping[str, int],
    listing: Listing,
) -> Match:
    if len(exact) > 1:
        return Unclear("several Pins on the board look exactly like this one", tuple(exact))
    if len(exact) == 1:
        if claims[exact[0].id] == 1:
            return Exact(exact[0])
        return Unclear("one Pin on the board could belong to several of yours", tuple(exact))
    if not listing.complete:
        return Unclear("the board has more Pins than Steadypin reads, and this one was not among those read")
    alike = [pin for pin in unexplained if pin.id not in claims and _looks_like(doubt.fingerprint, pin)]
    if alike:
        return Unclear("a Pin on the board looks exactly like this one, but seems to be older", tuple(alike))
    near = [pin for pin in unexplained if pin.id not in claims and _may_be(doubt, pin, listing.clock_offset)]
    if near:
        return Unclear("a Pin that Steadypin cannot explain appeared on the board at that time", tuple(near))
    return Absent()


def _is_exact(doubt: Doubt, pin: SeenPin, offset: timedelta) -> bool:
    return _may_be(doubt, pin, offset) and _looks_like(doubt.fingerprint, pin)


def _looks_like(wanted: Fingerprint, pin: SeenPin) -> bool:
    """Everything but the time agrees. Clocks can be wrong, so such a Pin outside the window is never overlooked."""
    if pin.kind is not None and pin.kind is not wanted.kind:
        return False
    if wanted.marker is not None:
        return marker_of(pin.link) == wanted.marker
    section_agrees = pin.board_section_id is None or pin.board_section_id == wanted.board_section_id
    return section_agrees and (
        comparable(pin.title),
        comparable(pin.description),
        comparable(pin.alt_text),
        normalise_link(pin.link),
    ) == (wanted.title, wanted.description, wanted.alt_text, wanted.link)


def _may_be(doubt: Doubt, pin: SeenPin, offset: timedelta) -> bool:
    """Of this kind, inside the window, and not carrying the marker of another Pin."""
    if pin.kind is not None and pin.kind is not doubt.fingerprint.kind:
        return False
    foreign = marker_of(pin.link)
    if foreign is not None and foreign != doubt.fingerprint.marker:
        return False
    return pin.created_at is None or pin.created_at >= doubt.since + offset - CLOCK_TOLERANCE
