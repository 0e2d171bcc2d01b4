"""The duty that fetches the media of a Pin from the address its user gave, before Pinterest would have to.

preparing -> fetch -> kept: scheduled | passing trouble: later | anything else: held
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from steadypin.domain.failures import Failure, classify
from steadypin.domain.findings import Finding, blockers
from steadypin.domain.pins import Media, Pin, Trouble
from steadypin.domain.verdicts import retry_wait
from steadypin.domain.words import Cause, Remedy, Stage, Step
from steadypin.probe.fetch import FetchTrouble
from steadypin.services import intake, look_ahead, mirroring, transitions
from steadypin.services.context import Context
from steadypin.services.duty_work import Conclude, Handler
from steadypin.services.intake import Kept, MediaRefused
from steadypin.storage import boards, lanes, pins
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
        with ctx.store.read() as tx:
            pin = pins.get(tx, duty.key)
        url = _wanted(pin)
        if url is None:
            return lambda tx: None
        try:
            found: Kept | FetchTrouble | MediaRefused = await fetcher.fetch(
                url, lambda chunks: intake.keep(ctx, chunks, _name(url))
            )
        except MediaRefused as refused:
            found = refused
        return lambda tx: _conclude(ctx, tx, duty, url, found)

    return fetch_media


def _wanted(pin: Pin | None) -> str | None:
    """The address to fetch; None when the Pin does not wait for one any more."""
    return pin.content.media.url if pin is not None and pin.stage is Stage.PREPARING else None


def _conclude(
    ctx: Context, tx: Tx, duty: Duty, url: str, found: Kept | FetchTrouble | MediaRefused
) -> datetime | None:
    pin = pins.get_locked(tx, duty.key)
    if pin is None or _wanted(pin) != url:
        return None
    match found:
        case Kept():
            _schedule(tx, pin, found.media.id)
            return None
        case MediaRefused():
            transitions.hold(tx, pin, _seen(blockers(found.findings)[0], url))
            return None
        case FetchTrouble():
            return _later_or_held(ctx, tx, duty, pin, found)


def _schedule(tx: Tx, pin: Pin, media_id: str) -> None:
    transitions.change(
        tx,
        pin,
        media=Media(pin.content.media.kind, media_id=media_id).to_json(),
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


def _later_or_held(ctx: Context, tx: Tx, duty: Duty, pin: Pin, found: FetchTrouble) -> datetime | None:
    failure = classify(found.native)
    trouble = _unfetched(failure, found.sentence)
    if failure.remedy is not Remedy.RETRY_LATER or duty.tries + 1 >= MOST_TRIES:
        transitions.hold(tx, pin, trouble)
        return None
    at = tx.now + retry_wait(duty.tries + 1) * (1 + ctx.jitter() / 5)
    transitions.change(
        tx, pin, trouble=trouble, step=trouble.step, deferred_until=at, deferred_because=trouble.title
    )
    return at


def _unfetched(failure: Failure, sentence: str) -> Trouble:
    return Trouble(
        step=failure.step,
        cause=failure.cause,
        remedy=failure.remedy,
        fix=failure.fix,
        title=sentence or failure.title,
        rule=failure.rule,
        native=failure.native.to_json(),
    )


def _seen(finding: Finding, url: str) -> Trouble:
    return Trouble(
        step=Step.MEDIA_AND_TEXT,
        cause=Cause.MEDIA,
        remedy=Remedy.FIX_INPUT,
        fix=finding.fix,
        title=finding.title,
        rule=finding.check,
        native={"url": url, **finding.evidence},
    )


def _name(url: str) -> str | None:
    return PurePosixPath(unquote(urlsplit(url).path)).name[:200] or None
