"""/app and /connections/token."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steadypin.services.access import Scope
from tests.api.stage import Api, is_problem


def app_token(api: Api, environment: str) -> str:
    asked = {"account": "spring_shop", "environment": environment, "from": "app_page", "app": "1500001"}
    return str(api.rig.sim_control("POST", "/_sim/tokens", asked)["access_token"])


def test_the_app_is_told_without_its_secret(both: Api) -> None:
    both.rig.sim_control("PUT", "/_sim/switches", {"quota_times": 1})
    app = both.owner.get("/api/v1/app").json()
    assert (app["id"], app["secret_set"]) == ("1500001", True)
    assert app["redirect_uri"].endswith("/oauth/callback")
    assert (app["access_tier"], app["since"], app["evidence"]) == ("unknown", None, [])
    assert "steadypin connect" in " ".join(app["next_steps"])
    both.rig.connect()
    answer = both.owner.get("/api/v1/app")
    app = answer.json()
    assert (app["access_tier"], app["said_by"], app["trial"]) == ("standard", "pinterest", None)
    assert [each["sign"] for each in app["evidence"]] == ["standard_quotas"]
    assert app["since"].endswith("Z")
    assert [(each["environment"], each["connections"]) for each in app["environments"]] == [
        ("production", 1),
        ("sandbox", 0),
    ]
    assert "pinsim-secret" not in answer.text


def test_under_trial_it_says_what_is_used_what_is_refused_and_why_that_is_known(both: Api) -> None:
    api = both
    api.rig.sim_control("PUT", "/_sim/switches", {"quota_times": 1, "access": "trial"})
    api.rig.pin(api.rig.connect())
    api.rig.advance(5)
    app = api.owner.get("/api/v1/app").json()
    assert app["access_tier"] == "trial"
    assert (app["trial"]["calls_used"], app["trial"]["writes_used"]) == (4, 1)
    assert app["evidence"][0]["sign"] == "trial_refusal"
    assert app["evidence"][0]["native"]["code"] == 29
    assert any("Publishing Pins" in each["what"] for each in app["abilities"] if not each["allowed"])
    assert any("demo-recording" in step for step in app["next_steps"])


def test_without_an_app_the_first_step_is_to_set_one(api: Api) -> None:
    api.rig.use(app=replace(api.rig.ctx.app, id=None, secret=None))
    app = Api(api.rig).owner.get("/api/v1/app").json()
    assert (app["id"], app["secret_set"]) == (None, False)
    assert "STEADYPIN_PINTEREST_APP_ID" in app["next_steps"][0]


def test_a_sandbox_token_connects_and_is_never_answered(both: Api) -> None:
    token = app_token(both, "sandbox")
    answer = both.owner.post("/api/v1/connections/token", json={"token": token})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["username"], made["environment"], made["refresh_expires_at"]) == (
        "spring_shop",
        "sandbox",
        None,
    )
    assert token not in answer.text
    told = is_problem(
        both.owner.post("/api/v1/connections/token", json={"token": app_token(both, "production")}), 409
    )
    assert "belongs to production" in told["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"token": ""}, {"token": 5}, {"token": "pinr_" + "x" * 40}, {"token": "x y"}]
)
def test_what_is_no_token_is_refused_and_not_repeated(api: Api, body: dict[str, object]) -> None:
    answer = api.owner.post("/api/v1/connections/token", json=body)
    is_problem(answer, 422)
    assert "x" * 40 not in answer.text


def test_a_token_is_taken_for_the_sandbox_only(api: Api) -> None:
    body = {"token": "pina_something", "environment": "production"}
    is_problem(api.owner.post("/api/v1/connections/token", json=body), 422)


def test_it_needs_a_key_that_may_see_all_and_a_token_needs_the_administrator(api: Api) -> None:
    shop = api.rig.connect()
    limited = api.key(Scope.CONNECTIONS_READ, connection_ids=[shop.id])
    is_problem(limited.get("/api/v1/app"), 403)
    assert api.key(Scope.CONNECTIONS_READ).get("/api/v1/app").status_code == 200
    body = {"token": "pina_something"}
    is_problem(api.key(Scope.CONNECTIONS_WRITE).post("/api/v1/connections/token", json=body), 403)
