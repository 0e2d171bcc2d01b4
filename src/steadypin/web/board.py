"""The page: Pins by Stage, connections, the pause; and the part of it that is fetched again and again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from steadypin.domain.connections import ConnectionStatus
from steadypin.domain.errors import NotThere
from steadypin.domain.words import Stage
from steadypin.services import board_views, compose, connecting, incidents, limiting, pausing, resuming
from steadypin.services.access import Session
from steadypin.services.compose import PinFilter
from steadypin.services.context import Context
from steadypin.services.limiting import BudgetTold
from steadypin.web.pin_view import view_pins
from steadypin.web.rendering import Pages
from steadypin.web.risks import page_of
from steadypin.web.visits import InPages, Said, Visit, forget_said, take_said

router = APIRouter(include_in_schema=False)

PER_PAGE = 25
MOST_CONNECTIONS = 12
MOST_INCIDENTS = 8
MOST_GONE_BOARDS = 8
MOST_RISKS = 5
AT_RISK = "at_risk"
_NEARLY_USED = 0.8
"""From this part of the daily cap on, the page counts the account's Pins of the day."""
_WORTH_TELLING = timedelta(minutes=1)
"""A shorter wait for the next Pin is over before anybody has read of it."""

_SERIOUS_FIRST = (
    ConnectionStatus.BROKEN,
    ConnectionStatus.EXPIRING,
    ConnectionStatus.PAUSED,
    ConnectionStatus.CONNECTED,
    ConnectionStatus.DISCONNECTED,
)

StageName = Annotated[str, Query(alias="stage", max_length=20)]
After = Annotated[str, Query(max_length=64)]


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of the list is shown: one Stage, what is at risk, or all; from which Pin on."""

    stage: Stage | None
    after: str
    at_risk: bool = False

    @property
    def name(self) -> str:
        """Of the part: '' for all."""
        return AT_RISK if self.at_risk else self.stage.value if self.stage else ""

    @property
    def query(self) -> str:
        """As in the address."""
        wanted = {"stage": self.name, "after": self.after}
        return urlencode({name: value for name, value in wanted.items() if value})


def place(stage: str, after: str) -> Place:
    """From an address or a form; what makes no sense is left out."""
    shown = Stage(stage) if stage in list(Stage) else None
    return Place(shown, after if after.isascii() else "", at_risk=stage == AT_RISK)


@router.get("/")
def show_board(
    request: Request, pages: InPages, session: Visit, stage: StageName = "", after: After = ""
) -> Response:
    """The whole page."""
    said = take_said(request)
    live = _live(pages, session, place(stage, after), said, fresh=said is not None)
    page = pages.page("board.html", live=live.html)
    return forget_said(request, page) if said is not None else page


@router.get("/live")
def show_live(
    pages: InPages,
    session: Visit,
    stage: StageName = "",
    after: After = "",
    seen: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The part that changes; 204 while it is still as `seen` says."""
    live = _live(pages, session, place(stage, after), None)
    return Response(status_code=204) if live.version == seen else HTMLResponse(live.html)


@dataclass(frozen=True, slots=True)
class Live:
    """The rendered part, and a digest of what it shows."""

    html: str
    version: str


def _live(pages: Pages, session: Session, where: Place, said: Said | None, *, fresh: bool = False) -> Live:
    values = _values(pages, where, fresh=fresh)
    rows = pages.text("rows.html", **values, csrf=session.csrf, said=None)
    version = hashlib.sha256(rows.encode()).hexdigest()[:16]
    shown = rows if said is None else pages.text("rows.html", **values, csrf=session.csrf, said=said)
    query = f"{where.query}&seen={version}" if where.query else f"seen={version}"
    return Live(pages.text("live.html", rows=shown, query=query), version)


def _values(pages: Pages, where: Place, *, fresh: bool) -> dict[str, Any]:
    ctx = pages.ctx
    connections = connecting.listing(ctx)
    risks = pages.risks.get(fresh=fresh)
    found = (
        page_of(ctx, risks, PER_PAGE + 1, where.after)
        if where.at_risk
        else compose.page(ctx, PinFilter(stage=where.stage), PER_PAGE + 1, _after(pages, where))
    )
    counts = pages.counts.get(fresh=fresh)
    now = ctx.clock.now()
    standing = [(connection, connection.status(now)) for connection in connections]
    standing.sort(key=lambda found: _SERIOUS_FIRST.index(found[1]))
    shown = standing[:MOST_CONNECTIONS]
    ids = [connection.id for connection, _ in shown]
    return {
        "where": where,
        "counts": counts,
        "total": sum(counts.values()),
        "pins": view_pins(ctx, found[:PER_PAGE], connections),
        "older": found[PER_PAGE - 1].id if len(found) > PER_PAGE else None,
        "connections": shown,
        "budgets": _budgets_to_tell(ctx, ids),
        "resuming": resuming.news(ctx, ids),
        "more_connections": max(0, len(standing) - MOST_CONNECTIONS),
        "pause": pausing.state(ctx),
        "incidents": incidents.listing(ctx, MOST_INCIDENTS, open_only=True),
        "at_risk": len(risks.pin_ids),
        "forecast": risks.forecast[:MOST_RISKS],
        "more_risks": max(0, len(risks.forecast) - MOST_RISKS),
        "accounts": {connection.id: connection.username for connection in connections},
        "gone_boards": board_views.in_the_way(ctx, MOST_GONE_BOARDS),
    }


def _budgets_to_tell(ctx: Context, ids: Sequence[str]) -> dict[str, BudgetTold]:
    """Those that say something: the day's cap is nearly used, or a Pin would have to wait."""
    told = limiting.budgets(ctx, ids)
    return {name: each for name, each in told.items() if _nearly_used(each) or _waits(each)}


def _nearly_used(told: BudgetTold) -> bool:
    return 0 < told.used >= _NEARLY_USED * told.limits.daily_cap


def _waits(told: BudgetTold) -> bool:
    return told.wait is not None and told.wait.until - told.now > _WORTH_TELLING


def _after(pages: Pages, where: Place) -> tuple[Any, str] | None:
    if not where.after:
        return None
    try:
        return compose.get(pages.ctx, where.after).created_at, where.after
    except NotThere:
        return None
