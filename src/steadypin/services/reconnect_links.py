"""Reconnect links: the owner of an account brings its Connection back without signing in here.

    make -> a link, shown once -> look (a page) -> begin (a consent) -> connecting.finish -> the link is dead

A link opens nothing else: it shows the account's name and how many Pins wait, and leads to Pinterest's consent page. It
may be opened again until it has brought the Connection back, has expired or was revoked.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, NotThere
from steadypin.services import connecting, resuming
from steadypin.services.connecting import Authorization, Wanted, digest
from steadypin.services.context import Context
from steadypin.services.resuming import How
from steadypin.storage import connections, reconnect_links
from steadypin.storage.database import Tx
from steadypin.storage.reconnect_links import Link

__all__ = ["Link"]

LASTS = timedelta(days=7)
LONGEST_HOURS = 30 * 24


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link just made; `token` is the end of its address, which nobody can read again."""

    link: Link
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link shows: whose account, who asks, whether it is connected now, and how many Pins wait for it."""

    link: Link
    connection: Connection
    usable: bool
    by_itself: int
    on_your_word: int


def make(ctx: Context, connection_id: str, lasts: timedelta = LASTS, asked_by: str | None = None) -> NewLink:
    """Make a link for one Connection. Raises NotThere."""
    token = secrets.token_urlsafe(32)

    def work(tx: Tx) -> Link:
        if connections.get(tx, connection_id) is None:
            raise NotThere(f"There is no connection {connection_id}.")
        expires_at = tx.now + lasts
        link = Link(ctx.new_id("lnk", tx.now), connection_id, asked_by or None, tx.now, expires_at)
        reconnect_links.add(tx, link, digest(token))
        return link

    return NewLink(ctx.store.write(work), token)


def revoke(ctx: Context, connection_id: str) -> int:
    """End every link of a Connection that still works; answers how many. Raises NotThere."""

    def work(tx: Tx) -> int:
        if connections.get(tx, connection_id) is None:
            raise NotThere(f"There is no connection {connection_id}.")
        return reconnect_links.revoke(tx, connection_id)

    return ctx.store.write(work)


def look(ctx: Context, token: str) -> Invitation:
    """What the link says. Raises NotThere, or Conflict with the reason when it is dead."""
    with ctx.store.read() as tx:
        link = _alive(tx, token)
    found = resuming.preview(ctx, link.connection_id)
    return Invitation(
        link=link,
        connection=found.connection,
        usable=found.usable,
        by_itself=found.count(How.BY_ITSELF),
        on_your_word=found.count(How.ON_YOUR_WORD),
    )


def begin(ctx: Context, token: str, browser: str) -> tuple[Link, Authorization]:
    """Begin the consent that it leads to, for this browser alone. Raises NotThere, Conflict."""
    with ctx.store.read() as tx:
        link = _alive(tx, token)
    wanted = Wanted(browser=browser, brings_back=link.connection_id, link_id=link.id)
    return link, connecting.authorize(ctx, wanted=wanted)


def _alive(tx: Tx, token: str) -> Link:
    link = reconnect_links.find(tx, digest(token))
    if link is None:
        raise NotThere("This link is not known. Check that it was copied whole, or ask for a new one.")
    if link.used_at is not None:
        raise Conflict(
            f"This link was used on {link.used_at:%Y-%m-%d %H:%M} UTC, and it works once. If the account is not connected "
            "now, ask for a new one."
        )
    if link.revoked_at is not None:
        raise Conflict(
            "This link was taken back. If the account still has to be connected, ask for a new one."
        )
    if link.expires_at <= tx.now:
        raise Conflict(
            f"This link ended on {link.expires_at:%Y-%m-%d %H:%M} UTC. Ask whoever sent it for a new one."
        )
    return link
