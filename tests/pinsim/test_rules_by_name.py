"""Every rule of the error reference has its reply in pinsim, under its own id, and it leads back to that rule."""

from __future__ import annotations

import asyncio
import json

import pytest

from pinsim import Request, Sim
from pinsim.replies import named_replies
from pinsim.troubles import BadOrder, trouble_of
from pinsim.wire import Answer
from steadypin.domain.failures import classify, rules
from steadypin.domain.native import Native, native_from_exception, read_native

NEVER_FROM_A_SERVER = {
    "not-sent": "no such host, a refused connection, a bad certificate: nobody was reached",
    "not-sent-named": "the same, told by the name of the exception alone",
    "source-address-wrong": "the address of a user's file that nobody answers",
    "gateway-words": "a gateway's sentence in somebody's log, without the status it came with",
    "gateway-words-on-create": "the same about a create",
    "answer-unreadable": "a JSON reader's complaint in somebody's log, without the reply",
    "answer-unreadable-on-create": "the same about a create",
}
SILENCES = {"hang": "TimeoutError", "reset_before": "ClientOSError", "reset_after": "ClientOSError"}
RULES = {rule.id: rule for rule in rules()}


def test_the_names_are_the_ids_of_the_rules():
    assert set(named_replies()) | set(NEVER_FROM_A_SERVER) == set(RULES)
    assert not set(named_replies()) & set(NEVER_FROM_A_SERVER)


@pytest.mark.parametrize("name", NEVER_FROM_A_SERVER)
def test_a_rule_without_a_reply_speaks_of_no_status(name: str):
    assert all(example.status is None for example in RULES[name].examples)


@pytest.mark.parametrize("name", named_replies())
def test_a_fault_gives_exactly_the_reply_of_its_name(name: str):
    wanted, sim = named_replies()[name], Sim()
    answer = asyncio.run(struck(sim, f"rule:{name}"))
    assert answer.delivery == wanted.delivery
    assert (answer.status, answer.body) == (wanted.status, wanted.body)
    assert wanted.headers.items() <= answer.headers.items()
    assert answer.header("Content-Type") == (wanted.content_type if wanted.body else "")
    example = RULES[name].examples[0]
    native = read_native(example.endpoint, answer.status, answer.body, answer.headers)
    if wanted.delivery != "reply":
        native = native_from_exception(example.endpoint, SILENCES[wanted.delivery], "")
    else:
        assert native.rid
    assert ruled(native, example.environment) == name


async def struck(sim: Sim, do: str) -> Answer:
    order = json.dumps({"on": "*", "do": do}).encode()
    ordered = await sim.answer(Request("POST", "/_sim/faults", body=order))
    assert ordered.status < 300, ordered.body
    return await sim.answer(Request("GET", "/v5/user_account"))


def ruled(native: Native, environment: str) -> str:
    return classify(native, environment=environment).rule


def test_the_reply_can_come_after_making():
    trouble = trouble_of({"on": "pins/create", "do": "made_then_rule:platform-error-on-create"})
    assert trouble.made
    assert trouble.canned is not None
    assert trouble.canned.status == 500


def test_an_unknown_name_is_refused_with_the_place_to_look():
    with pytest.raises(BadOrder, match=r"no reply named 'token-lost'.*replies\.toml"):
        trouble_of({"on": "*", "do": "rule:token-lost"})
