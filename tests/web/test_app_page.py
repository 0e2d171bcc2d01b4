"""The page of the App: for people who wonder why nothing is published, and what to do."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.web.serving import setup_address
from tests.web.showcase import refused_for_trial
from tests.web.test_browser import CONTRAST, NAMELESS


def test_it_is_linked_from_every_page_and_needs_a_session(empty, visit):
    visitor = visit(empty)
    assert '<a href="/app">App</a>' in visitor.read()
    stranger = TestClient(visitor.client.app, base_url=visitor.client.base_url)
    assert stranger.get("/app", headers={"Accept": "text/html"}).status_code == 401


def test_before_anything_is_known_it_says_what_to_register_and_what_to_do(empty, visit):
    words = visit(empty).words("/app")
    for expected in (
        "unknown",
        "1500001",
        "Secret set",
        "/oauth/callback",
        "Connect an account with steadypin connect",
    ):
        assert expected in words, words
    assert "pinsim-secret" not in words


def test_under_trial_it_shows_the_refusal_the_day_and_the_way_out(empty, visit):
    refused_for_trial(empty)
    words = visit(empty).words("/app")
    for expected in (
        "trial access",
        "named the sandbox (403, code 29)",
        "of 1000 calls used",
        "of 300 writes used",
        "Refused Publishing Pins on the real Pinterest",
        "Pinterest’s own words",
        "steadypin demo-recording",
        "Connect in the sandbox",
    ):
        assert expected in words, words


def test_the_button_leads_to_the_consent_page_for_the_sandbox(empty, visit):
    visitor = visit(empty)
    answer = visitor.send("/connections/authorize", environment="sandbox")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("http://pinsim.test/oauth/?")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everything_is_readable_named_and_inside_the_screen(shop, site, chromium, scheme, width):
    refused_for_trial(shop)
    context = chromium.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(setup_address(shop.wired, site))
    page.get_by_role("link", name="App", exact=True).click()
    page.locator("summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(NAMELESS) == []
    assert wrong == []
    context.close()
