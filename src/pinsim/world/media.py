"""Media: a registered upload and what became of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from pinsim.films import Film
from pinsim.world.account import Account


@dataclass(frozen=True, slots=True)
class Filing:
    """The bytes that came, which themselves are not kept: their sha256, their number and what they say."""

    digest: str
    size: int
    film: Film


@dataclass(slots=True)
class Media:
    """Registered, then uploaded, then processed until `done_at`; `why` is empty unless processing fails. Times are
    epoch seconds."""

    id: str
    seq: int
    account: Account
    key: str
    registered_at: float
    app_id: str = ""
    filing: Filing | None = None
    uploaded_at: float = inf
    uploads: int = 0
    done_at: float = inf
    why: str = ""

    def status(self, now: float, lag_s: float = 0.0) -> str:
        """As Pinterest would tell it, `lag_s` after the upload."""
        if now < self.uploaded_at + lag_s:
            return "registered"
        if now < self.done_at:
            return "processing"
        return "failed" if self.why else "succeeded"


class MediaBook:
    """All uploads of one environment."""

    def __init__(self) -> None:
        self._by_id: dict[str, Media] = {}
        self._by_key: dict[str, Media] = {}
        self._of: dict[str, list[Media]] = {}
        self._made = 0

    def next_seq(self) -> int:
        """The place of the next upload in the order of registering."""
        self._made += 1
        return self._made

    def add(self, media: Media) -> None:
        """Enter a registered upload."""
        self._by_id[media.id] = self._by_key[media.key] = media
        self._of.setdefault(media.account.person, []).append(media)

    def find(self, media_id: str) -> Media | None:
        """One by id."""
        return self._by_id.get(media_id)

    def find_key(self, key: str) -> Media | None:
        """The one that a form with this key belongs to."""
        return self._by_key.get(key)

    def drop(self, media: Media) -> None:
        """Forget one."""
        del self._by_id[media.id], self._by_key[media.key]
        self._of[media.account.person].remove(media)

    def newest(self, person: str, before: float = inf) -> Iterator[Media]:
        """What an account registered, newest first, beginning below the number `before`."""
        found = self._of.get(person, [])
        for at in range(bisect_left(found, before, key=lambda each: each.seq) - 1, -1, -1):
            yield found[at]

    def listed(self) -> list[Media]:
        """All of them in the order they were registered."""
        return sorted(self._by_id.values(), key=lambda each: each.seq)

    def __len__(self) -> int:
        return len(self._by_id)
