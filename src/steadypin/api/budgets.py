"""/connections/{id}/budget and /limits: what an account may still do, and what its user allows."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from steadypin.api.connections import ConnectionId
from steadypin.api.fields import Body, Text, Told
from steadypin.api.problems import documented
from steadypin.api.wiring import InContext, ReadsConnections, WritesConnections, visible
from steadypin.domain.operations import Category
from steadypin.services import limiting
from steadypin.services.context import Context
from steadypin.services.limiting import AppTold, BudgetTold, CategoryTold

router = APIRouter(prefix="/connections", tags=["Connections"], responses=documented(401, 403, 404, 422, 503))

Source = Literal["own", "settings"]


class QuotaOut(BaseModel):
    """So many requests in so many seconds, as Pinterest last said."""

    limit: int
    window_s: int


class BlockOut(BaseModel):
    """Nothing leaves until then. `rule` is that of the error reference, empty when no refusal led to it."""

    until: Told
    because: str
    rule: str


class CategoryOut(BaseModel):
    """One of Pinterest's rate categories."""

    category: Category
    quota: QuotaOut
    next_at: Told = Field(description="When the next request of this category may leave.")
    block: BlockOut | None


class CapOut(BaseModel):
    """The most Pins a day."""

    value: int
    source: Source


class SpacingOut(BaseModel):
    """The least time between two Pins, in seconds."""

    value: float
    source: Source


class QuietOut(BaseModel):
    """No Pin goes out between these times of day; null: there are no quiet hours."""

    value: str | None
    source: Source


class ZoneOut(BaseModel):
    """The time zone of the account's day and quiet hours."""

    value: str
    source: Source


class LimitsOut(BaseModel):
    """What the user allows. `source` says whether the account has its own or the settings hold."""

    daily_cap: CapOut
    spacing_s: SpacingOut
    quiet: QuietOut
    tz: ZoneOut


class DayOut(BaseModel):
    """The account's present day, by its time zone. `used`: Pins that count for it."""

    used: int
    ends_at: Told


class NextPinOut(BaseModel):
    """When a Pin that is due now may leave, as far as limits and Budgets go, and what it waits for; null: it does not."""

    at: Told
    because: str | None


class AppBlockOut(BaseModel):
    """No account calls Pinterest until then."""

    until: Told
    because: str


class TrialOut(BaseModel):
    """What is left of the App's day under Trial access, for all accounts together; `next_…`: when the next one fits."""

    writes_left: int
    calls_left: int
    next_write_at: Told
    next_call_at: Told


class AppOut(BaseModel):
    """The App's access, and who said so: the operator's setting, or Pinterest's replies."""

    access_tier: limiting.Tier | Literal["unknown"]
    said_by: Literal["operator", "pinterest"] | None
    block: AppBlockOut | None
    trial: TrialOut | None


class BudgetOut(BaseModel):
    """What this account may still do, at the moment `now`."""

    connection_id: str
    now: Told
    categories: list[CategoryOut]
    limits: LimitsOut
    day: DayOut
    next_pin: NextPinOut
    app: AppOut


class LimitsIn(Body):
    """Limits to change. What is not named stays; null goes back to the settings."""

    daily_cap: Annotated[
        int | None, Field(ge=1, le=limiting.MOST_PINS_A_DAY, description="The most Pins a day.")
    ] = None
    spacing_s: Annotated[
        float | None,
        Field(
            ge=0,
            le=limiting.LONGEST_SPACING_S,
            allow_inf_nan=False,
            description="The least seconds between two Pins.",
        ),
    ] = None
    quiet: Annotated[
        Text | None,
        Field(
            max_length=40, description="Like 22:00-07:00, or none: no quiet hours, whatever the settings say."
        ),
    ] = None
    tz: Annotated[Text | None, Field(max_length=100, description="A time zone like Europe/Berlin.")] = None


@router.get("/{connection_id}/budget")
def show_budget(connection_id: ConnectionId, ctx: InContext, caller: ReadsConnections) -> BudgetOut:
    """What this account may still do: Pinterest's quotas, its user's limits, the App's access."""
    visible(caller, connection_id)
    return _out(ctx, connection_id)


@router.put("/{connection_id}/limits", responses=documented(400, 413, 415))
def set_limits(
    connection_id: ConnectionId, body: LimitsIn, ctx: InContext, caller: WritesConnections
) -> BudgetOut:
    """Change what the user allows for this account. Pins that wait for a limit are decided anew at once."""
    visible(caller, connection_id)
    limiting.set_limits(ctx, connection_id, body.model_dump(exclude_unset=True))
    return _out(ctx, connection_id)


def _out(ctx: Context, connection_id: str) -> BudgetOut:
    told = limiting.budget(ctx, connection_id)
    return BudgetOut(
        connection_id=connection_id,
        now=told.now,
        categories=[_category(each) for each in told.categories],
        limits=_limits(told),
        day=DayOut(used=told.used, ends_at=told.day_ends_at),
        next_pin=NextPinOut(at=told.wait.until, because=told.wait.because)
        if told.wait
        else NextPinOut(at=told.now, because=None),
        app=_app(told.app),
    )


def _category(told: CategoryTold) -> CategoryOut:
    block = told.block
    return CategoryOut(
        category=told.category,
        quota=QuotaOut(limit=told.quota.limit, window_s=told.quota.window_s),
        next_at=told.next_at,
        block=BlockOut(until=block.until, because=block.because, rule=block.rule) if block else None,
    )


def _limits(told: BudgetTold) -> LimitsOut:
    limits = told.limits

    def source(name: str) -> Source:
        return "own" if name in told.own else "settings"

    return LimitsOut(
        daily_cap=CapOut(value=limits.daily_cap, source=source("daily_cap")),
        spacing_s=SpacingOut(value=limits.spacing_s, source=source("spacing_s")),
        quiet=QuietOut(value=str(limits.quiet) if limits.quiet else None, source=source("quiet")),
        tz=ZoneOut(value=str(limits.tz), source=source("tz")),
    )


def _app(told: AppTold) -> AppOut:
    left = told.trial
    return AppOut(
        access_tier=told.tier or "unknown",
        said_by=told.said_by,
        block=AppBlockOut(until=told.block.until, because=told.block.because) if told.block else None,
        trial=TrialOut(
            writes_left=left.writes,
            calls_left=left.calls,
            next_write_at=left.next_write_at,
            next_call_at=left.next_call_at,
        )
        if left
        else None,
    )
