"""Intake: one form on its way into the bucket, piece by piece; the file is looked at and not kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from pinsim.films import FilmReader
from pinsim.forms import BadForm, FieldsTooLarge, FormReader, boundary_of
from pinsim.store import answers
from pinsim.store.answers import StoreRefusal
from pinsim.store.policy import Allowed
from pinsim.world.media import Filing


class Intake:
    """`admit` says what the fields allow, or raises StoreRefusal; it is asked when the file begins.

    After a refusal the rest of the body is counted and read past.
    """

    def __init__(self, headers: dict[str, str], admit: Callable[[dict[str, str]], Allowed]) -> None:
        self._admit = admit
        self._digest, self._film = hashlib.sha256(), FilmReader()
        self._allowed: Allowed | None = None
        self.refusal: StoreRefusal | None = None
        self.body_bytes = self.file_bytes = 0
        boundary = boundary_of(headers.get("content-type", ""))
        if "chunked" in headers.get("transfer-encoding", "").lower():
            self.refusal = answers.no_length()
        elif boundary is None:
            self.refusal = answers.no_form()
        self._form = FormReader(boundary or b"-", self._started, self._arrived)

    @property
    def fields(self) -> dict[str, str]:
        """What came before the file."""
        return self._form.fields

    @property
    def key(self) -> str:
        """The key that the form names; empty when it has none."""
        return self._form.fields.get("key", "")

    @property
    def has_started(self) -> bool:
        """Whether the file began."""
        return self._form.has_file

    def feed(self, piece: bytes) -> None:
        """The next bytes of the body."""
        self.body_bytes += len(piece)
        if self.refusal is not None:
            return
        try:
            self._form.feed(piece)
        except StoreRefusal as refusal:
            self.refusal = refusal
        except FieldsTooLarge:
            self.refusal = answers.fields_too_large()
        except BadForm:
            self.refusal = answers.malformed()

    def finish(self) -> Filing:
        """What was taken, when the whole body has come; raises StoreRefusal."""
        if self.refusal is None and not self._form.is_whole:
            self.refusal = answers.malformed()
        elif self.refusal is None and not self._form.has_file:
            self.refusal = answers.no_file()
        elif self.refusal is None and self._allowed and self.file_bytes < self._allowed.fewest:
            self.refusal = answers.too_small(self.file_bytes, self._allowed.fewest)
        if self.refusal is not None:
            raise self.refusal
        return Filing(self._digest.hexdigest(), self.file_bytes, self._film.finish())

    def _started(self) -> None:
        self._allowed = self._admit(self._form.fields)

    def _arrived(self, piece: bytes) -> None:
        self.file_bytes += len(piece)
        if self._allowed is not None and self.file_bytes > self._allowed.most:
            raise answers.too_large(self.file_bytes, self._allowed.most)
        self._digest.update(piece)
        self._film.feed(piece)
