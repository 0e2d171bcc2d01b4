"""/app: the operator's Pinterest app, its Access and how it is known."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from steadypin.api.budgets import AppBlockOut
from steadypin.api.fields import Told
from steadypin.api.problems import documented
from steadypin.api.wiring import InContext, ReadsConnections, unlimited
from steadypin.domain.app_access import Sign
from steadypin.services import app_facts
from steadypin.services.app_facts import AppFacts, Can, Evidence
from steadypin.services.limiting import Tier

router = APIRouter(prefix="/app", tags=["Connections"], responses=documented(401, 403, 422, 503))


class EvidenceOut(BaseModel):
    """Something that Pinterest showed, and when it did so last. `native`: its own words, where it was a refusal."""

    sign: Sign
    at: Told
    environment: str
    sentence: str
    native: dict[str, Any] | None


class TrialDayOut(BaseModel):
    """The App's day under Trial access, all accounts together; `next_…`: when the next one fits."""

    calls_used: int
    calls_left: int
    writes_used: int
    writes_left: int
    next_call_at: Told
    next_write_at: Told


class AbilityOut(BaseModel):
    """Something that this access allows or refuses, and how that is known."""

    what: str
    allowed: bool
    known: str


class EnvironmentOut(BaseModel):
    """Production or the sandbox: its address, and the accounts connected there. `usable`: neither broken nor disconnected."""

    environment: str
    address: str
    connections: int
    usable: int


class AppFactsOut(BaseModel):
    """The operator's Pinterest app. Its secret is never told, only whether one is set."""

    id: str | None
    secret_set: bool
    redirect_uri: str = Field(description="To be registered with the App, letter for letter.")
    scopes: list[str] = Field(description="What accounts are asked to allow.")
    access_tier: Tier | Literal["unknown"]
    said_by: Literal["operator", "pinterest"] | None
    since: Told | None = Field(description="Since when Pinterest shows this access; null: not known.")
    how_known: str
    not_approved: bool = Field(description="The latest that Pinterest said of the App: it is not approved.")
    contradicted_by: str | None = Field(
        description="What Pinterest's replies show, where the operator's setting says something else."
    )
    evidence: list[EvidenceOut] = Field(description="The latest first.")
    block: AppBlockOut | None
    trial: TrialDayOut | None
    abilities: list[AbilityOut]
    environments: list[EnvironmentOut]
    next_steps: list[str] = Field(
        description="What to do next. Words in backticks are to be typed as they are."
    )


@router.get("")
def show_app(ctx: InContext, caller: ReadsConnections) -> AppFactsOut:
    """What is known of the App, and what to do next."""
    unlimited(caller)
    return _out(app_facts.facts(ctx))


def _out(app: AppFacts) -> AppFactsOut:
    told = app.access
    return AppFactsOut(
        id=app.id,
        secret_set=app.secret_set,
        redirect_uri=app.redirect_uri,
        scopes=list(app.scopes),
        access_tier=told.tier or "unknown",
        said_by=told.said_by,
        since=app.since,
        how_known=app.how_known,
        not_approved=app.not_approved,
        contradicted_by=app.contradicted,
        evidence=[_evidence(each) for each in app.evidence],
        block=AppBlockOut(until=told.block.until, because=told.block.because) if told.block else None,
        trial=_trial(app),
        abilities=[_ability(each) for each in app.abilities],
        environments=[
            EnvironmentOut(
                environment=each.name, address=each.address, connections=each.connections, usable=each.usable
            )
            for each in app.environments
        ],
        next_steps=app_facts.next_steps(app),
    )


def _evidence(each: Evidence) -> EvidenceOut:
    return EvidenceOut(
        sign=each.sign,
        at=each.at,
        environment=each.environment,
        sentence=f"{app_facts.sentence(each)}.",
        native=dict(each.native) if each.native is not None else None,
    )


def _ability(each: Can) -> AbilityOut:
    return AbilityOut(what=each.what, allowed=each.allowed, known=each.known)


def _trial(app: AppFacts) -> TrialDayOut | None:
    left, used = app.access.trial, app.used
    if left is None or used is None:
        return None
    return TrialDayOut(
        calls_used=used[0],
        calls_left=left.calls,
        writes_used=used[1],
        writes_left=left.writes,
        next_call_at=left.next_call_at,
        next_write_at=left.next_write_at,
    )
