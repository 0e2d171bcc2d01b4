"""/incidents: trouble that concerns many Pins, of one account or of all, told once."""

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
    """One standing trouble. Nothing is lost by it. With a `connection_id` it is about that account alone; of any other no
    account is to blame.
    """

    id: str
    kind: IncidentKind
    environment: str
    connection_id: str | None
    open: bool
    title: str
    cause: Cause
    rule: str = Field(description="The rule of the error reference that was applied to what drew it.")
    by_itself: str = Field(description="What Steadypin does meanwhile.")
    fix: str = Field(description="What a person can do.")
    native: dict[str, Any] | None = Field(
        description="What drew it, in its own words; null for a key that is limited to some connections, unless it is about one of them."
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
    found = incidents.listing(ctx, limit, open_only=open_only, connection_ids=caller.connection_ids)
    return IncidentList(items=[_out(told, whole=caller.connection_ids is None) for told in found])


def _out(told: incidents.Told, *, whole: bool) -> IncidentOut:
    known = told.incident
    return IncidentOut(
        id=known.id,
        kind=known.kind,
        environment=known.environment,
        connection_id=known.connection_id,
        open=known.closed_at is None,
        title=known.title,
        cause=known.cause,
        rule=known.rule,
        by_itself=told.by_itself,
        fix=told.fix,
        native=dict(known.native) if known.native is not None and (whole or known.connection_id) else None,
        opened_at=known.opened_at,
        next_probe_at=told.next_probe_at,
        probes=known.probes,
        closed_at=known.closed_at,
    )
