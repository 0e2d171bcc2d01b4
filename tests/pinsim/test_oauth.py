"""Giving access, exchanging codes, refreshing and losing tokens."""

import base64
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from pinsim import Answer
from tests.pinsim.spec_shapes import faults_of, spec
from tests.pinsim.stage import Stage

APP, SECRET = "1500001", "pinsim-secret-of-1500001"
CALLBACK = "http://127.0.0.1:8085/"
ASKED = "boards:read,boards:write,pins:read,pins:write,user_accounts:read"


def _form(fields: dict[str, str] | list[tuple[str, str]]) -> bytes:
    return urlencode(fields).encode()


def _ask(**changes: str) -> dict[str, str]:
    asked = {
        "client_id": APP,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": ASKED,
        "state": "s1",
    }
    return {**asked, **changes}


def _decide(stage: Stage, *more: tuple[str, str], **changes: str) -> Answer:
    page = stage.send("GET", "/oauth/", query=_ask(**changes))
    assert page.status == 200
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.body.decode())
    return stage.send("POST", "/oauth/", _form([*hidden, *more]))


def _returned(answer: Answer) -> dict[str, str]:
    assert answer.status == 302
    assert answer.header("location").startswith(CALLBACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.header("location")).query).items()}


def _code(stage: Stage, scopes: str = ASKED, account: str = "spring_shop") -> str:
    ticked = [("allow", scope) for scope in scopes.split(",")]
    return _returned(_decide(stage, *ticked, ("account", account), ("decision", "give")))["code"]


def _token(stage: Stage, secret: str = SECRET, path: str = "/v5/oauth/token", **form: str) -> Answer:
    basic = base64.b64encode(f"{APP}:{secret}".encode()).decode()
    return stage.send("POST", path, _form(form), headers={"authorization": f"Basic {basic}"})


def _exchange(stage: Stage, code: str, **more: str) -> Answer:
    return _token(stage, grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)


def _refresh(stage: Stage, token: str, **more: str) -> Answer:
    return _token(stage, grant_type="refresh_token", refresh_token=token, **more)


def _error(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.json()["code"]


def test_a_code_becomes_tokens_that_open_the_chosen_account(stage: Stage):
    answer = _exchange(stage, _code(stage, account="second_shop"), continuous_refresh="true")
    found = answer.json()
    assert faults_of(found, {"$ref": "#/components/schemas/OauthAccessTokenResponseCode"}) == []
    assert found["access_token"].startswith("pina_")
    assert found["refresh_token"].startswith("pinr_")
    assert (found["expires_in"], found["refresh_token_expires_in"]) == (2_592_000, 5_184_000)
    me = stage.send("GET", "/v5/user_account", token=found["access_token"]).json()
    assert (me["username"], me["account_type"]) == ("second_shop", "PINNER")


def test_the_page_names_the_app_and_offers_every_account_and_scope(stage: Stage):
    page = stage.send("GET", "/oauth/", query=_ask()).body.decode()
    for words in ("Spring Publisher", "spring_shop", "trial_terrace", "second_shop", *ASKED.split(",")):
        assert words in page
    assert "boards:write_secret" not in page


def test_a_single_scope_can_be_denied(stage: Stage):
    code = _code(stage, "boards:read,pins:read,pins:write,user_accounts:read")
    found = _exchange(stage, code).json()
    assert "boards:write" not in found["scope"].split()
    assert stage.send("POST", "/v5/boards", {"name": "x"}, token=found["access_token"]).json()["code"] == 3


def test_cancel_goes_back_with_access_denied_and_the_state(stage: Stage):
    back = _returned(_decide(stage, ("decision", "cancel")))
    assert back == {"error": "access_denied", "state": "s1"}


def test_denying_everything_asks_again(stage: Stage):
    answer = _decide(stage, ("account", "spring_shop"), ("decision", "give"))
    assert answer.status == 200
    assert b"at least one permission" in answer.body


def test_a_scope_that_was_not_asked_for_cannot_be_slipped_in(stage: Stage):
    ticked = [("allow", "pins:read"), ("allow", "pins:write_secret")]
    code = _returned(_decide(stage, *ticked, ("account", "spring_shop"), ("decision", "give")))["code"]
    assert _exchange(stage, code).json()["scope"] == "pins:read"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "1"},
        {"redirect_uri": "http://127.0.0.1:8085"},
        {"redirect_uri": "http://127.0.0.1:8086/"},
        {"response_type": "token"},
        {"scope": "pins:read,pins:eat"},
        {"scope": ""},
    ],
)
def test_a_request_that_does_not_fit_shows_a_page_and_redirects_nowhere(
    stage: Stage, changes: dict[str, str]
):
    for answer in (
        stage.send("GET", "/oauth/", query=_ask(**changes)),
        stage.send(
            "POST", "/oauth/", _form({**_ask(**changes), "decision": "give", "account": "spring_shop"})
        ),
    ):
        assert answer.status == 400
        assert answer.header("location") == ""


