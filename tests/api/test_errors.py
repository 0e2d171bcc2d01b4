"""Every error has one shape, whatever raised it."""

import pytest

from steadypin.domain.errors import StoreTrouble
from steadypin.services import compose, pausing
from steadypin.services.transitions import Moved
from tests.api.stage import is_problem
from tests.api.test_access import operations


def test_every_address_refuses_unknown_parameters(api):
    for verb, path, _ in operations(api):
        told = is_problem(api.owner.request(verb, path, params={"colour": "red"}, json=None), 422)
        assert "colour" in {error["field"] for error in told["errors"]}


def test_every_body_must_be_json_of_the_right_shape(api):
    for verb, path, _ in operations(api):
        operation = next(
            verbs[verb]
            for known, verbs in api.app.openapi()["paths"].items()
            if same(known, path) and verb in verbs
        )
        body = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in body:
            continue
        json = {"Content-Type": "application/json"}
        is_problem(api.owner.request(verb, path, content=b'{"a', headers=json), 400)
        is_problem(api.owner.request(verb, path, content=b"\xff\xfe", headers=json), 400)
        is_problem(api.owner.request(verb, path, content=b"[" * 100_000, headers=json), 400)
        is_problem(api.owner.request(verb, path, content=b"[1]", headers=json), 422)
        is_problem(api.owner.request(verb, path, json={"colour": "red"}), 422)
        is_problem(api.owner.request(verb, path, content=b"a=b", headers={"Content-Type": "text/plain"}), 415)
        assert {"400", "413", "415", "422"} <= set(operation["responses"])


def same(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        a == b or a.startswith("{") for a, b in zip(parts, given, strict=True)
    )


def test_a_wrong_verb_names_the_right_ones(api):
    told = api.owner.put("/api/v1/pins")
    is_problem(told, 405)
    assert told.headers["allow"] == "GET, POST"
    is_problem(api.owner.delete("/healthz"), 405)


def test_an_unknown_address_is_a_problem_too(api):
    is_problem(api.owner.get("/api/v1/pinz"), 404)
    is_problem(api.outside.get("/nowhere"), 404)
    is_problem(api.owner.get("/api/v1/pins/"), 404)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_not_read(api, chunked):
    body = iter([b" " * 700_000] * 3) if chunked else b" " * 2_000_000
    is_problem(
        api.owner.post("/api/v1/pins", content=body, headers={"Content-Type": "application/json"}), 413
    )


def test_a_database_in_trouble_is_503_with_its_sentence(api, monkeypatch):
    def full(*_):
        raise StoreTrouble("The disk is full. Free some space.")

    monkeypatch.setattr(pausing, "state", full)
    assert is_problem(api.outside.get("/readyz"), 503)["detail"] == "The disk is full. Free some space."
    assert api.outside.get("/healthz").json() == {"ok": True}


def test_a_row_that_moved_meanwhile_is_409(api, monkeypatch):
    def moved(*_):
        raise Moved("pin")

    monkeypatch.setattr(compose, "get", moved)
    is_problem(api.owner.get("/api/v1/pins/pin_1"), 409)


def test_a_fault_of_ours_tells_nothing_about_the_inside(api, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("sp_secret in /home")

    monkeypatch.setattr(compose, "get", broken)
    told = api.owner.get("/api/v1/pins/pin_1")
    assert "secret" not in is_problem(told, 500)["detail"]


def test_every_answer_carries_the_safety_headers(api):
    for answer in (api.outside.get("/nowhere"), api.owner.get("/api/v1/pins"), api.outside.get("/api/docs")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
