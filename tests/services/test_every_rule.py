"""Every rule of the error reference on its whole way: a reply in pinsim, the work of a Lane, what is stored, and what
the commands tell of it over HTTP, on both databases.

Where the publisher makes the call, the rule is met on the wire; where no call is made yet, `steadypin explain` meets it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from pinsim.replies import named_replies
from steadypin.cli.app import run
from steadypin.cli.client import Client
from steadypin.domain.connections import Connection
from steadypin.domain.failures import Failure, classify, rules, step_of
from steadypin.domain.native import Native, native_from_exception, read_native
from steadypin.domain.pins import Pin
from steadypin.domain.rules.policy import load_policy
from steadypin.domain.words import Cause, Remedy, Stage
from steadypin.pinterest.wire import Reply, Request, Unreached
from steadypin.services import connecting, replaying
from steadypin.storage import errands, schema
from steadypin.storage.database import Tx
from tests.conftest import emptied
from tests.support.rig import Rig, rig
from tests.support.served import served
from tests.support.sim import SimPinterest

CREATE, LOOK, BOARDS = "pins/create", "boards/list_pins", "boards/list"
TOKEN, WHO = "oauth/token", "user_account/get"
SANDBOX = "sandbox-token"
"""Met only by a Connection of the sandbox; it has a test of its own."""
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

REFUSING = {401, 403, 404, 405, 409, 413, 422, 429}
"""The statuses that prove a refusal when Pinterest's JSON is around them (docs/architecture.md)."""


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
        assert name == SANDBOX or not calls & {CREATE, LOOK, BOARDS, TOKEN, WHO}, name


def doubtful(name: str) -> bool:
    """Whether this reply to a create leaves open what became of it, reckoned from what goes over the wire."""
    if name in UNREACHED:
        return UNREACHED[name].left
    reply, rule = named_replies()[name], RULES[name]
    if reply.delivery != "reply" or rule.leaves_doubt or not reply.body.startswith(b"{"):
        return True
    return not (reply.status in REFUSING or (reply.status == 400 and rule.match.has_text))


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


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One running installation on each database, for all the rules."""
    folder = tmp_path_factory.mktemp("rules")
    url = f"sqlite:///{folder / 'test.db'}"
    if request.param == "postgresql":
        url = emptied(request.getfixturevalue("postgres_url"))
    with rig(url, folder) as made, served(made, folder):
        yield made


NUMBERS = count(1)


def _nothing_stands(tx: Tx) -> None:
    """Forget what the rules before made of all accounts: incidents, and the App's access."""
    tx.conn.execute(sa.delete(schema.incidents))
    tx.conn.execute(sa.update(schema.instance).values(access_tier=None, app_blocked_until=None))


