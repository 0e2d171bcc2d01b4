"""A property-based state machine over the whole of publishing, in process, on one virtual clock.

Rules are what happens to an installation: users edit, cancel, retry and resolve; Pinterest answers badly, lags, rewrites;
processes die, stand still past their lease and come back; backups are restored, accounts reconnected. After every step:

- no row has two live Pins, and no two rows share one;
- no row is lost;
- a create was never sent while another Attempt of that Pin was open.

At the end everything is healed, and every row must come to rest: live exactly once, or not live and cancelled or held.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from steadypin.domain.attempts import OutcomeKind
from steadypin.domain.errors import Conflict, NotThere
from steadypin.domain.media import Item, Media, MediaKind
from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.pinterest.wire import Request
from steadypin.services import choosing, compose, lane_work, pausing, restoring, sending
from steadypin.services.holding import Held, LaneLost
from steadypin.services.sending import Send
from steadypin.storage.database import Tx
from steadypin.storage.schema import attempts, outcomes, pins
from tests.support import snapshots
from tests.support.rig import Rig

SETTLED = {
    OutcomeKind.MADE,
    OutcomeKind.NOT_MADE,
    OutcomeKind.ADOPTED,
    OutcomeKind.ABSENT,
    OutcomeKind.SAID_LIVE,
    OutcomeKind.SAID_NOT_LIVE,
}
FAULTS = (
    "made_then_500",
    "made_then_timeout",
    "made_then_reset",
    "not_made_timeout",
    "reset_before_send",
    "500",
    "503",
    "502_html",
    "400_transient",
    "429",
    "401",
)
SHOP = "spring_shop"
RESTING = (Stage.PUBLISHED, Stage.HELD, Stage.CANCELLED, Stage.DRAFT)

which = st.integers(0, 999)
new_pins = st.lists(
    st.tuples(st.sampled_from([0, 0, 30, 300]), st.integers(0, 1), st.sampled_from(["", *FAULTS])),
    min_size=1,
    max_size=4,
)


class PublishingMachine(RuleBasedStateMachine):
    """One installation with one account and two boards."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=_fast_folder()))
        self.home = Rig(self.url or f"sqlite:///{self.folder / 'machine.db'}", self.folder)
        self.rows: list[str] = []
        self.numbers = count()  # a number that a restore forgot may be live, so none is used twice
        self.backup: tuple[dict[str, list[Any]], int] | None = None

    @initialize(asked=new_pins, work=st.booleans(), together=st.booleans())
    def begin(self, asked: list[tuple[int, int, str]], work: bool, together: bool) -> None:
        self.home.store.together = together
        self.connection = self.home.connect(SHOP)
        self.home.pinterest.on_create = self.check_create
        self.media = self.home.media()
        cards = tuple(Item(self.home.media(colour).media_id) for colour in ("orange", "teal"))
        self.carousel = Media(MediaKind.CAROUSEL, items=cards, cover_index=1)
        self.add(asked, work)

    # users

    @rule(asked=new_pins, work=st.booleans())
    def add(self, asked: list[tuple[int, int, str]], work: bool) -> None:
        """New Pins, often into trouble."""
        for due_in, board, fault in asked:
            if fault:
                self.order(fault, 1)
            number = next(self.numbers)
            pin = self.home.pin(
                self.connection,
                f"Pin {number}",
                due_in,
                link=f"https://shop.example/{number}",
                board_id=self.home.board(self.connection, board),
                media=self.media if number % 3 else self.carousel,
                description="  two  spaces " if number % 2 else None,
            )
            self.rows.append(pin.id)
            if work:
                self.home.drain()

    @precondition(lambda self: self.rows)
    @rule(n=which, do=st.sampled_from(["edit", "reschedule", "cancel", "retry", "delete", "resolve"]))
    def use(self, n: int, do: str) -> None:
        """What a user may try at any time; that it may be refused is an answer, not a fault."""
        pin = self.there(self.rows[n % len(self.rows)])
        if pin is None:
            return
        ctx = self.home.ctx
        try:
            match do:
                case "edit":
                    compose.edit(ctx, pin.id, {"title": f"{pin.content.title}!"[:90]})
                case "reschedule":
                    compose.reschedule(ctx, pin.id, ctx.clock.now() + timedelta(seconds=n % 3 * 60))
                case "cancel":
                    compose.cancel(ctx, pin.id)
                case "retry":
                    compose.retry(ctx, pin.id)
                case "delete":
                    compose.delete(ctx, pin.id, live=False)
                case "resolve":
                    self.resolve_truthfully(pin)
        except Conflict:
            return

    @rule(paused=st.booleans(), everything=st.booleans())
    def pause(self, paused: bool, everything: bool) -> None:
        ctx = self.home.ctx
        if everything:
            pausing.pause_all(ctx, "the machine says so") if paused else pausing.resume_all(ctx)
        else:
            act = pausing.pause_connection if paused else pausing.resume_connection
            act(ctx, self.connection.id)

    @rule()
    def pin_by_hand(self) -> None:
        """Somebody pins at Pinterest itself."""
        self.home.by_hand(SHOP, self.home.board(self.connection), "Pinned by hand")

    # Pinterest

    @rule(do=st.sampled_from(FAULTS), times=st.integers(1, 2))
    def fault(self, do: str, times: int) -> None:
        self.order(do, times)

    @rule(
        on=st.sampled_from(["boards/list_pins", "oauth/token"]),
        do=st.sampled_from(["500", "not_made_timeout"]),
    )
    def fault_elsewhere(self, on: str, do: str) -> None:
        self.order(do, 1, on)

    @rule(
        lag=st.sampled_from([0, 0, 100, 290]),
        order=st.sampled_from(["newest", "oldest", "shuffled"]),
        rewrite=st.sampled_from([False, False, True]),
        normalise=st.booleans(),
        strip=st.booleans(),
    )
    def habits(self, lag: int, order: str, rewrite: bool, normalise: bool, strip: bool) -> None:
        wanted = {
            "list_lag_s": lag,
            "list_order": order,
            "rewrite_titles": rewrite,
            "normalise_links": normalise,
            "strip_text": strip,
        }
        self.home.sim_control("PUT", "/_sim/switches", wanted)

    @rule()
    def revoke(self) -> None:
        self.home.sim_control("POST", "/_sim/act", {"do": "revoke_app", "account": SHOP})

    @rule()
    def reconnect(self) -> None:
        self.home.sim_control("DELETE", "/_sim/faults")
        self.connection = self.home.connect(SHOP, drain=False)

    # time and processes

    @rule(seconds=st.sampled_from([1, 10, 26, 31, 130, 400, 3700]))
    def advance(self, seconds: int) -> None:
        self.home.advance(seconds)

    @rule(point=st.sampled_from(["", "before", "after"]), restart=st.booleans())
    def work(self, point: str, restart: bool) -> None:
        """Do what is due; the process may die at the next create, and be started again at once."""
        self.home.pinterest.crash = point or None
        self.home.drain()
        self.home.pinterest.crash = None
        if restart:
            self.home.restart()

    @rule(stand_still=st.sampled_from([5, 31, 200]))
    def stand_still_with_a_reply(self, stand_still: int) -> None:
        """A worker is stopped between the reply and its record; another one goes on; then it wakes up."""
        for held in self.home.claim(most=1):
            self.home.run(held.write(partial(self.recover, held)))
            act = self.home.run(held.write(partial(self.choose, held)))
            if not isinstance(act, Send):
                return
            proof = self.home.run(sending.send(self.home.wired, held, act))
            self.home.clock.advance(stand_still)
            self.home.drain(self.home.worker("w2"))
            try:
                self.home.run(lane_work.finish(held, lane_work.told_of_send(self.home.ctx, act, proof)))
            except LaneLost:
                return

    @rule()
    def back_up(self) -> None:
        self.backup = (snapshots.take(self.home.store), len(self.rows))

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore(self) -> None:
        assert self.backup is not None
        rows, known = self.backup
        snapshots.put_back(self.home.store, rows)
        del self.rows[known:]
        restoring.after_restore(self.home.ctx)
        self.backup = None
        # What Pinterest did to the tokens since the backup cannot be restored with it.
        self.reconnect()

    def recover(self, held: Held, tx: Tx) -> None:
        choosing.recover(self.home.ctx, tx, held.lane)

    def choose(self, held: Held, tx: Tx) -> object:
        return choosing.choose(self.home.ctx, tx, held.lane)

    # what must hold

    @invariant()
    def no_row_is_live_twice(self) -> None:
        counted = Counter(item["link"] for item in self.home.live() if item["title"] != "Pinned by hand")
        assert not [link for link, count in counted.items() if count > 1], counted

    @invariant()
    def no_row_is_lost(self) -> None:
        with self.home.store.read() as tx:
            there = set(tx.conn.execute(sa.select(pins.c.id)).scalars())
        assert set(self.rows) <= there

    def check_create(self, request: Request) -> None:
        """Called for each create on the wire: exactly one Attempt of the Pin may be open, this one."""
        assert request.body is not None
        text = b"".join(request.body.pieces())
        with self.home.store.read() as tx:
            open_now = Counter(
                row.link
                for row in tx.conn.execute(
                    sa.select(pins.c.link, attempts.c.id)
                    .join(pins, pins.c.id == attempts.c.pin_id)
                    .where(
                        attempts.c.id.not_in(
                            sa.select(outcomes.c.attempt_id).where(
                                outcomes.c.kind.in_([kind.value for kind in SETTLED])
                            )
                        )
                    )
                )
                if f'"{row.link}"'.encode() in text
            )
        assert list(open_now.values()) == [1], open_now

    def teardown(self) -> None:
        try:
            if hasattr(self, "connection"):
                self.heal()
                self.check_rest()
        finally:
            self.home.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def heal(self) -> None:
        self.home.sim_control("DELETE", "/_sim/faults")
        self.home.sim_control("PUT", "/_sim/switches", {"list_lag_s": 0})
        self.home.pinterest.crash = None
        self.reconnect()
        pausing.resume_all(self.home.ctx)
        pausing.resume_connection(self.home.ctx, self.connection.id)
        for _ in range(3):
            self.home.run_out(1500, step=100)
            for pin_id in self.rows:
                pin = self.there(pin_id)
                if pin is not None and pin.stage is Stage.HELD and pin.in_doubt:
                    self.resolve_truthfully(pin)
        self.home.run_out(90_000, step=3000)

    def check_rest(self) -> None:
        live = {item["link"]: item["id"] for item in self.home.live()}
        for pin_id in self.rows:
            pin = self.there(pin_id)
            if pin is None:
                continue
            assert pin.stage in RESTING, (pin.stage, pin.act_at, pin.deferred_because)
            assert not pin.in_doubt, pin
            found = live.get(pin.content.link or "")
            assert (pin.pinterest_pin_id == found) if pin.stage is Stage.PUBLISHED else found is None, (
                pin,
                found,
            )

    # tools

    def there(self, pin_id: str) -> Pin | None:
        try:
            return compose.get(self.home.ctx, pin_id)
        except NotThere:
            return None

    def order(self, do: str, times: int, on: str = "pins/create") -> None:
        """Order a fault."""
        more = {"reset_s": 20} if do == "429" else {}
        self.home.sim_control("POST", "/_sim/faults", {"on": on, "do": do, "times": times, **more})

    def resolve_truthfully(self, pin: Pin) -> None:
        """A person looks at Pinterest and says what is there."""
        live = {item["link"]: item["id"] for item in self.home.live()}
        compose.resolve(self.home.ctx, pin.id, live.get(pin.content.link or ""))


def _fast_folder() -> str | None:
    """Memory, where there is some: the proof is about logic, the disk is another proof's."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def run(examples: int, steps: int, url: str = "") -> None:
    """Raises when something did not hold."""
    machine = type("Machine", (PublishingMachine,), {"url": url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def prove() -> bool:
    """The long form on SQLite; `EXAMPLES` sets how many histories are tried."""
    examples = int(os.environ.get("EXAMPLES", "1000"))
    try:
        run(examples, 60)
    except AssertionError as error:
        print(error, *getattr(error, "__notes__", []), sep="\n")
        return False
    print(
        f"{examples} histories of up to 60 steps each: no row lost, none doubled, none stuck, no create in doubt"
    )
    return True


__all__ = ["PublishingMachine", "prove", "run"]
