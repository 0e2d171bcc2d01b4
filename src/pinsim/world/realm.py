"""Realm: one environment (production or sandbox) with its accounts, boards, uploads and Pins."""

from __future__ import annotations

import heapq

from pinsim.ids import Ids
from pinsim.world.account import Account
from pinsim.world.board import Board, Section
from pinsim.world.media import MediaBook
from pinsim.world.pin import Pin
from pinsim.world.shelf import Shelf


class Realm:
    """Everything of one environment; ids are drawn from series of its own."""

    def __init__(self, environment: str, seed: int, ids: Ids) -> None:
        self.environment = environment
        self._seed = seed
        self._ids = ids
        self._pin_count = 0
        self._unborn: list[tuple[float, int, Pin]] = []
        self.accounts: dict[str, Account] = {}
        self.boards: dict[str, Board] = {}
        self.boards_of: dict[str, dict[str, Board]] = {}
        self.pins: dict[str, Pin] = {}
        self.pins_of: dict[str, Shelf] = {}
        self.media = MediaBook()

    def new_id(self, kind: str) -> str:
        """A fresh id of a series that only this environment draws from."""
        return self._ids.next(f"{self.environment}/{kind}")

    def find_account(self, name: str) -> Account | None:
        """An account by person, username or id."""
        by_person = self.accounts.get(name)
        if by_person:
            return by_person
        return next((each for each in self.accounts.values() if name in (each.username, each.id)), None)

    def add_account(self, account: Account) -> Account:
        """Enter an account (its id comes from `new_id`)."""
        self.accounts[account.person] = account
        self.boards_of[account.person] = {}
        self.pins_of[account.person] = Shelf(self._seed)
        return account

    def add_board(self, owner: Account, name: str, privacy: str, now: float) -> Board:
        """A new, empty board."""
        shelf = Shelf(self._seed)
        board = Board(self.new_id("board"), owner, name, privacy, now, now, shelf)
        self.boards[board.id] = board
        self.boards_of[owner.person][board.id] = board
        return board

    def share_board(self, board: Board, person: str) -> None:
        """Make `board` a group board that `person` works on too."""
        board.collaborators.add(person)
        self.boards_of[person][board.id] = board

    def unshare_board(self, board: Board, person: str) -> None:
        """`person` works on `board` no more, and does not see it."""
        board.collaborators.discard(person)
        self.boards_of[person].pop(board.id, None)

    def merge_board(self, board: Board, into: Board, now: float) -> None:
        """Put the Pins of `board` onto another one, then end it."""
        for pin in [self.pins[mark[1]] for mark in board.shelf.walk("oldest")]:
            self.move_pin(pin, into, None)
        self.delete_board(board, now)

    def add_section(self, board: Board, name: str) -> Section:
        """A new, empty section."""
        section = Section(self.new_id("section"), name, board.id, Shelf(self._seed))
        board.sections[section.id] = section
        return section

    def next_seq(self) -> int:
        """The place of the next Pin in the order of making."""
        self._pin_count += 1
        return self._pin_count

    def add_pin(self, pin: Pin) -> None:
        """Make a Pin live."""
        board = self.boards[pin.board_id]
        self.pins[pin.id] = pin
        board.shelf.put(pin)
        board.pins_modified_at = pin.created_at
        self.pins_of[pin.account.person].put(pin)
        if pin.section_id is not None:
            board.sections[pin.section_id].shelf.put(pin)

    def add_pin_at(self, pin: Pin, when: float) -> None:
        """Make a Pin that nobody can see, not even as a change of its board, until `when`."""
        pin.created_at = when
        heapq.heappush(self._unborn, (when, pin.seq, pin))

    def settle(self, now: float) -> None:
        """Bring postponed Pins to life whose time has come."""
        while self._unborn and self._unborn[0][0] <= now:
            pin = heapq.heappop(self._unborn)[2]
            board = self.boards.get(pin.board_id)
            if board and (pin.section_id is None or pin.section_id in board.sections):
                pin.seq = self.next_seq()
                self.add_pin(pin)

    def delete_pin(self, pin: Pin, now: float) -> None:
        """End a Pin; its record stays for the tester."""
        if pin.deleted_at is None:
            pin.deleted_at = now
            self._unshelve(pin)

    def delete_section(self, board: Board, section: Section, now: float) -> None:
        """End a section and its Pins."""
        for pin in [self.pins[mark[1]] for mark in section.shelf.walk("oldest")]:
            self.delete_pin(pin, now)
        del board.sections[section.id]

    def delete_board(self, board: Board, now: float) -> None:
        """End a board, its sections and its Pins."""
        for pin in [self.pins[mark[1]] for mark in board.shelf.walk("oldest")]:
            self.delete_pin(pin, now)
        del self.boards[board.id]
        for person in (board.owner.person, *board.collaborators):
            self.boards_of[person].pop(board.id, None)

    def move_pin(self, pin: Pin, board: Board, section_id: str | None) -> None:
        """Put a live Pin on another board or section."""
        self._unshelve(pin)
        pin.board_id, pin.section_id = board.id, section_id
        self.add_pin(pin)

    def live_pin(self, pin_id: str) -> Pin | None:
        """A Pin by id unless it is deleted or unborn."""
        pin = self.pins.get(pin_id)
        return pin if pin and pin.deleted_at is None else None

    def _unshelve(self, pin: Pin) -> None:
        board = self.boards[pin.board_id]
        board.shelf.take(pin)
        self.pins_of[pin.account.person].take(pin)
        if pin.section_id is not None and pin.section_id in board.sections:
            board.sections[pin.section_id].shelf.take(pin)