class Place:
    """The running installation as one test meets it: an account of its own, and the commands."""

    def __init__(self, home: Rig, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._capsys = home, capsys
        home.store.write(_nothing_stands)
        self._wired = home.wired
        self.username = f"shop_{next(NUMBERS)}"
        boards = [{"name": "Garden ideas"}]
        shop = {"username": self.username, "boards": boards, "sandbox_boards": boards}
        home.sim_control("POST", "/_sim/seed", {"accounts": [shop], "add": True})
        self.shop: Connection | None = None

    def connect(self, environment: str = "production") -> Connection:
        self.shop = self.home.connect(self.username, environment=environment)
        self.home.sim_control("DELETE", "/_sim/journal")
        return self.shop

    def order(self, name: str, endpoint: str) -> None:
        """From now on this endpoint gives the reply of this name."""
        if name in UNREACHED:
            broken = Broken(self.home.pinterest, endpoint, UNREACHED[name])
            self.home.wired = replace(self._wired, pinterest=broken)
        else:
            self.home.fault(f"rule:{name}", on=endpoint, times=9)

    def told(self, *words: str) -> Any:
        """The JSON of a command, which asked the API over HTTP."""
        self._capsys.readouterr()
        assert run([*words, "--json"]) == 0
        return json.loads(self._capsys.readouterr().out)

    def show(self, pin: Pin) -> Any:
        return self.told("pins", "show", pin.id)

    def tried(self, pin: Pin) -> Any:
        return self.told("pins", "attempts", pin.id)["items"]

    @property
    def status(self) -> str:
        """How the account stands, from the API."""
        assert self.shop is not None
        client = Client(self.home.folder / "steadypin.sock")
        return str(client.get(f"/connections/{self.shop.id}")["status"])

    def leave(self) -> None:
        """Whatever still waits here must not meet what the next test orders."""
        self.home.sim_control("DELETE", "/_sim/faults")
        self.home.wired = self._wired
        if self.shop is not None:
            connecting.disconnect(self.home.ctx, self.shop.id)


@pytest.fixture
def place(
    running: Rig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    monkeypatch.setenv("STEADYPIN_DATA_DIR", str(running.folder))
    made = Place(running, capsys)
    yield made
    made.leave()


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


def is_shown(shown: dict[str, Any], name: str) -> None:
    """A Pin that waits, or is held, says why in the words of the rule."""
    rule, failure = RULES[name], classify(native(name, CREATE))
    assert (shown["rule"], shown["cause"], shown["remedy"]) == (name, rule.cause, rule.remedy)
    assert (shown["problem"], shown["fix"]) == (failure.title, failure.fix)
    is_whole(shown["native"], name, CREATE)


def waits(place: Place, shown: dict[str, Any]) -> None:
    """A next try is told with its time and its reason."""
    assert shown["stage"] == Stage.SCHEDULED
    assert shown["deferred_until"] > place.home.clock.now().isoformat()[:19]
    assert shown["deferred_because"].startswith(shown["problem"])


def is_held(shown: dict[str, Any], name: str) -> None:
    step = int(RULES[name].step or step_of(CREATE))
    assert (shown["stage"], shown["step"], shown["in_doubt"]) == (Stage.HELD, step, False)
    assert (shown["deferred_until"], shown["next_look_at"]) == (None, None)


def kinds(attempt: dict[str, Any]) -> list[str]:
    return [outcome["kind"] for outcome in attempt["outcomes"]]


@pytest.mark.parametrize("name", [name for name in ON_CREATE if not doubtful(name)])
def test_a_create_that_was_refused(place: Place, name: str):
    home, rule = place.home, RULES[name]
    shop = place.connect()
    place.order(name, CREATE)
    pin = home.pin(shop)
    home.drain()

    tried, shown = place.tried(pin), place.show(pin)
    is_told(tried[-1]["outcomes"][0], classify(native(name, CREATE)))
    is_whole(tried[-1]["outcomes"][0]["native"], name, CREATE)
    is_shown(shown, name)
    at_once = rule.refresh_first or (rule.wait and load_policy().wait_s(rule.wait, 1) == 0)
    assert [kinds(each) for each in tried] == [["not_made"]] * (2 if at_once else 1)
    if rule.remedy is Remedy.RETRY_LATER:
        waits(place, shown)
        assert (shown["step"], shown["in_doubt"]) == (int(rule.step or step_of(CREATE)), False)
    else:
        is_held(shown, name)
    assert place.status == ("broken" if rule.remedy is Remedy.RECONNECT else "connected")


@pytest.mark.parametrize("name", [name for name in ON_CREATE if doubtful(name)])
def test_a_create_of_which_nobody_knows_what_became(place: Place, name: str):
    home, rule = place.home, RULES[name]
    shop = place.connect()
    place.order(name, CREATE)
    pin = home.pin(shop)
    home.drain()

    outcome, shown = place.tried(pin)[0]["outcomes"][0], place.show(pin)
    is_told(outcome, classify(native(name, CREATE)))
    is_whole(outcome["native"], name, CREATE)
    is_shown(shown, name)
    assert (shown["stage"], shown["in_doubt"], outcome["kind"]) == (Stage.CONFIRMING, True, "doubt")
    assert shown["next_look_at"] is not None

    read_the_board_thrice(place)
    looked = ["doubt", "look", "look", "absent"]
    tried, shown = place.tried(pin), place.show(pin)
    assert kinds(tried[0]) == looked
    if rule.remedy in (Remedy.RETRY_LATER, Remedy.CONFIRM):
        if len(tried) == 1:
            waits(place, shown)
        else:
            assert kinds(tried[1]) == ["doubt"], "the looks took as long as it had to wait"
    elif rule.refresh_first:
        assert kinds(tried[1]) == ["doubt"], "the token was renewed, and the Pin sent once more"
        read_the_board_thrice(place)
        assert [kinds(each) for each in place.tried(pin)] == [looked, looked]
        shown = place.show(pin)
        is_held(shown, name)
    else:
        assert len(home.creates()) == 1
        is_held(shown, name)
        is_shown(shown, name)
    assert place.status == "connected"


def read_the_board_thrice(place: Place) -> None:
    for seconds in (30, 120, 180):
        place.home.advance(seconds)


def test_a_create_that_the_sandbox_refuses(place: Place):
    shop = place.connect("sandbox")
    place.order(SANDBOX, CREATE)
    pin = place.home.pin(shop)
    place.home.drain()
    shown, rule = place.show(pin), RULES[SANDBOX]
    assert shown["native"]["message"] == "Authentication failed."
    assert (shown["rule"], shown["cause"], shown["remedy"]) == (rule.id, rule.cause, Remedy.OPERATOR)
    assert (shown["stage"], shown["problem"]) == (Stage.HELD, rule.title)
    assert len(place.tried(pin)) == 2, "the token was renewed, and the Pin sent once more"
    assert place.status == "connected"
    assert [each for each in replaying.replay(place.home.store) if each.changed] == []


@pytest.mark.parametrize("name", ON_LOOK)
def test_on_reading_a_board(place: Place, name: str):
    home = place.home
    shop = place.connect()
    home.fault("500")
    pin = home.pin(shop)
    home.drain()
    place.order(name, LOOK)
    home.advance(30)

    outcome = place.tried(pin)[0]["outcomes"][1]
    failure = classify(native(name, LOOK))
    assert (outcome["kind"], outcome["evidence"]) == ("look", {"found": "unreadable"})
    is_told(outcome, failure)
    is_whole(outcome["native"], name, LOOK)
    assert int(failure.step) == int(RULES[name].step or step_of(LOOK))
    shown = place.show(pin)
    asks = failure.remedy in {Remedy.FIX_INPUT, Remedy.REPORT}
    assert (shown["stage"], shown["in_doubt"]) == (Stage.HELD if asks else Stage.CONFIRMING, True)
    assert (shown["next_look_at"] is None) == asks
    assert place.status == "connected"
    assert len(home.creates()) == 1


@pytest.mark.parametrize("name", ON_BOARDS)
def test_on_listing_the_boards(place: Place, name: str):
    home = place.home
    shop = place.connect()
    place.order(name, BOARDS)
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
        assert errand.result is not None
        said = {word: errand.result[word] for word in ("failed", "fix", "rule")}
        assert said == {"failed": failure.title, "fix": failure.fix, "rule": name}
        is_whole(errand.result["native"], name, BOARDS)
    assert place.status == "connected"


@pytest.mark.parametrize("name", ON_TOKEN)
def test_on_renewing_the_token(place: Place, name: str):
    home = place.home
    shop = place.connect()
    home.fault("rule:token-refused")
    place.order(name, TOKEN)
    pin = home.pin(shop)
    home.drain()
    failure = classify(native(name, TOKEN))
    ended = failure.remedy is Remedy.RECONNECT
    assert place.status == ("broken" if ended else "connected")
    shown = place.show(pin)
    assert shown["stage"] == (Stage.HELD if ended else Stage.SCHEDULED)
    assert len(home.creates()) == 1
    if ended:
        assert (shown["cause"], shown["remedy"], shown["step"]) == ("token", "reconnect", 2)
        assert failure.title in shown["problem"]


@pytest.mark.parametrize("name", ON_WHO)
def test_on_asking_whose_token_it_is(place: Place, name: str):
    before = place.told("connections")
    place.order(name, WHO)
    with pytest.raises(connecting.NotConnected) as refused:
        place.connect()
    failure = classify(native(name, WHO))
    assert str(refused.value).startswith(f"{failure.title}. {failure.fix}")
    assert failure.native.message in str(refused.value)
    assert place.told("connections") == before


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
