"""What the look-ahead knows, as the page tells it: which Pins will not go out, and why, by account and reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from steadypin.domain.lookahead import Risk
from steadypin.domain.pins import Pin
from steadypin.services import compose, look_ahead
from steadypin.services.context import Context


@dataclass(frozen=True, slots=True)
class Risks:
    """Pins at risk, the nearest in time first, and the reasons by account."""

    pin_ids: Sequence[str]
    forecast: Sequence[Risk]


def read_risks(ctx: Context) -> Risks:
    """As the last look-ahead left it."""
    found = look_ahead.risks(ctx)
    return Risks([each.pin.id for each in found], look_ahead.forecasts(found))


def page_of(ctx: Context, risks: Risks, most: int, after: str) -> list[Pin]:
    """Some of the Pins, from the one behind `after` on; those that are at no risk any more are left out."""
    ids = risks.pin_ids
    begin = ids.index(after) + 1 if after in ids else 0
    return [pin for pin in compose.several(ctx, ids[begin : begin + most]) if pin.risk is not None]
