"""One try at creating a Pin: the intent written before the request leaves and what a reply proves about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from steadypin.domain.links import marker_of, normalise_link
from steadypin.domain.pins import Content, MediaKind


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a created Pin would look like when it is read back; the link is normalised, absent texts are ''."""

    board_id: str
    board_section_id: str
    title: str
    description: str
    alt_text: str
    link: str
    kind: MediaKind
    marker: str | None = None

    @classmethod
    def of(cls, content: Content) -> Fingerprint:
        """The fingerprint of a content as it is sent (with the marker already in its link, if there is one)."""
        return cls(
            board_id=content.board_id,
            board_section_id=content.board_section_id or "",
            title=comparable(content.title),
            description=comparable(content.description),
            alt_text=comparable(content.alt_text),
            link=normalise_link(content.link),
            kind=content.media.kind,
            marker=marker_of(content.link),
        )

    def to_json(self) -> dict[str, str | None]:
        """A flat object; `from_json` reads it back."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, data: Mapping[str, str | None]) -> Fingerprint:
        """The reverse of to_json."""
        texts = {name: data[name] or "" for name in cls.__slots__ if name not in {"kind", "marker"}}
        return cls(**texts, kind=MediaKind(data["kind"] or "image"), marker=data["marker"])

    @property
    def same_as(self) -> str:
        """A key that is equal for Pins which could not be told apart when read back from their board."""
        fields = (self.board_id, self.title, self.description, self.alt_text, self.link, self.kind.value)
        return "\x1f".join((*fields, self.marker or ""))


def comparable(text: str | None) -> str:
    """A text for comparing: surrounding white space gone, inner runs folded, as lists give texts back."""
    return " ".join((text or "").split())


@dataclass(frozen=True, slots=True)
class Attempt:
    """The intent record of one create. `at` is when it was written, just before the request could leave."""

    id: str
    pin_id: str
    connection_id: str
    fence: int
    worker: str
    at: datetime
    fingerprint: Fingerprint


class OutcomeKind(StrEnum):
    """What one outcome record says about its Attempt. All but DOUBT and LOOK settle it; LATE is evidence only."""

    MADE = "made"
    NOT_MADE = "not_made"
    DOUBT = "doubt"
    LATE = "late"
    LOOK = "look"
    ADOPTED = "adopted"
    ABSENT = "absent"
    SAID_LIVE = "said_live"
    SAID_NOT_LIVE = "said_not_live"
