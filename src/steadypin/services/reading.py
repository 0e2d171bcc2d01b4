"""Reading from Pinterest under a Lane: whole boards, all pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from steadypin.domain.boards import Board, Section
from steadypin.domain.confirming import Listing, SeenPin
from steadypin.domain.failures import Failure
from steadypin.domain.times import parse_pinterest_moment
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


async def boards(
    wired: Wired, held: Held, caller: Caller, *, background: bool = True
) -> list[Board] | Unreadable:
    """Every board that the token may see, each once."""
    try:
        found = await _all(wired, held, lambda mark: wire.list_boards(caller, mark), background=background)
    except Refused as refused:
        return Unreadable(refused.failure)
    seen = {board.id: board for board in map(read_board, found)}
    return [board for board in seen.values() if board.id.isdigit()]


async def board(wired: Wired, held: Held, caller: Caller, board_id: str) -> Board | Unreadable:
    """One board by its id, which a listing may have left out."""
    request = wire.get_board(caller, board_id)
    try:
        if held.remaining_s() < wired.ctx.policy.timeout_s + wired.ctx.policy.record_margin_s:
            await held.write(_renew)
        reply = await calling.call(wired, held, request, background=True)
        return read_board(wire.read_object(request.operation, reply, request.environment))
    except Unreached as unreached:
        return Unreadable(wire.refused_by(request.operation, unreached).failure)
    except Refused as refused:
        return Unreadable(refused.failure)


async def sections(
    wired: Wired, held: Held, caller: Caller, board_id: str, *, background: bool = True
) -> list[Section] | Unreadable:
    """Every section of a board."""
    try:
        found = await _all(
            wired, held, lambda mark: wire.list_sections(caller, board_id, mark), background=background
        )
    except Refused as refused:
        return Unreadable(refused.failure)
    seen = {section.id: section for section in map(read_section, found)}
    return list(seen.values())


async def _all(
    wired: Wired, held: Held, request: Callable[[str | None], Request], *, background: bool
) -> list[dict[str, object]]:
    """The items of all pages, even if the list should turn in a circle. Raises Refused, LaneLost."""
    items: list[dict[str, object]] = []
    asked: set[str] = set()
    bookmark: str | None = None
    while True:
        found, _ = await page(wired, held, request(bookmark), background=background)
        items += found.items
        bookmark = found.bookmark
        if bookmark is None or bookmark in asked:
            return items
        asked.add(bookmark)


def read_board(item: Mapping[str, object]) -> Board:
    """A board as Pinterest shows it; tolerant of absent and null fields."""
    owner = item.get("owner")

    def count(name: str) -> int:
        value = item.get(name)
        return value if isinstance(value, int) else 0

    return Board(
        id=str(item.get("id", "")),
        name=str(item.get("name") or ""),
        privacy="PROTECTED" if item.get("is_ads_only") is True else str(item.get("privacy") or "PUBLIC"),
        owner_username=str(owner.get("username") or "") if isinstance(owner, dict) else "",
        pin_count=count("pin_count"),
        collaborator_count=count("collaborator_count"),
        follower_count=count("follower_count"),
        created_at=parse_pinterest_moment(str(item.get("created_at") or "")),
        pins_modified_at=parse_pinterest_moment(str(item.get("board_pins_modified_at") or "")),
    )


def read_section(item: Mapping[str, object]) -> Section:
    """A section as Pinterest shows it."""
    return Section(str(item.get("id", "")), str(item.get("name") or ""))
