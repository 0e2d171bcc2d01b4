"""/_sim/: seeds, switches, the clock, the journal, acts and the home page."""

from typing import Any

import pytest

from pinsim.switches import Switches
from tests.pinsim.stage import START, Stage


def test_the_default_cast_is_there_without_any_seed(stage: Stage):
    stage.post("/_sim/reset")
    found = stage.get("/_sim/state")
    assert [app["access"] for app in found["apps"]] == ["standard", "trial"]
    names = [board["name"] for board in found["accounts"][0]["boards"]]
    assert names == ["Spring recipes", "Garden ideas", "Home office"]


def test_a_seed_replaces_the_world_and_answers_with_ids_and_tokens(stage: Stage):
    seed = {
        "app": {"id": "77", "secret": "s", "name": "Mine", "redirect_uris": ["http://x.example/cb"]},
        "accounts": [{"username": "ann", "boards": [{"name": "One", "sections": ["A", "B"]}]}],
        "tokens": True,
    }
    found = stage.post("/_sim/seed", seed)
    account = found["accounts"][0]
    assert [section["name"] for section in account["boards"][0]["sections"]] == ["A", "B"]
    me = stage.send("GET", "/v5/user_account", token=account["tokens"]["access_token"]).json()
    assert (me["id"], me["username"]) == (account["id"], "ann")
    assert stage.spring("GET", "/v5/boards").status == 401
    added = stage.post("/_sim/seed", {"accounts": [{"username": "bob"}], "add": True})
    assert [each["username"] for each in added["accounts"]] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/_sim/seed", {"accounts": [{}]}, "username"),
        ("/_sim/seed", {"app": {"id": "1", "access": "gold"}}, "access"),
        (
            "/_sim/seed",
            {"accounts": [{"username": "a", "boards": [{"name": "b", "privacy": "X"}]}]},
            "privacy",
        ),
        ("/_sim/seed", {"accounts": 3}, "accounts"),
        ("/_sim/clock", {}, "advance_s"),
        ("/_sim/clock", {"set": -5}, "1970"),
        ("/_sim/clock", {"set": 10**400}, "9999"),
        ("/_sim/clock", {"set": 5, "advance_s": 5}, "advance_s"),
        ("/_sim/clock", {"frozen": 1}, "frozen"),
        ("/_sim/clock", {"forward": 1}, "forward"),
        ("/_sim/seed", {"tokens": "yes"}, "tokens"),
        ("/_sim/seed", {"acounts": []}, "acounts"),
        ("/_sim/seed", {"accounts": [{"username": "a", "board": []}]}, "board"),
        ("/_sim/seed", {"accounts": [{"username": "a", "suspended": "no"}]}, "suspended"),
        (
            "/_sim/seed",
            {"accounts": [{"username": "a", "boards": [{"name": "b", "sections": "AB"}]}]},
            "sections",
        ),
        ("/_sim/seed", {"app": {"id": "1", "redirect_uris": "http://x/"}}, "redirect_uris"),
        ("/_sim/act", {"do": "suspend", "account": "spring_shop", "suspended": "no"}, "suspended"),
        ("/_sim/act", {"do": "suspend", "acount": "spring_shop"}, "acount"),
        ("/_sim/act", {"do": "revoke_app", "account": "spring_shop", "app": "1"}, "no app"),
        ("/_sim/act", {"do": "block_for_spam", "account": "spring_shop"}, "for_s"),
        ("/_sim/act", {"do": "rename_account", "account": "spring_shop", "name": "second_shop"}, "taken"),
        ("/_sim/act", {"do": "change_account_id", "account": "spring_shop", "id": "x1"}, "digits"),
        ("/_sim/act", {"do": "delete_board", "board": "Summer", "environment": "moon"}, "environment"),
        ("/_sim/tokens", {"account": "spring_shop", "scopes": ["pins:eat"]}, "scopes"),
        ("/_sim/tokens", {"account": "spring_shop", "from": "the moon"}, "app_page"),
        ("/_sim/act", {"do": "dance"}, "dance"),
        ("/_sim/act", {"do": "delete_pin", "pin": "1"}, "no live Pin"),
        ("/_sim/act", {"do": "delete_board", "board": "Summer"}, "2 boards"),
        ("/_sim/tokens", {"account": "nobody"}, "nobody"),
        ("/_sim/seed", b"{", "JSON"),
        ("/_sim/seed", [1], "object"),
    ],
)
def test_a_control_request_that_cannot_be_done_says_why(stage: Stage, path: str, body: Any, words: str):
    answer = stage.send("POST", path, body)
    assert answer.status == 400
    assert words in answer.json()["error"]