def test_markup_in_a_state_is_text(stage: Stage):
    assert b"<script>" not in stage.send("GET", "/oauth/", query=_ask(state='"><script>x</script>')).body


def test_a_code_works_once_for_ten_minutes_and_one_address(stage: Stage):
    code = _code(stage)
    assert _exchange(stage, code).status == 200
    assert _error(_exchange(stage, code)) == (401, 283)
    other = _token(
        stage, grant_type="authorization_code", code=_code(stage), redirect_uri="http://x.example/"
    )
    assert _error(other) == (401, 283)
    late = _code(stage)
    stage.now += 600
    assert _error(_exchange(stage, late)) == (401, 283)


def test_a_wrong_secret_is_told_apart_from_a_bad_grant(stage: Stage):
    answer = _token(stage, secret="wrong", grant_type="authorization_code", code=_code(stage))
    assert _error(answer) == (401, 2)
    assert _error(stage.send("POST", "/v5/oauth/token", _form({"grant_type": "refresh_token"}))) == (401, 2)


def test_a_refresh_brings_a_new_pair_and_ends_the_old_refresh_token(stage: Stage):
    first = _exchange(stage, _code(stage)).json()
    second = _refresh(stage, first["refresh_token"])
    assert faults_of(second.json(), {"$ref": "#/components/schemas/OauthAccessTokenResponseRefresh"}) == []
    assert second.json()["refresh_token"] != first["refresh_token"]
    assert _error(_refresh(stage, first["refresh_token"])) == (401, 283)
    assert _refresh(stage, second.json()["refresh_token"]).status == 200


def test_lenient_rotation_lets_the_old_refresh_token_live(stage: Stage):
    stage.switch(refresh_rotation="lenient")
    first = _exchange(stage, _code(stage)).json()["refresh_token"]
    assert [_refresh(stage, first).status for _ in range(2)] == [200, 200]


def test_a_lenient_grace_runs_from_the_first_use_and_ends(stage: Stage):
    stage.switch(refresh_rotation="lenient", refresh_grace_s=3600)
    first = _exchange(stage, _code(stage)).json()["refresh_token"]
    stage.now += 40 * 86_400
    second = _refresh(stage, first).json()["refresh_token"]
    stage.now += 3599
    assert _refresh(stage, first).status == 200
    stage.now += 1
    assert _error(_refresh(stage, first)) == (401, 283)
    assert _refresh(stage, second).status == 200


def test_a_grace_outlives_no_refresh_token(stage: Stage):
    stage.switch(refresh_rotation="lenient")
    first = _exchange(stage, _code(stage)).json()["refresh_token"]
    stage.now += 59 * 86_400
    _refresh(stage, first)
    stage.now += 86_400
    assert _error(_refresh(stage, first)) == (401, 283)


@pytest.mark.parametrize(("ends", "status"), [(False, 200), (True, 401)])
def test_the_old_access_token_ends_with_a_refresh_when_switched(stage: Stage, ends: bool, status: int):
    stage.switch(refresh_ends_access=ends)
    first = _exchange(stage, _code(stage)).json()
    second = _refresh(stage, first["refresh_token"]).json()
    assert stage.send("GET", "/v5/boards", token=first["access_token"]).status == status
    assert stage.send("GET", "/v5/boards", token=second["access_token"]).status == 200


def test_a_year_of_refreshes_every_20_days_keeps_a_connection(stage: Stage):
    found = _exchange(stage, _code(stage), continuous_refresh="true").json()
    for _ in range(18):
        stage.now += 20 * 86_400
        assert stage.send("GET", "/v5/boards", token=found["access_token"]).status == 200
        found = _refresh(stage, found["refresh_token"]).json()
        assert found["refresh_token_expires_in"] == 5_184_000
    assert stage.get("/_sim/grants", {"account": "spring_shop"})["grants"][-1]["refreshes"] == 18


