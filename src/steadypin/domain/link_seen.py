"""LinkSeen: what a visitor who follows a link came to see, as facts. What they mean is said in `link_checks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class TroubleKind(StrEnum):
    """Why a look ended before its page."""

    INVALID = "invalid"
    SCHEME = "scheme"
    USER = "user"
    PORT = "port"
    PRIVATE = "private"
    PRIVATE_NAME = "private_name"
    UNKNOWN_HOST = "unknown_host"
    UNREACHED = "unreached"
    TLS = "tls"
    SILENT = "silent"
    CUT = "cut"
    UNREADABLE = "unreadable"
    LOOP = "loop"
    HOPS = "hops"


@dataclass(frozen=True, slots=True)
class LinkTrouble:
    """`words` says what happened, for people; `url` is where."""

    kind: TroubleKind
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Hop:
    """One request: where, what status came back (None: none), and what led there: "", `redirect` or `refresh`."""

    url: str
    status: int | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A look at one link.

    `hops` holds every request, the last one too; `status` and all below it belong to the last. `kind` is what the
    first bytes are (`HTML`, `JPEG`, …), `letters` how much text a visitor would see, `bytes_read` what came over the
    wire of its body, `retry_after_s` the wait that the server asked for, `truncated` that the page was not read to its end. With a `trouble` some facts may still be
    there: a page whose end never came has a title.
    """

    url: str
    final_url: str
    hops: tuple[Hop, ...] = ()
    status: int | None = None
    seconds: float = 0.0
    content_type: str = ""
    kind: str = ""
    title: str = ""
    og_title: str = ""
    og_image: str = ""
    no_pin: bool = False
    no_pin_images: int = 0
    has_password: bool = False
    is_framed: bool = False
    letters: int = 0
    bytes_read: int = 0
    retry_after_s: int | None = None
    truncated: bool = False
    trouble: LinkTrouble | None = None

    def to_json(self) -> dict[str, object]:
        """A JSON-ready object; `from_json` takes it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> LinkSeen:
        """The value from `to_json`; members that are missing read as their defaults."""
        known = {name: stored[name] for name in cls.__slots__ if name in stored}
        known["hops"] = tuple(Hop(**hop) for hop in stored.get("hops", ()))
        trouble = stored.get("trouble")
        known["trouble"] = (
            LinkTrouble(TroubleKind(trouble["kind"]), trouble["words"], trouble["url"]) if trouble else None
        )
        return cls(**known)
