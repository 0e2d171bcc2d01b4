"""Sim: one simulated Pinterest. A request comes in, an answer goes out; sockets are somebody else's."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import Any

from pinsim import limits
from pinsim.clock import Clock
from pinsim.control import routes as control
from pinsim.control.cast import default_cast
from pinsim.control.seeding import plant
from pinsim.delivery import is_sent, struck, unanswered
from pinsim.faults import Facts, FaultBook, Strike
from pinsim.journal import Journal, request_part
from pinsim.product import access, consent, tokens
from pinsim.product.call import Call, Reply
from pinsim.product.routes import CONSENT, find
from pinsim.refusals import Refusal, rate_limited
from pinsim.switches import Switches
from pinsim.uploads import Upload, is_upload
from pinsim.web import routes as web
from pinsim.wire import Answer, Request, encode
from pinsim.world.world import World

_PREFIXES = (("/v5/", "production"), ("/sandbox/v5/", "sandbox"))
_PIECE = 256 * 1024
"""How much of a body that came whole is fed to an upload at a time."""
_CONSENT_PATHS = ("/oauth/", "/oauth")


class Sim:
    """A Pinterest of its own. The same seed, clock and requests give the same bytes.

    `clock` returns epoch seconds. `base_url` is where pictures are said to be; the socket shell sets it.
    """

    def __init__(self, seed: int = 1, clock: Callable[[], float] | None = None) -> None:
        self.seed = seed
        self.clock = Clock(clock or time.time)
        self.base_url = "http://pinsim.test"
        self.journal = Journal()
        self.reset()

    def reset(self) -> None:
        """As on the first day: default cast, switches and clock, no faults, an empty journal."""
        self.clock.reset()
        self.switches = Switches()
        self.faults = FaultBook(self.seed)
        self.plant(default_cast())

    def plant(self, wanted: dict[str, Any]) -> None:
        """Replace the world by a seed (shape: `control.seeding`); switches, faults and clock stay."""
        world = World(self.seed)
        plant(world, wanted, self.clock.now())
        self.world, self.meter = world, limits.Meter()
        self.journal.clear()

    async def answer(self, request: Request, passed_gate: bool = False) -> Answer:
        """Deal with one request. `passed_gate`: `interrupt` was asked before."""
        self.world.settle(self.clock.now())
        for prefix, environment in _PREFIXES:
            if request.path.startswith(prefix):
                call = self._call(request, environment)
                return await self._product(call, request.path[len(prefix) - 1 :], passed_gate)
        if request.path in _CONSENT_PATHS:
            return self._consent(request, passed_gate)
        if is_upload(request.path):
            return self._uploaded(request, passed_gate)
        if request.path.startswith(web.PREFIX):
            return self._visited(request)
        return await control.answer(self, request)

    def interrupt(self, request: Request) -> Answer | None:
        """Whether the connection is to be dropped before the body is read; `request` has none yet."""
        if not len(self.faults):
            return None
        if request.path in _CONSENT_PATHS:
            strike = self.faults.pick_at_gate(self._consent_facts(request))
            return self._consent_done(request, unanswered(), strike) if strike else None
        if is_upload(request.path):
            upload = Upload(self, request)
            strike = self.faults.pick_at_gate(upload.facts())
            return upload.drop(strike) if strike else None
        for prefix, environment in _PREFIXES:
            if request.path.startswith(prefix):
                call = self._call(request, environment)
                operation = self._route(call, request.path[len(prefix) - 1 :])
                strike = self.faults.pick_at_gate(self._facts(call, operation))
                return self._struck_before(call, operation, strike) if strike else None
        return None

    def upload(self, head: Request) -> Upload | None:
        """For a request to the bucket what takes its body piece by piece; None for any other."""
        return Upload(self, head) if is_upload(head.path) else None

    # One product request

    async def _product(self, call: Call, path: str, passed_gate: bool) -> Answer:
        operation = self._route(call, path)
        strike = None
        if len(self.faults):
            strike = self.faults.pick(self._facts(call, operation), passed_gate)
            if strike and not strike.trouble.made:
                return self._struck_before(call, operation, strike)
        call.late_s = strike.trouble.late_s if strike else 0.0
        status, payload, made = await self._dealt_with(call)
        if strike and strike.trouble.name != "slow" and status >= 300:
            strike.fault.spare()
            strike = None
        answer = self._answer(call, status, payload)
        if strike:
            answer = struck(answer, strike.trouble)
        self._note(call, operation, answer, payload, made, strike)
        return answer

    async def _dealt_with(self, call: Call) -> tuple[int, object, str | None]:
        try:
            if call.route is None:
                find(call.request.method, call.ids[0])
            reply = await self._handled(call)
            return reply.status, reply.payload, reply.made
        except Refusal as refusal:
            call.headers.update(limits.retry_after(self.switches.retry_after, refusal.wait_s, call.now))
            return refusal.status, refusal.payload(), None

    async def _handled(self, call: Call) -> Reply:
        route = call.route
        assert route is not None
        self._meter(call, route.category)
        if route.scopes is not None:
            access.admit(call, route.scopes)
        found = route.handler(call)
        return await found if inspect.isawaitable(found) else found

    def _meter(self, call: Call, category: str) -> None:
        caller = call.caller
        if caller is None:
            return
        app = f"{call.realm.environment}/{caller.app.id}"
        wanted = limits.policies(
            access.tier(call), category, app, caller.account.id, self.switches.quota_times
        )
        standings, allowed = self.meter.spend(wanted, call.now, self._counting())
        call.headers.update(limits.headers(standings))
        if not allowed:
            raise rate_limited(limits.nearest_end(standings).reset_s)

    def _counting(self) -> limits.Counting:
        switches = self.switches
        return limits.Counting(
            switches.enforce_limits,
            switches.limit_windows == "sliding",
            switches.trial_day == "rolling",
            switches.refused_calls_count,
        )

    def _call(self, request: Request, environment: str) -> Call:
        world, now = self.world, self.clock.now()
        call = Call(request, world, world.realms[environment], self.switches, now, self.base_url)
        call.caller = access.identify(call)
        return call

    def _route(self, call: Call, path: str) -> str:
        try:
            call.route, call.ids = find(call.request.method, path)
        except Refusal:
            call.ids = (path,)
            return ""
        if call.route.scopes is None:
            call.person = tokens.person_of(call)
        return call.route.operation

    def _facts(self, call: Call, operation: str) -> Facts:
        body, named = call.peek() or {}, call.ids[0] if call.ids else ""
        pin = call.realm.pins.get(named)
        board_id = str(body.get("board_id") or (pin.board_id if pin else named))
        board = call.realm.boards.get(board_id)
        is_token_call = call.route is not None and call.route.scopes is None
        return Facts(
            call.now,
            operation,
            call.realm.environment,
            call.request.path,
            self._account(call),
            (board_id, board.name) if board else (board_id,),
            str(body.get("title") or (pin.title if pin else None) or ""),
            str(body.get("link") or (pin.link if pin else None) or ""),
            call.request.form().get("grant_type", "") if is_token_call else "",
        )

    def _account(self, call: Call) -> str:
        if call.caller:
            return call.caller.account.username
        grant = access.token_person(call)
        account = call.realm.accounts.get(grant.person if grant else call.person)
        return account.username if account else ""

    # Answers

    def _answer(self, call: Call, status: int, payload: object) -> Answer:
        headers = {
            "Date": self.clock.http_date(),
            "x-pinterest-rid": self.world.ids.next("rid"),
            **call.headers,
        }
        if payload is None:
            return Answer(status, headers)
        return Answer(status, {"Content-Type": "application/json", **headers}, encode(payload))

    def _struck_before(self, call: Call, operation: str, strike: Strike) -> Answer:
        answer = struck(self._answer(call, 504, None), strike.trouble)
        self._note(call, operation, answer, None, None, strike)
        return answer

    def _uploaded(self, request: Request, passed_gate: bool) -> Answer:
        dropped = None if passed_gate else self.interrupt(request)
        if dropped is not None:
            return dropped
        upload, body = Upload(self, request), memoryview(request.body)
        for at in range(0, len(body), _PIECE):
            upload.feed(bytes(body[at : at + _PIECE]))
            if not upload.wants_more:
                break
        return upload.finish()

    def _consent(self, request: Request, passed_gate: bool) -> Answer:
        strike = self.faults.pick(self._consent_facts(request), passed_gate) if len(self.faults) else None
        if strike and not strike.trouble.made:
            return self._consent_done(request, unanswered(), strike)
        answer = consent.answer(self.world, self.switches, request, self.clock.now())
        return self._consent_done(request, answer, strike)

    def _visited(self, request: Request) -> Answer:
        now = self.clock.now()
        answer = web.answer(request, now)
        entry = {"time": now, "environment": "", "operation": web.OPERATION, "account": None}
        status = None if answer.delivery in ("hang", "reset_after") else answer.status
        seen = {"status": status, "delivery": answer.delivery, "fault": None}
        self.journal.write({**entry, **request_part(request, None), **seen}, self.switches.journal_keep)
        return answer

    def _consent_facts(self, request: Request) -> Facts:
        return Facts(self.clock.now(), CONSENT, "", request.path)

    def _consent_done(self, request: Request, answer: Answer, strike: Strike | None) -> Answer:
        if strike:
            answer = struck(answer, strike.trouble)
        entry = {"time": self.clock.now(), "environment": "", "operation": CONSENT, "account": None}
        seen = {
            "status": answer.status if is_sent(answer) else None,
            "delivery": answer.delivery,
            "fault": strike.trouble.name if strike else None,
        }
        self.journal.write({**entry, **request_part(request, None), **seen}, self.switches.journal_keep)
        return answer

    def _note(
        self,
        call: Call,
        operation: str,
        answer: Answer,
        payload: object,
        made: str | None,
        strike: Strike | None,
    ) -> None:
        refused = payload if isinstance(payload, dict) and answer.status >= 400 else {}
        if strike and strike.trouble.canned:
            refused = {}
        body = call.request.form() if call.route and call.route.scopes is None else call.peek()
        self.journal.write(
            {
                "time": call.now,
                "environment": call.realm.environment,
                "operation": operation or None,
                "account": self._account(call) or None,
                **request_part(call.request, body),
                "status": answer.status if is_sent(answer) else None,
                "code": refused.get("code"),
                "message": refused.get("message"),
                "delivery": answer.delivery,
                "made": made,
                "fault": strike.trouble.name if strike else None,
            },
            self.switches.journal_keep,
        )
