"""Looking at the links of Pins that are not live yet: each link once, however many Pins lead to it.

    ask -> duty of the link -> look (web) -> kept -> the Pins that share it are judged anew

What the web does is not always its own doing: a look that came to nothing is repeated before it counts, and while this
machine reaches nothing at all it counts for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from steadypin.domain.link_seen import LinkSeen, TroubleKind
from steadypin.domain.lookahead import fresh_for, next_link_look_at
from steadypin.domain.pins import Pin
from steadypin.domain.preflight import site_of
from steadypin.services.context import Context
from steadypin.services.duty_work import Conclude, Handler
from steadypin.storage import duties, link_looks, preflights
from steadypin.storage.database import Tx
from steadypin.storage.duties import Duty

KIND = "look_at_link"
MOST_AT_ONCE = 40
"""Looks of one worker that are claimed at a time; those at one host wait for each other."""
GATHER = timedelta(seconds=2)
_APART = timedelta(seconds=1)
"""New links of one site become due one after the other: a big import of one shop keeps no other waiting."""
_REPEATS = (timedelta(minutes=1), timedelta(minutes=4))
"""After these a look that came to nothing counts as what a visitor sees."""
_OFFLINE = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
_JUST_LOOKED = timedelta(minutes=5)
"""Whoever asks again so soon, as an import in pieces does, is content with that look."""
_LATE = timedelta(days=1)
"""A Pin that is overdue by more than that needs no look until somebody gives it a new time."""
_MAY_PASS = frozenset(
    {TroubleKind.UNKNOWN_HOST, TroubleKind.UNREACHED, TroubleKind.SILENT, TroubleKind.CUT, TroubleKind.TLS}
)
_BUSY = frozenset({408, 425, 429})

log = structlog.get_logger()

LookAt = Callable[[str], Awaitable[LinkSeen]]
"""Follows a link as a visitor; raises nothing. The one of the service is `steadypin.probe.links.look`."""
Judge = Callable[[Tx, Iterable[str]], None]


class Network(Protocol):
    """Whether this machine has a network at all."""

    async def is_there(self) -> bool:
        """Asked when a website cannot be reached."""
        ...


def ask(tx: Tx, asked: Iterable[Pin]) -> None:
    """These Pins are new, or changed: look at their links in time."""
    times: dict[str, list[datetime]] = {}
    links: dict[str, str] = {}
    for pin in asked:
        key = preflights.link_key(pin.content.link)
        if key is not None and pin.content.link is not None and pin.due_at is not None:
            links[key] = pin.content.link
            times.setdefault(key, []).append(pin.due_at)
    if not links:
        return
    link_looks.add(tx, links)
    known = link_looks.get(tx, links)
    of_site: Counter[str] = Counter()
    wanted: dict[str, datetime] = {}
    for key, link in links.items():
        looked_at = known[key].looked_at if key in known else None
        if looked_at is None:
            site = site_of(link)
            wanted[key] = tx.now + GATHER + of_site[site] * _APART
            of_site[site] += 1
            continue
        again = next_link_look_at(times[key], looked_at)
        if tx.now - looked_at > min(fresh_for(due_at, tx.now) for due_at in times[key]):
            again = tx.now
        if again is not None:
            wanted[key] = max(again, tx.now)
    duties.ask_by_then(tx, KIND, wanted)


def handler(look_at: LookAt, network: Network, judge: Judge) -> Handler:
    """The handler of `look_at_link` duties; their key is that of the link. `judge` looks anew at the Pins of Connections."""
    repeats: Counter[str] = Counter()

    async def look_at_link(ctx: Context, duty: Duty) -> Conclude:
        with ctx.store.read() as tx:
            known = link_looks.get(tx, [duty.key]).get(duty.key)
            times = link_looks.due_times(tx, duty.key, tx.now - _LATE)
            looked_at = known.looked_at if known is not None else None
            is_wanted = looked_at is None or tx.now - looked_at > _JUST_LOOKED
        if known is None or not times or not is_wanted:
            repeats.pop(duty.key, None)
            return lambda tx: _next(ctx, tx, duty, looked_at)
        seen = await look_at(known.link)
        if not _came_to_nothing(seen):
            repeats.pop(duty.key, None)
        elif seen.trouble is not None and not await network.is_there():
            wait = _OFFLINE[min(repeats[duty.key], len(_OFFLINE) - 1)]
            repeats[duty.key] += 1
            log.warning("links.no_network", link_key=duty.key, again_in_s=wait.total_seconds())
            return lambda tx: tx.now + wait
        elif (known.seen is None or not _came_to_nothing(known.seen)) and repeats[duty.key] < len(_REPEATS):
            wait = _REPEATS[repeats[duty.key]]
            repeats[duty.key] += 1
            return lambda tx: tx.now + wait
        return lambda tx: _conclude(ctx, tx, duty, seen, judge)

    return look_at_link


def _came_to_nothing(seen: LinkSeen) -> bool:
    """Whether another look may see the page after all."""
    if seen.trouble is not None:
        return seen.trouble.kind in _MAY_PASS
    return seen.status is not None and (seen.status >= 500 or seen.status in _BUSY)


def _conclude(ctx: Context, tx: Tx, duty: Duty, seen: LinkSeen, judge: Judge) -> datetime | None:
    key = duty.key
    before = link_looks.get(tx, [key]).get(key)
    if before is None:
        return None
    link_looks.keep(tx, key, seen)
    if before.seen is None or _told(before.seen) != _told(seen):
        judge(tx, preflights.ask_sharing(tx, key=key))
    return _next(ctx, tx, duty, tx.now)


def _told(seen: LinkSeen) -> LinkSeen:
    """What matters of a look: not how long it took, nor how many letters the page had this time."""
    return replace(seen, seconds=0.0 if seen.seconds < 5 else seen.seconds, letters=0, bytes_read=0)


def _next(ctx: Context, tx: Tx, duty: Duty, looked_at: datetime | None) -> datetime | None:
    """When it is looked at again. A link that no Pin ahead leads to is forgotten."""
    duties.hold(tx, duty, ctx.lease)
    times = link_looks.due_times(tx, duty.key, tx.now - _LATE)
    if not times:
        link_looks.forget(tx, duty.key)
        return None
    again = next_link_look_at(times, looked_at) if looked_at is not None else tx.now
    return again if again is not None else max(times) + _LATE
