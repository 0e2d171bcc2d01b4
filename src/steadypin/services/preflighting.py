"""Gathering what a Preflight needs, for one Pin or for many that share it, and asking it. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from steadypin.domain.errors import NotThere
from steadypin.domain.findings import Finding, Level
from steadypin.domain.link_checks import link_findings
from steadypin.domain.link_refusals import FORGOTTEN_AFTER, SiteRefusal
from steadypin.domain.link_seen import LinkSeen
from steadypin.domain.media import Media
from steadypin.domain.pins import Content, Pin
from steadypin.domain.preflight import Account, Facts, Looks, Sibling, preflight, site_of
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
    link_looks,
    media,
    pins,
    preflights,
    refused_sites,
    siblings,
)
from steadypin.storage.database import Tx
from steadypin.storage.media import KeptMedia


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
    kept = media.get_many(tx, [media_id for each in planned for media_id in each.content.media.files])
    pictures, seen = media.pictures(kept), _media(ctx, planned, kept)
    links, away = _Links.of(tx, planned), absences.known(tx)
    return [
        preflight(
            Facts(
                now=tx.now,
                content=each.content,
                due_at=each.due_at,
                account=accounts[each.connection_id],
                pin_id=each.id,
                media=_looked_at(each.content.media, seen),
                pictures=pictures,
                link=links.findings(ctx, tx.now, each),
                confirmed=each.confirmed,
                may_be_private=ctx.may_be_private,
                absences=away,
            )
        )
        for each in planned
    ]


@dataclass(frozen=True, slots=True)
class _Links:
    """What is known of the links of many Pins: looks by key, refusals by site."""

    seen: Mapping[str, LinkSeen]
    refused: Mapping[str, SiteRefusal]

    @classmethod
    def of(cls, tx: Tx, planned: Sequence[Planned]) -> _Links:
        links = {each.content.link for each in planned} - {None, ""}
        keys = {key for link in links if (key := preflights.link_key(link)) is not None}
        looks = link_looks.get(tx, keys) if keys else {}
        refused = refused_sites.since(tx, tx.now - FORGOTTEN_AFTER) if keys else {}
        return cls({key: look.seen for key, look in looks.items() if look.seen is not None}, refused)

    def findings(self, ctx: Context, now: datetime, pin: Planned) -> tuple[Finding, ...] | None:
        """None while there is nothing but the text of the link."""
        link = pin.content.link
        seen = self.seen.get(preflights.link_key(link) or "")
        refusal = self.refused.get(site_of(link))
        if seen is None and refusal is None:
            return None
        return link_findings(
            link,
            seen,
            now=now,
            due_at=pin.due_at,
            title=pin.content.title,
            allowed=ctx.may_be_private,
            refusal=refusal,
        )


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


def _media(
    ctx: Context, planned: Sequence[Planned], kept: Mapping[str, KeptMedia]
) -> dict[str, tuple[Finding, ...]]:
    """What is known of each file that has an id."""
    wanted = {media_id for each in planned for media_id in each.content.media.files}
    return {media_id: _kept(ctx, media_id, kept.get(media_id)) for media_id in wanted}


def _looked_at(shown: Media, seen: Mapping[str, tuple[Finding, ...]]) -> tuple[Finding, ...] | None:
    """All Findings about the kept files of one Pin; None while there are only addresses."""
    if not shown.files:
        return None
    return tuple(finding for media_id in dict.fromkeys(shown.files) for finding in seen[media_id])


def _kept(ctx: Context, media_id: str, record: KeptMedia | None) -> tuple[Finding, ...]:
    if record is not None and ctx.files.path(record.digest).exists():
        return ()
    title = "The image is not in the media store any more." if record else f"There is no media {media_id}."
    return (Finding("media", Level.BLOCKER, title, "Upload the file again.", Cause.MEDIA, Remedy.FIX_INPUT),)
