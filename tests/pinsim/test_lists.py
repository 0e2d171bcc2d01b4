"""Lists: pages, order, freshness."""

import pytest

from tests.pinsim.stage import Stage


def test_boards_come_in_pages_of_25_unless_asked_otherwise(stage: Stage):
    pages = stage.pages("second_shop", "/v5/boards")
    assert [len(page) for page in pages] == [25, 5]
    ids = [board["id"] for page in pages for board in page]
    assert len(set(ids)) == 30
    assert [len(page) for page in stage.pages("second_shop", "/v5/boards", 250)] == [30]


def test_two_boards_may_share_a_name_and_the_privacy_filter_works(stage: Stage):
    boards = stage.pages("second_shop", "/v5/boards", 250)[0]
    assert [board["name"] for board in boards].count("Summer") == 2
    secret = stage.as_("second_shop", "GET", "/v5/boards", query={"privacy": "SECRET"}).json()["items"]
    assert [board["name"] for board in secret] == ["Plans for autumn"]


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        ({"page_size": "many"}, "'page_size' was not numeric"),
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "251"}, "page_size"),
        ({"bookmark": "zzz"}, "bookmark"),
        ({"bookmark": "W05hTl0="}, "bookmark"),
    ],
)
def test_bad_page_parameters_are_refused(stage: Stage, query: dict[str, str], fragment: str):
    for path in ("/v5/boards", "/v5/pins"):
        answer = stage.spring("GET", path, query=query)
        assert (answer.status, answer.json()["code"]) == (400, 1)
        assert fragment in answer.json()["message"]


@pytest.mark.parametrize("order", ["newest", "oldest", "shuffled"])
def test_every_pin_is_on_exactly_one_page_in_any_order(stage: Stage, order: str):
    stage.switch(list_order=order)
    made = [stage.create(title=str(n)).json()["id"] for n in range(12)]
    path = f"/v5/boards/{stage.board()['id']}/pins"
    pages = stage.pages("spring_shop", path, 5)
    listed = [pin["id"] for page in pages for pin in page]
    assert [len(page) for page in pages] == [5, 5, 2]
    assert sorted(listed) == sorted(made)
    assert (listed == made[::-1], listed == made) == (order == "newest", order == "oldest")


def test_a_pin_made_while_pages_are_read_moves_no_other_to_another_page(stage: Stage):
    made = [stage.create(title=str(n)).json()["id"] for n in range(6)]
    path = f"/v5/boards/{stage.board()['id']}/pins"
    first = stage.spring("GET", path, query={"page_size": "3"}).json()
    stage.create(title="late")
    second = stage.spring("GET", path, query={"page_size": "3", "bookmark": first["bookmark"]}).json()
    assert [pin["id"] for pin in first["items"] + second["items"]] == made[::-1]
    assert second["bookmark"] is None


def test_a_lagging_list_shows_a_pin_later_but_reading_it_works_at_once(stage: Stage):
    stage.switch(list_lag_s=90)
    pin = stage.create().json()["id"]
    path = f"/v5/boards/{stage.board()['id']}/pins"
    assert stage.pages("spring_shop", path) == [[]]
    assert stage.spring("GET", f"/v5/pins/{pin}").status == 200
    stage.now += 90
    assert [each["id"] for each in stage.pages("spring_shop", path)[0]] == [pin]


def test_a_board_lists_the_pins_of_its_sections_unless_switched(stage: Stage):
    board = stage.board()
    pin = stage.create(board_section_id=board["sections"][0]["id"]).json()["id"]
    path = f"/v5/boards/{board['id']}"
    assert [each["id"] for each in stage.pages("spring_shop", path + "/pins")[0]] == [pin]
    stage.switch(board_lists_sections=False)
    assert stage.pages("spring_shop", path + "/pins") == [[]]
    in_section = stage.pages("spring_shop", f"{path}/sections/{board['sections'][0]['id']}/pins")
    assert [each["id"] for each in in_section[0]] == [pin]
    assert stage.pages("spring_shop", f"{path}/sections/{board['sections'][1]['id']}/pins") == [[]]


def test_a_deleted_pin_is_gone_everywhere_but_in_the_full_record(stage: Stage):
    pin = stage.create().json()["id"]
    assert stage.spring("DELETE", f"/v5/pins/{pin}").status == 204
    again = stage.spring("DELETE", f"/v5/pins/{pin}")
    assert (again.status, again.json()["code"]) == (404, 50)
    assert stage.pages("spring_shop", "/v5/pins") == [[]]
    assert stage.live() == []
    assert stage.get("/_sim/pins", {"all": "true"})["pins"][0]["deleted_at"]


def test_deleting_a_board_ends_its_pins(stage: Stage):
    pin = stage.create().json()["id"]
    board = stage.board()["id"]
    assert stage.spring("DELETE", f"/v5/boards/{board}").status == 204
    assert stage.spring("GET", f"/v5/pins/{pin}").status == 404
    missing = stage.spring("GET", f"/v5/boards/{board}/pins")
    assert (missing.status, missing.json()["code"]) == (404, 404)


def test_a_board_tells_its_count_and_its_last_change(stage: Stage):
    path = f"/v5/boards/{stage.board()['id']}"
    before = stage.spring("GET", path).json()
    stage.now += 60
    stage.create()
    after = stage.spring("GET", path).json()
    assert (before["pin_count"], after["pin_count"]) == (0, 1)
    assert after["board_pins_modified_at"] > before["board_pins_modified_at"]
    assert after["media"]["pin_thumbnail_urls"]


def test_a_group_board_is_listed_but_not_writable_unless_switched(stage: Stage):
    seed = {
        "app": {"id": "1"},
        "accounts": [
            {"username": "ann", "boards": [{"name": "Ours", "collaborators": ["bob"]}]},
            {"username": "bob"},
        ],
        "tokens": True,
    }
    stage.cast = {each["username"]: each for each in stage.post("/_sim/seed", seed)["accounts"]}
    listed = stage.pages("bob", "/v5/boards")[0]
    assert [(board["name"], board["owner"]["username"]) for board in listed] == [("Ours", "ann")]
    assert stage.create("ann").status == 201
    body_on = {"board_id": listed[0]["id"]}
    stage.cast["bob"]["boards"] = listed
    assert stage.create("bob", **body_on).status == 403
    stage.switch(group_boards_writable=True)
    assert stage.create("bob", **body_on).status == 201