@pytest.mark.parametrize("add", [False, True])
def test_a_seed_that_fails_leaves_the_world_as_it_was(stage: Stage, add: bool):
    stage.create()
    before = stage.get("/_sim/state")
    seed = {"app": {"id": "9"}, "accounts": [{"username": "ann"}, {"username": "ann"}], "add": add}
    assert stage.send("POST", "/_sim/seed", seed).status == 400
    assert stage.get("/_sim/state") == before
    assert len(stage.live()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"no_such": 1}, {"access": "gold"}, {"enforce_limits": 1}, {"list_lag_s": -1},
        {"blocked_domains": "x"}, {"image_min_px": 1.5}, {"open_graph": {"a": 1}},
        {"deny_scopes": ["pins:eat"]}, {"spam_creates": -1}, {"spam_block_s": "6h"}, {"trial_day": "noon"},
        {"spam_within_s": float("nan")}, {"refresh_grace_s": 0}, {"journal_keep": True},
    ],
)  # fmt: skip
def test_a_bad_switch_changes_nothing(stage: Stage, change: dict[str, Any]):
    answer = stage.send("PUT", "/_sim/switches", {"pin_edit": True, **change})
    assert answer.status == 400
    assert next(iter(change)) in answer.json()["error"]
    assert stage.get("/_sim/switches") == Switches().as_dict()


def test_the_clock_moves_and_is_set_and_reset(stage: Stage):
    assert stage.post("/_sim/clock", {"advance_s": 3600})["now"] == START + 3600
    assert stage.post("/_sim/clock", {"set": START + 5})["now"] == START + 5
    stage.now += 10
    assert stage.spring("GET", "/v5/boards").header("date") == "Mon, 21 Sep 2026 14:13:35 GMT"
    stage.post("/_sim/reset")
    assert stage.get("/_sim/state")["offset_s"] == 0


def test_a_frozen_clock_moves_only_when_it_is_told_to(stage: Stage):
    assert stage.post("/_sim/clock", {"set": START + 100, "frozen": True})["frozen"] is True
    stage.now += 50
    assert stage.get("/_sim/clock")["now"] == START + 100
    assert stage.post("/_sim/clock", {"advance_s": 5})["now"] == START + 105
    assert stage.post("/_sim/clock", {"frozen": False})["now"] == START + 105
    stage.now += 50
    assert stage.get("/_sim/clock")["now"] == START + 155
    stage.post("/_sim/clock", {"frozen": True})
    stage.post("/_sim/reset")
    stage.now += 1
    assert stage.get("/_sim/clock") == {"now": START + 101, "offset_s": 0.0, "frozen": False}


def test_a_journal_that_keeps_the_latest_goes_on_numbering(stage: Stage):
    stage.switch(journal_keep=10)
    for _ in range(95):
        stage.spring("GET", "/v5/user_account")
    found = stage.get("/_sim/journal")
    numbers = [entry["n"] for entry in found["entries"]]
    assert 10 <= len(numbers) < 20
    assert numbers == list(range(96 - len(numbers), 96))
    assert found["last"] == 95
    assert [entry["n"] for entry in stage.get("/_sim/journal", {"since": "93"})["entries"]] == [94, 95]
    assert len(stage.get("/_sim/journal", {"since": "3"})["entries"]) == len(numbers)


def test_the_journal_is_read_on_from_a_number(stage: Stage):
    stage.create(title="One", link="https://a.example/")
    stage.spring("GET", "/v5/boards", query={"page_size": "5"})
    stage.send("GET", "/v5/boards")
    stage.send("GET", "/v5/nowhere")
    found = stage.get("/_sim/journal")
    assert [entry["n"] for entry in found["entries"]] == [1, 2, 3, 4]
    first = found["entries"][0]
    assert (first["operation"], first["account"], first["status"]) == ("pins/create", "spring_shop", 201)
    assert first["body"]["title"] == "One"
    assert first["body"]["source_type"] == "image_base64"
    assert first["made"] == stage.live()[0]["id"]
    assert [(entry["status"], entry["code"]) for entry in found["entries"][1:]] == [
        (200, None),
        (401, 2),
        (404, 404),
    ]
    assert [entry["n"] for entry in stage.get("/_sim/journal", {"since": "3"})["entries"]] == [4]
    assert len(stage.get("/_sim/journal", {"operation": "boards/list"})["entries"]) == 2


def test_what_people_do_at_pinterest_shows_at_once(stage: Stage):
    board = stage.board()["id"]
    pin = stage.create().json()["id"]
    for act in (
        {"do": "rename_board", "board": board, "name": "Summer food"},
        {"do": "set_privacy", "board": board, "privacy": "SECRET"},
        {"do": "rename_account", "account": "spring_shop", "name": "summer_shop"},
        {"do": "change_account_type", "account": "summer_shop", "account_type": "PINNER"},
        {"do": "delete_pin", "pin": pin},
    ):
        stage.post("/_sim/act", act)
    found = stage.spring("GET", f"/v5/boards/{board}").json()
    assert (found["name"], found["privacy"], found["pin_count"]) == ("Summer food", "SECRET", 0)
    assert found["owner"]["username"] == "summer_shop"
    assert stage.spring("GET", "/v5/user_account").json()["account_type"] == "PINNER"
    assert stage.spring("GET", f"/v5/pins/{pin}").json()["code"] == 50


