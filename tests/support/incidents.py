"""Incidents opened without waiting for the trouble."""

from __future__ import annotations

from steadypin.domain.failures import Failure, classify
from steadypin.domain.incidents import IncidentKind
from steadypin.domain.native import native_from_exception, read_native
from steadypin.services import incidents
from steadypin.services.context import Context

WHAT_DREW_IT: dict[IncidentKind, Failure] = {
    IncidentKind.PLATFORM: classify(read_native("pins/create", 503, b"")),
    IncidentKind.NETWORK: classify(native_from_exception("pins/create", "gaierror", ""), left=False),
    IncidentKind.APP: classify(
        read_native("pins/create", 403, b'{"code": 29, "message": "Apps with Trial access <b>may not</b>"}')
    ),
    IncidentKind.RENEWAL: classify(read_native("oauth/token", 401, b'{"code": 2, "message": "no"}')),
}


def open_incident(ctx: Context, kind: IncidentKind, environment: str = "production") -> incidents.Incident:
    """One of that kind, as the services open it."""
    ctx.store.write(lambda tx: incidents._open(ctx, tx, environment, kind, WHAT_DREW_IT[kind]))
    return next(
        told.incident
        for told in incidents.listing(ctx, open_only=True)
        if (told.incident.kind, told.incident.environment) == (kind, environment)
    )
