"""Every rule of the error reference on its whole way: a reply in pinsim, the work of a Lane, what is stored, what is told.

Where the publisher makes the call, the rule is met on the wire; where no call is made yet, `steadypin explain` meets it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pinsim.replies import named_replies
from steadypin.api.pin_shapes import attempts_json, pin_json
from steadypin.cli.app import run
from steadypin.domain.connections import Connection
from steadypin.domain.failures import Failure, classify, rules, step_of
from steadypin.domain.native import Native, native_from_exception, read_native
from steadypin.domain.pins import Pin
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.pinterest.wire import Reply, Request, Unreached
from steadypin.services import compose, connecting
from steadypin.storage import errands
from tests.support.rig import Rig, rig
from tests.support.sim import SimPinterest

CREATE, LOOK, BOARDS = "pins/create", "boards/list_pins", "boards/list"
TOKEN, WHO = "oauth/token", "user_account/get"
RULES = {rule.id: rule for rule in rules()}

UNREACHED = {
    "not-sent": Unreached(
        "ClientConnectorError",
        "Cannot connect to host api.pinterest.com:443 [Name or service not known]",
        left=False,
    ),
    "not-sent-named": Unreached("ClientConnectorSSLError", "", left=False),
    "gateway-words": Unreached("ClientError", "upstream request timeout", left=True),
    "gateway-words-on-create": Unreached("ClientError", "upstream request timeout", left=True),
    "answer-unreadable": Unreached("JSONDecodeError", "Expecting value: line 1 column 1", left=True),
    "answer-unreadable-on-create": Unreached(
        "JSONDecodeError", "Expecting value: line 1 column 1", left=True
    ),
}
"""What no server can produce (tests/pinsim/test_rules_by_name.py says why), as the transport raises it."""

SILENT = {
    "hang": Unreached("TimeoutError", "", left=True),
    "reset_before": Unreached("ServerDisconnectedError", "Server disconnected", left=True),
    "reset_after": Unreached("ClientOSError", "Connection reset by peer", left=True),
}
"""How the simulated wire tells that nothing came."""

NOT_PROVEN = {
    # a refusal without Pinterest's own JSON around it
    *("status-401", "status-409", "status-429", "method-not-allowed-status", "file-too-large"),
    # a 400 that only a code explains
    *("catalog-report-token-code", "board-name-refused-code", "image-not-fetched-code"),
    *("other-product-refused", "unknown"),
    # a status that Pinterest is not known to refuse creates with
    *("file-form-refused", "proxy-login", "not-implemented", "not-implemented-code"),
    *("endpoint-withdrawn", "endpoint-withdrawn-code"),
}
"""Refusals whose form or status does not prove that nothing was made: the board is read before anything else."""


def native(name: str, endpoint: str) -> Native:
    """What arrives when this endpoint gives the reply of this name."""
    reply = named_replies().get(name)
    silence = UNREACHED.get(name) or (SILENT.get(reply.delivery) if reply is not None else None)
    if silence is not None:
        return native_from_exception(endpoint, silence.exception, silence.message)
    assert reply is not None
    return read_native(endpoint, reply.status, reply.body, {})


def met(name: str, endpoint: str) -> bool:
    """Whether the publisher meets this rule there."""
    known = name in UNREACHED or name in named_replies()
    return known and classify(native(name, endpoint)).rule == name


def named(name: str, endpoint: str) -> bool:
    return any(example.endpoint == endpoint for example in RULES[name].examples) and met(name, endpoint)


ON_CREATE = [name for name in RULES if met(name, CREATE)]
ON_LOOK = [name for name in RULES if named(name, LOOK) or (met(name, LOOK) and name not in ON_CREATE)]
ON_BOARDS = [name for name in RULES if named(name, BOARDS)]
ON_TOKEN = [name for name in RULES if named(name, TOKEN)]
ON_WHO = [name for name in RULES if named(name, WHO)]
MET = {*ON_CREATE, *ON_LOOK, *ON_BOARDS, *ON_TOKEN, *ON_WHO}
EXPLAINED = [name for name in RULES if name not in MET]


def test_no_rule_is_left_out():
    assert MET | set(EXPLAINED) == set(RULES)
    assert len(ON_CREATE) > 100
    for name in EXPLAINED:
        calls = {example.endpoint for example in RULES[name].examples}
        assert name == "sandbox-token" or not calls & {CREATE, LOOK, BOARDS, TOKEN, WHO}, name


@dataclass
class Broken:
    """A transport that fails by itself at one operation."""

    inner: SimPinterest
    at: str
    error: Unreached

    async def send(
        self, request: Request, timeout_s: float, may_leave: Callable[[], bool] | None = None
    ) -> Reply:
        if request.operation.id == self.at:
            raise self.error
        return await self.inner.send(request, timeout_s, may_leave)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Rig]:
    """An installation on SQLite: what is tested here does not depend on the database."""
    with rig(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as made:
        yield made


def order(home: Rig, name: str, endpoint: str) -> None:
    """From now on this endpoint gives the reply of this name."""
    if name in UNREACHED:
        home.wired = replace(home.wired, pinterest=Broken(home.pinterest, endpoint, UNREACHED[name]))
    else:
        home.fault(f"rule:{name}", on=endpoint, times=9)


def tried(home: Rig, pin: Pin) -> Any:
    """The Attempts of a Pin as the API and `steadypin pins attempts --json` give them."""
    return attempts_json(compose.history(home.ctx, pin.id))["items"]


def status(home: Rig, shop: Connection) -> str:
    return connecting.get(home.ctx, shop.id).status(home.clock.now()).value


def is_whole(stored: dict[str, Any], name: str, endpoint: str) -> None:
    """Nothing of what came was lost on the way into the database and out again."""
    came = native(name, endpoint).to_json()
    assert {**stored, "rid": None} == came
    assert bool(stored["rid"]) == (stored["status"] is not None)
    reply = named_replies().get(name)
    if reply is not None and reply.delivery == "reply":
        assert stored["body"].encode() == reply.body
        said = json.loads(reply.body) if reply.body.startswith(b"{") else {}
        assert stored["code"] == said.get("code", stored["code"])
        assert stored["message"] == said.get("message", stored["message"])


def is_told(outcome: dict[str, Any], failure: Failure) -> None:
    said = (outcome["rule"], outcome["cause"], outcome["remedy"])
    assert said == (failure.rule, failure.cause, failure.remedy)


@pytest.mark.parametrize("name", ON_CREATE)
def test_on_a_create(small: Rig, name: str):
    home, rule = small, RULES[name]
    shop = home.connect()
    order(home, name, CREATE)
    pin = home.pin(shop)
    home.drain()

    attempts = tried(home, pin)
    outcome = attempts[-1]["outcomes"][0]
    failure = classify(native(name, CREATE))
    assert (failure.rule, failure.cause, failure.remedy) == (name, rule.cause, rule.remedy)
    is_told(outcome, failure)
    is_whole(outcome["native"], name, CREATE)

    shown = pin_json(home.get(pin))
    assert (shown["rule"], shown["cause"], shown["remedy"]) == (name, rule.cause, rule.remedy)
    assert shown["native"] == outcome["native"]
    assert (shown["problem"], shown["fix"]) == (failure.title, failure.fix)
    doubted = rule.leaves_doubt or name in NOT_PROVEN
    step = int(rule.step or step_of(CREATE))
    account = status(home, shop)
    at_once = rule.refresh_first or (rule.wait and load_policy().wait_s(rule.wait, 1) == 0)
    assert len(attempts) == (2 if at_once and not doubted else 1)
    if doubted:
        assert (shown["stage"], shown["in_doubt"], outcome["kind"]) == (Stage.CONFIRMING, True, "doubt")
        assert shown["next_look_at"] is not None
    else:
        assert (shown["in_doubt"], outcome["kind"], shown["step"]) == (False, "not_made", step)
    if not doubted and rule.remedy is Remedy.RETRY_LATER:
        assert shown["stage"] == Stage.SCHEDULED
        assert shown["deferred_until"] > home.clock.now().isoformat()[:19]
        assert shown["deferred_because"] == failure.title
    elif not doubted:
        assert shown["stage"] == Stage.HELD
        assert shown["deferred_until"] is None
    ended = not doubted and rule.remedy is Remedy.RECONNECT
    assert account == ("broken" if ended else "connected")


@pytest.mark.parametrize("name", ON_LOOK)
def test_on_reading_a_board(small: Rig, name: str):
    home = small
    shop = home.connect()
    home.fault("500")
    pin = home.pin(shop)
    home.drain()
    order(home, name, LOOK)
    home.advance(30)

    outcome = tried(home, pin)[0]["outcomes"][1]
    failure = classify(native(name, LOOK))
    assert (outcome["kind"], outcome["evidence"]) == ("look", {"found": "unreadable"})
    is_told(outcome, failure)
    is_whole(outcome["native"], name, LOOK)
    assert int(failure.step) == int(RULES[name].step or step_of(LOOK))
    shown = pin_json(home.get(pin))
    asks = failure.remedy in {Remedy.FIX_INPUT, Remedy.REPORT}
    assert (shown["stage"], shown["in_doubt"]) == (Stage.HELD if asks else Stage.CONFIRMING, True)
    assert (shown["next_look_at"] is None) == asks
    assert status(home, shop) == "connected"
    assert len(home.creates()) == 1


@pytest.mark.parametrize("name", ON_BOARDS)
def test_on_listing_the_boards(small: Rig, name: str):
    home = small
    shop = home.connect()
    order(home, name, BOARDS)
    asked = connecting.sync_boards(home.ctx, shop.id)
    home.drain()
    with home.store.read() as tx:
        errand = errands.get(tx, asked)
    assert errand is not None
    failure = classify(native(name, BOARDS))
    passing = failure.remedy in {Remedy.RETRY_LATER, Remedy.CONFIRM} or failure.cause is Cause.NETWORK
    if passing or failure.refresh_first:
        assert errand.result is None, "it is tried again"
    else:
        assert errand.result == {"failed": failure.title, "fix": failure.fix, "rule": name}
    assert status(home, shop) == "connected"


@pytest.mark.parametrize("name", ON_TOKEN)
def test_on_renewing_the_token(small: Rig, name: str):
    home = small
    shop = home.connect()
    home.fault("rule:token-refused")
    order(home, name, TOKEN)
    pin = home.pin(shop)
    home.drain()
    failure = classify(native(name, TOKEN))
    ended = failure.remedy is Remedy.RECONNECT
    assert status(home, shop) == ("broken" if ended else "connected")
    shown = pin_json(home.get(pin))
    assert shown["stage"] == (Stage.HELD if ended else Stage.SCHEDULED)
    assert len(home.creates()) == 1
    if ended:
        assert (shown["cause"], shown["remedy"], shown["step"]) == ("token", "reconnect", 2)
        assert failure.title in shown["problem"]


@pytest.mark.parametrize("name", ON_WHO)
def test_on_asking_whose_token_it_is(small: Rig, name: str):
    order(small, name, WHO)
    with pytest.raises(connecting.NotConnected) as refused:
        small.connect()
    failure = classify(native(name, WHO))
    assert str(refused.value).startswith(f"{failure.title}. {failure.fix}")
    assert failure.native.message in str(refused.value)
    assert connecting.listing(small.ctx) == []


@pytest.mark.parametrize("name", EXPLAINED)
def test_of_a_call_that_is_not_made_yet(capsys: pytest.CaptureFixture[str], name: str):
    rule = RULES[name]
    example, reply = rule.examples[0], named_replies().get(name)
    text = reply.body.decode() if reply is not None else ""
    if example.exception is not None:
        text = f"{example.exception}: {example.body}"
    if example.environment == "sandbox":
        text = f"POST https://api-sandbox.pinterest.com/v5/pins\n{text}"
    words = ["explain", "--json", "--body", text, "--endpoint", example.endpoint]
    if example.status is not None:
        words += ["--status", str(example.status)]
    assert run(words) == 0
    found = json.loads(capsys.readouterr().out)
    said = (found["rule"], found["cause"], found["remedy"], found["step"])
    assert said == (name, rule.cause, rule.remedy, int(rule.step or step_of(example.endpoint)))
    assert found["native"]["status"] == example.status
    assert found["native"]["body"] == text