def test_an_access_token_is_no_refresh_token(stage: Stage):
    found = _exchange(stage, _code(stage)).json()
    assert _error(_refresh(stage, found["access_token"])) == (401, 283)
    assert _error(stage.send("GET", "/v5/boards", token=found["refresh_token"])) == (401, 2)


def test_tokens_end_after_30_and_60_days(stage: Stage):
    found = _exchange(stage, _code(stage)).json()
    stage.now += 2_592_000
    assert _error(stage.send("GET", "/v5/boards", token=found["access_token"])) == (401, 2)
    again = _refresh(stage, found["refresh_token"]).json()
    assert stage.send("GET", "/v5/boards", token=again["access_token"]).status == 200
    stage.now += 5_184_000
    assert _error(_refresh(stage, again["refresh_token"])) == (401, 283)


def test_an_old_app_without_continuous_refresh_gets_a_fixed_token(stage: Stage):
    stage.switch(refresh_opt_in=True)
    fixed = _exchange(stage, _code(stage)).json()
    assert fixed["refresh_token_expires_in"] == 31_536_000
    stage.now += 86_400
    again = _refresh(stage, fixed["refresh_token"]).json()
    assert again["refresh_token"] == fixed["refresh_token"]
    assert again["refresh_token_expires_in"] == 31_536_000 - 86_400
    assert (
        _exchange(stage, _code(stage), continuous_refresh="true").json()["refresh_token_expires_in"]
        == 5_184_000
    )


def test_scopes_can_be_narrowed_but_not_widened_by_a_refresh(stage: Stage):
    first = _exchange(stage, _code(stage, "pins:read,boards:read")).json()
    again = _refresh(stage, first["refresh_token"], scope="pins:read,pins:write").json()
    assert again["scope"] == "pins:read"


@pytest.mark.parametrize(("how", "shown"), [("commas", "boards:read,pins:read"), ("omitted", None)])
def test_the_scope_of_a_token_answer_is_written_as_the_switch_says(stage: Stage, how: str, shown: str | None):
    stage.switch(token_scope=how)
    assert _exchange(stage, _code(stage, "pins:read,boards:read")).json().get("scope") == shown


def test_client_credentials_act_for_the_owner_without_a_refresh_token(stage: Stage):
    found = _token(stage, grant_type="client_credentials", scope="user_accounts:read").json()
    assert "refresh_token" not in found
    me = stage.send("GET", "/v5/user_account", token=found["access_token"]).json()
    assert me["username"] == "spring_shop"


def test_only_system_user_tokens_can_be_revoked(stage: Stage):
    found = _exchange(stage, _code(stage)).json()
    answer = _token(stage, path="/v5/oauth/token/revoke", token=found["access_token"])
    assert _error(answer) == (403, 29)
    assert stage.send("GET", "/v5/boards", token=found["access_token"]).status == 200


@pytest.mark.parametrize("do", ["revoke_app", "change_password", "end_session"])
def test_what_a_person_does_at_pinterest_ends_all_tokens(stage: Stage, do: str):
    found = _exchange(stage, _code(stage)).json()
    stage.post("/_sim/act", {"do": do, "account": "spring_shop"})
    assert _error(stage.send("GET", "/v5/boards", token=found["access_token"])) == (401, 2)
    assert _error(_refresh(stage, found["refresh_token"])) == (401, 283)
    assert stage.as_("second_shop", "GET", "/v5/boards").status == 200


def test_a_code_can_be_exchanged_for_the_sandbox(stage: Stage):
    found = _token(
        stage,
        path="/sandbox/v5/oauth/token",
        grant_type="authorization_code",
        code=_code(stage),
        redirect_uri=CALLBACK,
    ).json()
    assert stage.send("GET", "/sandbox/v5/user_account", token=found["access_token"]).status == 200
    assert _error(stage.send("GET", "/v5/user_account", token=found["access_token"])) == (401, 2)
    assert _error(_refresh(stage, found["refresh_token"])) == (401, 283)
    again = _token(
        stage,
        path="/sandbox/v5/oauth/token",
        grant_type="refresh_token",
        refresh_token=found["refresh_token"],
    )
    assert again.status == 200


