"""Importing rows: each becomes a new Pin, is one that was imported before, or is refused with field, reason and fix.

    rows -> checked against texts, connection, board, media -> one transaction -> RowResult for each

Files are uploaded before; a row names its media by id or by a web address, which is fetched afterwards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from steadypin.domain.boards import (
    Board,
    BoardNotFound,
    Section,
    block,
    resolve_board,
    resolve_section,
)
from steadypin.domain.connections import Connection
from steadypin.domain.findings import refusals
from steadypin.domain.media import Item
from steadypin.domain.media_shape import check_media
from steadypin.domain.pins import Content, Media, MediaKind, Pin
from steadypin.domain.preflight import together
from steadypin.domain.texts import FieldError, check_texts
from steadypin.domain.times import MomentError, parse_moment
from steadypin.domain.words import Stage, Step
from steadypin.services import fetching, look_ahead
from steadypin.services.context import Context
from steadypin.storage import boards, connections, imports, lanes, media, remaps
from steadypin.storage.database import Tx
from steadypin.storage.media import KeptMedia

MOST_ROWS = 2_000
"""In one call, that is in one transaction; a large file comes in several."""

_FETCHED = ("http://", "https://")
_BY_DIGEST = "sha256:"
"""Stands for a file that was not uploaded: equal for equal bytes."""
_APART = timedelta(microseconds=1)
"""Between the rows of one call, so that they list in the order of the file."""


class Outcome(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row as it was written, its media uploaded already: `media_id`, `url` or several `images`. `errors` are those that
    its reader found. A row that is only planned may name its file by `digest`, the sha256 of its bytes in hexadecimal.
    """

    line: int
    connection: str | None = None
    board: str | None = None
    section: str | None = None
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    link: str | None = None
    due_at: str | None = None
    media_id: str | None = None
    url: str | None = None
    images: tuple[Item, ...] = ()
    digest: str | None = None
    errors: tuple[FieldError, ...] = ()

    @property
    def shown(self) -> Media:
        """Several images make a carousel, whose cover is the first."""
        if self.images:
            return Media(MediaKind.CAROUSEL, items=self.images)
        by_digest = None if self.digest is None or self.media_id else f"{_BY_DIGEST}{self.digest}"
        return Media(MediaKind.IMAGE, self.media_id, self.url or by_digest)


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was refused."""

    field: str
    reason: str
    fix: str

    @classmethod
    def of(cls, error: FieldError) -> RowError:
        """The first sentence of a message says why, the rest what to do."""
        reason, stop, fix = error.message.partition(". ")
        return cls(error.field, reason + stop.strip(), fix)


@dataclass(frozen=True, slots=True)
class RowResult:
    """The outcome of one row, in the order of the rows. `twins`: other Pins at the same time on the same board with the
    same image or link, as a changed row leaves them behind."""

    line: int
    outcome: Outcome
    pin_id: str | None = None
    errors: tuple[RowError, ...] = ()
    twins: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """What would become of a row: a Pin under its key, or errors."""

    line: int
    key: str = ""
    pin: Pin | None = None
    errors: list[RowError] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)


def take(
    ctx: Context, rows: Sequence[ImportRow], *, now: bool = False, allowed: frozenset[str] | None = None
) -> list[RowResult]:
    """Import up to MOST_ROWS rows in one transaction. `now` publishes at once, whatever the rows say; `allowed` limits the
    connections (ids) that the caller may use."""
    return ctx.store.write(lambda tx: _Import(ctx, tx, now, allowed).take(rows))


def plan(
    ctx: Context,
    tx: Tx,
    rows: Sequence[ImportRow],
    *,
    now: bool = False,
    allowed: frozenset[str] | None = None,
) -> list[Plan]:
    """What would become of rows; `tx` may be for reading only."""
    return _Import(ctx, tx, now, allowed, planned=True).plan(rows)


class _Import:
    """One transaction's worth of rows, and what they have in common."""

    def __init__(
        self, ctx: Context, tx: Tx, now: bool, allowed: frozenset[str] | None, *, planned: bool = False
    ) -> None:
        self._ctx, self._tx, self._now, self._planned = ctx, tx, now, planned
        known = [each for each in connections.get_all(tx) if each.disconnected_at is None]
        self._connections = [each for each in known if allowed is None or each.id in allowed]
        self._boards: dict[str, list[Board]] = {}
        self._sections: dict[str, dict[str, list[Section]]] = {}
        self._moves: dict[str, dict[str, list[str]]] = {}
        self._kept: Mapping[str, KeptMedia] = {}

    def take(self, rows: Sequence[ImportRow]) -> list[RowResult]:
        """Check all, then store all that stand."""
        plans = self.plan(rows)
        new = {plan.key: plan.pin for plan in reversed(plans) if plan.pin is not None}
        imports.forget_deleted(self._tx, new)
        holders = imports.insert_new(self._tx, new)
        created = {key: pin for key, pin in new.items() if holders.get(key) == pin.id}
        self._set_off(list(created.values()))
        twins = changed_from(self._tx, created.values())
        results = []
        for plan in plans:
            if plan.pin is None:
                results.append(RowResult(plan.line, Outcome.REFUSED, errors=tuple(plan.errors)))
                continue
            first = holders.get(plan.key) == plan.pin.id
            outcome, others = (
                (Outcome.CREATED, twins.get(plan.pin.id, ())) if first else (Outcome.UNCHANGED, ())
            )
            results.append(RowResult(plan.line, outcome, holders[plan.key], twins=others))
        return results

    def plan(self, rows: Sequence[ImportRow]) -> list[Plan]:
        """Check all."""
        kept = imports.media_of(self._tx, {row.digest for row in rows if row.digest})
        rows = [replace(row, media_id=kept[row.digest]) if row.digest in kept else row for row in rows]
        self._kept = media.get_many(self._tx, [media_id for row in rows for media_id in row.shown.files])
        plans = [self._plan(row, self._tx.now + n * _APART) for n, row in enumerate(rows)]
        self._recognise(plans)
        return plans

    def _recognise(self, plans: Sequence[Plan]) -> None:
        """A row whose Pin was moved from another board since its import keeps the key under which it was imported."""
        wanted = {alias: plan for plan in plans for alias in plan.aliases}
        owners = {plan.pin.connection_id for plan in wanted.values() if plan.pin is not None}
        for alias in imports.known(self._tx, owners, list(wanted)):
            wanted[alias].key = alias

    def _plan(self, row: ImportRow, at: datetime) -> Plan:
        errors = list(row.errors)
        errors += check_texts(
            {name: getattr(row, name) for name in ("title", "description", "alt_text", "link")}
        )
        connection = self._connection(row, errors)
        board = self._board(row, connection, errors)
        due_at = _due_at(row, errors)
        section_id = self._section(row, connection, board, errors)
        if not any(error.field in {"media", "cover", "row"} for error in row.errors):
            errors += self._media_errors(row)
        if errors or connection is None or board is None:
            return Plan(row.line, errors=[RowError.of(error) for error in errors])
        pin = self._pin(row, connection.id, board.id, section_id, due_at, at)
        aliases = [self._key(each, due_at) for each in self._before_moves(pin)]
        return Plan(row.line, self._key(pin, due_at), pin, aliases=aliases)

    def _connection(self, row: ImportRow, errors: list[FieldError]) -> Connection | None:
        found = [
            each
            for each in self._connections
            if row.connection is None or row.connection in (each.id, each.username)
        ]
        if len(found) == 1:
            return found[0]
        names = ", ".join(each.username for each in self._connections[:8]) or "none"
        if not self._connections:
            message = (
                "No Pinterest account is connected. Connect one with `steadypin connect`, then import again."
            )
        elif row.connection is None:
            message = (
                f"The row does not say for which account. Fill the column connection; there are: {names}."
            )
        elif found:
            ids = ", ".join(each.id for each in found)
            message = f"Several connections are named '{row.connection}'. Name one by its id: {ids}."
        else:
            message = f"There is no connection '{row.connection}'. There are: {names}."
        errors.append(FieldError("connection", message))
        return None

    def _board(self, row: ImportRow, connection: Connection | None, errors: list[FieldError]) -> Board | None:
        if row.board is None:
            if not row.errors or row.errors[0].field != "row":
                errors.append(FieldError("board", "The board cell is empty. Give the name or id of a board."))
            return None
        if connection is None:
            return None
        if connection.id not in self._boards:
            self._boards[connection.id] = boards.get_all(self._tx, connection.id)
        try:
            board = resolve_board(row.board, self._boards[connection.id])
        except BoardNotFound as missing:
            errors.append(FieldError("board", str(missing)))
            return None
        trouble = block(board, connection.scopes)
        if trouble is not None:
            errors.append(FieldError("board", f"{trouble.title}. Name another board."))
            return None
        return board

    def _section(
        self,
        row: ImportRow,
        connection: Connection | None,
        board: Board | None,
        errors: list[FieldError],
    ) -> str | None:
        if row.section is None or connection is None or board is None:
            return None
        if board.sections_at is None and row.section.isdigit():
            return row.section  # not read yet, so Pinterest has to say whether it is there
        try:
            return resolve_section(row.section, board, self._sections_of(connection.id).get(board.id, [])).id
        except BoardNotFound as missing:
            errors.append(FieldError("section", str(missing)))
            return None

    def _sections_of(self, connection_id: str) -> dict[str, list[Section]]:
        if connection_id not in self._sections:
            self._sections[connection_id] = boards.sections_of(self._tx, connection_id)
        return self._sections[connection_id]

    def _before_moves(self, pin: Pin) -> Iterator[Pin]:
        """The Pin as the same row made it before the Pins of its board were moved there from another one."""
        name, board_id = pin.connection_id, pin.content.board_id
        if name not in self._moves:
            self._moves[name] = remaps.sources(self._tx, name)
        for source in self._moves[name].get(board_id, []):
            section_id = pin.content.board_section_id
            if section_id is not None:
                known = self._sections_of(name)
                words = {each.id: each.name for each in known.get(board_id, [])}.get(section_id)
                section_id = next((each.id for each in known.get(source, []) if each.name == words), None)
            content = replace(pin.content, board_id=source, board_section_id=section_id)
            yield replace(pin, content=content)

    def _media_errors(self, row: ImportRow) -> list[FieldError]:
        shown = row.shown
        if shown.kind is MediaKind.IMAGE and (shown.media_id is None) == (shown.url is None):
            sentence = "The row needs one image. Give its file, its web address or its media id."
            return [FieldError("media", sentence)]
        for url in shown.urls:
            if not url.lower().startswith(_FETCHED) and not (self._planned and url.startswith(_BY_DIGEST)):
                sentence = f"'{url}' cannot be fetched. Use an address with http:// or https://."
                return [FieldError("media", sentence)]
        errors = check_media(shown, frozenset(self._kept)) or refusals(
            "media", together(shown, media.pictures(self._kept))
        )
        return [FieldError("media", error.message) for error in errors]

    def _pin(
        self,
        row: ImportRow,
        connection_id: str,
        board_id: str,
        section_id: str | None,
        due_at: datetime | None,
        at: datetime,
    ) -> Pin:
        due_at = self._tx.now if self._now else due_at
        stage = Stage.DRAFT if due_at is None else Stage.SCHEDULED if row.shown.ready else Stage.PREPARING
        return Pin(
            id=self._ctx.new_id("pin", at),
            connection_id=connection_id,
            content=Content(
                board_id=board_id,
                media=row.shown,
                board_section_id=section_id,
                title=row.title,
                description=row.description,
                alt_text=row.alt_text,
                link=row.link,
            ),
            stage=stage,
            step=Step.MEDIA_AND_TEXT if stage is Stage.PREPARING else Step.COMPOSE,
            due_at=due_at,
            act_at=due_at if stage is Stage.SCHEDULED else None,
            created_at=at,
            updated_at=at,
        )

    def _key(self, pin: Pin, due_at: datetime | None) -> str:
        """Equal for equal rows, however the file, the board or the moment was written in them."""
        content = pin.content
        parts = [part.url or self._kept[part.media_id or ""].digest for part in content.media.parts]
        texts = (content.title, content.description, content.alt_text, content.link)
        shown = parts[0] if len(parts) == 1 else parts
        row = (pin.connection_id, content.board_id, content.board_section_id, *texts, shown, str(due_at))
        return hashlib.sha256(json.dumps(row).encode()).hexdigest()

    def _set_off(self, created: Sequence[Pin]) -> None:
        tx = self._tx
        imports.ask_many(
            tx, fetching.KIND, [pin.id for pin in created if pin.stage is Stage.PREPARING], tx.now
        )
        first: dict[str, datetime] = {}
        for pin in created:
            if pin.act_at is not None:
                first[pin.connection_id] = min(pin.act_at, first.get(pin.connection_id, pin.act_at))
        for connection_id in sorted(first):
            lanes.hint(tx, connection_id, first[connection_id])
            boards.look_before(tx, connection_id, first[connection_id])
        look_ahead.ask(tx, created)


