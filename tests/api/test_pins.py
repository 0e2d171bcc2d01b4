"""/pins: what is made, shown, changed and told."""

import json

from tests.api.stage import is_problem
from tests.web.showcase import fill


def test_a_pin_is_made_shown_and_published(both):
    shop = both.rig.connect()
    made = both.owner.post("/api/v1/pins", json=both.new_pin(shop.id, due_at="now"))
    assert made.status_code == 201
    address = made.headers["location"]
    assert both.owner.get(address).json() == made.json()
    assert made.json()["stage"] == "scheduled"
    both.rig.drain()
    live = both.owner.get(address).json()
    assert (live["stage"], live["step"], live["cause"], live["fix"]) == ("published", 6, None, None)
    assert live["permalink"] == f"https://www.pinterest.com/pin/{live['pinterest_pin_id']}/"
    attempts = both.owner.get(f"{address}/attempts").json()["items"]
    assert [outcome["kind"] for attempt in attempts for outcome in attempt["outcomes"]] == ["made"]


def test_the_list_is_filtered_and_paged_without_gaps(both):
    pins = fill(both.rig)
    found, cursor = [], None
    while True:
        query = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        page = both.owner.get("/api/v1/pins", params=query).json()
        found += [pin["id"] for pin in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [pin.id for pin in sorted(pins.values(), key=lambda pin: pin.created_at, reverse=True)]

    def named(**query: str) -> set[str]:
        return {pin["id"] for pin in both.owner.get("/api/v1/pins", params=query).json()["items"]}

    assert named(stage="held") == {pins["board_gone"].id, pins["doubt"].id}
    assert named(cause="rate_limit") == {pins["deferred"].id}
    assert named(remedy="fix_input") == {pins["board_gone"].id}
    assert named(due_from="2026-03-02T00:00:00Z") == {pins["scheduled"].id}
    assert pins["scheduled"].id not in named(due_until="2026-03-02T00:00:00Z")
    assert named(connection_id="nobody") == set()


def test_a_held_pin_says_step_cause_remedy_fix_and_pinterests_own_words(api):
    pins = fill(api.rig)
    told = api.owner.get(f"/api/v1/pins/{pins['board_gone'].id}").json()
    assert (told["step"], told["cause"], told["remedy"]) == (3, "board", "fix_input")
    assert told["fix"]
    assert told["native"]["message"] == "Board not found."
    deferred = api.owner.get(f"/api/v1/pins/{pins['deferred'].id}").json()
    assert deferred["deferred_until"].startswith("2026-03-01T09:05:08")
    assert deferred["deferred_because"] == "Pinterest's rate limit"


def test_changes_touch_only_what_they_name(api):
    shop = api.rig.connect()
    made = api.owner.post("/api/v1/pins", json=api.new_pin(shop.id, description="Sour.")).json()
    address = f"/api/v1/pins/{made['id']}"
    edited = api.owner.patch(address, json={"title": "Lime cake", "description": None}).json()
    assert (edited["title"], edited["description"], edited["due_at"]) == ("Lime cake", None, made["due_at"])
    moved = api.owner.patch(address, json={"due_at": "2026-03-05T09:00:00-05:00"}).json()
    assert moved["due_at"] == "2026-03-05T14:00:00Z"
    assert api.owner.patch(address, json={}).json() == moved
    assert api.owner.patch(address, json={"due_at": None}).json()["stage"] == "draft"
    is_problem(api.owner.patch(address, json={"board_id": None}), 422)


def test_what_may_be_live_cannot_be_edited_or_deleted(api):
    pins = fill(api.rig)
    address = f"/api/v1/pins/{pins['confirming'].id}"
    is_problem(api.owner.patch(address, json={"title": "Other"}), 409)
    is_problem(api.owner.delete(address), 409)
    told = api.owner.post(f"{address}/cancel").json()
    assert told["stage"] == "confirming"
    assert told["cancel_requested_at"]
    assert told["in_doubt"]
    assert told["next_look_at"]


def test_a_person_resolves_a_doubt_either_way(api):
    pins = fill(api.rig)
    address = f"/api/v1/pins/{pins['doubt'].id}/resolve"
    is_problem(api.owner.post(address, json={"live_as": "https://pin"}), 422)
    is_problem(api.owner.post(address, json={}), 422)
    told = api.owner.post(address, json={"live_as": "813744226420795884"}).json()
    assert (told["stage"], told["pinterest_pin_id"]) == ("published", "813744226420795884")
    is_problem(api.owner.post(address, json={"live_as": None}), 409)
    other = f"/api/v1/pins/{pins['confirming'].id}/resolve"
    is_problem(api.owner.post(other, json={"live_as": "813744226420795884"}), 409)
    assert api.owner.post(other, json={"live_as": None}).json()["stage"] == "scheduled"


def test_a_twin_is_undone_and_a_stranger_is_not(api):
    pin = fill(api.rig)["twin"]
    address = f"/api/v1/pins/{pin.id}/twins"
    is_problem(api.owner.post(f"{address}/123/undo"), 404)
    assert api.owner.get(f"/api/v1/pins/{pin.id}").json()["twin_ids"] == ["813744226420795886"]
    assert api.owner.post(f"{address}/813744226420795886/undo").status_code == 202


def test_deleting_forgets_a_pin_and_on_request_deletes_it_on_pinterest(api):
    shop = api.rig.connect()
    pin = api.owner.post("/api/v1/pins", json=api.new_pin(shop.id, due_at="now")).json()
    api.rig.drain()
    assert api.rig.live("Lemon cake")
    assert (
        api.owner.delete(f"/api/v1/pins/{pin['id']}", params={"live": "true"}).json()["stage"] == "published"
    )
    api.rig.drain()
    assert not api.rig.live("Lemon cake")
    is_problem(api.owner.get(f"/api/v1/pins/{pin['id']}"), 404)


def test_every_fault_of_a_body_is_named_at_once(api):
    shop = api.rig.connect()
    body = api.new_pin(shop.id, titel="x", due_at="2026-03-01T09:00:00")
    told = is_problem(api.owner.post("/api/v1/pins", json=body), 422)
    assert {error["field"] for error in told["errors"]} == {"titel", "due_at"}
    assert "offset" in told["detail"]
    long = api.new_pin(shop.id, title="x" * 101, board_id="1", link="nowhere")
    told = is_problem(api.owner.post("/api/v1/pins", json=long), 422)
    assert {error["field"] for error in told["errors"]} == {"title", "board_id", "link"}


def test_what_later_versions_publish_is_refused_by_name(api):
    shop = api.rig.connect()
    video = {"type": "video", "url": "https://shop.example/a.mp4", "cover": {"key_frame_s": 1}}
    told = is_problem(api.owner.post("/api/v1/pins", json=api.new_pin(shop.id, media=video)), 422)
    assert told["errors"] == [
        {"field": "media", "message": "A video cannot be published yet. Use an image: JPEG or PNG."}
    ]


def test_broken_characters_never_reach_the_database(both):
    shop = both.rig.connect()
    for bad in ("a\x00b", "\ud800"):
        for field in ("title", "description", "alt_text", "link", "board_id", "connection_id"):
            body = json.dumps(both.new_pin(shop.id, **{field: bad}))
            sent = both.owner.post("/api/v1/pins", content=body, headers={"Content-Type": "application/json"})
            is_problem(sent, 422)
    is_problem(both.owner.get("/api/v1/pins/%00"), 422)
    is_problem(both.owner.get("/api/v1/pins", params={"connection_id": "\x00"}), 422)
    is_problem(both.owner.get("/api/v1/pins", params={"cursor": "AAAA"}), 422)


def test_a_file_is_taken_in_once_and_refused_with_a_reason(api):
    picture = api.rig.ctx.files
    kept = api.rig.media("green")
    record = api.owner.get(f"/api/v1/media/{kept.media_id}").json()
    content = b"".join(picture.read(record["digest"], 65536))
    again = api.owner.post("/api/v1/media", files={"file": ("../../green.png", content)})
    assert again.status_code == 201
    assert again.json()["id"] == kept.media_id
    assert {finding["level"] for finding in again.json()["findings"]} == {"warning"}
    told = is_problem(api.owner.post("/api/v1/media", files={"file": ("a.png", b"no picture")}), 422)
    assert "no image" in told["detail"]
    is_problem(api.owner.post("/api/v1/media", json={"url": "https://shop.example/a.png"}), 415)
    is_problem(api.owner.post("/api/v1/media", files={"picture": ("a.png", content)}), 422)
    is_problem(api.owner.get("/api/v1/media/med_none"), 404)
