"""Reading from Pinterest under a Lane: whole boards, all pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from steadypin.domain.boards import Board
from steadypin.domain.confirming import Listing, SeenPin
from steadypin.domain.failures import Failure
from steadypin.pinterest import wire
from steadypin.pinterest.wire import Caller, Page, Refused, Request, Unreached
from steadypin.services import calling
from steadypin.services.context import Wired
from steadypin.services.holding import Held
from steadypin.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The list could not be read to its end."""

    failure: Failure


async def page(
    wired: Wired, held: Held, request: Request, *, background: bool = False
) -> tuple[Page, timedelta]:
    """One page and Pinterest's clock minus ours; the lease is renewed before it would end. Raises Refused, LaneLost."""
    if held.remaining_s() < wired.ctx.policy.timeout_s + wired.ctx.policy.record_margin_s:
        await held.write(_renew)
    try:
        reply = await calling.call(wired, held, request, background=background)
    except Unreached as unreached:
        raise wire.refused_by(request.operation, unreached) from unreached
    return wire.read_page(request.operation, reply, request.environment), reply.clock_offset


def _renew(tx: Tx) -> None:
    """Nothing to write: holding the Lane renews its lease."""


async def board_pins(
    wired: Wired, held: Held, caller: Caller, board_id: str, section_ids: Sequence[str] = ()
) -> Listing | Unreadable:
    """Every Pin of a board and of those sections, each up to the cap on pages.

    Order and freshness are not promised, so no page is left out.
    """
    seen: dict[str, SeenPin] = {}
    complete, offset = True, timedelta(0)
    try:
        for section_id in (None, *section_ids):
            bookmark: str | None = None
            for _ in range(wired.ctx.policy.most_pages):
                request = (
                    wire.list_board_pins(caller, board_id, bookmark)
                    if section_id is None
                    else wire.list_section_pins(caller, board_id, section_id, bookmark)
                )
                found, offset = await page(wired, held, request)
                seen.update((pin.id, pin) for pin in map(SeenPin.read, found.items) if pin.id.isdigit())
                bookmark = found.bookmark
                if bookmark is None:
                    break
            complete = complete and bookmark is None
    except Refused as refused:
        return Unreadable(refused.failure)
    return Listing(list(seen.values()), complete, offset)


async def boards(wired: Wired, held: Held, caller: Caller) -> list[Board] | Unreadable:
    """Every board that the token may see, each once even if the list should turn in a circle."""
    seen: dict[str, Board] = {}
    asked: set[str] = set()
    bookmark: str | None = None
    try:
        while True:
            found, _ = await page(wired, held, wire.list_boards(caller, bookmark), background=True)
            seen.update((board.id, board) for board in map(_board, found.items))
            bookmark = found.bookmark
            if bookmark is None or bookmark in asked:
                return list(seen.values())
            asked.add(bookmark)
    except Refused as refused:
        return Unreadable(refused.failure)


def _board(item: dict[str, object]) -> Board:
    owner = item.get("owner")
    count = item.get("pin_count")
    return Board(
        id=str(item.get("id", "")),
        name=str(item.get("name") or ""),
        privacy=str(item.get("privacy") or "PUBLIC"),
        owner_username=str(owner.get("username") or "") if isinstance(owner, dict) else "",
        pin_count=count if isinstance(count, int) else 0,
    )
