"""Reconnecting on the pages: whose browser, the link for a stranger, and what goes on after it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from steadypin.domain.connections import Connection
from steadypin.domain.operations import SECRET_SCOPES
from steadypin.domain.scopes import COSTS
from steadypin.services import connecting, reconnect_links
from tests.support.consents import consented, give
from tests.support.rig import Rig
from tests.web.visitor import BASE


def browser(visitor: Any) -> TestClient:
    """Another browser, which was not let in."""
    return TestClient(
        visitor.client.app, base_url=BASE, headers={"Accept": "text/html"}, follow_redirects=False
    )


def comes_back(rig: Rig, client: Any, url: str, username: str, deny: tuple[str, ...] = ()) -> Any:
    """Give access on Pinterest's page, and follow the way back."""
    state, code = give(rig, url, username, deny)
    return client.get("/oauth/callback", params={"state": state, "code": code})


def away(rig: Rig, due_in: float = 0, for_s: float = 3600) -> Connection:
    """An account with one Pin that came due after it was disconnected."""
    shop = rig.connect()
    rig.pin(shop, "Lemon cake", due_in=due_in)
    connecting.disconnect(rig.ctx, shop.id)
    rig.clock.advance(for_s)
    rig.drain()
    return shop


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_a_consent_begun_here_is_not_finished_in_another_browser(empty, visit):
    visitor = visit(empty)
    begun = visitor.send("/connections/authorize").headers["location"]
    stranger = browser(visitor)
    state, code = give(empty, begun, "spring_shop")
    back = {"state": state, "code": code}
    told = stranger.get("/oauth/callback", params=back)
    assert told.status_code == 409
    assert "begun in another browser" in told.text
    assert connecting.listing(empty.ctx) == []
    second = visit(empty)  # let in as well, but it began nothing
    assert second.client.get("/oauth/callback", params=back).status_code == 409
    assert visitor.client.get("/oauth/callback", params=back).headers["location"] == "/"
    assert "spring_shop is connected" in visitor.words()


def test_after_a_denial_one_click_asks_again_for_the_same(empty, visit):
    visitor = visit(empty)
    begun = visitor.send("/connections/authorize", secret_boards="yes").headers["location"]
    assert all(scope.replace(":", "%3A") in begun for scope in SECRET_SCOPES)
    told = comes_back(empty, visitor.client, begun, "spring_shop", ("boards:write",))
    assert told.status_code == 409
    assert f"Without boards:write: {COSTS['boards:write']}" in words(told.text)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]+)"', told.text))
    assert fields["secret_boards"] == "yes"
    again = visitor.client.post("/connections/authorize", data=fields).headers["location"]
    assert all(scope.replace(":", "%3A") in again for scope in SECRET_SCOPES)
    comes_back(empty, visitor.client, again, "spring_shop", ("pins:write_secret",))
    assert f"Without pins:write_secret: {COSTS['pins:write_secret']}" in visitor.words()


def test_the_reconnect_button_takes_this_account_only(empty, visit):
    visitor, shop = visit(empty), away(empty)
    assert f'name="connection" value="{shop.id}"' in visitor.read()
    begun = visitor.send("/connections/authorize", connection=shop.id).headers["location"]
    told = comes_back(empty, visitor.client, begun, "second_shop")
    assert "brings back spring_shop, but access was given for second_shop" in told.text
    assert f'name="connection" value="{shop.id}"' in told.text
    assert len(connecting.listing(empty.ctx)) == 1
    begun = visitor.send("/connections/authorize", connection=shop.id).headers["location"]
    assert comes_back(empty, visitor.client, begun, "spring_shop").status_code == 303


def link(visitor: Any, shop: Connection) -> str:
    made = visitor.send(f"/connections/{shop.id}/reconnect-link")
    assert made.status_code == 200
    found = re.search(r'value="([^"]*/reconnect/[^"]*)"', made.text)
    assert found is not None
    return urlsplit(found[1]).path