def test_the_same_token_can_answer_as_another_account(stage: Stage):
    before = stage.spring("GET", "/v5/user_account").json()
    stage.post("/_sim/act", {"do": "change_account_id", "account": "spring_shop", "id": "42"})
    after = stage.spring("GET", "/v5/user_account").json()
    assert (after["id"], after["username"]) == ("42", before["username"])
    refused = stage.send(
        "POST", "/_sim/act", {"do": "change_account_id", "account": "second_shop", "id": "42"}
    )
    assert refused.status == 400


@pytest.mark.parametrize(("switch", "status", "code"), [("401_2", 401, 2), ("403_2625", 403, 2625)])
def test_a_suspended_account_is_answered_as_the_switch_says(
    stage: Stage, switch: str, status: int, code: int
):
    stage.switch(suspended_answer=switch)
    stage.post("/_sim/act", {"do": "suspend", "account": "spring_shop"})
    answer = stage.spring("GET", "/v5/boards")
    assert (answer.status, answer.json()["code"]) == (status, code)
    stage.post("/_sim/act", {"do": "suspend", "account": "spring_shop", "suspended": False})
    assert stage.spring("GET", "/v5/boards").status == 200


def test_the_home_page_shows_accounts_boards_and_pins_and_escapes_them(stage: Stage):
    assert b"Nothing is live yet" in stage.send("GET", "/").body
    stage.create(title="<b>Soup</b>", link="https://spring.example/?a=1&b=2")
    page = stage.send("GET", "/").body.decode()
    assert "&lt;b&gt;Soup&lt;/b&gt;" in page
    assert f'src="/media/{stage.live()[0]["media"][0]["digest"]}"' in page
    for words in ("spring_shop", "Garden ideas", "width=device-width"):
        assert words in page
    assert "http" not in page.split("<style>")[1].split("</style>")[0]


def test_unknown_paths_and_methods_are_told_apart(stage: Stage):
    assert stage.spring("GET", "/v5/elsewhere").status == 404
    wrong = stage.spring("PUT", "/v5/boards")
    assert (wrong.status, wrong.json()["code"]) == (405, 5)
    later = stage.spring("GET", "/v5/user_account/websites")
    assert (later.status, later.json()["code"]) == (501, 4181)
    assert stage.send("GET", "/_sim/nothing").status == 404
    assert stage.send("PATCH", "/_sim/clock").status == 405


def test_duplicate_and_overlong_board_names_are_refused(stage: Stage):
    for name in ("spring RECIPES", "", "x" * 51, None):
        answer = stage.spring("POST", "/v5/boards", {"name": name})
        assert (answer.status, answer.json()["code"]) == (400, 400)
    stage.switch(duplicate_board_names="allow")
    assert stage.spring("POST", "/v5/boards", {"name": "Spring recipes"}).status == 201


def test_a_merged_board_is_gone_and_its_pins_are_on_the_other(stage: Stage):
    boards = {each["name"]: each["id"] for each in stage.spring("GET", "/v5/boards").json()["items"]}
    stage.post("/_sim/act", {"do": "merge_board", "board": "Garden ideas", "into": "Home office"})
    gone = stage.spring("GET", f"/v5/boards/{boards['Garden ideas']}")
    assert (gone.status, gone.json()["code"]) == (404, 40)
    assert len(stage.spring("GET", "/v5/boards").json()["items"]) == len(boards) - 1


def test_a_collaborator_sees_a_board_until_it_is_uninvited(stage: Stage):
    act = {"board": "Garden ideas", "who": "second_shop"}
    stage.post("/_sim/act", {"do": "invite", **act})
    (shared,) = (
        each
        for each in stage.as_("second_shop", "GET", "/v5/boards", query=[("page_size", "250")]).json()[
            "items"
        ]
        if each["name"] == "Garden ideas"
    )
    assert shared["owner"]["username"] == "spring_shop"
    stage.post("/_sim/act", {"do": "uninvite", **act})
    assert stage.as_("second_shop", "GET", f"/v5/boards/{shared['id']}").status == 403


def test_a_section_is_renamed(stage: Stage):
    act = {"do": "rename_section", "board": "Spring recipes", "section": "Soups", "name": "Stews"}
    stage.post("/_sim/act", act)
    board = stage.spring("GET", "/v5/boards").json()["items"][0]["id"]
    items = stage.spring("GET", f"/v5/boards/{board}/sections").json()["items"]
    assert [each["name"] for each in items] == ["Stews", "Cakes"]