def _due_at(row: ImportRow, errors: list[FieldError]) -> datetime | None:
    if row.due_at is None:
        return None
    try:
        return parse_moment(row.due_at)
    except MomentError as error:
        errors.append(FieldError("due_at", str(error)))
        return None


def changed_from(tx: Tx, created: Iterable[Pin]) -> dict[str, tuple[str, ...]]:
    """Pins that stand at the same time on the same board with the same image or link as a new one: what a row made before
    it was changed. By the id of the new one."""
    by_account: dict[str, list[Pin]] = {}
    for pin in created:
        if pin.due_at is not None:
            by_account.setdefault(pin.connection_id, []).append(pin)
    found: dict[str, tuple[str, ...]] = {}
    for connection_id, new in by_account.items():
        mine = {pin.id for pin in new}
        others: dict[object, list[str]] = {}
        for row in imports.due_at(tx, connection_id, {pin.due_at for pin in new if pin.due_at}):
            if row.id not in mine:
                for shown in filter(None, (row.media.get("media_id"), row.media.get("url"), row.link)):
                    others.setdefault((row.due_at, row.board_id, shown), []).append(row.id)
        for pin in new:
            content = pin.content
            keys = [
                (pin.due_at, content.board_id, shown)
                for shown in (content.media.media_id or content.media.url, content.link)
            ]
            twins = dict.fromkeys(chain.from_iterable(others.get(key, ()) for key in keys))
            if twins:
                found[pin.id] = tuple(twins)
    return found
