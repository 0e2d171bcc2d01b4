"""The page of the operator's App: its Access, how that is known, what it allows, what to do next."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from steadypin.services import app_facts
from steadypin.web.visits import InPages, Visit, forget_said, take_said

router = APIRouter(include_in_schema=False)


@router.get("/app")
def show_app(request: Request, pages: InPages, session: Visit) -> Response:
    """The whole page."""
    facts = app_facts.facts(pages.ctx)
    said = take_said(request)
    page = pages.page(
        "app.html",
        app=facts,
        tier="not approved" if facts.not_approved else facts.access.tier or "unknown",
        next_steps=app_facts.next_steps(facts),
        seen=[(each, app_facts.SENTENCES[each.sign]) for each in facts.evidence],
        csrf=session.csrf,
        said=said,
    )
    return forget_said(request, page) if said is not None else page
