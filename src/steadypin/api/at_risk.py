"""Pins at risk as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from steadypin.api.fields import Told
from steadypin.api.findings import FindingOut
from steadypin.domain.lookahead import Risk
from steadypin.domain.words import Cause
from steadypin.services.look_ahead import AtRisk as PinAtRisk

_MOST_NAMED = 50


class RiskyPin(BaseModel):
    """A Pin that something will stop."""

    id: str
    connection_id: str
    title: str | None
    due_at: Told | None
    looked_at: Told | None
    findings: list[FindingOut]


class RiskOut(BaseModel):
    """Pins of one account that will not go out for one reason; of many, the first are named."""

    connection_id: str
    cause: Cause
    title: str
    fix: str
    pins: int
    first_at: Told
    pin_ids: list[str] = Field(description=f"At most {_MOST_NAMED}.")


class AtRisk(BaseModel):
    """What will not go out, by reason and one by one, the nearest in time first."""

    forecast: list[RiskOut]
    items: list[RiskyPin]


def at_risk_json(risks: Sequence[PinAtRisk], forecasts: Sequence[Risk]) -> dict[str, Any]:
    """The JSON of it."""
    out = AtRisk(
        forecast=[
            RiskOut(
                connection_id=each.connection_id,
                cause=each.cause,
                title=each.title,
                fix=each.fix,
                pins=len(each.pin_ids),
                first_at=each.first_at,
                pin_ids=list(each.pin_ids[:_MOST_NAMED]),
            )
            for each in forecasts
        ],
        items=[
            RiskyPin(
                id=each.pin.id,
                connection_id=each.pin.connection_id,
                title=each.pin.content.title,
                due_at=each.pin.due_at,
                looked_at=each.looked_at,
                findings=[FindingOut.model_validate(finding.to_json()) for finding in each.findings],
            )
            for each in risks
        ],
    )
    return out.model_dump(mode="json")
