"""Wrapping, casing and company never change a verdict; nonsense is kept whole; nothing raises."""

from __future__ import annotations

import html
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steadypin.domain.failures import classify, rules
from steadypin.domain.native import Native, native_from_exception, read_native, read_pasted
from steadypin.domain.rules.checks import native_of
from steadypin.domain.rules.model import Example, Rule
from steadypin.domain.words import Cause, Remedy

TOLD = [
    (rule, example)
    for rule in rules()
    for example in rule.examples
    if rule.level == "phrase"
    and example.body.startswith("{")
    and '"message"' in example.body
    and example.status
]
Wrap = Callable[[dict[str, object]], str]
WRAPS: dict[str, Wrap] = {
    "as it is": json.dumps,
    "in error": lambda body: json.dumps({"error": body}),
    "in data": lambda body: json.dumps({"ok": False, "data": body}),
    "in a list": lambda body: json.dumps({"errors": [body]}),
    "a list": lambda body: json.dumps([body]),
    "json in a string": lambda body: json.dumps({"error": json.dumps(body)}),
    "twice in a string": lambda body: json.dumps({"data": json.dumps({"error": json.dumps(body)})}),
    "with words before it": lambda body: json.dumps({"message": f"Pinterest API error: {json.dumps(body)}"}),
    "a python literal": repr,
    "code as text": lambda body: json.dumps({**body, "code": str(body.get("code"))}),
    "with empty keys": lambda body: json.dumps({**body, "data": None, "error": None, "status": "failure"}),
    "without a code": lambda body: json.dumps({key: item for key, item in body.items() if key != "code"}),
    "spread over lines": lambda body: json.dumps(body, indent=8),
    "plain": lambda body: str(body["message"]),
    "upper case": lambda body: json.dumps({**body, "message": str(body["message"]).upper()}),
    "wide spaces": lambda body: json.dumps({**body, "message": str(body["message"]).replace(" ", "  \n ")}),
    "typographic quotes": lambda body: json.dumps(
        {**body, "message": str(body["message"]).replace("'", "’")}
    ),
    "as a page": lambda body: (
        f"<!DOCTYPE html><html><head><title>Error</title></head><body><p>{html.escape(str(body['message']))}</p></body></html>"
    ),
}


@pytest.mark.parametrize(("rule", "example"), TOLD, ids=[rule.id for rule, _ in TOLD])
def test_no_wrapping_changes_a_verdict_that_a_text_decided(rule: Rule, example: Example) -> None:
    body = json.loads(example.body)
    for name, wrap in WRAPS.items():
        native = read_native(example.endpoint, example.status, wrap(body), {})
        failure = classify(native, environment=example.environment)
        assert (failure.cause, failure.remedy) == (rule.cause, rule.remedy), (name, failure.rule)


@pytest.mark.parametrize(("rule", "example"), TOLD, ids=[rule.id for rule, _ in TOLD])
def test_a_text_decides_under_another_code(rule: Rule, example: Example) -> None:
    body = json.loads(example.body)
    for code in (0, 1, 7, 99, 7777):
        failure = classify(
            native_of(Example(example.endpoint, example.status, json.dumps({**body, "code": code}), None)),
            environment=example.environment,
        )
        assert (failure.cause, failure.remedy) == (rule.cause, rule.remedy), (code, failure.rule)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("xyzq0123 ", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("klmn", min_size=1, max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(TOLD),
    st.dictionaries(st.text("klmn_", min_size=1, max_size=8), _json, max_size=4),
    st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
    st.sampled_from(sorted(set(WRAPS) - {"upper case"})),
)
def test_extra_keys_and_casing_change_nothing(
    told: tuple[Rule, Example], extra: dict[str, object], case: Callable[[str], str], wrap: str
) -> None:
    rule, example = told
    body = json.loads(example.body)
    body = {**extra, **body, "message": case(body["message"])}
    failure = classify(
        read_native(example.endpoint, example.status, WRAPS[wrap](body), {}), environment=example.environment
    )
    assert (failure.cause, failure.remedy) == (rule.cause, rule.remedy), failure.rule


ENDPOINTS = st.sampled_from(
    [
        "",
        "pins/create",
        "boards/list",
        "oauth/token",
        "media/upload",
        "media/source",
        "oauth/authorize",
        "x/y",
    ]
)
STATUSES = st.none() | st.integers(0, 999)


@settings(max_examples=300, deadline=None)
@given(
    ENDPOINTS,
    STATUSES,
    st.binary(max_size=300) | st.text(max_size=300),
    st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3),
)
def test_reading_and_classifying_never_raise(
    endpoint: str, status: int | None, body: bytes | str, headers: dict[str, str]
) -> None:
    native = read_native(endpoint, status, body, headers)
    failure = classify(native)
    assert failure.native is native
    assert failure.title
    assert Native.from_json(json.loads(json.dumps(native.to_json()))).body == native.body
    text = native.body
    assert classify(read_pasted(text, status, endpoint)).native.body == text
    assert classify(native_from_exception(endpoint, text[:20], text)).native.body == text


@settings(max_examples=150, deadline=None)
@given(ENDPOINTS, STATUSES, _json)
def test_any_json_is_read(endpoint: str, status: int | None, value: object) -> None:
    for text in (
        json.dumps(value),
        repr(value),
        json.dumps({"error": json.dumps(value)}),
        f"log: {json.dumps(value)} end",
    ):
        native = read_pasted(text, status, endpoint)
        assert native.body == text
        assert Native.from_json(native.to_json()).to_json() == native.to_json()
        classify(native)


@settings(max_examples=150, deadline=None)
@given(st.text("bdfghjklmnpqvwxyz \n{}[]<>\"'\\,:%", max_size=200).filter(lambda text: text.strip()))
def test_nonsense_is_unknown_and_kept_whole(text: str) -> None:
    failure = classify(read_pasted(text))
    assert (failure.cause, failure.remedy, failure.rule) == (Cause.UNKNOWN, Remedy.REPORT, "unknown")
    assert failure.native.body == text


def test_deep_and_long_bodies_are_survived() -> None:
    for body in (
        "[" * 100_000,
        '{"a":' * 50_000,
        "{" * 3000,
        "<p>" * 50_000,
        "x" * 1_000_000,
        '{"message": "' + "y" * 500_000 + '"}',
    ):
        assert classify(read_native("boards/list", 400, body, {})).remedy in (
            Remedy.REPORT,
            Remedy.RETRY_LATER,
        )
        assert classify(read_pasted(body)).native.body == body
