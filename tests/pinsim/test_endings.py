"""What ends or hinders a connection at Pinterest's own side, and what may still be done with it."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from pinsim import Answer
from tests.pinsim.stage import START, Stage

APP, SECRET = "1500001", "pinsim-secret-of-1500001"
SHOP = {"account": "spring_shop"}


def _act(stage: Stage, do: str, **more: Any) -> None:
    stage.post("/_sim/act", {"do": do, **more})


def _refresh(stage: Stage, secret: str = SECRET) -> Answer:
    basic = base64.b64encode(f"{APP}:{secret}".encode()).decode()
    token = stage.cast["spring_shop"]["tokens"]["refresh_token"]
    form = urlencode({"grant_type": "refresh_token", "refresh_token": token}).encode()
    return stage.send("POST", "/v5/oauth/token", form, headers={"authorization": f"Basic {basic}"})


def _read(stage: Stage) -> Answer:
    return stage.spring("GET", "/v5/user_account")


def _error(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.json()["code"]


def _consents(stage: Stage) -> bool:
    stage.switch(auto_consent="spring_shop")
    asked = {
        "client_id": APP,
        "redirect_uri": "http://127.0.0.1:8085/",
        "response_type": "code",
        "scope": "pins:read",
    }
    return stage.send("GET", "/oauth/", query=asked).status == 302


@pytest.mark.parametrize("act", ["suspend", "deactivate_account"])
def test_a_closed_account_opens_nothing_and_all_is_back_when_it_is_opened_again(stage: Stage, act: str):
    word = {"suspend": "suspended", "deactivate_account": "deactivated"}[act]
    _act(stage, act, **SHOP)
    assert _error(_read(stage)) == (401, 2)
    assert _error(_refresh(stage)) == (401, 283)
    assert not _consents(stage)
    assert stage.as_("second_shop", "GET", "/v5/boards").status == 200
    _act(stage, act, **SHOP, **{word: False})
    assert _read(stage).status == 200
    assert _refresh(stage).status == 200
    assert _consents(stage)


def test_a_deactivated_app_is_refused_as_the_app_and_back_when_activated(stage: Stage):
    _act(stage, "deactivate_app", app=APP)
    assert _error(_read(stage)) == (401, 2)
    assert _error(_refresh(stage)) == (401, 2)
    assert not _consents(stage)
    _act(stage, "deactivate_app", app=APP, active=True)
    assert _read(stage).status == 200


def test_a_rotated_secret_ends_the_old_one_and_every_token(stage: Stage):
    _act(stage, "rotate_secret", app=APP, secret="new")
    assert _error(_refresh(stage)) == (401, 2)
    assert _error(_refresh(stage, "new")) == (401, 283)
    assert _error(_read(stage)) == (401, 2)


def test_a_secret_can_be_wrong_while_the_tokens_live(stage: Stage):
    _act(stage, "rotate_secret", app=APP, secret="new", keep_tokens=True)
    assert _error(_refresh(stage)) == (401, 2)
    assert _read(stage).status == 200
    assert _refresh(stage, "new").status == 200


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ({"do": "deactivate_app", "app": APP}, "App deactivated."),
        ({"do": "deactivate_account", **SHOP}, "User deactivated."),
        ({"do": "end_session", **SHOP}, "Login session expired."),
        ({"do": "change_password", **SHOP}, "Authentication failed."),
    ],
)
def test_a_dead_token_says_why_only_when_switched(stage: Stage, act: dict[str, Any], words: str):
    stage.post("/_sim/act", act)
    assert _read(stage).json()["message"] == "Authentication failed."
    stage.switch(dead_tokens_say_why=True)
    assert (_error(_read(stage)), _read(stage).json()["message"]) == ((401, 2), words)


def test_an_account_and_an_app_can_be_seeded_closed(stage: Stage):
    seed = {
        "apps": [{"id": "1", "active": False}, {"id": "2"}],
        "accounts": [{"username": "ann", "suspended": True}, {"username": "bob", "deactivated": True}],
        "tokens": True,
    }
    stage.switch(suspended_answer="403_2625")
    ann, bob = (each["tokens"]["access_token"] for each in stage.post("/_sim/seed", seed)["accounts"])
    assert _error(stage.send("GET", "/v5/boards", token=ann)) == (401, 2)  # its app is the first one
    stage.post("/_sim/act", {"do": "deactivate_app", "app": "1", "active": True})
    assert _error(stage.send("GET", "/v5/boards", token=ann)) == (403, 2625)
    assert _error(stage.send("GET", "/v5/boards", token=bob)) == (401, 2)


def test_what_became_of_every_grant_can_be_read_without_tokens(stage: Stage):
    stage.now += 60
    _refresh(stage)
    stage.now += 60
    _act(stage, "revoke_app", **SHOP, app=APP)
    found = stage.get("/_sim/grants", {"account": "spring_shop"})["grants"]
    assert [(each["environment"], each["refresh_until"]) for each in found] == [
        ("production", START + 60 + 5_184_000),
        ("sandbox", None),
    ]
    shown = found[0]
    assert (shown["app"], shown["opened_at"], shown["refreshes"]) == (APP, START, 1)
    assert shown["access_until"] == START + 60 + 2_592_000
    assert (shown["live"], shown["ended_at"], shown["ended_by"]) == (False, START + 120, "revoke_app")
    everything = stage.send("GET", "/_sim/grants").body.decode()
    assert "pina_" not in everything
    assert "pinr_" not in everything
    assert len(stage.get("/_sim/grants")["grants"]) == 6


@pytest.mark.parametrize(
    ("refuses", "pin", "board"), [("pins", 403, 201), ("writes", 403, 403), ("nothing", 201, 201)]
)
def test_trial_access_refuses_production_as_the_switch_says_and_names_the_sandbox(
    stage: Stage, refuses: str, pin: int, board: int
):
    stage.switch(trial_refuses=refuses)
    created = stage.create("trial_terrace")
    named = stage.as_("trial_terrace", "POST", "/v5/boards", {"name": "New"})
    assert (created.status, named.status) == (pin, board)
    for answer in (created, named):
        if answer.status == 403:
            assert answer.json()["code"] == 29
            assert "sandbox" in answer.json()["message"]
    token = stage.cast["trial_terrace"]["sandbox_token"]["access_token"]
    assert stage.send("POST", "/sandbox/v5/boards", {"name": "New"}, token=token).status == 201
    assert stage.as_("trial_terrace", "GET", "/v5/boards").status == 200
