"""A Pin as its card shows it: names instead of ids, and which buttons make sense now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steadypin.domain.attempts import Attempt, OutcomeKind
from steadypin.domain.boards import Board
from steadypin.domain.connections import Connection
from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.services import compose, connecting
from steadypin.services.compose import Outcome
from steadypin.services.context import Context

_CANCELLABLE = (Stage.DRAFT, Stage.SCHEDULED, Stage.PREPARING, Stage.HELD, Stage.SENDING, Stage.CONFIRMING)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was sent, and what the board shows that may be it."""

    sent: Mapping[str, str]
    candidates: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class PinView:
    """One card."""

    pin: Pin
    board: str
    account: str
    evidence: Evidence | None = None

    @property
    def can_cancel(self) -> bool:
        """Cancelling changes something."""
        return self.pin.stage in _CANCELLABLE and self.pin.cancel_requested_at is None

    @property
    def can_retry(self) -> bool:
        """Trying now changes something."""
        waits = self.pin.stage is Stage.SCHEDULED and self.pin.deferred_until is not None
        return self.pin.stage is Stage.HELD or waits

    @property
    def can_resolve(self) -> bool:
        """A person's word is wanted."""
        return self.pin.in_doubt and self.pin.stage is Stage.HELD

    @property
    def twin_id(self) -> str | None:
        """Pinterest's id of a twin that still stands."""
        trouble = self.pin.trouble
        if trouble is None or trouble.rule != "late-twin" or trouble.native is None:
            return None
        return str(trouble.native.get("pinterest_pin_id", "")) or None


def view_pins(ctx: Context, pins: Sequence[Pin], connections: Sequence[Connection]) -> list[PinView]:
    """The cards of these Pins."""
    accounts = {connection.id: connection.username for connection in connections}
    boards: dict[str, dict[str, Board]] = {}
    for connection_id in {pin.connection_id for pin in pins}:
        boards[connection_id] = {board.id: board for board in connecting.boards_of(ctx, connection_id)}
    return [_view(ctx, pin, accounts, boards[pin.connection_id]) for pin in pins]


def _view(ctx: Context, pin: Pin, accounts: Mapping[str, str], boards: Mapping[str, Board]) -> PinView:
    board = boards.get(pin.content.board_id)
    view = PinView(
        pin=pin,
        board=board.name if board is not None else f"board {pin.content.board_id}",
        account=accounts.get(pin.connection_id, pin.connection_id),
    )
    if not view.can_resolve:
        return view
    return PinView(pin, view.board, view.account, _evidence(compose.history(ctx, pin.id), pin))


def _evidence(history: Sequence[tuple[Attempt, Sequence[Outcome]]], pin: Pin) -> Evidence | None:
    for attempt, outcomes in reversed(history):
        if attempt.id != pin.open_attempt_id:
            continue
        looks = [known.evidence for known in outcomes if known.kind is OutcomeKind.LOOK]
        found: list[Mapping[str, str]] = next(
            (look["candidates"] for look in reversed(looks) if _has_candidates(look)), []
        )
        sent = {
            name: getattr(pin.content, name) or "" for name in ("title", "description", "alt_text", "link")
        }
        return Evidence({**sent, "created_at": attempt.at.isoformat()}, found)
    return None


def _has_candidates(look: Any) -> bool:
    return isinstance(look, dict) and bool(look.get("candidates"))
