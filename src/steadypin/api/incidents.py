"""/incidents: trouble that concerns many Pins, told once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from steadypin.api.fields import Told
from steadypin.api.problems import documented
from steadypin.api.wiring import InContext, ReadsConnections
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.words import Cause
from steadypin.services import incidents

router = APIRouter(prefix="/incidents", tags=["Incidents"], responses=documented(401, 403, 422, 503))


class IncidentOut(BaseModel):
    """One standing trouble. No account is to blame for it, and nothing is lost by it."""

    id: str
    kind: IncidentKind
    environment: str
    open: bool
    title: str
    cause: Cause
    rule: str = Field(description="The rule of the error reference that was applied to what drew it.")
    by_itself: str = Field(description="What Steadypin does meanwhile.")
    fix: str = Field(description="What a person can do.")
    native: dict[str, Any] | None = Field(
        description="What drew it, in its own words; null for a key that is limited to some connections."
    )
    opened_at: Told
    next_probe_at: Told | None = Field(description="From then on one Pin may be tried; null when none waits.")
    probes: int = Field(description="How many were tried so far.")
    closed_at: Told | None


class IncidentList(BaseModel):
    """Open ones first, then what is over; of each the newest first."""

    items: list[IncidentOut]


@router.get("")
def list_incidents(
    ctx: InContext,
    caller: ReadsConnections,
    open_only: Annotated[bool, Query(alias="open", description="Only those that are not over yet.")] = False,
    limit: Annotated[int, Query(ge=1, le=incidents.MOST_SHOWN)] = 50,
) -> IncidentList:
    """What troubles many Pins at once, and what did."""
    found = incidents.listing(ctx, limit, open_only=open_only)
    return IncidentList(items=[_out(told, whole=caller.connection_ids is None) for told in found])


def _out(told: incidents.Told, *, whole: bool) -> IncidentOut:
    known = told.incident
    return IncidentOut(
        id=known.id,
        kind=known.kind,
        environment=known.environment,
        open=known.closed_at is None,
        title=known.title,
        cause=known.cause,
        rule=known.rule,
        by_itself=told.by_itself,
        fix=told.fix,
        native=dict(known.native) if whole and known.native is not None else None,
        opened_at=known.opened_at,
        next_probe_at=told.next_probe_at,
        probes=known.probes,
        closed_at=known.closed_at,
    )
