"""Refusing a Pin that is scheduled already: the one Finding of a Preflight that is worth stopping for at once."""

from __future__ import annotations

from collections.abc import Collection

from steadypin.domain.errors import InputRefused
from steadypin.domain.pins import Pin
from steadypin.domain.preflight import Looks
from steadypin.domain.preflight.repeats import IDENTICAL, WINDOW
from steadypin.domain.texts import FieldError
from steadypin.storage import lanes, preflights, siblings
from steadypin.storage.database import Tx


def refuse_identical(tx: Tx, pin: Pin, confirmed: Collection[str]) -> None:
    """Unless its user wants both, now or as said before. Raises InputRefused, which names the other Pin."""
    if pin.due_at is None or IDENTICAL in confirmed or IDENTICAL in preflights.confirmed(tx, pin.id):
        return
    lanes.lock(tx, pin.connection_id)  # of two at once the second sees the first
    looks, due = Looks.of(pin.content), max(pin.due_at, tx.now)
    near = siblings.titled(
        tx,
        pin.connection_id,
        pin.content.board_id,
        pin.content.title,
        min(pin.due_at, due - WINDOW),
        due + WINDOW,
    )
    for other in near:
        if other.id != pin.id and not other.live and other.looks.whole == looks.whole:
            raise InputRefused(
                [
                    FieldError(
                        "confirm",
                        f"The same Pin is scheduled already, for {other.at:%Y-%m-%d %H:%M} UTC: {other.id}. Change one of "
                        'the two, or say that you want both: confirm "identical".',
                    )
                ]
            )
