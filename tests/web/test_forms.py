"""The buttons without scripts: what they do, and whom they refuse."""

import pytest

from steadypin.domain.pins import Pin
from steadypin.domain.words import Stage
from steadypin.services import compose, pausing
from steadypin.services.compose import PinFilter
from tests.support.rig import Rig


def named(rig: Rig, title: str) -> Pin:
    """The Pin whose title begins so."""
    return next(
        pin for pin in compose.page(rig.ctx, PinFilter(), 50) if (pin.content.title or "").startswith(title)
    )


def test_a_button_does_its_work_and_leads_back_to_where_it_was_pressed(shop, visit):
    visitor, pin = visit(shop), named(shop, "Table for six")
    answer = visitor.send(f"/pins/{pin.id}/cancel", stage="held")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?stage=held")
    assert shop.get(pin).stage is Stage.CANCELLED
    page = visitor.words("/?stage=held")
    assert "Cancelled. If it was on its way already, the outcome decides." in page
    assert "Table for six" not in page
    assert "the outcome decides" not in visitor.words("/?stage=held")


def test_what_cannot_be_done_is_said_and_changes_nothing(shop, visit):
    visitor, pin = visit(shop), named(shop, "Lemon cake")
    assert visitor.send(f"/pins/{pin.id}/cancel").status_code == 303
    assert "This Pin is live already." in visitor.words()
    assert visitor.send("/pins/pin_none/cancel").status_code == 303
    assert "There is no Pin pin_none." in visitor.words()


def test_retry_sends_a_deferred_pin_now(shop, visit):
    visitor, pin = visit(shop), named(shop, "Rhubarb")
    assert shop.get(pin).deferred_until
    visitor.send(f"/pins/{pin.id}/retry")
    assert shop.get(pin).deferred_until is None


@pytest.mark.parametrize(
    "given",
    ["813744226420795884", "https://www.pinterest.com/pin/813744226420795884/", " 813744226420795884 "],
)
def test_it_is_live_takes_an_id_or_an_address(shop, visit, given):
    visitor, pin = visit(shop), named(shop, "Strawberry")
    visitor.send(f"/pins/{pin.id}/resolve", word="live", live_as=given)
    assert shop.get(pin).pinterest_pin_id == "813744226420795884"


def test_it_is_live_without_an_id_is_refused(shop, visit):
    visitor, pin = visit(shop), named(shop, "Strawberry")
    visitor.send(f"/pins/{pin.id}/resolve", word="live", live_as="")
    assert shop.get(pin).in_doubt
    assert "A Pinterest id is a number" in visitor.words()


def test_it_is_not_live_sends_it_again(shop, visit):
    visitor, pin = visit(shop), named(shop, "Strawberry")
    visitor.send(f"/pins/{pin.id}/resolve", word="not_live")
    assert shop.get(pin).stage is Stage.SCHEDULED


def test_a_twin_is_undone_with_one_button(shop, visit):
    visitor, pin = visit(shop), named(shop, "Asparagus")
    assert f"/pins/{pin.id}/twins/813744226420795886/undo" in visitor.read()
    visitor.send(f"/pins/{pin.id}/twins/813744226420795886/undo")
    assert "The second Pin is deleted on Pinterest in a moment" in visitor.words()


def test_everything_is_paused_and_goes_on(shop, visit):
    visitor = visit(shop)
    visitor.send("/pause", paused="yes")
    assert pausing.state(shop.ctx).at
    assert "Everything is paused since" in visitor.words()
    visitor.send("/pause", paused="no")
    assert pausing.state(shop.ctx).at is None
    assert "Everything is paused since" not in visitor.words()


def test_one_connection_is_paused_and_goes_on(shop, visit):
    visitor, pin = visit(shop), named(shop, "Lemon cake")
    visitor.send(f"/connections/{pin.connection_id}/pause", paused="yes")
    assert "Paused since" in visitor.words()
    visitor.send(f"/connections/{pin.connection_id}/pause", paused="no")
    assert "Paused since" not in visitor.words()


def test_connect_leads_to_pinterests_consent_page(empty, visit):
    visitor = visit(empty)
    assert "Connect your Pinterest account first" in visitor.words()
    answer = visitor.send("/connections/authorize")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://pinsim.test/oauth/?client_id=1500001")


def forms(pin: Pin) -> tuple[str, ...]:
    return (
        f"/pins/{pin.id}/cancel",
        f"/pins/{pin.id}/retry",
        f"/pins/{pin.id}/resolve",
        f"/pins/{pin.id}/twins/1/undo",
        "/pause",
        f"/connections/{pin.connection_id}/pause",
        "/connections/authorize",
        "/sign-out",
    )


def test_no_form_is_taken_without_session_token_and_an_origin_of_ours(shop, visit):
    visitor, stranger = visit(shop), visit(shop).client
    stranger.cookies.clear()
    pin = named(shop, "Table for six")
    token = visitor.csrf
    for address in forms(pin):
        fields = {"csrf": token, "paused": "yes", "word": "not_live"}
        assert stranger.post(address, data=fields).status_code == 401
        for wrong in ({}, {"csrf": ""}, {"csrf": "x"}, {"csrf": token[:-1]}, {"csrf": token + "ü"}):
            assert visitor.client.post(address, data={**fields, "csrf": "", **wrong}).status_code == 403
        for origin in ("https://evil.example", "null", "http://127.0.0.1:9999", "http://127.0.0.1"):
            refused = visitor.client.post(address, data=fields, headers={"Origin": origin})
            assert refused.status_code == 403
            assert "from another site" in refused.text
    assert shop.get(pin).stage is Stage.HELD
    assert pausing.state(shop.ctx).at is None
    ours = visitor.send(f"/pins/{pin.id}/cancel", headers={"Origin": "http://127.0.0.1:8080"})
    assert ours.status_code == 303


def test_another_sessions_token_does_not_fit(shop, visit):
    one, other = visit(shop), visit(shop)
    assert one.client.post("/pause", data={"csrf": other.csrf, "paused": "yes"}).status_code == 403


def test_a_form_that_is_no_form_is_refused(shop, visit):
    client = visit(shop).client
    for content, kind in ((b"{", "application/json"), (b"\xff", "multipart/form-data"), (b"", "text/plain")):
        assert client.post("/pause", content=content, headers={"Content-Type": kind}).status_code in (
            400,
            403,
        )


def test_get_never_changes_anything(shop, visit):
    client = visit(shop).client
    for address in forms(named(shop, "Table for six")):
        assert client.get(address).status_code in (404, 405)