def test_a_production_token_opens_nothing_in_the_sandbox(stage: Stage):
    assert _error(stage.spring("GET", "/sandbox/v5/user_account")) == (401, 2)


def test_sandbox_tokens_of_the_token_endpoint_can_live_a_day(stage: Stage):
    stage.switch(sandbox_access_s=86_400)
    code = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    found = _token(stage, path="/sandbox/v5/oauth/token", code=_code(stage), **code).json()
    assert (found["expires_in"], found["refresh_token_expires_in"]) == (86_400, 5_184_000)
    assert _exchange(stage, _code(stage)).json()["expires_in"] == 2_592_000
    stage.now += 86_400
    assert stage.send("GET", "/sandbox/v5/boards", token=found["access_token"]).status == 401


@pytest.mark.parametrize(("environment", "prefix"), [("production", ""), ("sandbox", "/sandbox")])
def test_a_token_of_the_apps_page_lives_a_day_and_has_no_successor(
    stage: Stage, environment: str, prefix: str
):
    wanted = {"account": "spring_shop", "environment": environment, "from": "app_page"}
    found = stage.post("/_sim/tokens", wanted)
    assert "refresh_token" not in found
    token = found["access_token"]
    assert stage.send("GET", f"{prefix}/v5/boards", token=token).status == 200
    made = stage.send("POST", f"{prefix}/v5/boards", {"name": "New"}, token=token)
    assert (made.status, made.json().get("code")) == ((401, 3) if not prefix else (201, None))
    stage.now += 86_400
    assert stage.send("GET", f"{prefix}/v5/boards", token=token).status == 401


def test_consent_is_automatic_only_when_switched(stage: Stage):
    assert stage.send("GET", "/oauth/", query=_ask(auto="spring_shop")).status == 200
    stage.switch(auto_consent="spring_shop")
    back = _returned(stage.send("GET", "/oauth/", query=_ask()))
    assert back["state"] == "s1"
    assert _exchange(stage, back["code"]).status == 200


def test_scopes_can_be_denied_beforehand_on_the_page_and_by_automatic_consent(stage: Stage):
    stage.switch(deny_scopes=["boards:write", "pins:write"])
    page = stage.send("GET", "/oauth/", query=_ask()).body.decode()
    assert 'value="pins:write"> ' in page
    assert 'value="pins:read" checked> ' in page
    stage.switch(auto_consent="spring_shop")
    found = _exchange(stage, _returned(stage.send("GET", "/oauth/", query=_ask()))["code"]).json()
    assert found["scope"] == "boards:read pins:read user_accounts:read"
    back = _returned(stage.send("GET", "/oauth/", query=_ask(scope="pins:write")))
    assert back == {"error": "access_denied", "state": "s1"}


def test_an_app_that_is_not_approved_fails_every_call(stage: Stage):
    stage.post("/_sim/act", {"do": "set_app_access", "app": APP, "access": "none"})
    answer = stage.spring("GET", "/v5/boards")
    assert _error(answer) == (401, 3)
    assert "consumer type is not supported" in answer.json()["message"]


def test_the_journal_tells_whose_tokens_were_asked_for_and_how(stage: Stage):
    found = _exchange(stage, _code(stage, account="second_shop"), continuous_refresh="true").json()
    _refresh(stage, found["refresh_token"])
    _refresh(stage, found["refresh_token"])
    entries = stage.get("/_sim/journal", {"operation": "oauth/token"})["entries"]
    assert [(each["account"], each["status"], each["body"]) for each in entries] == [
        ("second_shop", 200, {"grant_type": "authorization_code", "continuous_refresh": "true"}),
        ("second_shop", 200, {"grant_type": "refresh_token"}),
        ("second_shop", 401, {"grant_type": "refresh_token"}),
    ]


def test_the_journal_holds_no_token_code_or_secret(stage: Stage):
    code = _code(stage)
    found = _exchange(stage, code).json()
    _refresh(stage, found["refresh_token"])
    stage.send(
        "GET", "/v5/boards", token=found["access_token"], query={"access_token": found["access_token"]}
    )
    written = stage.send("GET", "/_sim/journal").body.decode()
    for secret in (code, found["access_token"], found["refresh_token"], SECRET):
        assert secret not in written


def test_the_spec_is_the_one_the_simulator_was_written_for():
    assert spec()["info"]["version"].startswith("5.23")
