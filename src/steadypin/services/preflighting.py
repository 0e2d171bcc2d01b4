"""Gathering what a Preflight needs, for one Pin or for many that share it, and asking it. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.errors import NotThere
from steadypin.domain.findings import Finding, Level
from steadypin.domain.pins import Content, Pin
from steadypin.domain.preflight import Account, Facts, Looks, Sibling, preflight
from steadypin.domain.preflight.repeats import WINDOW
from steadypin.domain.words import Cause, Remedy
from steadypin.services import pacing
from steadypin.services.context import Context
from steadypin.storage import (
    absences,
    boards,
    budgets,
    connections,
    instance,
    media,
    pins,
    preflights,
    siblings,
)
from steadypin.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Planned:
    """A Pin that is stored, or only thought of (`id` then names it among the others)."""

    id: str
    connection_id: str
    content: Content
    due_at: datetime | None
    confirmed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, pin: Pin, confirmed: frozenset[str] = frozenset()) -> Planned:
        """A stored one."""
        return cls(pin.id, pin.connection_id, pin.content, pin.due_at, confirmed)


def of_pin(ctx: Context, pin_id: str) -> tuple[Finding, ...]:
    """The Findings about a stored Pin. Raises NotThere."""
    with ctx.store.read() as tx:
        pin = pins.get(tx, pin_id)
        if pin is None:
            raise NotThere(f"There is no Pin {pin_id}.")
        (found,) = of_many(ctx, tx, [Planned.of(pin, preflights.confirmed(tx, pin_id))])
    return found


def of_planned(ctx: Context, planned: Planned) -> tuple[Finding, ...]:
    """The Findings about a Pin as it would be made; nothing is stored."""
    with ctx.store.read() as tx:
        (found,) = of_many(ctx, tx, [planned])
    return found


def of_many(ctx: Context, tx: Tx, planned: Sequence[Planned]) -> list[tuple[Finding, ...]]:
    """The Findings about each, in their order; what is only planned counts for the others as if it were stored."""
    accounts = {
        name: _account(ctx, tx, name, [each for each in planned if each.connection_id == name])
        for name in dict.fromkeys(each.connection_id for each in planned)
    }
    seen = _media(ctx, tx, planned)
    away = absences.known(tx)
    return [
        preflight(
            Facts(
                now=tx.now,
                content=each.content,
                due_at=each.due_at,
                account=accounts[each.connection_id],
                pin_id=each.id,
                media=seen.get(each.content.media.media_id or ""),
                confirmed=each.confirmed,
                absences=away,
            )
        )
        for each in planned
    ]


def _account(ctx: Context, tx: Tx, connection_id: str, planned: Sequence[Planned]) -> Account | None:
    connection = connections.get(tx, connection_id)
    if connection is None:
        return None
    mirrored = boards.get_all(tx, connection_id)
    return Account(
        connection=connection,
        limits=pacing.limits_of(ctx, budgets.read_many(tx, [connection_id])[connection_id].own),
        boards={board.id: board for board in mirrored} if mirrored else None,
        siblings=_siblings(tx, connection_id, planned),
        tier=pacing.access(ctx, instance.app_access(tx)),
    )


def _siblings(tx: Tx, connection_id: str, planned: Sequence[Planned]) -> Sequence[Sibling]:
    times = [max(each.due_at, tx.now) for each in planned if each.due_at is not None]
    if not times:
        return ()
    stored = siblings.near(tx, connection_id, min(times) - WINDOW, max(times) + WINDOW)
    known = {each.id for each in stored}
    thought = (
        Sibling(each.id, each.due_at, False, Looks.of(each.content))
        for each in planned
        if each.due_at is not None and each.id not in known
    )
    return sorted((*stored, *thought), key=lambda sibling: sibling.at)


def _media(ctx: Context, tx: Tx, planned: Sequence[Planned]) -> dict[str, tuple[Finding, ...]]:
    """What is known of each kept file. An address that was not fetched yet is missing here, so it is pending."""
    wanted = {each.content.media.media_id for each in planned} - {None}
    return {media_id: _kept(ctx, tx, media_id) for media_id in wanted if media_id is not None}


def _kept(ctx: Context, tx: Tx, media_id: str) -> tuple[Finding, ...]:
    record = media.get(tx, media_id)
    if record is not None and ctx.files.path(record.digest).exists():
        return ()
    title = "The image is not in the media store any more." if record else f"There is no media {media_id}."
    return (Finding("media", Level.BLOCKER, title, "Upload the file again.", Cause.MEDIA, Remedy.FIX_INPUT),)