def test_a_stranger_brings_the_account_back_with_a_link_and_gets_in_nowhere(empty, visit):
    visitor, shop = visit(empty), away(empty)
    address, stranger = link(visitor, shop), browser(visitor)
    page = words(stranger.get(address).text)
    assert "Reconnect the Pinterest account spring_shop" in page
    assert "1 Pin goes on by itself after that." in page
    assert "Lemon cake" not in page
    denied = stranger.post(address).headers["location"]
    told = comes_back(empty, stranger, denied, "spring_shop", ("pins:write",))
    assert told.status_code == 409
    assert f'href="{address}"' in told.text
    begun = stranger.post(address)
    assert begun.headers["location"].startswith("http://pinsim.test/oauth/?")
    assert "HttpOnly" in begun.headers["set-cookie"]
    told = comes_back(empty, stranger, begun.headers["location"], "spring_shop")
    assert told.status_code == 200
    assert "spring_shop is connected" in told.text
    assert "1 held Pin goes on." in told.text
    assert 'href="/">Pins' not in told.text
    assert stranger.get("/").status_code == 401
    assert not stranger.cookies
    late = stranger.get(address)
    assert (late.status_code, "it works once" in late.text) == (410, True)
    assert stranger.post(address).status_code == 410


def test_a_link_begun_in_one_browser_is_not_finished_in_another(empty, visit):
    visitor, shop = visit(empty), away(empty)
    address, one, two = link(visitor, shop), browser(visitor), browser(visitor)
    begun = one.post(address).headers["location"]
    two.post(address)
    assert "another browser" in comes_back(empty, two, begun, "spring_shop").text
    assert comes_back(empty, visitor.client, begun, "spring_shop").status_code == 409
    tab = one.post(address).headers["location"]  # the same browser, in another tab
    assert tab != begun
    assert comes_back(empty, one, begun, "spring_shop").status_code == 200


def test_links_are_taken_back_and_unknown_ones_say_so(empty, visit):
    visitor, shop = visit(empty), away(empty)
    address, stranger = link(visitor, shop), browser(visitor)
    visitor.send(f"/connections/{shop.id}/reconnect-link/revoke")
    assert "1 link does not work any more." in visitor.words()
    assert "was taken back" in stranger.get(address).text
    assert stranger.get("/reconnect/nothing").status_code == 410
    assert stranger.post("/reconnect/nothing").status_code == 410


@pytest.mark.parametrize("act", ["reconnect-link", "reconnect-link/revoke", "resume", "resume/undo"])
def test_no_stranger_makes_links_or_resumes(empty, visit, act):
    visitor, shop = visit(empty), away(empty)
    stranger = browser(visitor)
    assert stranger.post(f"/connections/{shop.id}/{act}", data={"csrf": visitor.csrf}).status_code == 401
    assert visitor.client.post(f"/connections/{shop.id}/{act}").status_code == 403
    assert stranger.get(f"/connections/{shop.id}/resume").status_code == 401
    assert reconnect_links.revoke(empty.ctx, shop.id) == 0


def test_the_page_shows_new_times_and_takes_it_back(empty, visit):
    visitor, shop = visit(empty), away(empty)
    address = f"/connections/{shop.id}/resume"
    assert "1 held Pin: when it goes on" in visitor.words()
    before = visitor.words(address)
    assert "The account is not connected. Once it is, 1 of these" in before
    assert "Lemon cake" in before
    assert "goes on by itself" in before
    empty.connect(drain=False)
    assert "What went on" in visitor.words()
    assert "Hold them again" in visitor.words(address)
    answer = visitor.send(f"{address}/undo")
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert "1 held again, exactly as before." in visitor.words(address)
    visitor.send(address)
    told = visitor.words(address)
    assert "They go on at the new times below." in told
    empty.run_out(120)
    assert len(empty.live("Lemon cake")) == 1
    visitor.send(f"{address}/undo")
    assert "cannot be taken back any more: the Pin 'Lemon cake'" in visitor.words(address).replace(
        "&#39;", "'"
    )


def test_late_pins_wait_for_one_click(empty, visit):
    visitor, shop = visit(empty), away(empty, for_s=30 * 3600)
    address = f"/connections/{shop.id}/resume"
    empty.connect(drain=False)
    assert "Resume this late Pin" in visitor.words(address)
    visitor.send(address)
    assert "Resume this late Pin" not in visitor.words(address)
    assert visitor.client.get("/connections/con_none/resume").status_code == 404


def test_a_consent_of_the_command_line_may_come_back_in_any_browser(empty, visit):
    stranger = browser(visit(empty))
    state, code = consented(empty)
    assert stranger.get("/oauth/callback", params={"state": state, "code": code}).status_code == 200
