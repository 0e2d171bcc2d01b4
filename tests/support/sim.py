"""Pinterest without sockets: our requests go straight into the simulator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from pinsim import Request as SimRequest
from pinsim import Sim
from steadypin.pinterest.wire import LeaseTooShort, Reply, Request, Unreached
from tests.support.clock import VirtualClock


class Crash(BaseException):
    """The process dies here."""


class SimPinterest:
    """Carries requests to a Sim. `crash` may name a point at which the process dies: 'before' or 'after' a request.

    Which request that is, `crash_on` names: a create unless it is changed.
    """

    def __init__(self, sim: Sim, clock: VirtualClock) -> None:
        self.sim, self._clock = sim, clock
        self.sent: Counter[str] = Counter()
        """How many requests of each operation were answered."""
        self.crash: str | None = None
        self.crash_on = "pins/create"
        self.on_create: Callable[[Request], None] | None = None
        self.travel_s: Callable[[], tuple[float, float]] | None = None
        """How long a request and its reply are on their way; they take no time unless this says so."""

    async def send(
        self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None = None
    ) -> Reply:
        parts = urlsplit(request.url)
        sent = SimRequest(
            request.operation.method,
            parts.path,
            parse_qsl(parts.query),
            dict(request.headers),
            b"".join(request.body.pieces()) if request.body is not None else b"",
        )
        if may_leave is not None and not may_leave():
            raise LeaseTooShort
        if self.on_create is not None and request.operation.id == "pins/create":
            self.on_create(request)
        self._maybe_crash("before", request)
        there_s, back_s = self.travel_s() if self.travel_s is not None else (0.0, 0.0)
        self._clock.advance(there_s)
        answer = await self.sim.answer(sent)
        self.sent[request.operation.id] += 1
        self._clock.advance(back_s)
        self._maybe_crash("after", request)
        if answer.delivery == "reset_before":
            raise Unreached("ServerDisconnectedError", "Server disconnected", left=True)
        if answer.delivery == "reset_after":
            raise Unreached("ClientOSError", "Connection reset by peer", left=True)
        if answer.delivery == "hang" or (answer.delivery == "delayed" and answer.delay_s > timeout_s):
            self._clock.advance(timeout_s)
            raise Unreached("TimeoutError", "", left=True)
        if answer.delivery == "delayed":
            self._clock.advance(answer.delay_s)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(answer.status, headers, answer.body, self._clock.now())

    def _maybe_crash(self, point: str, request: Request) -> None:
        if self.crash == point and request.operation.id == self.crash_on:
            self.crash = None
            raise Crash(point)
