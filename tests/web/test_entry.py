"""Who gets to see the pages."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from pinsim import Request as SimRequest
from steadypin.services import access, connecting
from tests.support.rig import Rig


def test_without_a_session_one_sentence_says_how_to_get_in(shop, visit):
    stranger = visit(shop).client
    stranger.cookies.clear()
    for address in ("/", "/live", "/?stage=held"):
        answer = stranger.get(address)
        assert answer.status_code == 401
        assert "steadypin open" in answer.text
        assert "Lemon cake" not in answer.text
    media = shop.media().media_id
    assert stranger.get(f"/media/{media}/thumb").status_code == 401


def test_a_setup_link_lets_one_browser_in_once(shop, visit):
    client = visit(shop).client
    client.cookies.clear()
    link = f"/setup/{access.new_setup_link(shop.ctx)}"
    assert client.get(link, headers={"Sec-Purpose": "prefetch"}).status_code == 503
    came = client.get(link)
    assert (came.status_code, came.headers["location"]) == (303, "/")
    cookie = came.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    assert client.get("/").status_code == 200
    client.cookies.clear()
    late = client.get(link)
    assert late.status_code == 403
    assert "steadypin open" in late.text


def test_over_https_the_cookie_is_secure(shop, visit):
    client = visit(shop, "https://pins.example").client
    link = f"/setup/{access.new_setup_link(shop.ctx)}"
    client.cookies.clear()
    assert "Secure" in client.get(link).headers["set-cookie"]


@pytest.mark.parametrize("cookie", ["x", "x" * 5000, "\\", "ü".encode().decode("latin-1")])
def test_a_made_up_cookie_opens_nothing(shop, visit, cookie):
    client = visit(shop).client
    client.cookies.clear()
    assert (
        client.get("/", headers={"Cookie": f"steadypin_8080={cookie}".encode("latin-1")}).status_code == 401
    )


def test_signing_out_ends_the_session_on_the_server(shop, visit):
    visitor = visit(shop)
    cookie = visitor.client.cookies["steadypin_8080"]
    assert visitor.send("/sign-out").status_code == 303
    assert visitor.client.get("/", headers={"Cookie": f"steadypin_8080={cookie}"}).status_code == 401


def consented(rig: Rig) -> str:
    """The address that Pinterest redirects to after a consent."""
    rig.sim_control("PUT", "/_sim/switches", {"auto_consent": "second_shop"})
    begun = connecting.authorize(rig.ctx)
    query = [(name, found[0]) for name, found in parse_qs(urlsplit(begun.url).query).items()]
    back = urlsplit(rig.run(rig.sim.answer(SimRequest("GET", "/oauth/", query))).header("Location"))
    return f"{back.path}?{back.query}"


def test_coming_back_from_pinterest_connects_the_account(shop, visit):
    visitor = visit(shop)
    answer = visitor.client.get(consented(shop))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "second_shop is connected." in visitor.words()
    assert "second_shop is connected." not in visitor.words()


def test_coming_back_needs_no_session_but_a_state_that_was_begun_here(shop, visit):
    stranger = visit(shop).client
    stranger.cookies.clear()
    address = consented(shop)
    assert "second_shop is connected" in stranger.get(address).text
    again = stranger.get(address)
    assert again.status_code == 409
    assert "used already" in again.text
    assert stranger.get("/oauth/callback").status_code == 409
    assert stranger.get("/oauth/callback?state=x&error=access_denied").status_code == 409


def test_a_browser_sees_a_page_where_a_program_sees_a_problem(shop, visit):
    client = visit(shop).client
    assert client.get("/nowhere").headers["content-type"].startswith("text/html")
    program = client.get("/nowhere", headers={"Accept": "application/json"})
    assert program.headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"


def test_pages_hold_no_inline_script_or_style_and_nothing_from_elsewhere(shop, visit):
    visitor = visit(shop)
    stranger = visit(shop).client
    stranger.cookies.clear()
    for text in (visitor.read(), visitor.read("/?stage=held"), stranger.get("/").text):
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
        assert re.findall(r"\son\w+=|\sstyle=|<style|javascript:", text) == []
        assert re.findall(r'<(?:script|link|img|form)[^>]*(?:src|href|action)="(?!/(?!/))', text) == []


def test_assets_are_named_by_their_bytes_and_kept_for_good(shop, visit):
    visitor = visit(shop)
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', visitor.read())
    assert len(named) >= 5
    for address in named:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        answer = visitor.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert visitor.client.get("/static/../app.py").status_code == 404
