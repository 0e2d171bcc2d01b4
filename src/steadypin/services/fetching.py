"""The duty that fetches the media of a Pin from the address its user gave, before Pinterest would have to.

preparing -> fetch -> kept: scheduled | passing trouble: later | anything else: held

A carousel's addresses are fetched one after the other, each once; what is there already stays when one is not.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from steadypin.domain.failures import Failure, classify
from steadypin.domain.findings import blockers
from steadypin.domain.pins import Media, Pin, Trouble
from steadypin.domain.verdicts import retry_wait
from steadypin.domain.words import Remedy, Stage, Step
from steadypin.probe.fetch import FetchTrouble
from steadypin.services import intake, look_ahead, mirroring, transitions
from steadypin.services.context import Context
from steadypin.services.duty_work import Conclude, Handler
from steadypin.services.intake import Kept, MediaRefused
from steadypin.services.media_troubles import of_finding, placed, unfit
from steadypin.storage import boards, lanes, media, pins
from steadypin.storage.database import Tx
from steadypin.storage.duties import Duty

KIND = "fetch_media"
MOST_TRIES = 6
"""With the policy's waits: about five hours, then the Pin is held."""

T = TypeVar("T")


class MediaFetcher(Protocol):
    """Whatever can fetch a user's address; the one of the service is `steadypin.probe.fetch.Fetcher`."""

    async def fetch(self, url: str, take: Callable[[AsyncIterable[bytes]], Awaitable[T]]) -> T | FetchTrouble:
        """What `take` made of the bytes, or why there are none."""
        ...


def handler(fetcher: MediaFetcher) -> Handler:
    """The handler of `fetch_media` duties; their key is the id of the Pin."""

    async def fetch_media(ctx: Context, duty: Duty) -> Conclude:
        while True:
            with ctx.store.read() as tx:
                pin = pins.get(tx, duty.key)
            url = _wanted(pin)
            if pin is None or url is None:
                return lambda tx: None
            found = await _fetch(ctx, fetcher, url)
            if len(pin.content.media.urls) == 1 or not isinstance(found, Kept):
                return partial(_conclude, ctx, duty, url, found)
            await ctx.store.write_async(partial(_keep_one, duty, url, found.media.id))

    return fetch_media


Found = Kept | FetchTrouble | MediaRefused


async def _fetch(ctx: Context, fetcher: MediaFetcher, url: str) -> Found:
    try:
        return await fetcher.fetch(url, lambda chunks: intake.keep(ctx, chunks, _name(url)))
    except MediaRefused as refused:
        return refused


def _wanted(pin: Pin | None) -> str | None:
    """The address to fetch next; None when the Pin does not wait for one any more."""
    if pin is None or pin.stage is not Stage.PREPARING:
        return None
    return next(iter(pin.content.media.urls), None)


def _keep_one(duty: Duty, url: str, media_id: str, tx: Tx) -> None:
    """One of several is there; whoever goes on after a crash has only the others to fetch."""
    pin = pins.get_locked(tx, duty.key)
    if pin is not None and _wanted(pin) == url:
        transitions.change(tx, pin, media=pin.content.media.fetched(url, media_id).to_json())


def _conclude(ctx: Context, duty: Duty, url: str, found: Found, tx: Tx) -> datetime | None:
    pin = pins.get_locked(tx, duty.key)
    if pin is None or _wanted(pin) != url:
        return None
    place = pin.content.media.place(url)
    match found:
        case Kept():
            return _take(tx, pin, pin.content.media.fetched(url, found.media.id))
        case MediaRefused():
            transitions.hold(tx, pin, of_finding(blockers(found.findings)[0], place, {"url": url}))
            return None
        case FetchTrouble():
            return _later_or_held(ctx, tx, duty, pin, found, place)


def _take(tx: Tx, pin: Pin, shown: Media) -> datetime | None:
    """The Pin is scheduled once its last file is kept, if all of them can be sent together."""
    files = media.get_many(tx, shown.files)
    trouble = unfit(shown, files.values())
    if trouble is not None:
        transitions.change(tx, pin, media=shown.to_json())
        transitions.hold(tx, pin, trouble)
        return None
    if not shown.ready:  # an address was added by an edit, which has asked for this duty afresh
        transitions.change(tx, pin, media=shown.to_json())
        return tx.now
    _schedule(tx, pin, shown)
    return None


def _schedule(tx: Tx, pin: Pin, shown: Media) -> None:
    transitions.change(
        tx,
        pin,
        media=shown.to_json(),
        stage=Stage.SCHEDULED,
        step=Step.COMPOSE,
        act_at=pin.due_at,
        trouble=None,
        deferred_until=None,
        deferred_because=None,
    )
    mirroring.hold_if_blocked(tx, pin.connection_id, pin.content.board_id)
    if pin.due_at is not None:
        lanes.hint(tx, pin.connection_id, pin.due_at)
        boards.look_before(tx, pin.connection_id, pin.due_at)
        look_ahead.ask(tx, [pin])


def _later_or_held(
    ctx: Context, tx: Tx, duty: Duty, pin: Pin, found: FetchTrouble, place: str
) -> datetime | None:
    failure = classify(found.native)
    trouble = _unfetched(failure, placed(found.sentence or failure.title, place))
    if failure.remedy is not Remedy.RETRY_LATER or duty.tries + 1 >= MOST_TRIES:
        transitions.hold(tx, pin, trouble)
        return None
    at = tx.now + retry_wait(duty.tries + 1) * (1 + ctx.jitter() / 5)
    transitions.change(
        tx, pin, trouble=trouble, step=trouble.step, deferred_until=at, deferred_because=trouble.title
    )
    return at


def _unfetched(failure: Failure, title: str) -> Trouble:
    return Trouble(
        step=failure.step,
        cause=failure.cause,
        remedy=failure.remedy,
        fix=failure.fix,
        title=title,
        rule=failure.rule,
        native=failure.native.to_json(),
    )


def _name(url: str) -> str | None:
    return PurePosixPath(unquote(urlsplit(url).path)).name[:200] or None
