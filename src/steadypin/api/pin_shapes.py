"""Pins as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from steadypin.api.fields import Body, DueAt, Id, Moment, Text, Told
from steadypin.api.media_shapes import ImageIn, MediaIn, MediaOut, media_out
from steadypin.domain.attempts import Attempt, OutcomeKind
from steadypin.domain.pins import Pin
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.services.compose import Outcome

Confirmed = Annotated[
    list[Literal["identical"]],
    Field(
        max_length=10,
        description="`identical`: it may be the same as a Pin that is scheduled already. What was said once is kept.",
    ),
]


class PinIn(Body):
    """A Pin to make. Without `due_at` it stays a draft; `now` publishes it at once."""

    connection_id: Id
    board_id: Id
    media: MediaIn
    board_section_id: Id | None = None
    title: Text | None = Field(default=None, description="At most 100 characters.")
    description: Text | None = Field(default=None, description="At most 800 characters.")
    alt_text: Text | None = Field(default=None, description="At most 500 characters.")
    link: Text | None = Field(default=None, description="At most 2048 characters.")
    due_at: DueAt | None = None
    confirm: Confirmed = Field(default_factory=list)


class PinChanges(Body):
    """What to change; fields that are left out stay. `null` empties a text, and makes `due_at` a draft's."""

    board_id: Id = Field(default_factory=str)
    media: MediaIn = Field(default_factory=lambda: ImageIn(type="image"))
    board_section_id: Id | None = None
    title: Text | None = None
    description: Text | None = None
    alt_text: Text | None = None
    link: Text | None = None
    due_at: DueAt | None = None
    confirm: Confirmed = Field(default_factory=list)


class Resolution(Body):
    """A person's word on an open outcome: `live_as` is Pinterest's id of the Pin, or null when it is not live."""

    live_as: str | None = Field(pattern=r"^[0-9]{1,30}$")


class PinFilters(BaseModel):
    """Which Pins to list."""

    model_config = {"extra": "forbid"}

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=200, description="`next_cursor` of the page before.")
    connection_id: Id | None = None
    board_id: Id | None = None
    stage: Stage | None = None
    cause: Cause | None = None
    remedy: Remedy | None = None
    due_from: Moment | None = None
    due_until: Moment | None = None


class PinOut(BaseModel):
    """A Pin. `step` counts from 1 (compose) to 6 (publish)."""

    id: str
    connection_id: str
    board_id: str
    board_section_id: str | None
    title: str | None
    description: str | None
    alt_text: str | None
    link: str | None
    media: MediaOut
    due_at: Told | None
    stage: Stage
    step: int = Field(ge=1, le=6)
    problem: str | None = Field(description="What is wrong, in a few words.")
    cause: Cause | None
    remedy: Remedy | None
    fix: str | None = Field(description="What to do.")
    rule: str | None = Field(description="The rule of the error reference that was applied.")
    native: dict[str, Any] | None = Field(description="Pinterest's own words.")
    in_doubt: bool = Field(description="True while it may or may not be live.")
    cancel_requested_at: Told | None
    deferred_until: Told | None
    deferred_because: str | None
    next_look_at: Told | None = Field(
        description="When the board is read again to see whether the Pin is there."
    )
    at_risk: bool = Field(description="True when the last look ahead found what would stop it at its time.")
    at_risk_because: str | None
    at_risk_fix: str | None
    pinterest_pin_id: str | None
    permalink: str | None
    twin_ids: list[str]
    created_at: Told
    updated_at: Told
    published_at: Told | None


def pin_json(pin: Pin) -> dict[str, Any]:
    """The JSON of a Pin."""
    trouble, content = pin.trouble, pin.content
    out = PinOut(
        id=pin.id,
        connection_id=pin.connection_id,
        board_id=content.board_id,
        board_section_id=content.board_section_id,
        title=content.title,
        description=content.description,
        alt_text=content.alt_text,
        link=content.link,
        media=media_out(content.media),
        due_at=pin.due_at,
        stage=pin.stage,
        step=int(pin.step),
        problem=(trouble.title or None) if trouble else None,
        cause=trouble.cause if trouble else None,
        remedy=trouble.remedy if trouble else None,
        fix=trouble.fix if trouble else None,
        rule=(trouble.rule or None) if trouble else None,
        native=dict(trouble.native) if trouble and trouble.native is not None else None,
        in_doubt=pin.in_doubt,
        cancel_requested_at=pin.cancel_requested_at,
        deferred_until=pin.deferred_until,
        deferred_because=pin.deferred_because,
        next_look_at=pin.act_at if pin.stage is Stage.CONFIRMING else None,
        at_risk=pin.risk is not None,
        at_risk_because=pin.risk.title if pin.risk else None,
        at_risk_fix=pin.risk.fix if pin.risk else None,
        pinterest_pin_id=pin.pinterest_pin_id,
        permalink=pin.permalink,
        twin_ids=list(pin.twin_ids),
        created_at=pin.created_at,
        updated_at=pin.updated_at,
        published_at=pin.published_at,
    )
    return out.model_dump(mode="json")


class PinPage(BaseModel):
    """Pins, newest first."""

    items: list[PinOut]
    next_cursor: str | None = Field(description="For the next page; null when this is the last.")


class OutcomeOut(BaseModel):
    """One thing that became known about an Attempt."""

    at: Told
    kind: OutcomeKind
    pinterest_pin_id: str | None
    rule: str | None
    cause: str | None
    remedy: str | None
    native: dict[str, Any] | None
    evidence: Any


class AttemptOut(BaseModel):
    """One try at publishing a Pin: written before the request left, then what became known."""

    id: str
    at: Told
    step: int
    operation: str
    worker: str
    fingerprint: dict[str, str | None]
    outcomes: list[OutcomeOut]


class AttemptList(BaseModel):
    """The Attempts of a Pin, oldest first."""

    items: list[AttemptOut]


def attempts_json(history: Sequence[tuple[Attempt, Sequence[Outcome]]]) -> dict[str, Any]:
    """The JSON of a Pin's history."""
    items = [
        AttemptOut(
            id=attempt.id,
            at=attempt.at,
            step=6,
            operation="pins/create",
            worker=attempt.worker,
            fingerprint=attempt.fingerprint.to_json(),
            outcomes=[
                OutcomeOut(
                    at=known.at,
                    kind=known.kind,
                    pinterest_pin_id=known.pinterest_pin_id,
                    rule=known.rule,
                    cause=known.cause,
                    remedy=known.remedy,
                    native=dict(known.native) if known.native is not None else None,
                    evidence=known.evidence,
                )
                for known in outcomes
            ],
        )
        for attempt, outcomes in history
    ]
    return AttemptList(items=items).model_dump(mode="json")
