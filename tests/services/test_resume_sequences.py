"""Whatever people and time do around a reconnect: nothing is lost, an undo restores exactly, nothing is sent twice."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steadypin.domain.connections import Connection
from steadypin.domain.errors import Conflict, InputRefused
from steadypin.domain.pins import Pin
from steadypin.domain.verdicts import Policy
from steadypin.domain.words import Stage
from steadypin.services import compose, connecting, resuming
from tests.support.rig import Rig, rig

ACTS = (
    "disconnect",
    "reconnect",
    "undo",
    "word",
    "edit",
    "cancel",
    "reschedule",
    "retry",
    "doubt",
    "wait",
    "long",
)
acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 3)), min_size=2, max_size=10)


class Story:
    """Four Pins of one account, and what is done around them."""

    def __init__(self, home: Rig) -> None:
        self.home = home
        home.use(policy=Policy(), limits=replace(home.ctx.limits, repace_s=60))
        self.shop: Connection = home.connect()
        self.pins = [home.pin(self.shop, f"Pin {n}", due_in=n * 40) for n in range(4)]
        self.held: dict[str, Pin] = {}

    def do(self, act: str, n: int) -> None:
        home, pin = self.home, self.pins[n]
        with suppress(Conflict, InputRefused):
            match act:
                case "disconnect":
                    connecting.disconnect(home.ctx, self.shop.id)
                case "reconnect":
                    self.remember()
                    home.connect(drain=False)
                case "undo":
                    self.undo()
                case "word":
                    self.remember()
                    resuming.on_your_word(home.ctx, self.shop.id)
                case "edit":
                    compose.edit(home.ctx, pin.id, {"description": f"Edited at {home.clock.now()}"})
                case "cancel":
                    compose.cancel(home.ctx, pin.id)
                case "reschedule":
                    compose.reschedule(home.ctx, pin.id, home.clock.now())
                case "retry":
                    compose.retry(home.ctx, pin.id)
                case "doubt":
                    home.fault("made_then_500")
                case "wait":
                    home.advance(45)
                case "long":
                    home.run_out(1200, 300)
        self.check()

    def remember(self) -> None:
        self.held = {pin.id: pin for pin in map(self.home.get, self.pins) if pin.stage is Stage.HELD}

    def undo(self) -> None:
        before = {pin.id: self.home.get(pin) for pin in self.pins}
        sent = len(self.home.creates())
        undone = resuming.undo(self.home.ctx, self.shop.id)
        back = [pin for pin in self.pins if self.home.get(pin) != before[pin.id]]
        assert len(back) == undone.put_back
        for pin in back:
            now, was = self.home.get(pin), self.held.get(pin.id)
            assert now.stage is Stage.HELD
            assert pin.id not in {each.pin_id for each in undone.left}
            if was is not None and was.version == now.version:
                assert replace(now, updated_at=was.updated_at) == was
        assert len(self.home.creates()) == sent

    def check(self) -> None:
        """No title is live twice unless a person asked for it (nobody does here), and every row is there."""
        live = Counter(each["title"] for each in self.home.live())
        assert all(count == 1 for count in live.values()), live
        for pin in self.pins:
            found = self.home.get(pin)
            assert found.in_doubt or (found.stage is Stage.PUBLISHED) == (
                live[found.content.title or ""] == 1
            )

    def end(self) -> None:
        """Connected and left alone, each Pin comes to rest."""
        self.home.connect(drain=False)
        for _ in range(2):
            with suppress(Conflict):
                resuming.on_your_word(self.home.ctx, self.shop.id)
            self.home.run_out(3600, 60)
        stages = {self.home.stage(pin) for pin in self.pins}
        assert stages <= {Stage.PUBLISHED, Stage.CANCELLED}, stages
        self.check()


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(acts)
def test_nothing_is_lost_doubled_or_put_back_otherwise_than_it_was(found: list[tuple[str, int]]) -> None:
    with TemporaryDirectory() as folder, rig(f"sqlite:///{folder}/test.db", Path(folder)) as home:
        story = Story(home)
        for act, n in [("disconnect", 0), ("wait", 0), ("wait", 0), ("reconnect", 0), *found]:
            story.do(act, n)
        story.end()
